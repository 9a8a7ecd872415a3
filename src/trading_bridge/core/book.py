"""An order book as a value, in ticks and lots; polls and streams both make this."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side

#: its content stands still while trades say that it moved (faults M2)
FROZEN = "book.frozen"


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

    @property
    def refused(self) -> str | None:
        """The code of why no price may be taken from it (faults M1); None: prices may be."""
        if not self.bids and not self.asks:
            return "book.empty"
        return "book.crossed" if self.crossed else None

    def says_the_same(self, other: "Book") -> bool:
        return self.bids == other.bids and self.asks == other.asks


def without_own(book: Book, own: Iterable[tuple[Side, Ticks, Lots]]) -> Book:
    """The book that others make: own resting amounts taken out, so that a bot never follows itself."""
    bids, asks = book.bids, book.asks
    for side, price, amount in own:
        if side is Side.BUY:
            bids = _less(bids, price, amount)
        else:
            asks = _less(asks, price, amount)
    if bids is book.bids and asks is book.asks:
        return book
    return replace(book, bids=bids, asks=asks)


def _less(levels: tuple[Level, ...], price: Ticks, amount: Lots) -> tuple[Level, ...]:
    """The levels with so much less at one price; a level that nobody else is at goes."""
    for place, level in enumerate(levels):
        if level.price == price:
            left = Lots(level.amount - amount)
            rest = (Level(price, left),) if left > 0 else ()
            return levels[:place] + rest + levels[place + 1 :]
    return levels
