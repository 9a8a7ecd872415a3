"""An order of which two things were said that cannot both be true: one text for each of them."""

from trading_bridge.diagnosis.catalogue.row import STANDING, Actor, Effect, Row, Stage, Text, client, text

_ENDS = (
    "Then stop the bot: that cancels the order, and once the exchange says that it has ended it no longer counts and"
    " the bot can be started again."
)
_COMPARE = f"Compare order[ {{client_order_id}}] and its trades at the exchange with what is shown here. {_ENDS}"


def _stages(**texts: Text) -> dict[str, Stage]:
    return {name.replace("_", " "): Stage(text=each) for name, each in texts.items()}


CONTRADICTORY = Row(
    text=text(
        "what is said of an order contradicts itself[ ({stage})]",
        "Two things that are known of the order[ {client_order_id}] cannot both be true[: {detail}]. It counts as live,"
        " and nothing is done with it by itself.",
        _COMPARE,
    ),
    client=client(
        "What the exchange says of one order of your bot contradicts itself. Nothing new is placed on that side until"
        " your operator has cleared it up.",
        STANDING,
        Actor.OPERATOR,
    ),
    effect=Effect.ORDERS_HELD,
    wakes=True,
    unattended="The order counts as live in balances, limits and self-trade checks, and its side waits. Its fills are"
    " booked, nothing else is done with it. The bot's other orders and all other bots go on.",
    stages=_stages(
        overfilled=text(
            "more of an order was filled than was ordered[: {detail}]",
            "The exchange reports more traded on the order[ {client_order_id}] than it was placed for. Every fill that"
            " it tells is booked, so the balance stays explained.",
            f"{_COMPARE} Send both to the exchange's support.",
        ),
        negative=text(
            "an order has less than nothing left[: {detail}]",
            "The exchange reports more filled than the amount that it states itself, or an amount below zero, for the"
            " order[ {client_order_id}].",
            _COMPARE,
        ),
        shrunk=text(
            "an order was filled less than before[: {detail}]",
            "The exchange now reports less filled on the order[ {client_order_id}] than earlier, and more than a late"
            " answer explains: trades were rolled back, or its answers are about another order.",
            f"Look for a notice of the exchange about rolled back trades. {_COMPARE}",
        ),
        second_exchange_id=text(
            "the exchange gives one order two ids[: {detail}]",
            "The client order id[ {client_order_id}] was sent once, and the exchange shows two orders under it.",
            f"Look at both orders at the exchange, and cancel there the one that is not shown here. {_ENDS}",
        ),
        other_side=text(
            "an order is on the other side at the exchange[: {detail}]",
            "The exchange's answer about the order[ {client_order_id}] is of the opposite side, so it may be about"
            " another order.",
            _COMPARE,
        ),
        in_the_future=text(
            "the time of an order lies in the future[: {detail}]",
            "The exchange's time of the order[ {client_order_id}] or of its trade is more than a day ahead of this"
            " host's clock.",
            f"Look at this host's clock. If it is right, the exchange's answer is wrong. {_COMPARE}",
        ),
        reopened=text(
            "an order that had ended stands again[: {detail}]",
            "The exchange said that the order[ {client_order_id}] had ended, or had refused it, and now shows it as"
            " live or traded.",
            _COMPARE,
        ),
        unknown=text(
            "an order is not in the database any more",
            "The row of the order[ {client_order_id}] is gone, so what became of it cannot be stored. The database was"
            " restored or changed by hand.",
            f"Look the order up at the exchange. {_ENDS}",
        ),
    ),
)
