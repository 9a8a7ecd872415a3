"""The balance of one exchange account: read once for all who ask, never a false zero, never an old number as new."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trading_bridge.accounts.single_flight import SingleFlight, Spawn
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.exchanges.session import Session

#: a value older than this is stale although nothing failed
STALE_AFTER = timedelta(seconds=15)
#: the last good numbers are shown no longer than this
UNKNOWN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRead:
    balances: Balances
    as_of: datetime
    #: monotonic: orders acknowledged before this are in the numbers; None: read by an earlier process
    started: float | None
    #: None: read by an earlier process
    evidence: Evidence | None


class BalanceReader:
    def __init__(
        self,
        session: Session,
        clock: Clock,
        spawn: Spawn[None],
        on_read: Callable[[GoodRead], None],
        on_change: Callable[[], None],
    ) -> None:
        self._session = session
        self._clock = clock
        self._on_read = on_read
        self._on_change = on_change
        self._flight = SingleFlight(spawn, self._read)
        self._good: GoodRead | None = None
        self._failure: Finding | None = None
        self._attempted: float | None = None
        #: grows with each read, so that what was made from an older one can be told
        self.version = 0

    def restore(self, balances: Balances, as_of: datetime) -> None:
        """The snapshot of an earlier process: shown as stale with its time until the first read."""
        if self._good is None:
            self._good = GoodRead(balances=balances, as_of=as_of, started=None, evidence=None)

    @property
    def good(self) -> GoodRead | None:
        return self._good

    @property
    def failure(self) -> Finding | None:
        """Why the last read gave no numbers; None: it did, or there was none."""
        return self._failure

    async def read(self, *, max_age_s: float, force: bool = False) -> Known[Balances]:
        """What is known, after a shared read when the last attempt is older than `max_age_s`."""
        if force or self._attempted is None or self._clock.monotonic() - self._attempted > max_age_s:
            await self._flight.join()
        return self.known()

    async def read_after(self, moment: float) -> Known[Balances]:
        """What is known, after a read that began later than `moment` (monotonic), so that it has seen its effects."""
        while self._failure is None and (
            self._good is None or self._good.started is None or self._good.started < moment
        ):
            await self._flight.join()
        return self.known()

    def known(self) -> Known[Balances]:
        now = self._clock.now()
        if self._good is None:
            return Unknown(finding=self._failure or self._not_synced(now))
        age = now - self._good.as_of
        if age > UNKNOWN_AFTER:
            return Unknown(finding=self._failure or self._aged(self._good.as_of))
        if self._failure is not None:
            return Stale(value=self._good.balances, as_of=self._good.as_of, finding=self._failure)
        if age > STALE_AFTER or self._good.started is None:
            return Stale(value=self._good.balances, as_of=self._good.as_of, finding=self._aged(self._good.as_of))
        return Ok(value=self._good.balances, as_of=self._good.as_of)

    async def _read(self) -> None:
        started = self._clock.monotonic()
        self._take(started, await self._session.balances())

    def _take(self, started: float, outcome: Outcome[Balances]) -> None:
        self._attempted = self._clock.monotonic()
        before = (None if self._good is None else self._good.balances, self._failure is None)
        if isinstance(outcome, Answered):
            self._good = GoodRead(
                balances=outcome.value, as_of=self._clock.now(), started=started, evidence=outcome.evidence
            )
            self._failure = None
            self._on_read(self._good)
        else:
            same = self._failure is not None and self._failure.code == outcome.finding.code
            since = self._failure.since if same and self._failure is not None else outcome.finding.since
            self._failure = replace(outcome.finding, since=since)
        self.version += 1
        if before != (None if self._good is None else self._good.balances, self._failure is None):
            self._on_change()

    def _not_synced(self, now: datetime) -> Finding:
        return Finding(code="connector.not_synced", severity=Severity.WARNING, since=now)

    def _aged(self, since: datetime) -> Finding:
        return Finding(code="balance.stale", severity=Severity.WARNING, since=since)
