"""The balance of one exchange account: read once for all who ask, never a false zero, never an old number as new."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trading_bridge.accounts.movements import Movements
from trading_bridge.accounts.single_flight import SingleFlight, Spawn
from trading_bridge.accounts.vanished import empty_list, vanished
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.session import Session

#: a value older than this is stale although nothing failed
STALE_AFTER = timedelta(seconds=15)
#: the last good numbers are shown no longer than this
UNKNOWN_AFTER = timedelta(hours=1)


def _as_it_is(finding: Finding) -> Finding:
    return finding


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
        explain: Callable[[Finding], Finding] = _as_it_is,
    ) -> None:
        """`explain` may know more about a failure than the exchange said, at the time at which it is asked for."""
        self._session = session
        self._clock = clock
        self._on_read = on_read
        self._on_change = on_change
        self._explain = explain
        self._movements = Movements()
        #: whether the account has ever received anything; None: not asked, or not answered
        self._ever_funded: bool | None = None
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
        """Why the last read gave no numbers that can be believed; None: it did, or there was none."""
        return None if self._failure is None else self._explain(self._failure)

    def filled(self, fill: Trade) -> None:
        """An own order traded: a balance that falls by so much is no riddle."""
        self._movements.filled(fill)

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
        now, failure = self._clock.now(), self.failure
        if self._good is None:
            return Unknown(finding=failure or self._not_synced(now))
        as_of, value = self._good.as_of, self._good.balances
        age = now - as_of
        if age > UNKNOWN_AFTER:
            return Unknown(finding=failure or self._aged(as_of))
        if failure is not None:
            return Stale(value=value, as_of=as_of, finding=failure)
        if age > STALE_AFTER or self._good.started is None:
            return Stale(value=value, as_of=as_of, finding=self._aged(as_of))
        misplaced = (value.misplaced(one.currency, as_of) for one in value.elsewhere)
        return Ok(value=value, as_of=as_of, finding=next((one for one in misplaced if one is not None), None))

    async def _read(self) -> None:
        started = self._clock.monotonic()
        outcome = await self._session.balances()
        await self._take(started, outcome)

    async def _take(self, started: float, outcome: Outcome[Balances]) -> None:
        as_of = self._clock.now()
        failure = await self._doubt(outcome) if isinstance(outcome, Answered) else outcome.finding
        self._attempted = self._clock.monotonic()
        before = self._state()
        if isinstance(outcome, Answered) and failure is None:
            self._accept(GoodRead(balances=outcome.value, as_of=as_of, started=started, evidence=outcome.evidence))
        elif failure is not None:
            same = self._failure is not None and self._failure.code == failure.code
            since = self._failure.since if same and self._failure is not None else failure.since
            self._failure = replace(failure, since=since)
        self.version += 1
        if before != self._state():
            self._on_change()

    async def _doubt(self, answer: Answered[Balances]) -> Finding | None:
        """Why an answer of the exchange is not believed; None: it is."""
        now, said = self._clock.now(), answer.value
        gone = None
        if self._good is not None:
            gone = vanished(self._good.balances, self._good.as_of, said, self._movements.expected, now)
        if gone is None and self._needs_proof(said):
            gone = await self._unproved(now)
        return None if gone is None else replace(gone, evidence=answer.evidence)

    def _needs_proof(self, said: Balances) -> bool:
        """An empty list may be of the wrong wallet, unless the one before was empty too and had been proved."""
        was_empty = self._good is not None and not self._good.balances.by_currency
        return said.complete and not said.by_currency and not said.elsewhere and not was_empty

    async def _unproved(self, now: datetime) -> Finding | None:
        """None: nothing ever came into the account, so nothing is in it."""
        if self._ever_funded is None:
            deposits = await self._session.deposits()
            self._ever_funded = deposits.value > 0 if isinstance(deposits, Answered) else None
        return None if self._ever_funded is False else empty_list(now)

    def _accept(self, read: GoodRead) -> None:
        if self._good is not None:
            self._movements.settle(self._good.balances, read.balances)
        self._good, self._failure = read, None
        self._on_read(read)

    def _state(self) -> tuple[Balances | None, str | None]:
        return (
            None if self._good is None else self._good.balances,
            None if self._failure is None else self._failure.code,
        )

    def _not_synced(self, now: datetime) -> Finding:
        return Finding(code="connector.not_synced", severity=Severity.WARNING, since=now)

    def _aged(self, since: datetime) -> Finding:
        return Finding(code="balance.stale", severity=Severity.WARNING, since=since)
