"""What a bot does, and what of itself keeps it from trading."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import LEAVING, STANDING, Actor, Effect, Row, Stage, client, reason, text

BOTS: Mapping[str, Row] = {
    "stopped": reason(
        "Stopped",
        "The bot is not wished to run; none of its orders is at the exchange.",
        effect=Effect.ORDERS_CANCELLED,
    ),
    "starting": reason(
        "Starting", "The bot was just started; its first cycle is under way.", effect=Effect.ORDERS_HELD
    ),
    "placing": reason("orders are being placed", "The decision is made, the orders are on their way."),
    "quoting": reason("Trading: bid and ask are in the book", "Both orders stand as decided."),
    "quoting.one_sided": reason(
        "Trading on one side only: {side}",
        "The other side cannot stand; the note beside it says why.",
        "See the note: most often the balance of one currency is used up.",
    ),
    "stopping": reason(
        "Stopping: {open_orders} orders still to be confirmed as cancelled",
        "The bot was stopped; each of its orders is cancelled and asked for until the exchange says that it ended.",
        effect=Effect.ORDERS_CANCELLED,
    ),
    "bot.stopping": reason(
        "the bot is being stopped",
        "Nothing new is sent for a bot that is being stopped.",
        effect=Effect.ORDERS_HELD,
    ),
    "runner.stopping": reason(
        "the platform is shutting down",
        "Nothing new is sent while the server shuts down.",
        effect=Effect.ORDERS_HELD,
    ),
    "decision.too_old": reason(
        "a decision of {age_s} s ago was dropped",
        "The order would have left later than a decision is good for, so it was not sent.",
        "If this repeats, the machine or its storage is too slow: look at its load.",
    ),
    "cycle.late": Row(
        text=text(
            "the exchange has not answered for {seconds} s",
            "The bot waits for an answer that it needs: nothing new is sent meanwhile, and what stands cannot be seen.",
            "Nothing yet: it goes on by itself with the next answer. If it stays for a minute, look at the finding of"
            " its connector or exchange; the calls of its account are under balance-debug.",
        ),
        client=client(
            "The exchange takes long to answer. Your bot waits and places nothing new.", STANDING, Actor.EXCHANGE
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="Each call ends by itself after its time limit and the bot looks again; orders stand as they are"
        " until then.",
    ),
    "runner.down": Row(
        text=text(
            "Nothing runs this bot",
            "The bot is wished to run, and no runner has taken it for ten seconds: the server has just ended, or its"
            " runner hangs.",
            "Look into the server's log for the cause, then restart the server: that is safe, it first cancels and"
            " books what it finds.",
        ),
        client=client(
            "Your bot should run, and nothing runs it at the moment. Nothing new is placed.", STANDING, Actor.OPERATOR
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bot stays idle. Orders that a server left behind stand at the exchange, unwatched, until one"
        " starts again.",
        stages={
            "platform": Stage(
                text=text(
                    "no server holds the database",
                    "Bots run inside the server, and none works with this database now: it was not started, or it"
                    " ended.",
                    "Start the server (trading-bridge serve) with this database; if it ends again, its last"
                    " log line says why.",
                )
            )
        },
    ),
    "config.invalid": Row(
        text=text(
            "the configuration is not valid: {fields}",
            "The stored configuration does not fit this bot type: the fields named are unknown, missing or out of"
            " range in this version.",
            "Edit the bot, correct the fields named, save it. Stop the bot to have its orders cancelled meanwhile.",
        ),
        client=client(
            "Your bot's settings do not fit this version of the platform, so it places nothing new.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot places nothing and cancels nothing; what stands stays at its price until it trades or the"
        " bot is stopped.",
    ),
    "bot.client_missing": Row(
        text=text(
            "the bot's client has gone[ ({account})]",
            "The bot is in the database and its client is not, so nobody owns it and it has no connector. The platform"
            " removes no client that has bots: somebody changed the database by hand, or restored a part of it.",
            "Delete the bot; or make the client again, with its exchange key, and a bot for it.",
        ),
        client=client("This bot belongs to no client any more, so it does not trade.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot stays idle. Whatever it had at the exchange stands there, unwatched.",
    ),
    "strategy.unavailable": Row(
        text=text(
            "bots of type {bot_type} cannot run yet",
            "This version stores and shows bots of this type and has no strategy for them; or the package that brought"
            " the type is not installed, or cannot be used.",
            "Leave it stopped until the version that brings the strategy, or choose another type. Where a package"
            " brings it, install or mend that and start the server again.",
        ),
        client=client(
            "This kind of bot cannot run in this version of the platform; it was not started.", STANDING, Actor.OPERATOR
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot stays stopped.",
    ),
    "kill.active": Row(
        text=text(
            "{by} pressed the kill switch ({why})",
            "Nothing new is sent for the bots that it covers, and each of their orders is cancelled by its id until the"
            " exchange itself shows that none is left; the kill's own page says how many are confirmed, and what it"
            " waits for. It survives every restart.",
            "Clear what it was pressed for; then re-arm it with a reason, on the page of the bot, client or platform,"
            " or by the command trading-bridge rearm. Bots that are wished running go on after their start checks.",
        ),
        client=client("Your bot was shut off by its operator until somebody releases it.", LEAVING, Actor.OPERATOR),
        effect=Effect.KILLED,
        wakes=False,
        unattended="Nothing is placed, and cancels are repeated until the exchange confirms them. Only a person starts"
        " trading again.",
    ),
    "hold.active": Row(
        text=text(
            "{by} holds it[ until {until}] ({why})",
            "A person has asked it not to quote for this time. Orders that stood were cancelled, or left where the hold"
            " says so.",
            "Nothing: it goes on by itself at the end of the hold if its start checks pass. To go on earlier, lift the"
            " hold with a reason.",
        ),
        client=client("Your bot pauses, as its operator has asked.", STANDING, Actor.NOBODY),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot goes on at the end of the hold; one without an end lasts until somebody lifts it.",
    ),
    "hold.resume_blocked": Row(
        text=text(
            "it cannot go on after its hold: {cause}",
            "The hold or kill is over, and the checks of a start found an obstacle. The bot stays still until they"
            " pass; they are repeated every few seconds.",
            "Clear the obstacle; its own finding says how. Or stop the bot.",
        ),
        client=client("The pause of your bot is over, and something keeps it from going on.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bot stays still, and goes on by itself once nothing is in its way.",
    ),
    "bot.quarantined": Row(
        text=text(
            "it was taken out after {crashes} crashes in a row ({error})",
            "Each attempt to run the bot ended in a fault of the program, after pauses that grew. Its orders are being"
            " cancelled; other bots are not touched.",
            "Report the log line of the crash, which has the place in the code. Edit the bot, or stop and start it, to"
            " have it tried again.",
        ),
        client=client("A fault keeps your bot from running, so it was taken out.", LEAVING, Actor.OPERATOR),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended="The bot stays out; its orders are cancelled and nothing of it is left at the exchange.",
    ),
}
