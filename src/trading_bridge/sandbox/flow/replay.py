"""A recorded market as events: its book once a second, and between two books what its trades prove.

A trade at a price proves that nothing better was left on the maker's side, that nothing on the other side stood at or
through that price, and that the amount was there. So the mirrored book follows each trade before the taker comes, and
an order of ours that rests at or inside the traded price is reached whenever the recorded market traded through it.
"""

from collections.abc import Iterator

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import Event, Halt, SetLevel, Step, Take
from trading_bridge.sandbox.flow.recording import BookRow, Levels, Recording, TakenOrder

#: between the end of a recording and its next start the market has no liquidity
HALT_S = 1.0
#: levels behind a traded price; with fewer, those of the next book that lie further out join them
LEVELS_KNOWN_MIN = 5


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
    for row, coming in zip(recording.books, (*recording.books[1:], None), strict=True):
        yield Step(origin_s + (row.time_ms - start_ms) / 1000, tuple(mirror.follow_book(row)))
        until_ms = row.time_ms + 1000 if coming is None else coming.time_ms
        while order is not None and order.time_ms < until_ms:
            yield Step(origin_s + (order.time_ms - start_ms) / 1000, tuple(mirror.follow_order(order, coming or row)))
            order = next(orders, None)


class _Mirror:
    """What the recorded market holds now, as far as it is known."""

    def __init__(self) -> None:
        self._sides: dict[Side, Levels] = {Side.BUY: {}, Side.SELL: {}}

    def follow_book(self, row: BookRow) -> Iterator[Event]:
        """What left comes first, so that the market never crosses itself; then every level, best first."""
        after = {Side.BUY: row.bids, Side.SELL: row.asks}
        for side, levels in self._sides.items():
            for price in levels:
                if price not in after[side]:
                    yield SetLevel(side, price, Lots(0))
        for side, levels in after.items():
            for price, amount in levels.items():
                yield SetLevel(side, price, amount)
        self._sides = {side: dict(levels) for side, levels in after.items()}

    def follow_order(self, order: TakenOrder, coming: BookRow) -> Iterator[Event]:
        """`coming` is the next book: where a trade leaves the known levels, what stands there next stands there now."""
        best, worst = min(order.fills), max(order.fills)
        if order.side is Side.SELL:
            best, worst = worst, best
        maker_side = order.side.opposite
        makers = self._sides[maker_side]
        yield from self._leave(maker_side, [price for price in makers if _is_better(maker_side, price, best)])
        yield from self._leave(
            order.side, [price for price in self._sides[order.side] if not _is_better(maker_side, price, best)]
        )
        for price, amount in order.fills.items():
            if makers.get(price, 0) < amount:
                yield SetLevel(maker_side, price, amount)
        yield from self._complete(maker_side, worst, coming)
        yield from self._complete(order.side, best, coming)
        yield Take(order.side, worst, Lots(sum(order.fills.values())))
        # an emptied level stays known as empty: something of it may be left where an order of ours was met instead
        for price, amount in order.fills.items():
            makers[price] = Lots(max(makers.get(price, 0) - amount, 0))

    def _leave(self, side: Side, prices: list[Ticks]) -> Iterator[Event]:
        for price in prices:
            del self._sides[side][price]
            yield SetLevel(side, price, Lots(0))

    def _complete(self, side: Side, traded: Ticks, coming: BookRow) -> Iterator[Event]:
        """Sees to it that there is something behind a traded price."""
        levels = self._sides[side]
        behind = [price for price, amount in levels.items() if amount and _is_better(side, traded, price)]
        if len(behind) >= LEVELS_KNOWN_MIN:
            return
        last = (min if side is Side.BUY else max)((traded, *behind))
        for price, amount in (coming.bids if side is Side.BUY else coming.asks).items():
            if _is_better(side, last, price):
                levels[price] = amount
                yield SetLevel(side, price, amount)


def _is_better(side: Side, price: Ticks, than: Ticks) -> bool:
    """A maker of `side` at `price` is met before one at `than`."""
    return price > than if side is Side.BUY else price < than
