"""Bots of one client beside each other: never with each other, and each within what is its own."""

from collections.abc import Mapping
from dataclasses import replace

from trading_bridge.diagnosis.catalogue.row import LEAVING, SAFE, STANDING, Actor, Effect, Row, client, reason, text


def _limit(title: str, cause: str, fix: str, *, for_client: str) -> Row:
    return replace(reason(title, cause, fix), client=client(for_client, SAFE, Actor.NOBODY))


SHARING: Mapping[str, Row] = {
    "self_trade.withheld": reason(
        "a {side} order at {price} was withheld, it would trade with an own order",
        "The platform never trades with itself: an order of this client stands on the other side at that price, of"
        " whichever of its bots and accounts, or people placed it there by hand.",
        "Nothing to do: the order is placed once the other one is gone, or the prices come apart.",
    ),
    "self_trade.repriced": reason(
        "a {side} order was placed at {price}, behind an own order",
        "The platform never trades with itself: an order of this client stands on the other side, of whichever of"
        " its bots and accounts, at the price that was planned, so this one stands behind it.",
        "Nothing to do. If it stays so, two bots of the client want to trade with each other: look at their"
        " configurations.",
    ),
    "self_trade.happened": Row(
        text=text(
            "the client traded with itself[: {amount} at {price} in {symbol}, trade {trade_id}]",
            "The exchange says that both sides of this trade are one account's. The platform withholds every order that"
            " could, so another program, a person at the exchange's site, or a bug placed one of the two. All trading"
            " of the client was shut off.",
            "Look up both orders of the trade at the exchange: one that is not under the bots' orders was placed"
            " elsewhere, so settle who may trade there. Then re-arm the client with a reason.",
        ),
        client=client(
            "Two orders of your account traded with each other, which must not happen. All of your bots were shut off"
            " until your operator has cleared it up.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.KILLED,
        wakes=True,
        unattended="Nothing is placed for this client, and its orders are cancelled, until a person re-arms it.",
    ),
    "budget.missing": Row(
        text=text(
            "bots on one exchange account have no budget: {bots}",
            "Several bots share this exchange account, and a bot without a budget may use all of it.",
            "Give each of the bots named a budget in the form of the bot, then start it. Or stop the other bots of the"
            " account: alone it needs none.",
        ),
        client=client(
            "Your bot was not started, since several bots share your account and not each has its part of it.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot stays stopped; those that run on the account go on.",
    ),
    "budget.exceeds_account": Row(
        text=text(
            "the budgets of {bots} come to {sum} {currency}, the account holds {has}",
            "Together these bots may use more of the currency than there is: money has left the account, or a budget"
            " was made too large. Each order is still bounded by what is free.",
            "Lower one of the budgets in the form of its bot, or deposit what is missing.",
        ),
        client=client(
            "Your bots may use more {currency} together than your account holds. Your operator adjusts that.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Running bots go on with what is free; who comes second gets less than its budget. None of these"
        " bots starts anew, and no such budget is saved.",
    ),
    "budget.spent": _limit(
        "the {side} order needs {needs} {currency} and the bot's budget has {has} left",
        "What the bot may have in orders and inventory is its budget, moved by its own fills; the rest of it is in"
        " orders that live already.",
        "If the bot should do more, raise its budget in the form of the bot.",
        for_client="Your bot has used the part of the account that is set aside for it.",
    ),
    "limit.open_orders": _limit(
        "{open_orders} orders of the bot live, {limit} may",
        "Orders on their way and orders that nobody answered for count as live.",
        "Nothing to do where it passes. Else see which of the bot's orders live, and why.",
        for_client="Your bot has as many orders in the market as it may have.",
    ),
    "limit.exposure": _limit(
        "the live orders of {of} would come to {amount} in quote, {limit} may live",
        "All live orders count, on both sides, those on their way and those that nobody answered for too.",
        "Nothing to do where it passes. Else make the orders smaller, or raise the limit.",
        for_client="Your bots have as much in orders as they may have.",
    ),
    "limit.order_rate": _limit(
        "{of} has sent {limit} orders in a minute, no more may be",
        "What stands is left as it is until the minute has room again; stops, holds and kills are never throttled.",
        "Nothing to do where it passes. If it stays, the bot moves its quotes too often: widen its refresh tolerance.",
        for_client="Your bot has placed as many orders in a minute as it may; what stands stays meanwhile.",
    ),
    "limit.cancel_rate": _limit(
        "{of} has cancelled {limit} orders in a minute, nothing is replaced",
        "What stands is left as it is until the minute has room again; what is only taken back goes at once, and stops,"
        " holds and kills are never throttled.",
        "Nothing to do where it passes. If it stays, the bot moves its quotes too often: widen its refresh tolerance.",
        for_client="Your bot has moved its orders as often in a minute as it may; what stands stays meanwhile.",
    ),
    "order.would_take": _limit(
        "{side} orders would have taken again and again, that side holds for {seconds} s",
        "A quote only rests: where it would trade at once the exchange ends it. It was placed behind that price a few"
        " times, and the market came after it each time.",
        "Nothing to do: the side goes on by itself. If it stays, the book is read too late for this market: see the"
        " findings of the market.",
        for_client="The market moves faster than your bot's quotes; that side waits a little.",
    ),
    "orders.cancelled_by_hand": Row(
        text=text(
            "somebody cancels the bot's orders at the exchange, {count} times in ten minutes",
            "The exchange says that orders of this bot were cancelled, and the platform did not ask for that. They were"
            " replaced the first times; who does it again and again means it.",
            "Ask who cancels them, at the exchange's site or with another program. Then resume the bot, or stop it. If"
            " nobody of the client did, change the key at the exchange at once.",
        ),
        client=client(
            "Somebody cancels your bot's orders at the exchange again and again, so it places no more until your"
            " operator resumes it.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=True,
        unattended="The bot has no orders until a person resumes it.",
    ),
}
