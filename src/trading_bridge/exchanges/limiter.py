"""Rate limits as bookings: each call takes its moment at once, in every limit that counts it, and waits for it.

Orders and cancels have shares that reads may not use, cancels one of their own, and reads one that no flood of cancels
takes: who is blind can neither confirm them nor decide. A booking costs as much in a full window as in an empty one.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from trading_bridge.clock import Clock
from trading_bridge.exchanges.description import RateLimit

#: requests do not arrive as evenly as they leave: the window is kept this much longer than the exchange's
JITTER_S = 0.25
#: of the weight in a window, the share that only cancels may use
CANCEL_SHARE = 0.2
#: and the share that only new orders and cancels may use
ORDER_SHARE = 0.05
#: and the share that only reads may use
READ_SHARE = 0.15
#: a limit of less has no shares
SHARED_BELOW = 5
#: after "too many requests" the wait doubles each time that it comes again, up to here
BACKOFF_MAX_S = 60.0
#: an exchange that names a longer wait is obeyed up to here
RETRY_AFTER_MAX_S = 3600.0

_LONG_AGO, _NEVER = float("-inf"), float("inf")


class CallKind(StrEnum):
    CREATE = "create"
    CANCEL = "cancel"
    READ = "read"
    PUBLIC = "public"
    #: a read of an account that may not trade before it: what is not known can neither be cancelled nor replaced
    RECOVERY = "recovery"


class Limiter:
    """All limits of one key, or of one address."""

    def __init__(self, clock: Clock, rates: Iterable[RateLimit]) -> None:
        limits = tuple(rates)
        self._clock = clock
        self._limits = tuple(_Limit(rate) for rate in limits)
        self._told_by = tuple(limit for limit in self._limits if limit.rate.used_header is not None)
        self._backoff_base_s = min((rate.per_s for rate in limits), default=1.0)
        self._blocked_until = _LONG_AGO
        self._strikes = 0

    def delay(self, kind: CallKind, call: str) -> float:
        """Seconds that such a call would wait now; `call` is ccxt's name of it, such as `fetch_balance`."""
        return delay((self,), kind, call)

    def book(self, kind: CallKind, call: str) -> float:
        """Takes the next free moment; seconds until it."""
        return book((self,), kind, call)

    def exceeded(self, retry_after_s: float | None = None) -> float:
        """The exchange said that it was too much: everything but cancels stands still for the seconds returned."""
        now = self._clock.monotonic()
        if now >= self._blocked_until:
            self._strikes += 1
        own_s = min(self._backoff_base_s * 2 ** min(self._strikes - 1, 10), BACKOFF_MAX_S)
        named_s = 0.0 if retry_after_s is None else min(retry_after_s, RETRY_AFTER_MAX_S)
        self._blocked_until = max(self._blocked_until, now + max(own_s, named_s))
        return self._blocked_until - now

    def accepted(self, headers: Mapping[str, str]) -> None:
        """The exchange answered: the next "too much" starts from the shortest wait, and what it says is used counts,
        whoever used it."""
        if self._strikes and self._clock.monotonic() >= self._blocked_until:
            self._strikes = 0
        for limit in self._told_by:
            used = headers.get(limit.rate.used_header or "")
            if used is not None and used.isdecimal():
                limit.used(int(used), self._clock.monotonic())

    def _places(self, kind: CallKind, call: str, now: float) -> "Iterator[_Place]":
        for limit in self._limits:
            place = limit.place(kind, call, now)
            if place is not None:
                yield place
        if kind is not CallKind.CANCEL and self._blocked_until > now:
            yield self._blocked_until, None, 0


def delay(limiters: Sequence[Limiter], kind: CallKind, call: str) -> float:
    """Seconds that a call which all of them count would wait now."""
    now, moment, _ = _together(limiters, kind, call)
    return moment - now


def book(limiters: Sequence[Limiter], kind: CallKind, call: str) -> float:
    """Takes the next moment that is free in all of them; seconds until it."""
    now, moment, places = _together(limiters, kind, call)
    _take(places, moment)
    return moment - now


def booked_at_once(limiters: Sequence[Limiter], kind: CallKind, call: str) -> bool:
    """Takes this moment where it is free in all of them; else nothing."""
    now, moment, places = _together(limiters, kind, call)
    if moment > now:
        return False
    _take(places, now)
    return True


def _together(limiters: Sequence[Limiter], kind: CallKind, call: str) -> "tuple[float, float, list[_Place]]":
    """The time, the first moment that is free in all of them, and the places."""
    now = moment = limiters[0]._clock.monotonic()
    places = []
    for limiter in limiters:
        for place in limiter._places(kind, call, now):
            places.append(place)
            if place[0] > moment:
                moment = place[0]
    return now, moment, places


def _take(places: "Iterable[_Place]", moment: float) -> None:
    for _, window, weight in places:
        if window is not None:
            window.book(weight, moment)


class _Window:
    """Weight in a rolling window, always as much as fits: what is free was booked long ago."""

    def __init__(self, capacity: int, per_s: float) -> None:
        self.capacity = capacity
        self._length_s = per_s + JITTER_S
        self._booked = deque([(_LONG_AGO, capacity)])  # moment, weight; oldest first

    def free_at(self, weight: int) -> float:
        """The moment from which on so much more fits; what is more than the window holds never does."""
        moment, units = self._booked[0]
        if weight <= units:
            return moment + self._length_s
        for moment, units in self._booked:
            weight -= units
            if weight <= 0:
                return moment + self._length_s
        return _NEVER

    def book(self, weight: int, moment: float) -> None:
        """`moment` is not before `free_at`; one that lies before the last booking counts as that one's."""
        booked = self._booked
        last, _ = booked[-1]
        booked.append((moment if moment > last else last, weight))
        while weight > 0:
            at, units = booked.popleft()
            weight -= units
        if weight < 0:
            booked.appendleft((at, -weight))

    def taken(self, now: float) -> int:
        free = 0
        while self._booked and self._booked[0][0] + self._length_s <= now:
            free += self._booked.popleft()[1]
        self._booked.appendleft((_LONG_AGO, free))
        return self.capacity - free


#: when, what is booked in which window; None: nothing is, the moment alone counts
_Place = tuple[float, _Window | None, int]


class _Limit:
    """One limit of the exchange: what everybody may use, and the three shares."""

    def __init__(self, rate: RateLimit) -> None:
        self.rate = rate
        shares = rate.calls >= SHARED_BELOW and rate.others > 0
        cancels, orders, reads = (
            max(1, int(rate.calls * share)) if shares else 0 for share in (CANCEL_SHARE, ORDER_SHARE, READ_SHARE)
        )
        self._shared = _Window(rate.calls - cancels - orders - reads, rate.per_s)
        self._orders = _Window(orders, rate.per_s)
        self._cancels = _Window(cancels, rate.per_s)
        self._reads = _Window(reads, rate.per_s)
        #: the windows that such a call may use, the one that everybody may use first: no other holds more
        self._of_kind = {
            CallKind.CREATE: (self._shared, self._orders),
            CallKind.CANCEL: (self._shared, self._cancels, self._orders),
            CallKind.READ: (self._shared, self._reads),
            CallKind.PUBLIC: (self._shared, self._reads),
            CallKind.RECOVERY: (self._shared, self._reads, self._orders, self._cancels),
        }

    def place(self, kind: CallKind, call: str, now: float) -> _Place | None:
        """In the first window that is free, or will be; None: such a call does not count here."""
        weight = self.rate.weight(call)
        if not weight:
            return None
        if weight > self._shared.capacity:
            weight = self._shared.capacity
        window, moment = self._shared, _NEVER
        for one in self._of_kind[kind]:
            sooner = one.free_at(weight)
            if sooner < moment:
                window, moment = one, sooner
                if moment <= now:
                    break
        return moment, window, weight

    def used(self, weight: int, now: float) -> None:
        """The exchange counts so much: more than was booked here was used by others."""
        windows = (self._shared, self._orders, self._cancels, self._reads)
        by_others = weight - sum(window.taken(now) for window in windows)
        fits = min(by_others, self._shared.capacity - self._shared.taken(now))
        if fits > 0:
            self._shared.book(fits, now)
