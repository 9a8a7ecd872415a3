"""Never trade with oneself: a new order against what is ours, or of our accounts, in the same market (promise P4)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import KEEP_ABOVE, KEEP_BELOW, Plan
from trading_bridge.core.view import Standing

#: an order is repriced at most this share of its price away; what would have to go further is withheld
REPRICE_WITHIN_BPS = Decimal(100)
_BPS = Decimal(10_000)


class Resting(Protocol):
    """An order that rests, is on its way, or may be: ours of any account, or one that people placed there by hand."""

    @property
    def side(self) -> Side: ...

    @property
    def price(self) -> Decimal | None:
        """None: it takes at any price."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What may be sent of a wish."""

    #: None: nothing
    wish: Wanted | None
    #: that it was repriced, or why it is withheld; None: it meets nothing
    note: Reason | None = None


def meets(wish: Wanted, market: Market, others: Iterable[Resting]) -> bool:
    """Whether `wish` would trade with one of them."""
    nearest = _nearest(wish.side, others)
    if nearest is None:
        return False
    price = market.price(wish.price)
    return nearest.price is None or (nearest.price <= price if wish.side is Side.BUY else nearest.price >= price)


def cleared(
    wish: Wanted, market: Market, *, own: Iterable[Resting], others: Iterable[Resting], room_bps: Decimal
) -> Cleared:
    """The wish as it may be sent: behind what `others` (of the client) have, or not at all. `own` are the bot's: those
    go as soon as the bot's plan says so, so nothing is moved for them. `room_bps`: see `REPRICE_WITHIN_BPS`."""
    nearest = _nearest(wish.side, others)
    if not meets(wish, market, own):
        if nearest is None or not meets(wish, market, (nearest,)):
            return Cleared(wish=wish)
        behind = _behind(wish, market, nearest)
        if behind is not None and _is_sane(wish, behind, market, room_bps):
            return _repriced(wish, behind, market)
    return Cleared(wish=None, note=meeting(wish, market))


def without_churn(plan: Plan, repriced: Iterable[tuple[Wanted, Wanted]]) -> tuple[Plan, tuple[Wanted, ...]]:
    """The plan, in which a bot's order that already stands where a wish (first of a pair) was repriced to (second)
    stays; and the wishes that are served by that."""
    cancel, place, served = list(plan.cancel), list(plan.place), []
    for wish, behind in repriced:
        stands = next((own for own in cancel if _serves(own, behind)), None)
        if stands is not None:
            cancel.remove(stands)
            place.remove(wish)
            served.append(wish)
    if not served:
        return plan, ()
    keep = (*plan.keep, *(own for own in plan.cancel if own not in cancel))
    return Plan(keep=keep, cancel=tuple(cancel), place=tuple(place)), tuple(served)


def _serves(own: Standing, wish: Wanted) -> bool:
    return (
        own.settled
        and own.side is wish.side
        and own.price == wish.price
        and wish.amount * KEEP_ABOVE <= own.remaining <= wish.amount * KEEP_BELOW
    )


def _nearest(side: Side, others: Iterable[Resting]) -> Resting | None:
    """Of those on the other side, the one that an order of this side would meet first."""
    nearest, price = None, None
    for other in others:
        if other.side is side:
            continue
        if other.price is None:
            return other
        if price is None or (other.price < price if side is Side.BUY else other.price > price):
            nearest, price = other, other.price
    return nearest


def _behind(wish: Wanted, market: Market, nearest: Resting) -> Ticks | None:
    """The best price that does not trade with it; None: it takes at any price."""
    if nearest.price is None:
        return None
    if wish.side is Side.BUY:
        return Ticks(market.ticks_up(nearest.price) - 1)
    return Ticks(market.ticks_down(nearest.price) + 1)


def _is_sane(wish: Wanted, behind: Ticks, market: Market, room_bps: Decimal) -> bool:
    """A quote, moved a little, that the market's rules allow."""
    moved = abs(behind - wish.price) * _BPS <= wish.price * room_bps
    return wish.post_only and moved and market.allows(behind, wish.amount)


def _repriced(wish: Wanted, behind: Ticks, market: Market) -> Cleared:
    price, planned = market.price(behind), market.price(wish.price)
    parameters = {"side": wish.side.value, "price": f"{price:f}", "planned": f"{planned:f}"}
    return Cleared(wish=replace(wish, price=behind), note=Reason(code="self_trade.repriced", parameters=parameters))


def meeting(wish: Wanted, market: Market) -> Reason:
    """Why a wish that would trade with ours is withheld."""
    parameters = {"side": wish.side.value, "price": f"{market.price(wish.price):f}"}
    return Reason(code="self_trade.withheld", parameters=parameters)
