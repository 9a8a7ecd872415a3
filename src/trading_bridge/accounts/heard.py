"""What one market's stream of books has told, and whether it can be left to tell the next."""

from collections import deque

from trading_bridge.core.book import Book

#: however it is used to tell, a stream is silent after so long: a second of a busy market, half of what makes a book
#: too old to trade on
SILENT_AFTER_MIN_S, SILENT_AFTER_MAX_S = 0.3, 1.5
#: times the longest of so many pauses that it made lately
UNUSUAL, PAUSES_KEPT = 2.0, 32
#: fewer are no habit
PAUSES_MIN = 8
#: so many polls in a row that the stream should have told of before, and it is not to be trusted
BEHIND_AFTER = 2


class Habit:
    """How long a market's stream is used to be silent."""

    def __init__(self) -> None:
        self._pauses: deque[float] = deque(maxlen=PAUSES_KEPT)

    def paused(self, seconds: float) -> None:
        self._pauses.append(seconds)

    @property
    def silent_after_s(self) -> float:
        """Silent for longer, it is not what it was: books are polled as if there were no stream."""
        if len(self._pauses) < PAUSES_MIN:
            return SILENT_AFTER_MAX_S
        return min(max(UNUSUAL * max(self._pauses), SILENT_AFTER_MIN_S), SILENT_AFTER_MAX_S)


class HeardBooks:
    """Times are monotonic."""

    def __init__(self) -> None:
        self._habit = Habit()
        self._book: Book | None = None
        self._at = float("-inf")
        self._missed = 0

    def told(self, book: Book, at: float) -> None:
        if self._book is not None:
            self._habit.paused(at - self._at)
        self._book, self._at, self._missed = book, at, 0

    @property
    def silent_at(self) -> float:
        """From then on, unless it tells of a book before."""
        return self._at + self._habit.silent_after_s

    def alive(self, now: float) -> bool:
        return now <= self.silent_at

    def since(self, moment: float) -> bool:
        """Whether it told of a book after then."""
        return self._at > moment

    def behind(self, polled: Book, began: float) -> bool:
        """Whether it has kept silent about what two polls showed: a half-open socket, or a loop that died (faults N8).
        `began` is when the last one was asked for."""
        if self._book is None or self.since(began):
            return False
        self._missed = 0 if polled.says_the_same(self._book) else self._missed + 1
        return self._missed >= BEHIND_AFTER

    def forget(self) -> None:
        """The connection ended: what it told before counts no more, how it used to tell does."""
        self._book, self._at, self._missed = None, float("-inf"), 0
