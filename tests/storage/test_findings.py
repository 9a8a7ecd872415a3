"""Findings with their history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOW
from trading_bridge.clock import ManualClock
from trading_bridge.core.finding import (
    PLATFORM,
    Evidence,
    Finding,
    RecordedFinding,
    Severity,
    Subject,
    SubjectKind,
)
from trading_bridge.errors import NotFound
from trading_bridge.storage.database import Database

BOT = Subject(kind=SubjectKind.BOT, id="bot1")
CONNECTOR = Subject(kind=SubjectKind.CONNECTOR, id="connector1")
EVIDENCE = Evidence(
    call="fetch_balance",
    endpoint="/spot/accountList",
    method="POST",
    http_status=200,
    exchange_code="1401",
    exchange_text="Unauthor\x00ized \ud800",
    request_id="r1",
    latency_ms=0,
    at=NOW,
)


def recorded(finding_id: str, subject: Subject = BOT, *, code: str = "book.stale", after_s: int = 0) -> RecordedFinding:
    seen = NOW + timedelta(seconds=after_s)
    finding = Finding(code=code, severity=Severity.WARNING, since=seen, parameters={"seconds": "4"})
    return RecordedFinding(id=finding_id, subject=subject, finding=finding, last_seen=seen, count=1)


async def add(database: Database, *rows: RecordedFinding) -> None:
    async with database.unit_of_work() as uow:
        await uow.findings.put(rows)


@pytest.mark.parametrize("evidence", [None, EVIDENCE, Evidence(call="fetch_balance")])
async def test_a_finding_is_read_as_it_was_stored(database: Database, evidence: Evidence | None) -> None:
    row = recorded("f1", CONNECTOR)
    row = replace(row, finding=replace(row.finding, evidence=evidence), note="we know")
    await add(database, row)
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.findings.get("f1") == row
        assert await uow.findings.open() == (row,)
        assert await uow.findings.get("f2") is None


async def test_what_moves_is_updated_and_the_rest_stays(database: Database) -> None:
    row = replace(recorded("f1"), note="we know")
    await add(database, row, recorded("f2"))
    later = NOW + timedelta(minutes=1)
    finding = replace(row.finding, parameters={"seconds": "64"}, evidence=EVIDENCE, severity=Severity.CRITICAL)
    moved = replace(row, finding=finding, last_seen=later, count=2, resolved_at=later)
    async with database.unit_of_work() as uow:
        await uow.findings.put([replace(moved, note=None), recorded("f3")])
        assert await uow.findings.get("f1") == moved
        assert await uow.findings.get("f2") == recorded("f2")
        assert await uow.findings.get("f3") == recorded("f3")
        await uow.findings.put(())


async def test_those_that_hold_come_oldest_first(database: Database) -> None:
    ended = replace(recorded("f0"), resolved_at=NOW)
    rows = [recorded("f2", after_s=2), recorded("f1", PLATFORM, after_s=1), recorded("f3", after_s=2)]
    await add(database, ended, *rows)
    async with database.unit_of_work(read_only=True) as uow:
        assert [row.id for row in await uow.findings.open()] == ["f1", "f2", "f3"]


async def test_one_that_returns_soon_is_found_again(database: Database) -> None:
    def ended(finding_id: str, after_s: int) -> RecordedFinding:
        row = recorded(finding_id, after_s=after_s)
        return replace(row, resolved_at=row.finding.since)

    await add(
        database,
        ended("old", 0),
        ended("recent", 60),
        replace(ended("elsewhere", 90), subject=CONNECTOR),
        replace(ended("other", 90), finding=recorded("", code="book.empty", after_s=90).finding),
    )

    async def recent(since_s: int) -> str | None:
        async with database.unit_of_work(read_only=True) as uow:
            row = await uow.findings.recent(BOT, "book.stale", NOW + timedelta(seconds=since_s))
        return None if row is None else row.id

    assert [await recent(since_s) for since_s in (0, 60, 61)] == ["recent", "recent", None]
    await add(database, recorded("open", after_s=100))
    assert await recent(1000) == "open"


async def test_lists_are_of_the_subjects_asked_for_newest_first_in_pages(database: Database) -> None:
    rows = [recorded(f"f{number}", (BOT, CONNECTOR, PLATFORM)[number % 3], after_s=number // 2) for number in range(9)]
    rows[4] = replace(rows[4], resolved_at=rows[4].finding.since)
    await add(database, *rows)

    async def ids(**asked: object) -> list[str]:
        found: list[str] = []
        cursor = None
        async with database.unit_of_work(read_only=True) as uow:
            while True:
                page = await uow.findings.list(cursor=cursor, limit=2, **asked)  # type: ignore[arg-type]
                assert len(page.items) <= 2
                found += [row.id for row in page.items]
                if (cursor := page.next) is None:
                    return found

    assert await ids() == [f"f{number}" for number in range(8, -1, -1)]
    assert await ids(subjects=[BOT]) == ["f6", "f3", "f0"]
    assert await ids(subjects={BOT, CONNECTOR}, resolved=False) == ["f7", "f6", "f3", "f1", "f0"]
    assert await ids(resolved=True) == ["f4"]
    assert await ids(subjects=[Subject(kind=SubjectKind.BOT, id="another")]) == []
    assert await ids(subjects=[Subject(kind=SubjectKind.MARKET, id=BOT.id)]) == []
    assert await ids(subjects=()) == []


async def test_a_note_is_pinned_by_somebody_and_outlives_what_moves(database: Database, clock: ManualClock) -> None:
    await add(database, recorded("f1"))
    async with database.unit_of_work() as uow:
        noted = await uow.findings.set_note("f1", "Coinstore answers tomorrow.", by="ops@example.org")
        assert noted == replace(recorded("f1"), note="Coinstore answers tomorrow.")
        await uow.findings.put([replace(recorded("f1"), count=2)])
        kept = await uow.findings.get("f1")
        assert kept is not None
        assert (kept.note, kept.count) == (noted.note, 2)
        assert (await uow.findings.set_note("f1", None, by="ops@example.org")).note is None
        with pytest.raises(NotFound):
            await uow.findings.set_note("f2", "to nobody", by="ops@example.org")
