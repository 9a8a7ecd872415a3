"""Binance's counts: request weight a minute of an address, orders of an account, and the ban of who goes on after 429.

Intervals are those of the clock (minutes begin at second 0). The reference lets fills lower the count of orders; here
every order that was taken counts until its interval ends, which is the stricter rule.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from trading_bridge.clock import Clock
from trading_bridge.sandbox.wire.binance_errors import BinanceError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ADVICE = "Please use WebSocket Streams for live updates to avoid"
#: refusals in one minute that end in a ban, and how long the first, each next and the last kind of it is
REFUSALS_TO_BAN = 20
BAN_S = 120
BAN_GROWS = 4
BAN_MOST_S = 3 * 86_400


@dataclass(frozen=True, slots=True)
class Quota:
    """So many per interval; None: no limit, though it is counted."""

    limit: int | None
    letter: str
    count: int
    seconds: int

    @property
    def name(self) -> str:
        return f"{self.count}{self.letter}"

    @property
    def words(self) -> str:
        return {"S": "SECOND", "M": "MINUTE", "H": "HOUR", "D": "DAY"}[self.letter]


class Count:
    """One quota, by name."""

    def __init__(self, quota: Quota, clock: Clock) -> None:
        self.quota = quota
        self._clock = clock
        self._interval = -1
        self._used: dict[str, int] = {}  # name -> used in this interval

    def used(self, name: str) -> int:
        self._turn()
        return self._used.get(name, 0)

    def add(self, name: str, weight: int) -> int:
        """What is used then."""
        self._turn()
        used = self._used[name] = self._used.get(name, 0) + weight
        return used

    def is_over(self, name: str, weight: int = 0) -> bool:
        return self.quota.limit is not None and self.used(name) + weight > self.quota.limit

    def ends_in_s(self) -> int:
        """Whole seconds, at least 1."""
        length_ms = self.quota.seconds * 1000
        return max(1, -(-(length_ms - self._now_ms() % length_ms) // 1000))

    def _turn(self) -> None:
        interval = self._now_ms() // (self.quota.seconds * 1000)
        if interval != self._interval:
            self._interval = interval
            self._used.clear()

    def _now_ms(self) -> int:
        return (self._clock.now() - _EPOCH) // _MILLISECOND


class Weights:
    """Request weight by address."""

    def __init__(self, quota: Quota, clock: Clock) -> None:
        self.count = Count(quota, clock)
        self._refusals = Count(Quota(None, "M", 1, 60), clock)
        self._clock = clock
        self._bans: dict[str, tuple[float, int]] = {}  # address -> when it ends by the monotonic clock, its length in s

    def take(self, address: str, weight: int) -> int:
        """What is used then. Raises the refusal; a refused request counts as well."""
        self._check_ban(address)
        used = self.count.add(address, weight)
        if not self.count.is_over(address):
            return used
        if self._refusals.add(address, 1) >= REFUSALS_TO_BAN:
            _, before_s = self._bans.get(address, (0.0, 0))
            length_s = min(before_s * BAN_GROWS, BAN_MOST_S) if before_s else BAN_S
            self._bans[address] = (self._clock.monotonic() + length_s, length_s)
            self._check_ban(address)
        quota = self.count.quota
        message = (
            f"Too much request weight used; current limit is {quota.limit} request weight per {quota.count} "
            f"{quota.words}. {_ADVICE} polling the API."
        )
        raise too_many(message, self.count.ends_in_s())

    def _check_ban(self, address: str) -> None:
        ends_at, _ = self._bans.get(address, (0.0, 0))
        left_s = ends_at - self._clock.monotonic()
        if address in self._bans and left_s > 0:
            until_ms = (self._clock.now() - _EPOCH) // _MILLISECOND + int(left_s * 1000)
            message = f"Way too much request weight used; IP banned until {until_ms}. {_ADVICE} bans."
            headers = {"Retry-After": str(max(1, int(left_s)))}
            raise BinanceError(-1003, message, HTTPStatus.IM_A_TEAPOT, headers)


def too_many(message: str, retry_after_s: int | None, code: int = -1003) -> BinanceError:
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return BinanceError(code, message, HTTPStatus.TOO_MANY_REQUESTS, headers)


class OrderCounts:
    """Orders by account, in two intervals."""

    def __init__(self, quotas: tuple[Quota, ...], clock: Clock) -> None:
        self.counts = tuple(Count(quota, clock) for quota in quotas)

    def check(self, account: str) -> None:
        """Raises the refusal of one more."""
        for count in self.counts:
            if count.is_over(account, 1):
                quota = count.quota
                message = f"Too many new orders; current limit is {quota.limit} orders per {quota.count} {quota.words}."
                raise too_many(message, count.ends_in_s(), -1015)

    def add(self, account: str) -> dict[str, str]:
        """Counts one, and gives the headers that tell it."""
        return {f"X-MBX-ORDER-COUNT-{count.quota.name}": str(count.add(account, 1)) for count in self.counts}
