"""What was wrong, from when to when, and what the operator said about it."""

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, false, insert, or_, select, update

from trading_bridge.core.finding import Evidence, Finding, RecordedFinding, Subject
from trading_bridge.errors import NotFound
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import findings
from trading_bridge.storage.types import AnyRow


class Findings:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def put(self, rows: Collection[RecordedFinding]) -> None:
        """Adds each, or writes over its row all but its identity, its first time and its note; in three statements
        however many there are, since the journal of orders waits for the same database."""
        ids = [recorded.id for recorded in rows]
        known = set((await self._connection.execute(select(findings.c.id).where(findings.c.id.in_(ids)))).scalars())
        added = [_identity(recorded) | _moving(recorded) for recorded in rows if recorded.id not in known]
        moved = [{"which": recorded.id} | _moving(recorded) for recorded in rows if recorded.id in known]
        if added:
            await self._connection.execute(insert(findings), added)
        if moved:
            await self._connection.execute(update(findings).where(findings.c.id == bindparam("which")), moved)

    async def get(self, finding_id: str) -> RecordedFinding | None:
        found = await self._connection.execute(select(findings).where(findings.c.id == finding_id))
        row = found.one_or_none()
        return None if row is None else _recorded(row)

    async def open(self) -> tuple[RecordedFinding, ...]:
        """Those that hold, oldest first."""
        found = await self._connection.execute(
            select(findings).where(findings.c.resolved_at.is_(None)).order_by(findings.c.first_seen, findings.c.id)
        )
        return tuple(_recorded(row) for row in found)

    async def recent(self, subject: Subject, code: str, since: datetime) -> RecordedFinding | None:
        """The newest of this code on this subject that holds, or was resolved at that time or later; None: none."""
        found = await self._connection.execute(
            select(findings)
            .where(
                findings.c.subject_kind == subject.kind,
                findings.c.subject_id == subject.id,
                findings.c.code == code,
                or_(findings.c.resolved_at.is_(None), findings.c.resolved_at >= since),
            )
            .order_by(findings.c.first_seen.desc(), findings.c.id.desc())
            .limit(1)
        )
        row = found.one_or_none()
        return None if row is None else _recorded(row)

    async def list(
        self,
        *,
        subjects: Collection[Subject] | None = None,
        resolved: bool | None = None,
        cursor: str | None = None,
        limit: int = PAGE_SIZE,
    ) -> Page[RecordedFinding]:
        """Newest first; `subjects` None: of all; `resolved` None: those that hold and those that do not."""
        wanted = select(findings).order_by(findings.c.first_seen.desc(), findings.c.id.desc()).limit(limit + 1)
        if subjects is not None:
            wanted = wanted.where(_concerns(subjects))
        if resolved is not None:
            at = findings.c.resolved_at
            wanted = wanted.where(at.is_not(None) if resolved else at.is_(None))
        if cursor is not None:
            keys, last = compared(findings.c.first_seen, findings.c.id, cursor, str)
            wanted = wanted.where(keys < last)
        rows = (await self._connection.execute(wanted)).all()
        found = tuple(_recorded(row) for row in rows[:limit])
        return Page(items=found, next=after(found[-1].finding.since, found[-1].id) if len(rows) > limit else None)

    async def set_note(self, finding_id: str, note: str | None, by: str) -> RecordedFinding:
        """None takes it away. Raises NotFound."""
        values = {"note": note, "note_by": by, "note_at": self._context.clock.now()}
        changed = await self._connection.execute(update(findings).where(findings.c.id == finding_id).values(**values))
        if changed.rowcount == 0:
            raise NotFound(
                "finding.not_found",
                f"There is no finding {finding_id}.",
                field="finding_id",
                remedy="Look it up in the list of findings.",
            )
        recorded = await self.get(finding_id)
        assert recorded is not None
        return recorded


def _concerns(subjects: Collection[Subject]) -> ColumnElement[bool]:
    kinds = {subject.kind for subject in subjects}
    return or_(
        false(),
        *(
            and_(
                findings.c.subject_kind == kind,
                findings.c.subject_id.in_(sorted({subject.id for subject in subjects if subject.kind is kind})),
            )
            for kind in sorted(kinds)
        ),
    )


def _identity(recorded: RecordedFinding) -> dict[str, object]:
    return {
        "id": recorded.id,
        "code": recorded.finding.code,
        "subject_kind": recorded.subject.kind,
        "subject_id": recorded.subject.id,
        "first_seen": recorded.finding.since,
        "note": recorded.note,
    }


def _moving(recorded: RecordedFinding) -> dict[str, object]:
    """What changes while a finding holds."""
    finding = recorded.finding
    return {
        "severity": finding.severity,
        "parameters": json.dumps(dict(finding.parameters)),
        "evidence": None if finding.evidence is None else _written(finding.evidence),
        "last_seen": recorded.last_seen,
        "count": recorded.count,
        "resolved_at": recorded.resolved_at,
    }


def _written(evidence: Evidence) -> str:
    """`{"call": "fetch_balance", "http_status": 401, "at": "2026-01-01T00:00:00+00:00"}`: what is known."""
    known = {name: value for name, value in asdict(evidence).items() if value is not None}
    return json.dumps(known | ({} if evidence.at is None else {"at": evidence.at.isoformat()}))


def _evidence(text: str) -> Evidence:
    known = json.loads(text)
    if "at" in known:
        known["at"] = datetime.fromisoformat(known["at"])
    return Evidence(**known)


def _recorded(row: AnyRow) -> RecordedFinding:
    return RecordedFinding(
        id=row.id,
        subject=Subject(kind=row.subject_kind, id=row.subject_id),
        finding=Finding(
            code=row.code,
            severity=row.severity,
            since=row.first_seen,
            parameters=json.loads(row.parameters),
            evidence=None if row.evidence is None else _evidence(row.evidence),
        ),
        last_seen=row.last_seen,
        count=row._mapping["count"],  # a row is a tuple, whose `count` is a method
        resolved_at=row.resolved_at,
        note=row.note,
    )
