"""Rate limits as bookings: each call takes its moment at once, in every limit that counts it, and waits for it.

Orders and cancels have shares that reads may not use, cancels one of their own, and reads one that no flood of cancels
takes: who is blind can neither confirm them nor decide. A booking costs as much in a full window as in an empty one.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

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
        self._blocked_until = float("-inf")
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

    def _places(self, kind: CallKind, call: str, now: float) -> "list[_Place]":
        places = [limit.place(kind, call, now) for limit in self._limits]
        found = [place for place in places if place is not None]
        if kind is not CallKind.CANCEL and self._blocked_until > now:
            found.append(_Place(moment=self._blocked_until))
        return found


def delay(limiters: Iterable[Limiter], kind: CallKind, call: str) -> float:
    """Seconds that a call which all of them count would wait now."""
    now, places = _together(limiters, kind, call)
    return max((place.moment for place in places), default=now) - now


def book(limiters: Iterable[Limiter], kind: CallKind, call: str) -> float:
    """Takes the next moment that is free in all of them; seconds until it."""
    now, places = _together(limiters, kind, call)
    moment = max((place.moment for place in places), default=now)
    for place in places:
        if place.window is not None:
            place.window.book(place.weight, moment)
    return moment - now


def _together(limiters: Iterable[Limiter], kind: CallKind, call: str) -> "tuple[float, list[_Place]]":
    limiters = tuple(limiters)
    now = limiters[0]._clock.monotonic()
    return now, [place for limiter in limiters for place in limiter._places(kind, call, now)]


class _Window:
    """Weight in a rolling window, as (moment, weight), oldest first."""

    def __init__(self, capacity: int, per_s: float) -> None:
        self.capacity = capacity
        self.taken = 0
        self._length_s = per_s + JITTER_S
        self._booked: deque[tuple[float, int]] = deque()

    def free_at(self, weight: int, now: float) -> float:
        """The moment from which on so much more fits."""
        lacking = self.taken + weight - self.capacity
        if lacking <= 0:
            return now
        moment, units = self._booked[0]
        if units >= lacking:
            moment += self._length_s
            return moment if moment > now else now
        for moment, units in self._booked:
            lacking -= units
            if lacking <= 0:
                return max(now, moment + self._length_s)
        return now

    def book(self, weight: int, moment: float) -> None:
        """`moment` is not before `free_at`; one that lies before the last booking counts as that one's."""
        booked = self._booked
        lacking = self.taken + weight - self.capacity
        while lacking > 0 and booked:
            at, units = booked[0]
            if units > lacking:
                booked[0] = (at, units - lacking)
                self.taken -= lacking
                break
            booked.popleft()
            self.taken -= units
            lacking -= units
        booked.append((moment if not booked else max(moment, booked[-1][0]), weight))
        self.taken += weight

    def forget(self, now: float) -> None:
        """What has left the window."""
        while self._booked and self._booked[0][0] + self._length_s <= now:
            self.taken -= self._booked.popleft()[1]


class _Place(NamedTuple):
    moment: float
    #: None: nothing is booked, the moment alone counts
    window: _Window | None = None
    weight: int = 0


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
        self._of_kind = {
            CallKind.CREATE: (self._orders,),
            CallKind.CANCEL: (self._cancels, self._orders),
            CallKind.READ: (self._reads,),
            CallKind.PUBLIC: (self._reads,),
            CallKind.RECOVERY: (self._reads, self._orders, self._cancels),
        }

    def place(self, kind: CallKind, call: str, now: float) -> _Place | None:
        """The soonest of the windows that such a call may use; None: it does not count here."""
        weight = self.rate.weight(call)
        if not weight:
            return None
        window = self._shared
        weighs = weight if weight <= window.capacity else window.capacity
        moment = window.free_at(weighs, now)
        if moment > now:
            for other in self._of_kind[kind]:
                if weight <= other.capacity and (sooner := other.free_at(weight, now)) < moment:
                    moment, window, weighs = sooner, other, weight
        return _Place(moment, window, weighs)

    def used(self, weight: int, now: float) -> None:
        """The exchange counts so much: more than was booked here was used by others."""
        windows = (self._shared, self._orders, self._cancels, self._reads)
        for window in windows:
            window.forget(now)
        by_others = weight - sum(window.taken for window in windows)
        fits = min(by_others, self._shared.capacity - self._shared.taken)
        if fits > 0:
            self._shared.book(fits, now)
