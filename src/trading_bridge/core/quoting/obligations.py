"""What a market-making agreement demands of the quotes, and how far they keep it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side

#: depth counts as far from the mid as this
DEPTH_WITHIN_BPS = Decimal(200)
_BPS = Decimal(10_000)
_SHOWN = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    #: largest distance between the best own bid and the best own ask, of the mid of others; None: none is demanded
    spread_bps: Decimal | None
    #: smallest value of own orders within 2 % of that mid, on each side; None: none is demanded
    depth_quote: Decimal | None


def furthest(side: Side, mid: Decimal, market: Market) -> Ticks:
    """The last price whose depth counts."""
    room = mid * DEPTH_WITHIN_BPS / _BPS
    return market.ticks_up(mid - room) if side is Side.BUY else market.ticks_down(mid + room)


def counts(side: Side, price: Ticks, last: Ticks) -> bool:
    return price >= last if side is Side.BUY else price <= last


def deepened(
    asked: list[tuple[Ticks, Lots]], side: Side, stays: Decimal, mid: Decimal, depth_quote: Decimal, market: Market
) -> list[tuple[Ticks, Lots]]:
    """Orders near enough made larger in proportion until the depth is what is demanded. `stays`: the depth of those
    that stay as they are, in quote."""
    last = furthest(side, mid, market)
    depth = market.cost(Ticks(1), Lots(1)) * sum(price * amount for price, amount in asked if counts(side, price, last))
    lacks = depth_quote - stays - depth
    if lacks <= 0 or depth <= 0:
        return asked
    times = (depth + lacks) / depth
    return [(price, Lots(ceil(amount * times)) if counts(side, price, last) else amount) for price, amount in asked]


def report(wanted: Iterable[Wanted], mid: Decimal, demanded: Obligations, market: Market) -> Reason:
    """`obligation.kept` or `obligation.short`, with what is demanded and what the orders come to."""
    orders = tuple(wanted)
    depth = {side: Decimal(0) for side in Side}
    for wish in orders:
        if counts(wish.side, wish.price, furthest(wish.side, mid, market)):
            depth[wish.side] += market.cost(wish.price, wish.amount)
    bids = [wish.price for wish in orders if wish.side is Side.BUY]
    asks = [wish.price for wish in orders if wish.side is Side.SELL]
    spread = market.tick_size * (min(asks) - max(bids)) * _BPS / mid if bids and asks else None
    parameters: dict[str, str] = {}
    lacks: list[str] = []
    if demanded.spread_bps is not None:
        parameters |= {
            "spread_bps": "none" if spread is None else readable(spread.quantize(_SHOWN)),
            "maximum_spread_bps": readable(demanded.spread_bps),
        }
        if spread is None or spread > demanded.spread_bps:
            lacks.append("spread")
    if demanded.depth_quote is not None:
        parameters |= {
            "bid_depth": readable(depth[Side.BUY]),
            "ask_depth": readable(depth[Side.SELL]),
            "minimum_depth": readable(demanded.depth_quote),
        }
        lacks += [
            f"{name} depth"
            for name, side in (("bid", Side.BUY), ("ask", Side.SELL))
            if depth[side] < demanded.depth_quote
        ]
    if lacks:
        return Reason(code="obligation.short", parameters=parameters | {"short": ", ".join(lacks)})
    return Reason(code="obligation.kept", parameters=parameters)
