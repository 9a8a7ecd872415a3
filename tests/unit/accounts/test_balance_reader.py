"""P1: a balance is what the exchange said, with its time, or unknown with a finding; reads are shared."""

import asyncio
from typing import Any

import pytest

from tests.factories import NOW, balances
from tests.unit.accounts.scripted import ScriptedSession, answered, failed, spawn
from trading_bridge.accounts.balance_reader import BalanceReader, GoodRead
from trading_bridge.clock import ManualClock
from trading_bridge.core.known import Ok, Stale, Unknown

FIRST, SECOND = balances(SHARP="1"), balances(SHARP="2")


class Reading:
    def __init__(self, *answers: Any) -> None:
        self.clock = ManualClock(NOW)
        self.session = ScriptedSession({"balances": list(answers)})
        self.reads: list[GoodRead] = []
        self.changes = 0
        self.reader = BalanceReader(self.session, self.clock, spawn, self.reads.append, self._changed)  # type: ignore[arg-type]

    def _changed(self) -> None:
        self.changes += 1


async def test_any_number_of_readers_cost_one_request() -> None:
    reading = Reading(answered(FIRST))
    known = await asyncio.gather(*(reading.reader.read(max_age_s=5) for _ in range(50)))
    assert {type(one) for one in known} == {Ok}
    assert reading.session.count("balances") == 1
    await reading.clock.advance(4.9)
    await reading.reader.read(max_age_s=5)
    assert reading.session.count("balances") == 1
    await reading.clock.advance(0.2)
    await reading.reader.read(max_age_s=5)
    assert reading.session.count("balances") == 2


async def test_a_failed_read_costs_no_more_than_a_good_one() -> None:
    reading = Reading(failed())
    for _ in range(3):
        await asyncio.gather(*(reading.reader.read(max_age_s=5) for _ in range(20)))
    assert reading.session.count("balances") == 1


async def test_a_refresh_is_one_read_that_all_waiting_readers_share() -> None:
    reading = Reading(answered(FIRST), answered(SECOND))
    await reading.reader.read(max_age_s=5)
    known = await asyncio.gather(*(reading.reader.read(max_age_s=5, force=True) for _ in range(9)))
    assert [one.value for one in known if isinstance(one, Ok)] == [SECOND] * 9
    assert reading.session.count("balances") == 2


async def test_never_read_is_unknown_never_zero() -> None:
    known = await Reading(failed("proxy.auth_required")).reader.read(max_age_s=5)
    assert isinstance(known, Unknown)
    assert known.finding.code == "proxy.auth_required"


async def test_a_failed_read_keeps_the_last_good_numbers_with_their_time() -> None:
    reading = Reading(answered(FIRST), failed(), failed("credentials.rejected"))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(6)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Stale)
    assert known.value is FIRST
    assert known.as_of == NOW
    await reading.clock.advance(6)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Stale)
    assert known.finding.code == "credentials.rejected"


async def test_a_finding_keeps_the_time_since_when_it_holds() -> None:
    reading = Reading(failed())
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(60)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Unknown)
    assert known.finding.since == NOW


@pytest.mark.parametrize(("age", "case"), [(15, Ok), (15.1, Stale), (3600, Stale), (3600.1, Unknown)])
async def test_a_value_ages_even_when_nothing_failed(age: float, case: type[object]) -> None:
    reading = Reading(answered(FIRST))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(age)
    assert isinstance(reading.reader.known(), case)


async def test_a_snapshot_of_an_earlier_process_is_stale_with_its_time() -> None:
    reading = Reading(failed())
    reading.reader.restore(FIRST, NOW)
    known = reading.reader.known()
    assert isinstance(known, Stale)
    assert known.as_of == NOW


async def test_a_caller_that_gives_up_does_not_end_the_read_of_others() -> None:
    reading = Reading(answered(FIRST))
    hasty = asyncio.ensure_future(reading.reader.read(max_age_s=5))
    patient = asyncio.ensure_future(reading.reader.read(max_age_s=5))
    await asyncio.sleep(0)
    hasty.cancel()
    assert isinstance(await patient, Ok)
    assert reading.session.count("balances") == 1


async def test_a_read_that_began_before_an_event_does_not_count_as_after_it() -> None:
    reading = Reading(answered(FIRST), answered(SECOND))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(1)
    known = await reading.reader.read_after(reading.clock.monotonic())
    assert isinstance(known, Ok)
    assert known.value is SECOND


async def test_changes_are_told_only_when_something_changed() -> None:
    reading = Reading(answered(FIRST), answered(FIRST), failed(), failed(), answered(FIRST))
    for _ in range(5):
        await reading.reader.read(max_age_s=0, force=True)
    assert reading.changes == 3  # first numbers; failed; good again
