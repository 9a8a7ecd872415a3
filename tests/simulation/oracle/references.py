"""The prices around which a market was, as books were delivered: their medians of a minute, and their mids."""

from bisect import bisect_left, insort
from collections import deque
from decimal import Decimal

from tests.simulation.loop import Life
from tests.simulation.oracle.delivered import DEPTH, Delivered
from tests.simulation.oracle.invariant import Facts
from tests.simulation.oracle.ours import shared
from tests.simulation.watch import Call, Heard, Push, Watcher

MINUTE_S = 60.0
#: the reference of before a restart serves for a minute, and is stored each 10 s
KEPT_S = 2 * MINUTE_S + 15.0


class _Market:
    def __init__(self) -> None:
        self.mids: deque[tuple[float, Decimal]] = deque()  # of the last `KEPT_S`
        self.minute: deque[tuple[float, Decimal]] = deque()
        self.ordered: list[Decimal] = []
        self.medians: deque[tuple[float, Decimal]] = deque()
        self.highest = Decimal(0)

    def add(self, at_s: float, mid: Decimal) -> None:
        self.mids.append((at_s, mid))
        self.minute.append((at_s, mid))
        insort(self.ordered, mid)
        while at_s - self.minute[0][0] > MINUTE_S:
            del self.ordered[bisect_left(self.ordered, self.minute.popleft()[1])]
        median = self.ordered[len(self.ordered) // 2]
        self.medians.append((at_s, median))
        self.highest = max(self.highest, median)
        for kept in (self.mids, self.medians):
            while at_s - kept[0][0] > KEPT_S:
                kept.popleft()


class References(Watcher):
    def __init__(self, facts: Facts) -> None:
        self._delivered = shared(facts, Delivered)
        self._markets: dict[str, _Market] = {}  # symbol code in lower case -> what is known

    def heard(self, call: Call, answer: Heard) -> None:
        if not call.endpoint.startswith(DEPTH):
            return
        self._told(call.life, call.endpoint.removeprefix(DEPTH).lower(), call.number)

    def pushed(self, push: Push) -> None:
        code = push.wire.book_of(push.message)
        if code is not None:
            self._told(push.life, code, push.number)

    def _told(self, life: Life, code: str, number: int) -> None:
        books = self._delivered.books.get((life.name, code))
        if books and books[-1].call == number and (mid := books[-1].mid) is not None:
            self._markets.setdefault(code, _Market()).add(books[-1].heard_s, mid)

    def around(self, symbol: str) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest median that may serve now; None: there is none."""
        market = self._market(symbol)
        if market is None:
            return None
        medians = [median for _, median in market.medians]
        return min(medians), max(medians)

    def highest(self, symbol: str) -> Decimal:
        """Median of the run so far."""
        market = self._market(symbol)
        return Decimal(0) if market is None else market.highest

    def mids(self, symbol: str, since_s: float) -> list[Decimal]:
        market = self._market(symbol)
        return [] if market is None else [mid for at_s, mid in market.mids if at_s >= since_s]

    def _market(self, symbol: str) -> _Market | None:
        return self._markets.get(symbol.replace("/", "").lower())
