"""Kills and holds as both databases keep them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOW
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.restraint import Hold, Kill, Scope, ScopeKind, StandingOrders
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.runner.restraints import Restraints
from trading_bridge.storage.database import Database
from trading_bridge.storage.unit_of_work import UnitOfWork

LATER = NOW + timedelta(hours=1)
PERSON = Asker(kind=AskerKind.SYSTEM, user_id=None, name="ops")
PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")
BOT = Scope(kind=ScopeKind.BOT, id="bot")
KILL = Kill(id="k1", scope=PLATFORM, reason="why", asked_by="ops", asked_at=NOW, total=3)
HOLD = Hold(
    id="h1",
    scope=Scope(kind=ScopeKind.MARKET, id="coinstore SHARP/USDT"),
    reason="why",
    orders=StandingOrders.KEEP,
    starts_at=NOW,
    ends_at=LATER,
    made_by="ops",
    made_at=NOW,
)


async def test_a_kill_is_in_force_until_it_is_rearmed_and_keeps_its_count(database: Database) -> None:
    other = replace(KILL, id="k2", scope=BOT, by_hand=True, asked_at=LATER, total=None)
    async with database.unit_of_work() as uow:
        await uow.kills.add(KILL)
        await uow.kills.add(other)
        done = replace(KILL, total=4, done_at=LATER)
        await uow.kills.progressed(done)
    async with database.unit_of_work() as uow:
        assert await uow.kills.active() == (done, other)
        assert await uow.kills.active_on(BOT) == other
        assert await uow.kills.newest() == (other, done)
        assert await uow.kills.rearm("k1", by="anna", reason="mended", at=LATER)
        assert not await uow.kills.rearm("k1", by="bert", reason="again", at=LATER)
        await uow.kills.progressed(replace(done, total=9, done_at=None))
    rearmed = replace(done, rearmed_at=LATER, rearmed_by="anna", rearm_reason="mended")
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.kills.get("k1") == rearmed
        assert await uow.kills.active() == (other,)
        assert await uow.kills.newest(active=True) == (other,)
        assert await uow.kills.newest(active=False) == (rearmed,)
        assert await uow.kills.active_on(PLATFORM) is None


async def test_a_hold_stands_until_its_end_or_its_lifting(database: Database) -> None:
    planned = replace(HOLD, id="h2", scope=BOT, starts_at=LATER, ends_at=None, orders=StandingOrders.CANCEL)
    async with database.unit_of_work() as uow:
        await uow.holds.add(planned)
        await uow.holds.add(HOLD)
        assert await uow.holds.standing(NOW) == (HOLD, planned)
        assert await uow.holds.standing(LATER) == (planned,)
        assert await uow.holds.over(LATER) == (HOLD,)
        assert await uow.holds.lift("h2", by="anna", reason="not needed", at=NOW)
        assert not await uow.holds.lift("h2", by="bert", reason="again", at=NOW)
        lifted = replace(planned, lifted_at=NOW, lifted_by="anna", lift_reason="not needed")
        assert await uow.holds.get("h2") == lifted
        assert await uow.holds.standing(NOW) == (HOLD,)
        assert await uow.holds.over(NOW) == (lifted,)
        assert await uow.holds.newest() == (lifted, HOLD)


async def test_two_processes_that_press_on_one_scope_press_one_kill(database: Database, clock: ManualClock) -> None:
    here = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    there = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    there._entropy.token(16)
    first = here.press(PLATFORM, "one", PERSON)
    second = there.press(PLATFORM, "two", PERSON, by_hand=True)
    assert first.id != second.id
    assert await here.write()
    here.progressed(first.id, total=7, done_at=None)
    assert await here.write()
    assert await there.write()
    assert await here.refresh()
    assert [kill.id for kill in there.kills()] == [kill.id for kill in here.kills()] == [first.id]
    assert (here.kills()[0].by_hand, here.kills()[0].total) == (True, 7)
    async with database.unit_of_work(read_only=True) as uow:
        assert [entry.verb for entry in (await uow.audit.list()).items] == ["kill.press", "kill.press"]


async def test_what_is_pressed_while_storage_is_read_stays_in_force(database: Database, clock: ManualClock) -> None:
    restraints = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    assert await restraints.refresh()

    async def reading() -> bool:
        return await restraints.refresh()

    look = reading()
    kill = restraints.press(BOT, "now", PERSON)
    assert await look
    assert restraints.kills() == (kill,)
    assert await restraints.write()
    assert await restraints.refresh()
    assert restraints.kills() == (kill,)


async def test_an_older_count_never_revives_a_kill_that_was_rearmed(database: Database, clock: ManualClock) -> None:
    restraints = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "now", PERSON)
    assert await restraints.write()
    restraints.progressed(kill.id, total=2, done_at=None)
    async with database.unit_of_work() as uow:
        assert await uow.kills.rearm(kill.id, by="anna", reason="mended", at=LATER)
    assert await restraints.write()
    assert await restraints.refresh()
    assert restraints.kills() == ()


async def test_what_is_pressed_while_it_is_being_rearmed_is_another_kill(
    database: Database, clock: ManualClock
) -> None:
    """By somebody who looks at this process, while another one, or a person here, has just ended the one before."""
    restraints = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    first = restraints.press(BOT, "one", PERSON)
    assert await restraints.write()
    async with database.unit_of_work() as uow:
        assert await uow.kills.rearm(first.id, by="anna", reason="mended", at=LATER)
    restraints.press(BOT, "two", PERSON)
    restraints.rearmed(first.id)
    assert restraints.kill_on(BOT) is not None, "pressed after all"
    assert await restraints.write()
    assert await restraints.refresh()
    (kill,) = restraints.kills()
    assert (kill.id != first.id, kill.reason) == (True, "two")
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.kills.active_on(BOT) == kill


async def test_what_is_pressed_twice_here_while_it_is_in_force_there_is_stored(
    database: Database, clock: ManualClock
) -> None:
    here = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    async with database.unit_of_work() as uow:
        await uow.kills.add(replace(KILL, scope=BOT))
    for _ in range(2):
        here.press(BOT, "again", PERSON)
    assert await here.write()
    assert [kill.id for kill in here.kills()] == [KILL.id]


class Dropping:
    """A database whose connection drops at the COMMIT of a unit of work, as often as it is told to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lose_answers = 0
        self.lose_commits = 0

    @asynccontextmanager
    async def unit_of_work(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        async with self._database.unit_of_work(read_only=read_only) as uow:
            yield uow
            if not read_only and self.lose_commits:
                self.lose_commits -= 1
                raise ConnectionResetError("the connection dropped before COMMIT")
        if not read_only and self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionResetError("the answer to COMMIT was lost")


async def verbs(database: Database) -> list[str]:
    """Of the audit log, oldest first."""
    async with database.unit_of_work(read_only=True) as uow:
        return [entry.verb for entry in reversed((await uow.audit.list()).items)]


@pytest.mark.parametrize("lost", ["answer", "commit"])
async def test_a_press_whose_commit_was_not_answered_has_one_audit_row(
    database: Database, clock: ManualClock, lost: str
) -> None:
    """Faults S3: it is tried again, whether or not it came through."""
    dropping = Dropping(database)
    restraints = Restraints(database=dropping, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "one", PERSON)
    dropping.lose_answers, dropping.lose_commits = (1, 0) if lost == "answer" else (0, 1)
    assert not await restraints.write()
    await clock.advance(1.0)
    async with database.unit_of_work() as uow:
        await uow.audit.record(PERSON, "user.create", "user", "u1")  # may get the number of a row that was taken back
    assert await restraints.write()
    assert await restraints.refresh()
    assert restraints.kills() == (kill,)
    assert sorted(await verbs(database)) == ["kill.press", "user.create"]


async def test_two_presses_of_which_one_is_tried_again_have_two_audit_rows(
    database: Database, clock: ManualClock
) -> None:
    dropping = Dropping(database)
    restraints = Restraints(database=dropping, clock=clock, entropy=CountingEntropy())
    for _ in range(2):
        restraints.press(BOT, "one", PERSON)
    dropping.lose_answers = 1
    assert not await restraints.write()
    assert await restraints.write()
    assert await verbs(database) == ["kill.press", "kill.press"]


async def test_a_press_that_was_stored_unheard_and_rearmed_since_is_over(
    database: Database, clock: ManualClock
) -> None:
    dropping = Dropping(database)
    restraints = Restraints(database=dropping, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "one", PERSON)
    dropping.lose_answers = 1
    assert not await restraints.write()
    async with database.unit_of_work() as uow:
        assert await uow.kills.rearm(kill.id, by="anna", reason="mended", at=LATER)
    restraints.rearmed(kill.id)
    assert await restraints.write()
    assert restraints.kills() == ()
    assert await restraints.refresh()
    assert restraints.kills() == ()
    assert await verbs(database) == ["kill.press"]


async def test_the_end_of_a_kill_whose_commit_was_not_answered_has_one_audit_row(
    database: Database, clock: ManualClock
) -> None:
    dropping = Dropping(database)
    restraints = Restraints(database=dropping, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "one", PERSON)
    assert await restraints.write()
    restraints.progressed(kill.id, total=3, done_at=LATER)
    dropping.lose_answers = 1
    assert not await restraints.write()
    assert await restraints.write()
    assert await verbs(database) == ["kill.press", "kill.done"]


@pytest.mark.parametrize("presses", [1, 2])
async def test_a_kill_that_is_done_before_a_press_is_stored_says_so_in_a_row_of_its_own(
    database: Database, clock: ManualClock, presses: int
) -> None:
    restraints = Restraints(database=database, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "one", PERSON)
    if presses == 2:
        assert await restraints.write()
        restraints.press(BOT, "two", PERSON)
    restraints.progressed(kill.id, total=3, done_at=LATER)
    assert await restraints.write()
    assert await verbs(database) == ["kill.press"] * presses + ["kill.done"]
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.kills.get(kill.id) == replace(kill, total=3, done_at=LATER)


async def test_a_stored_end_has_its_row_in_the_same_transaction(database: Database, clock: ManualClock) -> None:
    dropping = Dropping(database)
    restraints = Restraints(database=dropping, clock=clock, entropy=CountingEntropy())
    kill = restraints.press(BOT, "one", PERSON)
    restraints.progressed(kill.id, total=3, done_at=LATER)
    dropping.lose_answers = 1
    assert not await restraints.write(), "stored, as far as the press is"
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.kills.get(kill.id) == kill
    assert await verbs(database) == ["kill.press"]
