"""The doctor on duty: examines connectors when their session starts and when something breaks, until all is well."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from trading_bridge.accounts.account import Account
from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.doctor import Doctor, Draft
from trading_bridge.diagnosis.ladder import Ladder
from trading_bridge.logs import get_logger

LOOK_EVERY_S = 0.5
#: a diagnosis that no call shows is looked at again after this: no call tells when it was mended, either
RECHECK_S = 5.0
#: what calls show is looked at again after this, as long as they go on to: each ladder reads every market
AGAIN_AFTER_S = 30.0
#: ladders at a time, over all accounts
AT_ONCE = 4
#: sessions that start well are examined one by one, so that many of them leave the exchange's limit to their bots
GREET_EVERY_S = 1.0

_log = get_logger("doctor")


@dataclass(slots=True)
class _Patient:
    #: code of what was wrong at the last ladder; None: nothing
    code: str | None
    #: monotonic: when its last ladder was asked for, or ended
    examined_at: float
    #: its ladder waits for a place, or is under way
    waiting: bool


class DoctorOnDuty:
    def __init__(
        self,
        doctor: Doctor,
        clock: Clock,
        *,
        accounts: Callable[[], Iterable[Account]],
        bots_of: Callable[[str], Sequence[Bot]],
        on_change: Callable[[str], None],
    ) -> None:
        """`bots_of` a connector's id: those that run on it; `on_change` is told the id of an examined connector."""
        self._doctor = doctor
        self._clock = clock
        self._accounts = accounts
        self._bots_of = bots_of
        self._on_change = on_change
        self._patients: dict[Account, _Patient] = {}  # live account -> how its last ladder went
        self._saved: dict[str, float] = {}  # connector_id -> monotonic time at which it was examined and saved
        self._greeted_at = -GREET_EVERY_S
        self._places = asyncio.Semaphore(AT_ONCE)
        self._drafts = asyncio.Semaphore(AT_ONCE)

    async def examine(self, connector_id: str) -> Ladder | None:
        """On request; None: the connector has no session."""
        for account in self._accounts():
            if account.connector.id == connector_id:
                return await self._doctor.examine(account, self._bots_of(connector_id))
        return None

    async def examine_draft(self, draft: Draft) -> Ladder:
        async with self._drafts:
            return await self._doctor.examine_draft(draft)

    def last(self, connector_id: str) -> Ladder | None:
        return self._doctor.last(connector_id)

    def keep(self, connector_id: str, ladder: Ladder) -> None:
        """The ladder of a draft that was saved just now: its session needs none of its own."""
        self._doctor.keep(connector_id, ladder)
        self._saved[connector_id] = self._clock.monotonic()

    async def close(self) -> None:
        """Ends the ladders that are under way."""
        await self._doctor.close()

    async def run(self) -> None:
        """Looks for ever; its owner cancels it."""
        async with asyncio.TaskGroup() as ladders:
            while True:
                for account, patient in self._due():
                    ladders.create_task(self._examine(account, patient))
                await self._clock.sleep(LOOK_EVERY_S)

    def _due(self) -> list[tuple[Account, _Patient]]:
        now, before = self._clock.monotonic(), self._patients
        self._patients = {}
        due = []
        for account in self._accounts():
            patient = before.get(account)
            is_due = self._is_due(patient, account, now)
            if patient is None and is_due and _wrong(account) is None:
                if now - self._greeted_at < GREET_EVERY_S:
                    continue
                self._greeted_at = now
            if patient is None or is_due:
                patient = _Patient(code=_wrong(account), examined_at=now, waiting=is_due)
            if is_due:
                due.append((account, patient))
            self._patients[account] = patient
        return due

    def _is_due(self, patient: _Patient | None, account: Account, now: float) -> bool:
        if patient is None:
            saved_at = self._saved.pop(account.connector.id, None)
            return saved_at is None or now - saved_at > AGAIN_AFTER_S
        if patient.waiting:
            return False  # where ladders take longer than the pause between them, they would pile up
        wrong = _wrong(account)
        if wrong is None and account.diagnosed is None:
            return False
        if wrong is not None and wrong != patient.code:
            return True
        return now - patient.examined_at >= (RECHECK_S if wrong is None else AGAIN_AFTER_S)

    async def _examine(self, account: Account, patient: _Patient) -> None:
        try:
            async with self._places:
                if account.closed:
                    return
                ladder = await self._doctor.examine(account, self._bots_of(account.connector.id))
        finally:
            patient.waiting, patient.examined_at = False, self._clock.monotonic()
        if account.closed:
            return
        patient.code = _wrong(account)  # as it is called now that it is diagnosed
        _tell(account, ladder)
        self._on_change(account.connector.id)


def _wrong(account: Account) -> str | None:
    """Code of what the account suffers from by itself, as its calls said it."""
    for failure in (account.reader.failure, account.tracker.failure, account.recovering, account.suspicion):
        if failure is not None and failure.severity is not Severity.INFO:
            return failure.code
    return None


def _tell(account: Account, ladder: Ladder) -> None:
    found: Finding | None = ladder.diagnosis
    _log.info(
        "examined",
        account=account.connector.account,
        connector=account.connector.name,
        diagnosis=None if found is None else found.code,
        requests=ladder.requests,
        took_ms=ladder.took_ms,
    )
