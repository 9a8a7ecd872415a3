"""A recorded market as events: its book once a second, and between two books what its trades prove.

A trade at a price proves that nothing better was left on the maker's side, that nothing on the other side stood at or
through that price, and that the amount was there. So the mirrored book follows each trade before the taker comes, and
an order of ours that rests at or inside the traded price is reached whenever the recorded market traded through it.
"""

from collections.abc import Iterator

from trading_bridge.core.market import Lots
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import Event, Halt, SetLevel, Step, Take
from trading_bridge.sandbox.flow.recording import BookRow, Levels, Recording, TakenOrder

#: between the end of a recording and its next start the market has no liquidity
HALT_S = 1.0


def replay(recording: Recording) -> Iterator[Step]:
    """Without end: a recording that ends starts over, as a halt. The first book comes at once."""
    start_ms = recording.books[0].time_ms
    length_s = (recording.books[-1].time_ms - start_ms) / 1000 + 1.0
    origin_s = 0.0
    while True:
        yield from _once(recording, start_ms, origin_s)
        yield Step(origin_s + length_s, (Halt(),))
        origin_s += length_s + HALT_S


def _once(recording: Recording, start_ms: int, origin_s: float) -> Iterator[Step]:
    mirror = _Mirror()
    orders = iter(recording.orders)
    order = next((order for order in orders if order.time_ms >= start_ms), None)
    for row, until_ms in zip(recording.books, _ends(recording.books), strict=True):
        yield Step(origin_s + (row.time_ms - start_ms) / 1000, tuple(mirror.follow_book(row)))
        while order is not None and order.time_ms < until_ms:
            yield Step(origin_s + (order.time_ms - start_ms) / 1000, tuple(mirror.follow_order(order)))
            order = next(orders, None)


def _ends(books: tuple[BookRow, ...]) -> Iterator[int]:
    """When the next book comes; the last one stands for a second."""
    for row in books[1:]:
        yield row.time_ms
    yield books[-1].time_ms + 1000


class _Mirror:
    """What the recorded market holds now, as far as it is known."""

    def __init__(self) -> None:
        self._bids: Levels = {}
        self._asks: Levels = {}

    def follow_book(self, row: BookRow) -> Iterator[Event]:
        """What left comes first, so that the market never crosses itself; then every level, best first."""
        for side, before, after in ((Side.BUY, self._bids, row.bids), (Side.SELL, self._asks, row.asks)):
            for price in before:
                if price not in after:
                    yield SetLevel(side, price, Lots(0))
        for side, levels in ((Side.BUY, row.bids), (Side.SELL, row.asks)):
            for price, amount in levels.items():
                yield SetLevel(side, price, amount)
        self._bids, self._asks = dict(row.bids), dict(row.asks)

    def follow_order(self, order: TakenOrder) -> Iterator[Event]:
        best, worst = min(order.fills), max(order.fills)
        if order.side is Side.BUY:
            maker_side, makers, others = Side.SELL, self._asks, self._bids
            gone = [price for price in makers if price < best]
            crossed = [price for price in others if price >= best]
        else:
            best, worst = worst, best
            maker_side, makers, others = Side.BUY, self._bids, self._asks
            gone = [price for price in makers if price > best]
            crossed = [price for price in others if price <= best]
        for price in gone:
            del makers[price]
            yield SetLevel(maker_side, price, Lots(0))
        for price in crossed:
            del others[price]
            yield SetLevel(order.side, price, Lots(0))
        for price, amount in order.fills.items():
            if makers.get(price, 0) < amount:
                yield SetLevel(maker_side, price, amount)
        yield Take(order.side, worst, Lots(sum(order.fills.values())))
        self._take(makers, order.fills)

    def _take(self, makers: Levels, fills: Levels) -> None:
        """An emptied level stays known as empty: something of it may be left where our orders were met instead."""
        for price, amount in fills.items():
            makers[price] = Lots(max(makers.get(price, 0) - amount, 0))
