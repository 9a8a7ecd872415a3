"""Own orders: what the exchange refuses, what is not known of them, and what our limits hold back."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.contradictions import CONTRADICTORY
from trading_bridge.diagnosis.catalogue.row import LEAVING, STANDING, Actor, Effect, Row, client, reason, text

_PAUSES = "The bot asks again after 2, 5, 15, 30 and then every 60 s; what stands is kept and watched."
_HELD_BACK = "Your bot is held back from placing an order by a limit that protects you."
_AGAIN_EACH_SECOND = "The bot looks again every second and quotes again once the limit allows it."

ORDERS: Mapping[str, Row] = {
    "certification.order": reason(
        "an order of a certification[ in {symbol}]",
        "A person had it placed by the command certify: one post-only order of the smallest size, far from the market,"
        " which is cancelled at once.",
    ),
    "order.under_way": reason(
        "an earlier order on the {side} side is still under way",
        "A new order follows only when the exchange has said how the earlier one ended.",
    ),
    "order.unresolved": Row(
        text=text(
            "an order got no clear answer from the exchange",
            "The request left, and no answer says whether the exchange took it. It may live there, so it counts as"
            " live and blocks its side; it is never sent twice.",
            "Nothing yet: the exchange is asked for it every second. If it stays for more than two minutes, look for"
            " order[ {client_order_id}] at the exchange, and clear the finding of the connector.",
        ),
        client=client(
            "One order of your bot got no clear answer. The exchange is asked what became of it, and until then nothing"
            " more is placed on that side.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="It is asked for until the exchange knows it or it is proved that it never arrived, at the earliest"
        " when its signature has expired; then that side goes on.",
    ),
    "order.too_small": Row(
        text=text(
            "the order is below the market's minimum[ ({side} side)]",
            "The smallest order that the market takes[ ({symbol})] is larger than what the configuration"
            "[ ({order_amount_quote} in quote)] or the balance allows. The exchange may have raised its minimum.",
            "Raise the bot's order amount above the market's minimum, which is shown with the market's rules; deposit"
            " where the balance is too small for that.",
        ),
        client=client(
            "Your bot's orders are smaller than the exchange takes on this market. Your operator has to raise the"
            " order amount.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="The bot has no order in the market until the amount is raised or the exchange lowers its minimum.",
    ),
    "order.precision": Row(
        text=text(
            "the exchange refused the order's number of decimals",
            "The market's price or amount step has changed since its rules were read.",
            "Nothing: the rules are read again at once, and the next order follows them. If it repeats, compare the"
            " steps that the exchange publishes for this market[ ({symbol})] with those shown here, and report both.",
        ),
        client=client(
            "The exchange has changed which prices and amounts it takes on this market; your bot adapts by itself.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=f"The rules are read again after each such refusal. {_PAUSES}",
    ),
    "order.refused": Row(
        text=text(
            "the exchange refused the order",
            "It answered that the request is not one that it takes; its own words are in the evidence.",
            "Read the exchange's words in the evidence. If they do not name the cause, send the finding's evidence to"
            " the exchange's support.",
        ),
        client=client(
            "The exchange refuses your bot's new orders. Your operator clears up why.", STANDING, Actor.OPERATOR
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_PAUSES,
    ),
    "order.duplicate": Row(
        text=text(
            "the exchange has seen this order's id already",
            "That proves that an earlier request arrived; the order is looked up and counts as live until then.",
            "Nothing: it is resolved by itself. If it stays, look for the order at the exchange.",
        ),
        client=client(
            "The exchange says that it has one of your bot's orders already; it is being looked up.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The exchange is asked for the order every second; its side waits until the answer.",
    ),
    "order.not_found": Row(
        text=text(
            "the exchange does not know the order (yet)",
            "This proves nothing: an order may be known some seconds after it was accepted, and one that just ended is"
            " not in the list any more. The order counts as live.",
            "Nothing: it is asked for again. If it stays for more than two minutes, look for the order at the"
            " exchange.",
        ),
        client=client(
            "The exchange cannot find one of your bot's orders at the moment; it is asked for again.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The exchange is asked for the order every second; its side waits until the answer.",
    ),
    "account.recovering": Row(
        text=text(
            "Starting: orders of an earlier run are cancelled and their fills booked",
            "After each start the platform first finds every order that carries its id, cancels it and books its"
            " fills.",
            "Nothing: it takes some seconds. If it stays, see the finding of the connector or exchange.",
        ),
        client=client(
            "The platform has just started: it cancels what an earlier run left at the exchange, then your bot goes"
            " on.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="It is tried every two seconds until the exchange has confirmed it; then the bots start.",
    ),
    "account.orders_missing": Row(
        text=text(
            "{count} orders of an earlier run cannot be found with this key",
            "The exchange answers, and knows none of them. Most likely the key opens another account than the one"
            " before.",
            "Enter the former key again: its orders are then cancelled by themselves. Or log in to the former account"
            " at the exchange and cancel them there.",
        ),
        client=client(
            "Orders of an earlier run cannot be found with the key that is stored now, so your bot does not start.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bots of this connector do not start. Orders under the former key stay in the market,"
        " unwatched.",
    ),
    "order.contradictory": CONTRADICTORY,
    "order.unknown": Row(
        text=text(
            "an order is not in the database",
            "The exchange reports on an order whose intent was never stored. Nothing is sent without that, so the"
            " database was restored or changed by hand.",
            "Compare the order at the exchange with the bot's orders here, and report it with the log line of that"
            " time.",
        ),
        client=client(
            "The records of one of your bot's orders are not complete. Nothing new is placed until that is cleared up.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The order is left alone and counts as live until a person has looked; everything else goes on.",
    ),
    "order.second_exchange_id": Row(
        text=text(
            "the exchange gave one order two ids",
            "The database keeps the first; the second is in the log.",
            "Look at both orders at the exchange, cancel the one that the bot does not show, and report it.",
        ),
        client=client(
            "The exchange names one of your bot's orders in two ways. Nothing new is placed until that is cleared up.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The order is left alone and counts as live until a person has looked; one under the second id"
        " stands unwatched. Everything else goes on.",
    ),
    "order.overfilled": Row(
        text=text(
            "more was filled than was ordered",
            "The exchange reports a larger filled amount than the order has.",
            "Compare the order and its trades at the exchange with those shown here; send both to the exchange's"
            " support.",
        ),
        client=client(
            "The exchange reports more traded on one order than your bot ordered. Nothing new is placed until that is"
            " cleared up.",
            "Your money lies in your account at the exchange. Whether the exchange traded more of it than was ordered"
            " is being cleared up; the balance shown is the exchange's own.",
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The order is left alone and counts as live until a person has looked; everything else goes on.",
    ),
    "risk.collar": Row(
        text=text(
            "a {side} order at {price} is too far from {reference}",
            "The price collar allows {collar_bps} bps around the median price of the last minute.",
            "If the market really moved, the median follows within a minute. Else look at the book, and at the bot's"
            " spread: half of it must fit into the collar.",
        ),
        client=client(
            f"{_HELD_BACK} The price is too far from where the market has been in the last minute.",
            LEAVING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_AGAIN_EACH_SECOND,
    ),
    "risk.notional": Row(
        text=text(
            "the {side} order is limited to {maximum} in quote",
            "One order may not be worth more than the limit; where what is left of it would be below the market's"
            " minimum, it is left out.",
            "Lower the bot's order amount below the limit.",
        ),
        client=client(f"{_HELD_BACK} It would be worth more than one order may be.", LEAVING, Actor.OPERATOR),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_AGAIN_EACH_SECOND,
    ),
    "risk.reference_unknown": reason(
        "a price reference for {symbol} is being gathered",
        "The collar needs a few seconds of prices before the first order.",
        effect=Effect.ORDERS_CANCELLED,
    ),
}
