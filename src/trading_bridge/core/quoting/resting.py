"""Own orders that stay where they are: too young to be moved, or the other half of a pair that was filled."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.core.view import Standing

_BPS = Decimal(10_000)


def young(own: Standing, now: datetime, minimum_rest_s: int) -> bool:
    """It has rested for less than so long; one of a time to come is of a clock that was set, and counts as old."""
    if own.opened_at is None:
        return False
    rested = now - own.opened_at
    return timedelta(0) <= rested < timedelta(seconds=minimum_rest_s)


def hanging(
    own: Iterable[Standing],
    other_filled_at: datetime | None,
    reference: Decimal,
    most: int,
    distance_bps: Decimal,
    market: Market,
) -> tuple[Standing, ...]:
    """Of a side's orders those that stood when an order of the other side was filled: at most so many, nearest to the
    reference first, none further from it than `distance_bps`."""
    if most == 0 or other_filled_at is None:
        return ()
    furthest = reference * distance_bps / _BPS
    left = [
        (away, one.client_order_id, one)
        for one in own
        if one.opened_at is not None
        and one.opened_at <= other_filled_at
        and (away := abs(market.price(one.price) - reference)) <= furthest
    ]
    return tuple(own for _, _, own in sorted(left, key=_nearest)[:most])


def delayed(filled_at: datetime | None, now: datetime, delay_s: int) -> bool:
    """A fill of the side was so short a time ago that no new order is due; one of a time to come counts as old."""
    return filled_at is not None and timedelta(0) <= now - filled_at < timedelta(seconds=delay_s)


def behind(own: Standing, reference: Decimal, market: Market) -> bool:
    """On its own side of the reference: a bid below it, an ask above."""
    price = market.price(own.price)
    return price < reference if own.side is Side.BUY else price > reference


def _nearest(one: tuple[Decimal, str, Standing]) -> tuple[Decimal, str]:
    return one[0], one[1]
