"""What a bot's limits did: quotes moved, cut or ended."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import LEAVING, STANDING, Actor, Effect, Row, client, reason, text

_RESUME = (
    "Look at the bot's fills and decisions. When the cause is understood, resume the bot with a reason: its counters"
    " begin anew from there. A restart or an edit changes nothing."
)
_UNTIL_RESUMED = "The bot stays halted, also over restarts, until a person resumes it."

LIMITS: Mapping[str, Row] = {
    "limit.inventory": Row(
        text=text(
            "the {side} side is limited: own fills have moved the inventory by {position}",
            "The inventory band allows a net position worth {allowed} in quote either way. What would take it further"
            " is cut down or left out; what brings it back is placed.",
            "Nothing, if the band is meant: the other side goes on quoting. Else raise max_inventory_share of the bot.",
        ),
        client=client(
            "Your bot has traded as far to one side as its limit allows, so it places only orders that bring it back.",
            LEAVING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="The bot looks again every second and quotes both sides once fills on the other side have brought it"
        " back.",
    ),
    "limit.execution_loss": Row(
        text=text(
            "execution has cost {loss} in a day[, of all bots of the {together}]; {allowed} is allowed",
            "Own fills against the mid a minute later, and their fees, have cost more than the limit. What the"
            " account's tokens are worth is not in it.",
            _RESUME,
        ),
        client=client(
            "Trading has cost more in a day than the limit that protects you allows, so your bot has stopped.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended=_UNTIL_RESUMED,
    ),
    "limit.fees": Row(
        text=text(
            "fees of {paid} were paid in a day; {allowed} is allowed",
            "Fees that the exchange did not state count at the highest rate that is known.",
            _RESUME,
        ),
        client=client(
            "Your bot has paid as much in fees in a day as its limit allows, so it has stopped.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended=_UNTIL_RESUMED,
    ),
    "limit.drawdown": Row(
        text=text(
            "the bot's own net position has lost {loss}; {allowed} is allowed",
            "What own fills made of the inventory is worth so much less than it was traded for. Before this the bot"
            " went further out, then smaller, then onto the bid alone.",
            _RESUME,
        ),
        client=client(
            "What your bot bought or sold has lost more than its limit allows, so it has stopped.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended=_UNTIL_RESUMED,
    ),
    "limit.unreadable": Row(
        text=text(
            "what this bot's limits remember cannot be read",
            "The row in the database that holds its counters, references and halts is damaged; the log has how it"
            " begins. Its position was counted anew from its stored fills; the losses and fees of the day are lost.",
            "Look at how the database was changed, or restore a backup. Compare the bot's position and budget with its"
            " fills, save the budget anew, and resume the bot with a reason: its counters begin anew from there.",
        ),
        client=client(
            "A record of what your bot has done is damaged, so it has stopped until your operator has looked.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended=_UNTIL_RESUMED,
    ),
    "limit.settings_unreadable": Row(
        text=text(
            "the limits that were set for the {kind}[ {id}] cannot be read",
            "Its row of limit_settings in the database is damaged, or holds what is no limit or out of bounds. The"
            " defaults may be looser than what was set, so every bot under it is halted; others go on.",
            "Look at how the database was changed. Restore a backup, or set every limit there anew, as it was: what"
            " is not set has its default from then on. Resuming the bot changes nothing.",
        ),
        client=client(
            "The limits that protect you cannot be read, so your bot has stopped until your operator has mended them.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended="The bots stay halted, also over restarts, and go on by themselves once the limits are set anew.",
    ),
    "limit.drawdown_step": reason(
        "quotes are held back while the bot's own position is at a loss",
        "Quotes stand further out (widen), are smaller as well (shrink), or stand on the bid alone, inside the"
        " inventory band (bid_only); the step now is {step}.",
    ),
    "limit.shock": Row(
        text=text(
            "the price moved by {bps} bps within the window; {allowed_bps} are allowed",
            "The price shock breaker took every quote out of the market. It looks at the book without own orders, and"
            " at the last price of before a restart.",
            "Look at the market and its news. The bot goes on by itself after the cool-down, if the price is calm by"
            " then; resume it to go on earlier.",
        ),
        client=client(
            "The price has moved so fast that your bot has left the market; it goes on when the market is calm.",
            LEAVING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="The bot goes on after its cool-down, which a restart does not shorten.",
    ),
    "limit.refusals": Row(
        text=text(
            "the exchange refused {count} times in a row for one cause: {cause}",
            "The bot has stopped asking. What it asks for is not taken, and asking again unchanged helps nobody.",
            "Mend the cause, then edit or resume the bot. Where the doctor sees the cause mended the bot goes on by"
            " itself.",
        ),
        client=client(
            "The exchange keeps refusing your bot's orders for one cause, so it has stopped asking for new ones.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Nothing new is asked for. Orders that stand are kept in step with the market.",
    ),
}
