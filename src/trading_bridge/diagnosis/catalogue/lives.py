"""Exchanges that end, and accounts that an exchange restricts."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, Stage, client, text

#: the parameter `stage` of a connector whose host is the sandbox
SANDBOX = "sandbox"

_ENDS = (
    "[It takes no new orders since {no_new_orders_since}. ][The last day on which orders trade is {last_trading_day}. ]"
)
_SOURCE = "[ Source: {source}.]"
_HERE = "This connector is at the sandbox: its money is play money, and bots on it start and trade as ever."
_NO_BOT = (
    "No bot starts there. Nothing is withdrawn from here: the platform moves no money, and no key of it should be able"
    " to."
)
_UNTOUCHED = client(
    "The exchange {exchange} ends. Your bot trades in its sandbox, with play money, and this does not touch it.",
    SAFE,
    Actor.NOBODY,
)
_GOES_ON = "In the sandbox everything goes on."

LIVES: Mapping[str, Row] = {
    "exchange.closing": Row(
        text=text(
            "{exchange} is closing[: the last day to withdraw is {withdraw_by}]",
            f"{_ENDS}It is to cease its operations[ on {{withdraw_by}}].{_SOURCE}",
            "Withdraw everything that lies there on the exchange's own page[, by {withdraw_by} at the latest], and"
            " begin now: what an exchange that closes still pays out, and how fast, changes. Its balances are read here"
            " as long as it answers. Bots start on it only where the connector's host is the sandbox; stop one that"
            " still runs there.",
        ),
        client=client(
            "The exchange {exchange} is closing, so bots do not start there any more. Withdraw what lies in your"
            " account there[ by {withdraw_by}].",
            "Your money lies in your account at the exchange until you withdraw it; once the exchange has closed,"
            " nobody can say whether it can still be had. As long as it trades, orders that stand there can still trade"
            " at their prices.",
            Actor.YOU,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_NO_BOT,
        stages={
            SANDBOX: Stage(
                text=text(
                    "{exchange} is closing; here is its sandbox, where bots go on",
                    f"{_ENDS}It is to cease its operations[ on {{withdraw_by}}].{_SOURCE} {_HERE}",
                    "Nothing here. Whoever has money at the exchange itself must withdraw it[ by {withdraw_by}].",
                ),
                client=_UNTOUCHED,
                effect=Effect.TRADING_GOES_ON,
                unattended=_GOES_ON,
            )
        },
    ),
    "exchange.closed": Row(
        text=text(
            "{exchange} has closed[: the last day to withdraw was {withdraw_by}]",
            f"It has ceased its operations.{_SOURCE} What it still answers is not to be relied on: a balance that is"
            " shown is the last that was read.",
            "If something was left there, ask the exchange's support how it can be claimed, and show it the last"
            " balance that was read; then remove the connector and its bots.",
        ),
        client=client(
            "The exchange {exchange} has closed, and no bot trades there. A balance that is shown is the last that was"
            " read.",
            "Whether what was left there can still be had, only the exchange can say.",
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_NO_BOT,
        stages={
            SANDBOX: Stage(
                text=text(
                    "{exchange} has closed; here is its sandbox, where bots go on",
                    f"It has ceased its operations.{_SOURCE} {_HERE}",
                    "Nothing here. Remove the connector once nobody needs the sandbox any more.",
                ),
                client=_UNTOUCHED,
                effect=Effect.TRADING_GOES_ON,
                unattended=_GOES_ON,
            )
        },
    ),
    "exchange.uncertified": Row(
        text=text(
            "no bot starts at {exchange}: nothing of this platform's work with it is proved",
            "ccxt's class reads its markets and balances, but whether its refusals, its order states and its lists of"
            " trades mean what they seem to mean was never tried. With real orders such an error costs money.",
            "Use a connector at a certified exchange, as the list of exchanges shows them. To have this one: a"
            " description and recorded answers of it make it replayed (docs/adding-an-exchange.md).",
        ),
        client=client(
            "The platform reads your balance at {exchange}, but its bots are not proved there yet and do not trade.",
            SAFE,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="No bot starts there; balances are read.",
    ),
    "account.restricted": Row(
        text=text(
            "the exchange restricts this account",
            "It answers that the account or its key is frozen, that its country is not served, that its owner must be"
            " verified first, or that this kind of account may not do what was asked. The evidence has its own words.",
            "Sign in at the exchange and do what it asks for, or ask its support with the finding's evidence. Where an"
            " exchange closes, it may be that nobody can do this there any more.",
        ),
        client=client(
            "The exchange has restricted your account, so nothing new is placed. Sign in there and do what it asks.",
            STANDING,
            Actor.YOU,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bots hold. Once the exchange lifts it they go on by themselves.",
    ),
}
