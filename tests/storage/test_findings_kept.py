"""What holds, kept in storage: through a commit whose end was not heard, and with the operator's words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from tests.factories import NOW
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.finding import PLATFORM, Finding, Held, Severity
from trading_bridge.diagnosis.findings import Findings
from trading_bridge.errors import NotReady
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal_group import Under

LOW = Held(subject=PLATFORM, finding=Finding(code="disk.low", severity=Severity.WARNING, since=NOW))


def kept(database: Database, clock: ManualClock, held: list[Held], under: Under | None = None) -> Findings:
    return Findings(
        database=database,
        clock=clock,
        entropy=CountingEntropy(),
        held=lambda: held,
        on_change=lambda _: None,
        under=under,
    )


class Deaf:
    """Commits, and says that it could not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def unit_of_work(self, **given: Any) -> AsyncIterator[Any]:
        async with self._database.unit_of_work(**given) as uow:
            yield uow
        raise NotReady("storage.unreachable", "the connection was lost")


async def test_what_a_commit_stored_whose_end_was_not_heard_is_stored_on(
    database: Database, clock: ManualClock
) -> None:
    findings = kept(cast("Database", Deaf(database)), clock, [LOW])
    findings.look()
    await findings.store()
    findings._database = database
    await findings.store()
    async with database.unit_of_work(read_only=True) as uow:
        assert [one.finding.code for one in await uow.findings.open()] == ["disk.low"]


async def test_the_operators_words_return_with_a_finding(database: Database, clock: ManualClock) -> None:
    held = [LOW]
    findings = kept(database, clock, held)
    findings.look()
    await findings.store()
    held.clear()
    findings.look()
    await findings.store()
    async with database.unit_of_work() as uow:
        (over,) = (await uow.findings.list(resolved=True)).items
        noted = await uow.findings.set_note(over.id, "a disk is on its way", by="ops@example.org")
    findings.noted(noted)
    held.append(LOW)
    findings.look()
    assert [(one.id, one.note) for one in findings.open()] == [(over.id, "a disk is on its way")]


async def test_who_has_lost_the_lease_stores_nothing(database: Database, clock: ManualClock) -> None:
    former = await database.take_lease(0)
    findings = kept(database, clock, [LOW], Under(shard=0, epoch=former))
    await database.take_lease(0)
    findings.look()
    await findings.store()
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.findings.open() == ()
    async with database.unit_of_work() as uow:
        assert not await uow.leases.is_held(Under(shard=0, epoch=former))
        assert await uow.leases.is_held(Under(shard=0, epoch=former + 1))
