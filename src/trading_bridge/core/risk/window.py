"""Mids of a trailing window, in half ticks: their median, lowest and highest, each at a cost that does not grow."""

from bisect import bisect_left, insort
from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal

#: fewer say nothing
ENOUGH = 5
#: two a second in the longest window
MOST = 7_200


class Window:
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._kept_for = timedelta(seconds=seconds)
        self._seen: deque[tuple[datetime, int]] = deque()
        self._sorted: list[int] = []

    def add(self, at: datetime, half_ticks: int) -> None:
        """`half_ticks`: best bid and best ask together."""
        self._drop_old(at)
        if len(self._seen) == MOST:
            self._drop()
        self._seen.append((at, half_ticks))
        insort(self._sorted, half_ticks)

    def recount(self, before: Decimal, after: Decimal) -> None:
        """The market's tick changed: each mid in the new ones, to the nearest half."""
        self._seen = deque((at, round(half_ticks * before / after)) for at, half_ticks in self._seen)
        self._sorted = sorted(half_ticks for _, half_ticks in self._seen)

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much: what was seen is as old as it was."""
        self._seen = deque((at + by, half_ticks) for at, half_ticks in self._seen)

    def clear(self) -> None:
        self._seen.clear()
        self._sorted.clear()

    def median(self, now: datetime) -> int | None:
        """One absurd book does not move it. None: too few were seen within the window."""
        self._drop_old(now)
        return self._sorted[len(self._sorted) // 2] if len(self._sorted) >= ENOUGH else None

    def span(self, now: datetime) -> tuple[int, int] | None:
        """Lowest and highest; None: nothing was seen within the window."""
        self._drop_old(now)
        return (self._sorted[0], self._sorted[-1]) if self._sorted else None

    def _drop_old(self, now: datetime) -> None:
        while self._seen and now - self._seen[0][0] > self._kept_for:
            self._drop()

    def _drop(self) -> None:
        half_ticks = self._seen.popleft()[1]
        del self._sorted[bisect_left(self._sorted, half_ticks)]
