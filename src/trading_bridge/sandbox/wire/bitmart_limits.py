"""BitMart's request rates (reference section 4): a window per group of endpoints, and its headers.

Ours: whoever is refused as often within a window as the group allows is shut out for a minute.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trading_bridge.clock import Clock
from trading_bridge.sandbox.limits import Rate
from trading_bridge.sandbox.wire.bitmart_answers import Refused

BAN_S = 60.0
#: names are forgotten once there are so many, the quiet ones only
_NAMES_MAX = 10_000


class CountedBy(StrEnum):
    IP = "IP"
    UID = "UID"
    KEY = "KEY"


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rate: Rate
    by: CountedBy


def _by_ip(name: str, calls: int, per_s: float = 2.0) -> Group:
    return Group(name, Rate(calls, per_s), CountedBy.IP)


SYSTEM = _by_ip("system", 10, 1.0)
DETAILS = _by_ip("details", 12)
LISTS = _by_ip("lists", 8)
QUOTES = _by_ip("quotes", 15)
WALLETS = Group("wallets", Rate(12, 2.0), CountedBy.KEY)
FEES = Group("fees", Rate(2, 2.0), CountedBy.KEY)
RECORDS = Group("records", Rate(8, 2.0), CountedBy.KEY)
SUBMIT = Group("submit", Rate(40, 2.0), CountedBy.UID)
CANCEL = Group("cancel", Rate(40, 2.0), CountedBy.UID)
CANCEL_ALL = Group("cancel_all", Rate(1, 3.0), CountedBy.UID)
ONE_ORDER = Group("one_order", Rate(50, 2.0), CountedBy.KEY)
MANY_ORDERS = Group("many_orders", Rate(12, 2.0), CountedBy.KEY)


@dataclass(slots=True)
class _Counted:
    #: monotonic times, oldest first
    taken: deque[float] = field(default_factory=deque)
    refused: deque[float] = field(default_factory=deque)
    shut_out_until: float = 0.0


class Limits:
    def __init__(self, clock: Clock, *, on: bool = True) -> None:
        self._clock = clock
        self._on = on
        self._counted: dict[tuple[str, str], _Counted] = {}  # group, who -> calls

    def take(self, group: Group, who: str) -> Mapping[str, str]:
        """The headers of an answer within the limit; `X-BM-RateLimit-Remaining` says how many were used."""
        if not self._on:
            return {}
        now = self._clock.monotonic()
        counted = self._of(group, who, now)
        for times in (counted.taken, counted.refused):
            while times and now - times[0] >= group.rate.per_seconds:
                times.popleft()
        if now < counted.shut_out_until:
            raise Refused(30017, "Request rejected: too many violations")
        if len(counted.taken) >= group.rate.calls:
            counted.refused.append(now)
            if len(counted.refused) >= group.rate.calls:
                counted.shut_out_until = now + BAN_S
            raise Refused(30013, "Request too many requests")
        counted.taken.append(now)
        return {
            "X-BM-RateLimit-Limit": str(group.rate.calls),
            "X-BM-RateLimit-Remaining": str(len(counted.taken)),
            "X-BM-RateLimit-Reset": f"{group.rate.per_seconds:g}",
            "X-BM-RateLimit-Mode": group.by.value,
        }

    def _of(self, group: Group, who: str, now: float) -> _Counted:
        place = (group.name, who)
        if place not in self._counted:
            if len(self._counted) >= _NAMES_MAX:
                since = now - BAN_S
                self._counted = {
                    name: one for name, one in self._counted.items() if one.taken and one.taken[-1] > since
                }
            self._counted[place] = _Counted()
        return self._counted[place]
