"""Price-time matching of one market, in whole ticks and lots: no accounts, no clock, no storage."""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side


class Resting(Protocol):
    """What a book needs to know of an order; `remaining` shrinks as it is matched."""

    id: int
    side: Side
    price: Ticks
    remaining: Lots


R = TypeVar("R", bound=Resting)


class Match(NamedTuple, Generic[R]):
    maker: R
    price: Ticks
    lots: Lots


class SelfTrade(StrEnum):
    """What becomes of a taker that would meet an order of its own owner, and of that order."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"

    @property
    def ends_taker(self) -> bool:
        return self in (SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_BOTH)

    @property
    def ends_maker(self) -> bool:
        return self in (SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH)


class Taking(NamedTuple, Generic[R]):
    """What a taker gets, best first, and what the prevention of self-trades ends."""

    matches: list[Match[R]]
    #: own orders that it met, whole as they rest
    own_met: list[R]
    #: its rest ends where it met the last of them
    taker_ends: bool

    @property
    def lots(self) -> Lots:
        return Lots(sum(match.lots for match in self.matches))

    @property
    def cost(self) -> int:
        """Ticks x lots."""
        return sum(match.price * match.lots for match in self.matches)


class Book(Generic[R]):
    """Resting orders of one market: best price first, then the oldest."""

    def __init__(self) -> None:
        #: how often it has changed
        self.changes = 0
        self._bids: _Half[R] = _Half(sign=1)
        self._asks: _Half[R] = _Half(sign=-1)

    def best(self, side: Side) -> Ticks | None:
        return self._half(side).best()

    def depth(self, side: Side, levels: int) -> list[tuple[Ticks, Lots]]:
        """Price and amount, best first."""
        return self._half(side).depth(levels)

    def amount_at(self, side: Side, price: Ticks) -> Lots:
        return self._half(side).amount_at(price)

    def would_take(self, side: Side, price: Ticks) -> bool:
        """An order of `side` at `price` crosses what rests."""
        best = self._half(side.opposite).best()
        return best is not None and (price >= best if side is Side.BUY else price <= best)

    def takeable(self, side: Side, price: Ticks, enough: Lots) -> Lots:
        """What an order of `side` at `price` would take, counted up to `enough`."""
        return self._half(side.opposite).within(price, enough)

    def add(self, order: R) -> None:
        """To the end of the queue at its price; it must not cross."""
        self.changes += 1
        self._half(order.side).add(order)

    def remove(self, order: R) -> None:
        self.changes += 1
        self._half(order.side).remove(order)

    def reduce(self, order: R, remaining: Lots) -> None:
        """Less at the same queue place; more needs a new order."""
        if not 0 < remaining <= order.remaining:
            raise ValueError(f"an order shrinks to 1..{order.remaining} lots, not to {remaining}")
        self.changes += 1
        self._half(order.side).shrink(order, Lots(order.remaining - remaining))

    def taking(
        self,
        side: Side,
        *,
        limit: Ticks | None = None,
        lots: Lots | None = None,
        budget: int | None = None,
        self_trade: SelfTrade = SelfTrade.NONE,
        is_own: Callable[[R], bool] | None = None,
    ) -> Taking[R]:
        """What `side` would get: up to `lots`, within `limit`, for at most `budget` (ticks x lots); nothing changes.

        Each maker gives at its own price. Orders that `is_own` tells are met by the rule of `self_trade`.
        """
        if lots is None and budget is None:
            raise ValueError("a taker has an amount, a budget, or both")
        found: Taking[R] = Taking([], [], taker_ends=False)
        for maker in self._half(side.opposite).orders():
            price = maker.price
            if limit is not None and (price > limit if side is Side.BUY else price < limit):
                break
            take = int(maker.remaining)
            if lots is not None:
                take = min(take, lots)
            if budget is not None:
                take = min(take, budget // price)
            if take <= 0:
                break
            if self_trade is not SelfTrade.NONE and is_own is not None and is_own(maker):
                found.own_met.append(maker)
                if self_trade.ends_taker:
                    return found._replace(taker_ends=True)
                continue
            found.matches.append(Match(maker, price, Lots(take)))
            if lots is not None:
                lots = Lots(lots - take)
            if budget is not None:
                budget -= price * take
        return found

    def take(self, side: Side, taking: Taking[R]) -> None:
        """Makes it so, before anything else changes: makers shrink, and leave when nothing remains. Own orders that
        were met stay; who ends them removes them."""
        half = self._half(side.opposite)
        for match in taking.matches:
            self.changes += 1
            half.shrink(match.maker, match.lots)

    def match(
        self, side: Side, *, limit: Ticks | None = None, lots: Lots | None = None, budget: int | None = None
    ) -> list[Match[R]]:
        """Takes what `taking` finds without prevention of self-trades."""
        taking = self.taking(side, limit=limit, lots=lots, budget=budget)
        self.take(side, taking)
        return taking.matches

    def _half(self, side: Side) -> "_Half[R]":
        return self._bids if side is Side.BUY else self._asks


class _Level(Generic[R]):
    __slots__ = ("lots", "queue")

    def __init__(self) -> None:
        self.queue: OrderedDict[int, R] = OrderedDict()  # order id -> order, oldest first
        self.lots = 0


class _Half(Generic[R]):
    """One side. Keys are sign x price in ascending order, so that the best is always the last."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._keys: list[int] = []
        self._levels: dict[int, _Level[R]] = {}

    def best(self) -> Ticks | None:
        return Ticks(self._keys[-1] * self._sign) if self._keys else None

    def orders(self) -> Iterator[R]:
        """In the order of their turn; the half must not change meanwhile."""
        for key in reversed(self._keys):
            yield from self._levels[key].queue.values()

    def depth(self, levels: int) -> list[tuple[Ticks, Lots]]:
        top = self._keys[-levels:] if levels > 0 else []
        return [(Ticks(key * self._sign), Lots(self._levels[key].lots)) for key in reversed(top)]

    def amount_at(self, price: Ticks) -> Lots:
        level = self._levels.get(price * self._sign)
        return Lots(level.lots if level else 0)

    def within(self, price: Ticks, enough: Lots) -> Lots:
        found = 0
        for key in reversed(self._keys):
            if key < price * self._sign or found >= enough:
                break
            found += self._levels[key].lots
        return Lots(min(found, enough))

    def add(self, order: R) -> None:
        key = order.price * self._sign
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = _Level()
            insort(self._keys, key)
        level.queue[order.id] = order
        level.lots += order.remaining

    def shrink(self, order: R, by: Lots) -> None:
        level = self._levels[order.price * self._sign]
        order.remaining = Lots(order.remaining - by)
        level.lots -= by
        if order.remaining == 0:
            self._drop(order, level)

    def remove(self, order: R) -> None:
        level = self._levels[order.price * self._sign]
        level.lots -= order.remaining
        self._drop(order, level)

    def _drop(self, order: R, level: _Level[R]) -> None:
        del level.queue[order.id]
        if not level.queue:
            key = order.price * self._sign
            del self._levels[key]
            del self._keys[bisect_left(self._keys, key)]
