"""A rolling-window rate limit that grants at once or names the moment, with a share that only cancels may use."""

from collections import deque
from enum import StrEnum

from trading_bridge.clock import Clock
from trading_bridge.exchanges.registry import ExchangeInfo, RateLimit

#: requests do not arrive as evenly as they leave: the window is kept this much longer than the exchange's
JITTER_S = 0.25
#: of the calls in a window, the share that only cancels may use
CANCEL_SHARE = 0.2
#: after "too many requests" the wait doubles each time that it comes again, up to here
BACKOFF_MAX_S = 60.0
#: an exchange that names a longer wait is obeyed up to here
RETRY_AFTER_MAX_S = 3600.0


class CallKind(StrEnum):
    CREATE = "create"
    CANCEL = "cancel"
    READ = "read"
    PUBLIC = "public"


class Limiter:
    """Two windows, one of them for cancels only; each call books its moment in a few steps, however many wait.

    A cancel takes whichever window lets it go first, so a queue of reads never delays it.
    """

    def __init__(self, clock: Clock, rate: RateLimit) -> None:
        reserved = max(1, int(rate.calls * CANCEL_SHARE))
        self._clock = clock
        self._window_s = rate.per_s + JITTER_S
        self._shared: deque[float] = deque(maxlen=rate.calls - reserved)  # moments booked, oldest first
        self._reserved: deque[float] = deque(maxlen=reserved)
        self._backoff_base_s = rate.per_s
        self._blocked_until = float("-inf")
        self._strikes = 0

    @classmethod
    def for_user(cls, info: ExchangeInfo, clock: Clock) -> "Limiter":
        return cls(clock, info.user_rate)

    @classmethod
    def for_address(cls, info: ExchangeInfo, clock: Clock) -> "Limiter":
        return cls(clock, info.address_rate)

    def delay(self, kind: CallKind) -> float:
        """Seconds that a call of this kind would wait now."""
        now = self._clock.monotonic()
        if kind is CallKind.CANCEL:
            return min(self._next(self._shared, now), self._next(self._reserved, now)) - now
        return self._next(self._shared, now) - now

    def book(self, kind: CallKind) -> float:
        """Takes the next free place; seconds until it."""
        now = self._clock.monotonic()
        moment = self._next(self._shared, now)
        window = self._shared
        if kind is CallKind.CANCEL and moment > now:
            sooner = self._next(self._reserved, now)
            if sooner < moment:
                moment, window = sooner, self._reserved
        window.append(moment)
        return moment - now

    async def grant(self, kind: CallKind) -> None:
        wait_s = self.book(kind)
        if wait_s > 0:
            await self._clock.sleep(wait_s)

    def exceeded(self, retry_after_s: float | None = None) -> float:
        """The exchange said that it was too much: everything but cancels stands still for the seconds returned."""
        now = self._clock.monotonic()
        if now >= self._blocked_until:
            self._strikes += 1
        own_s = min(self._backoff_base_s * 2 ** min(self._strikes - 1, 10), BACKOFF_MAX_S)
        named_s = 0.0 if retry_after_s is None else min(retry_after_s, RETRY_AFTER_MAX_S)
        self._blocked_until = max(self._blocked_until, now + max(own_s, named_s))
        return self._blocked_until - now

    def accepted(self) -> None:
        """The exchange answered: the next "too much" starts from the shortest wait."""
        if self._strikes and self._clock.monotonic() >= self._blocked_until:
            self._strikes = 0

    def _next(self, window: deque[float], now: float) -> float:
        moment = now
        if len(window) == window.maxlen:
            moment = max(moment, window[0] + self._window_s)
        if window is self._shared:
            moment = max(moment, self._blocked_until)
        return moment
