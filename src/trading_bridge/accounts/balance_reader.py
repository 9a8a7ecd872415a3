"""The balance of one exchange account: read once for all who ask, never a false zero, never an old number as new."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.accounts.movements import Movements
from trading_bridge.accounts.single_flight import SingleFlight, Spawn
from trading_bridge.accounts.vanished import empty_list, missing, vanished
from trading_bridge.clock import Clock, wall_time_of
from trading_bridge.core.balance import Balances
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.session import Session

#: a value older than this is stale although nothing failed
STALE_AFTER = timedelta(seconds=15)
#: the last good numbers are shown no longer than this
UNKNOWN_AFTER = timedelta(hours=1)
_DOUBTS = frozenset({"balance.currency_missing", "balance.empty_list", "balance.inconsistent"})
#: records that do not say that nothing is left are asked again so often
RECORDS_EVERY_S = 60.0


def _as_it_is(finding: Finding) -> Finding:
    return finding


def _none() -> Collection[str]:
    return ()


async def _unknown(gone: Mapping[str, Decimal]) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRead:
    balances: Balances
    as_of: datetime
    #: monotonic: orders acknowledged before this are in the numbers; None: read by an earlier process
    started: float | None
    #: None: read by an earlier process
    evidence: Evidence | None
    #: monotonic time of `as_of`; None: read by an earlier process
    taken: float | None = None


class BalanceReader:
    def __init__(
        self,
        session: Session,
        clock: Clock,
        spawn: Spawn[None],
        on_read: Callable[[GoodRead], None],
        on_change: Callable[[], None],
        explain: Callable[[Finding], Finding] = _as_it_is,
        withdrew: Callable[[Mapping[str, Decimal]], Awaitable[bool]] = _unknown,
        meant: Callable[[], Collection[str]] = _none,
    ) -> None:
        """`explain` may know more about a failure than the exchange said, at the time at which it is asked for.
        `withdrew` asks the exchange's records whether so much of each currency has left the account. `meant` are the
        currencies that bots trade on the account: their names are right whatever an answer or the markets say."""
        self._session = session
        self._clock = clock
        self._on_read = on_read
        self._on_change = on_change
        self._explain = explain
        self._withdrew = withdrew
        self._meant = meant
        self._movements = Movements()
        #: whether the records say that nothing is in the account; None: not asked, or not answered
        self._emptied: bool | None = None
        self._asked_records = 0.0
        #: currencies that the last answer left out, although they should be there
        self._gone: frozenset[str] = frozenset()
        self._flight = SingleFlight(spawn, self._read)
        self._good: GoodRead | None = None
        #: of what an earlier process read, and by how much the wall clock was set since it was restored
        self._stored_as_of, self._set_since = clock.now(), timedelta()
        self._failure: Finding | None = None
        self._attempted: float | None = None
        #: grows with each read, so that what was made from an older one can be told
        self.version = 0

    def restore(self, balances: Balances, as_of: datetime) -> None:
        """The snapshot of an earlier process: shown as stale with its time until the first read."""
        if self._good is None:
            self._good = GoodRead(balances=balances, as_of=as_of, started=None, evidence=None)
            self._stored_as_of = as_of

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much a moment ago (faults T2): what was read before, or since, is as old as it
        is. What an earlier session read has the time of a clock that nobody knows, and never one later than was stored;
        a clock that is put right again gives it back."""
        good = self._good
        if good is not None and good.taken is not None:
            self._good = replace(good, as_of=wall_time_of(self._clock, good.taken))
        elif good is not None:
            self._set_since += by
            self._good = replace(good, as_of=min(self._stored_as_of, self._stored_as_of + self._set_since))

    @property
    def good(self) -> GoodRead | None:
        return self._good

    @property
    def failure(self) -> Finding | None:
        """Why the last read gave no numbers that can be believed; None: it did, or there was none."""
        return None if self._failure is None else self._explain(self._failure)

    @property
    def doubted(self) -> bool:
        """The exchange answered, and was not believed."""
        return self._failure is not None and self._failure.code in _DOUBTS

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
        as_of, taken = self._clock.now(), self._clock.monotonic()
        failure = await self._doubt(outcome) if isinstance(outcome, Answered) else outcome.finding
        self._attempted = self._clock.monotonic()
        before = self._state()
        if isinstance(outcome, Answered) and failure is None:
            self._accept(
                GoodRead(balances=outcome.value, as_of=as_of, started=started, evidence=outcome.evidence, taken=taken)
            )
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
        doubt = self._unsettled(said, now)
        if doubt is None:
            doubt = await self._missing(said, now)
        if doubt is None and self._needs_proof(said):
            doubt = await self._unproved(now)
        return None if doubt is None else replace(doubt, evidence=answer.evidence)

    def _unsettled(self, said: Balances, now: datetime) -> Finding | None:
        """Free, used and total disagree: it is read again before anything is decided on it."""
        if not said.unsettled:
            return None
        parameters = {"currency": ", ".join(sorted(said.unsettled))}
        return Finding(code="balance.inconsistent", severity=Severity.WARNING, since=now, parameters=parameters)

    async def _missing(self, said: Balances, now: datetime) -> Finding | None:
        """A currency that an answer leaves out is gone once a second answer does, and the exchange's records say that
        it left."""
        if self._good is None:
            return None
        before, as_of = self._good.balances, self._good.as_of
        gone = missing(before, said, self._movements.expected, self._meant())
        again, self._gone = bool(gone) and gone.keys() == self._gone, frozenset(gone)
        if not gone:
            return None
        doubt = vanished(next(iter(gone)), before, as_of, said, now)
        renamed = doubt.code == "currency.name_mismatch"
        return None if again and not renamed and await self._withdrew(gone) else doubt

    def _needs_proof(self, said: Balances) -> bool:
        """An empty list may be of the wrong wallet, unless the one before was empty too, or its currencies are known to
        have left."""
        return said.complete and not said.by_currency and not said.elsewhere and self._good is None

    async def _unproved(self, now: datetime) -> Finding | None:
        """None: nothing ever came into the account, or all that came has left again."""
        clock = self._clock.monotonic()
        if self._emptied is None or (not self._emptied and clock - self._asked_records >= RECORDS_EVERY_S):
            self._emptied, self._asked_records = await self._is_emptied(), clock
        return None if self._emptied else empty_list(now)

    async def _is_emptied(self) -> bool | None:
        """None: not answered."""
        sums: dict[str, list[Decimal]] = {}
        for ask in (self._session.deposits, self._session.withdrawals):
            answer = await ask()
            if not isinstance(answer, Answered):
                return None
            for record in answer.value:
                if record.completed:
                    sums.setdefault(record.currency, []).append(record.with_fee().amount)
        return all(exact_sum(*amounts) <= 0 for amounts in sums.values())

    def _accept(self, read: GoodRead) -> None:
        if self._good is not None:
            before = self._good.balances
            self._movements.settle(before, read.balances)
            read = replace(read, balances=read.balances.judged_as(before))
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
