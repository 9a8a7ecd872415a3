"""What one market's stream of books has told, and whether it can be left to tell the next."""

from trading_bridge.core.book import Book

#: silent for longer: books are polled as if there were no stream. Half of what makes a book too old to trade on
SILENT_AFTER_S = 1.5
#: so many polls in a row that the stream should have told of before, and it is not to be trusted
BEHIND_AFTER = 2


class HeardBooks:
    def __init__(self) -> None:
        self._book: Book | None = None
        self._at = float("-inf")
        self._missed = 0

    def told(self, book: Book, at: float) -> None:
        """`at` is monotonic."""
        self._book, self._at, self._missed = book, at, 0

    def alive(self, now: float) -> bool:
        return now - self._at <= SILENT_AFTER_S

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
        """The connection ended: what it told before counts no more."""
        self._book, self._at, self._missed = None, float("-inf"), 0
