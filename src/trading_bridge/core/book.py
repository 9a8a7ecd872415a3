"""An order book as a value, in ticks and lots; polls and streams both make this."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side


class Level(NamedTuple):
    price: Ticks
    amount: Lots


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    symbol: str
    #: best first: descending
    bids: tuple[Level, ...]
    #: best first: ascending
    asks: tuple[Level, ...]
    #: our wall time at which the answer was complete
    observed_at: datetime

    @property
    def best_bid(self) -> Ticks | None:
        return self.bids[0].price if self.bids else None

    @property
    def best_ask(self) -> Ticks | None:
        return self.asks[0].price if self.asks else None

    @property
    def crossed(self) -> bool:
        bid, ask = self.best_bid, self.best_ask
        return bid is not None and ask is not None and bid >= ask


def mid(book: Book, market: Market) -> Decimal | None:
    """Mean of the best bid and ask in quote; None when a side is empty."""
    bid, ask = book.best_bid, book.best_ask
    if bid is None or ask is None:
        return None
    return market.tick_size * (bid + ask) / 2


def without_own(book: Book, own: Iterable[tuple[Side, Ticks, Lots]]) -> Book:
    """The book that others make: own resting amounts taken out, so that a bot never follows itself."""
    mine: dict[tuple[Side, Ticks], int] = {}
    for side, price, amount in own:
        mine[side, price] = mine.get((side, price), 0) + amount
    if not mine:
        return book
    return replace(
        book,
        bids=_others(book.bids, Side.BUY, mine),
        asks=_others(book.asks, Side.SELL, mine),
    )


def _others(levels: tuple[Level, ...], side: Side, mine: dict[tuple[Side, Ticks], int]) -> tuple[Level, ...]:
    left = (Level(level.price, Lots(level.amount - mine.get((side, level.price), 0))) for level in levels)
    return tuple(level for level in left if level.amount > 0)
