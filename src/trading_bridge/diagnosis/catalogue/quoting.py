"""What shapes a bot's quotes: inventory, volatility, orders that stay, agreements. No problems: reasons and notes."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import Effect, Row, reason

QUOTING: Mapping[str, Row] = {
    "volatility.unknown": reason(
        "too little of the market was seen yet to tell how much it moves[ ({symbol})]",
        "The bot's settings ask for the price's volatility, which is learnt from a minute of prices after each start.",
        "Nothing: it takes a minute.",
        effect=Effect.ORDERS_CANCELLED,
    ),
    "inventory.band": reason(
        "the {side} side ends at the inventory band",
        "More fills of that side would take what the bot holds further from inventory_target_pct than"
        " inventory_band_pct allows; what leads back is placed in full.",
        "Nothing, if the band is meant: the other side goes on quoting.",
    ),
    "price.outside_bounds": reason(
        "orders of the {side} side would be beyond the price floor or ceiling",
        "No order is priced below price_floor or above price_ceiling; those that would be are left out.",
        "Nothing, if the bounds are meant; else move price_floor or price_ceiling.",
    ),
    "fill.delay": reason(
        "nothing new on the {side} side for a while after its fill",
        "An order of that side was just filled, and filled_order_delay_s has not passed; what stands there stays.",
    ),
    "quote.rests": reason(
        "an order of the {side} side rests where it is",
        "The price has moved on, and the order has not rested for minimum_rest_s yet. It goes at once if the"
        " reference passes it.",
    ),
    "quote.hangs": reason(
        "{open_orders} orders of the {side} side hang",
        "They are what is left of pairs whose other order was filled, and stay at their prices until they fill or are"
        " further from the reference than hanging_distance_bps.",
    ),
    "obligation.kept": reason(
        "the orders keep the agreement[: spread {spread_bps} of {maximum_spread_bps} basis points]"
        "[, depth {bid_depth} and {ask_depth} of {minimum_depth}]",
        "What the limits left of the wanted orders has the spread and, within 2 % of the mid, the depth that"
        " obligation_spread_bps and obligation_depth_quote demand.",
    ),
    "obligation.short": reason(
        "the orders fall short of the agreement in {short}[: spread {spread_bps} of {maximum_spread_bps} basis points]"
        "[, depth {bid_depth} and {ask_depth} of {minimum_depth}]",
        "Balances, the inventory band, price bounds and limits come before obligations; the notes beside this one say"
        " which of them took what is missing.",
        "See the other notes: deposit, or widen what they name.",
    ),
}
