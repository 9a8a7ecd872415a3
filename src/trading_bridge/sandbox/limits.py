"""Request rates over a rolling window, counted per address, per user, or whatever else has a name."""

from collections import deque
from dataclasses import dataclass

from trading_bridge.clock import Clock

#: names are forgotten once there are so many, the quiet ones only
_NAMES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    calls: int
    per_seconds: float


class RateWindow:
    """`take` costs the same however many calls the window holds."""

    def __init__(self, rate: Rate | None, clock: Clock) -> None:
        """None: no limit."""
        self._rate = rate
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def take(self, name: str) -> bool:
        """False: the window is full, and this call is not counted."""
        if self._rate is None:
            return True
        now = self._clock.monotonic()
        taken = self._taken.get(name)
        if taken is None:
            self._forget_quiet(now)
            taken = self._taken[name] = deque(maxlen=self._rate.calls)
        if len(taken) == self._rate.calls and now - taken[0] < self._rate.per_seconds:
            return False
        taken.append(now)
        return True

    def _forget_quiet(self, now: float) -> None:
        if self._rate is None or len(self._taken) < _NAMES_MAX:
            return
        since = now - self._rate.per_seconds
        self._taken = {name: taken for name, taken in self._taken.items() if taken[-1] > since}
