"""Who may send for a shard: one holder at a time, by an epoch in the database and a time that it must keep renewing."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, func, insert, select, update

from trading_bridge.clock import Clock, within
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.errors import LeaseLost
from trading_bridge.logs import get_logger
from trading_bridge.storage.backend import Backend
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.tables import leases
from trading_bridge.storage.types import UtcTime

#: so much before the end of its lease its holder stops by itself: clocks of two machines do not run alike
MARGIN_S = 2.0
RENEW_EVERY_S = 3.0
#: after a renewal that failed
RETRY_S = 1.0
#: one that is not answered by then is given up
ATTEMPT_S = 4.0

_log = get_logger("lease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    epoch: int
    #: None: it needs no renewal, since a lock proves its holder
    ttl_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied:
    """Another holder's lease, which has not expired."""

    epoch: int
    #: `host:pid`
    holder: str
    build: str | None
    #: by the database's clock
    expires_at: datetime


class Lease:
    """Ours. Nothing may be sent under it at or after its deadline, which every renewal puts off."""

    def __init__(self, backend: Backend, clock: Clock, taken: Taken, *, shard: int, holder: str, began: float) -> None:
        """`began` is the monotonic time before the database was asked for it."""
        self.shard = shard
        self.epoch = taken.epoch
        self.holder = holder
        self._backend = backend
        self._clock = clock
        self._ttl_s = taken.ttl_s
        self._failing_since: datetime | None = None
        self._failure = "the database has not answered"
        #: monotonic; None: there is none
        self._deadline = self._deadline_after(began)

    def barred(self, at: float) -> Reason | None:
        """Why nothing may be sent that was signed at `at` (monotonic); the present is as good, and stricter."""
        if self._deadline is None or at < self._deadline:
            return None
        return Reason(code="lease.lost", parameters={"detail": self._failure})

    @property
    def left_s(self) -> float | None:
        """Until nothing may be sent any more unless it is renewed; None: it needs no renewal."""
        return None if self._deadline is None else max(0.0, self._deadline - self._clock.monotonic())

    def finding(self) -> Finding | None:
        if self.barred(self._clock.monotonic()) is None:
            return None
        since = self._failing_since or self._clock.now()
        return Finding(code="lease.lost", severity=Severity.CRITICAL, since=since, parameters={"detail": self._failure})

    async def run(self) -> None:
        """Renews for ever, where that is needed; raises LeaseLost once another has taken it. Its owner cancels it."""
        while self._ttl_s is not None:
            began = self._clock.monotonic()
            good = await self.renew()
            pause = RENEW_EVERY_S if good else RETRY_S
            await self._clock.sleep(max(0.0, pause - (self._clock.monotonic() - began)))

    async def renew(self) -> bool:
        """One attempt: whether the database has answered that it is still ours; raises LeaseLost where it is not."""
        if self._ttl_s is None:
            return True
        began = self._clock.monotonic()
        work = partial(_renew, shard=self.shard, epoch=self.epoch, holder=self.holder, ttl_s=self._ttl_s)
        attempt = asyncio.ensure_future(self._backend.leasing(work))
        try:
            if not await within(self._clock, ATTEMPT_S, attempt):
                return self._failed(f"the database did not answer within {ATTEMPT_S:.0f} s")
        except FAILURES as error:
            return self._failed(f"the database cannot be asked: {getattr(error, 'orig', None) or error}")
        other = attempt.result()
        if other is not None:
            self._deadline = began
            raise LeaseLost(
                "lease.lost",
                f"another server has taken over: shard {self.shard} is held by {other.holder} at epoch {other.epoch},"
                f" this one had epoch {self.epoch}; it ends without touching an order",
                remedy="If that was not wished, stop one of the two servers.",
            )
        self._failing_since = None
        self._deadline = self._deadline_after(began)
        return True

    async def release(self) -> None:
        """Nothing is sent under it any more, and whoever waits takes it at once."""
        self._deadline, self._failure = self._clock.monotonic(), "it was released"
        attempt = self._backend.leasing(partial(_release, shard=self.shard, epoch=self.epoch))
        try:
            done = await within(self._clock, ATTEMPT_S, attempt)
        except FAILURES as error:
            _log.warning("lease not released", error=str(error))
        else:
            _log.info("lease released" if done else "lease not released in time", shard=self.shard, epoch=self.epoch)

    def _failed(self, why: str) -> bool:
        self._failure = why
        if self._failing_since is None:
            self._failing_since = self._clock.now()
        _log.warning("lease not renewed", shard=self.shard, epoch=self.epoch, error=why)
        return False

    def _deadline_after(self, began: float) -> float | None:
        return None if self._ttl_s is None else began + self._ttl_s - MARGIN_S


def take(
    connection: Connection,
    shard: int,
    *,
    holder: str | None,
    build: str | None,
    now: datetime,
    ttl_s: float | None,
) -> Taken | Occupied:
    """In one transaction. The new epoch is higher than any that this database has seen, and at least the Unix time of
    `now`, so that a restored backup repeats none (faults S5). Without a `holder` nobody holds on to it: whoever comes
    next takes it. With `ttl_s` None every holder before this one is proved dead."""
    row = connection.execute(select(leases).where(leases.c.shard == shard).with_for_update()).one_or_none()
    expires_at = None
    if ttl_s is not None:
        database_now = _database_now(connection)
        if row is not None and row.holder is not None and row.expires_at is not None and row.expires_at > database_now:
            return Occupied(epoch=row.epoch, holder=row.holder, build=row.build, expires_at=row.expires_at)
        expires_at = None if holder is None else database_now + timedelta(seconds=ttl_s)
    epoch = max(int(now.timestamp()), 0 if row is None else row.epoch + 1)
    values = {"epoch": epoch, "taken_at": now, "holder": holder, "build": build, "expires_at": expires_at}
    if row is None:
        connection.execute(insert(leases).values(shard=shard, **values))
    else:
        connection.execute(update(leases).where(leases.c.shard == shard).values(values))
    return Taken(epoch=epoch, ttl_s=ttl_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    epoch: int | None
    holder: str


def _renew(connection: Connection, *, shard: int, epoch: int, holder: str, ttl_s: float) -> _Other | None:
    """None: it is ours still. One that has expired and that nobody took is ours again."""
    later = _database_now(connection) + timedelta(seconds=ttl_s)
    ours = update(leases).where(leases.c.shard == shard, leases.c.epoch == epoch, leases.c.holder == holder)
    if connection.execute(ours.values(expires_at=later)).rowcount == 1:
        return None
    row = connection.execute(select(leases.c.epoch, leases.c.holder).where(leases.c.shard == shard)).one_or_none()
    return _Other(epoch=None if row is None else row.epoch, holder="nobody" if row is None else row.holder or "nobody")


def _release(connection: Connection, *, shard: int, epoch: int) -> None:
    ours = update(leases).where(leases.c.shard == shard, leases.c.epoch == epoch)
    connection.execute(ours.values(holder=None, expires_at=None))


def _database_now(connection: Connection) -> datetime:
    now: datetime = connection.execute(select(func.clock_timestamp(type_=UtcTime()))).scalar_one()
    return now
