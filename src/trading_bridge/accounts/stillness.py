"""A book that does not move while its market trades is not the market's book, however fresh its time (faults M2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trading_bridge.core.book import Book
from trading_bridge.core.market import Market
from trading_bridge.core.trade import PublicTrade

#: a book that stood still for so long is doubted enough to look at its market's trades
STILL_S = 3.0
#: and then as often
LOOK_EVERY_S = 2.0
#: so many trades cannot all have left a book as it was
TRADES_MAX = 2


@dataclass(slots=True)
class _Still:
    """One content of a book."""

    #: the newest one that says so
    book: Book
    #: monotonic, and our wall time, at which it was first seen
    since: float
    since_at: datetime
    looked: float | None = None
    #: ids of the trades of the last look that saw any
    known: frozenset[str] = frozenset()
    trades: int = 0
    traded_through: bool = False
    frozen: bool = False


class Stillness:
    """How long a book has stood still, and what was traded meanwhile."""

    def __init__(self) -> None:
        self._still: _Still | None = None

    def saw(self, book: Book, at: float) -> None:
        """A book that was asked for at `at` (monotonic), after everything that was told before: what was traded until
        then and has not moved it never will."""
        still = self._still
        if still is None or not book.says_the_same(still.book):
            self._still = _Still(book=book, since=at, since_at=book.observed_at)
            return
        still.book = book
        still.frozen = still.frozen or still.traded_through or still.trades >= TRADES_MAX

    def wants_trades(self, now: float) -> bool:
        """`now` is monotonic."""
        still = self._still
        if still is None or now - still.since < STILL_S:
            return False
        return still.looked is None or now - still.looked >= LOOK_EVERY_S

    def traded(self, trades: Sequence[PublicTrade], market: Market, now: float) -> None:
        """The newest public trades. The first look only learns which there were: one of them made this book."""
        still = self._still
        if still is None:
            return
        fresh = [trade for trade in trades if trade.trade_id not in still.known]
        if trades:
            still.known = frozenset(trade.trade_id for trade in trades)
        if still.looked is not None:
            later = [trade for trade in fresh if trade.exchange_time > still.since_at]
            still.trades += len(later)
            still.traded_through |= any(_is_outside(trade, still.book, market) for trade in later)
        still.looked = now

    @property
    def frozen_since(self) -> datetime | None:
        """Our wall time at which its content was first seen; None: it moves, or nothing says that it should."""
        still = self._still
        if still is None or not still.frozen or not (still.book.bids or still.book.asks):
            return None  # that nobody quotes says more than that nothing moves
        return still.since_at


def _is_outside(trade: PublicTrade, book: Book, market: Market) -> bool:
    bid, ask = book.best_bid, book.best_ask
    return (bid is not None and trade.price < market.price(bid)) or (
        ask is not None and trade.price > market.price(ask)
    )
