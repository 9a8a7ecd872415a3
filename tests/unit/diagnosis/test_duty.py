"""When the doctor on duty examines whom: at the start, when something breaks, and until it is mended."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tests.integration.world import quiet
from trading_bridge.accounts.account import Account
from trading_bridge.clock import ManualClock
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.duty import AGAIN_AFTER_S, RECHECK_S, DoctorOnDuty
from trading_bridge.diagnosis.ladder import Ladder


@dataclass(eq=False)
class Failing:
    failure: Finding | None = None


@dataclass(eq=False)
class Patient:
    """What the duty looks at of an account."""

    name: str = "coinstore"
    reader: Failing = field(default_factory=Failing)
    tracker: Failing = field(default_factory=Failing)
    recovering: Finding | None = None
    suspicion: Finding | None = None
    diagnosed: Finding | None = None
    closed: bool = False

    @property
    def connector(self) -> Any:
        return type("Named", (), {"id": self.name, "name": self.name, "account": "client"})


class Practice:
    """A doctor that finds what it is told to."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.examined: list[str] = []
        self.finds: Finding | None = None
        self.takes_s = 0.0

    async def examine(self, account: Account, bots: Sequence[Bot] = ()) -> Ladder:
        patient = cast("Patient", account)
        self.examined.append(patient.name)
        await self.clock.sleep(self.takes_s)
        patient.diagnosed, patient.suspicion = self.finds, None
        return self.ladder()

    def keep(self, connector_id: str, ladder: Ladder) -> None: ...

    def ladder(self) -> Ladder:
        now = self.clock.now()
        return Ladder(started_at=now, took_ms=0, steps=(), diagnosis=self.finds, remaining=(), egress=(), requests=6)


@dataclass
class Ward:
    clock: ManualClock
    doctor: Practice
    duty: DoctorOnDuty
    patients: list[Patient]

    async def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            await quiet()
            await self.clock.advance(0.5)
        await quiet()

    def finding(self, code: str, severity: Severity = Severity.CRITICAL) -> Finding:
        return Finding(code=code, severity=severity, since=self.clock.now())


@asynccontextmanager
async def _ward() -> AsyncIterator[Ward]:
    clock = ManualClock()
    doctor, patients = Practice(clock), [Patient()]
    duty = DoctorOnDuty(
        cast("Doctor", doctor),
        clock,
        accounts=lambda: cast("list[Account]", patients),
        bots_of=lambda _: (),
        on_change=lambda _: None,
    )
    task = asyncio.create_task(duty.run())
    try:
        yield Ward(clock, doctor, duty, patients)
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with _ward() as made:
        yield made


async def test_a_session_is_examined_once_when_it_starts_and_no_more_while_all_is_well(ward: Ward) -> None:
    await ward.pass_time(60)
    assert ward.doctor.examined == ["coinstore"]


async def test_sessions_that_start_well_are_examined_one_by_one_and_a_broken_one_at_once(ward: Ward) -> None:
    ward.patients += [Patient(f"other {number}") for number in range(9)]
    broken = Patient("broken")
    broken.reader.failure = ward.finding("access.refused")
    ward.patients.append(broken)
    await ward.pass_time(0.5)
    assert ward.doctor.examined == ["coinstore", "broken"]
    await ward.pass_time(10)
    assert len(ward.doctor.examined) == 11


async def test_one_that_was_examined_while_it_was_saved_is_not_examined_again(ward: Ward) -> None:
    ward.duty.keep("second", ward.doctor.ladder())
    ward.patients.append(Patient("second"))
    await ward.pass_time(60)
    assert ward.doctor.examined == ["coinstore"]


async def test_what_breaks_is_examined_at_once_and_again_until_it_is_explained_no_more(ward: Ward) -> None:
    await ward.pass_time(2)
    ward.patients[0].reader.failure = ward.finding("exchange.no_answer")
    await ward.pass_time(1)
    assert len(ward.doctor.examined) == 2
    await ward.pass_time(AGAIN_AFTER_S - 2)
    assert len(ward.doctor.examined) == 2
    await ward.pass_time(3)
    assert len(ward.doctor.examined) == 3


async def test_another_cause_is_examined_at_once(ward: Ward) -> None:
    await ward.pass_time(2)
    ward.patients[0].reader.failure = ward.finding("exchange.no_answer")
    await ward.pass_time(1)
    ward.patients[0].reader.failure = ward.finding("access.refused")
    await ward.pass_time(1)
    assert len(ward.doctor.examined) == 3


async def test_a_diagnosis_that_no_read_shows_is_looked_at_again_until_it_is_withdrawn(ward: Ward) -> None:
    await ward.pass_time(2)
    ward.doctor.finds = ward.finding("permission.trade_missing")
    ward.patients[0].suspicion = ward.finding("access.refused")
    await ward.pass_time(1)
    assert len(ward.doctor.examined) == 2
    await ward.pass_time(RECHECK_S + 1)
    assert len(ward.doctor.examined) == 3
    ward.doctor.finds = None
    await ward.pass_time(RECHECK_S + 1)
    assert len(ward.doctor.examined) == 4
    await ward.pass_time(60)
    assert len(ward.doctor.examined) == 4


async def test_an_account_that_only_recovers_is_not_examined_for_that(ward: Ward) -> None:
    await ward.pass_time(2)
    ward.patients[0].recovering = ward.finding("account.recovering", Severity.INFO)
    await ward.pass_time(20)
    assert len(ward.doctor.examined) == 1


async def test_what_every_read_shows_is_examined_seldom_until_reads_pass_again(ward: Ward) -> None:
    await ward.pass_time(2)
    ward.doctor.finds = ward.finding("ip.not_allowed")
    ward.patients[0].reader.failure = ward.finding("access.refused")
    await ward.pass_time(1)
    assert len(ward.doctor.examined) == 2
    await ward.pass_time(AGAIN_AFTER_S - 2)
    assert len(ward.doctor.examined) == 2
    ward.doctor.finds, ward.patients[0].reader.failure = None, None
    await ward.pass_time(1)
    assert len(ward.doctor.examined) == 3
    assert ward.patients[0].diagnosed is None


async def test_ladders_that_take_longer_than_the_pause_between_them_do_not_pile_up(ward: Ward) -> None:
    """Forty keys at an exchange that hangs: four ladders at a time, and each account waits for its turn once."""
    await ward.pass_time(2)
    ward.doctor.examined.clear()
    ward.doctor.takes_s, ward.doctor.finds = 20.0, ward.finding("exchange.no_answer")
    ward.patients += [Patient(f"key {number}") for number in range(40)]
    await ward.pass_time(400)
    times = {name: ward.doctor.examined.count(name) for name in ward.doctor.examined}
    assert len(times) == 40
    assert max(times.values()) - min(times.values()) <= 2  # they come one a second, so some wait longer
    ward.doctor.takes_s, ward.doctor.finds = 0.0, None
    ward.patients.clear()
    await ward.pass_time(40)
    asked = len(ward.doctor.examined)
    await ward.pass_time(60)
    assert len(ward.doctor.examined) == asked
