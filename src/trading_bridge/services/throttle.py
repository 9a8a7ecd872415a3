"""Failed sign-ins slow down who makes them; memory stays bounded whoever tries."""

from collections import OrderedDict
from dataclasses import dataclass

from trading_bridge.clock import Clock

WINDOW_S = 900.0
#: failures within the window after which one waits, by what they have in common
PER_PERSON_AND_ADDRESS = 5
PER_ADDRESS = 30
PER_PERSON = 60
REMEMBERED = 10_000


@dataclass(slots=True)
class _Count:
    began: float
    failures: int


class LoginThrottle:
    """An attempt counts as failed from its beginning, so that many at once do not slip through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def wait_s(self, email: str, address: str) -> int | None:
        """Seconds until the next attempt may be made; None: now."""
        now = self._clock.monotonic()
        waits = [
            count.began + WINDOW_S - now
            for key, limit in _keys(email, address)
            if (count := self._live(key, now)) is not None and count.failures >= limit
        ]
        return max(1, int(max(waits)) + 1) if waits else None

    def began(self, email: str, address: str) -> None:
        now = self._clock.monotonic()
        for key, _ in _keys(email, address):
            count = self._live(key, now)
            if count is None:
                self._counts[key] = _Count(began=now, failures=1)
                if len(self._counts) > REMEMBERED:
                    self._counts.popitem(last=False)
            else:
                count.failures += 1

    def succeeded(self, email: str, address: str) -> None:
        """Takes this attempt back; the person at this address starts anew."""
        for key, _ in _keys(email, address):
            count = self._counts.get(key)
            if count is not None:
                count.failures -= 1
        self._counts.pop((email, address), None)

    def _live(self, key: tuple[str, str], now: float) -> _Count | None:
        count = self._counts.get(key)
        if count is not None and now - count.began >= WINDOW_S:
            del self._counts[key]
            return None
        return count


def _keys(email: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return (
        ((email, address), PER_PERSON_AND_ADDRESS),
        (("", address), PER_ADDRESS),
        ((email, ""), PER_PERSON),
    )
