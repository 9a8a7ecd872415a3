"""Who did what: one row per service verb, in the transaction of the verb."""

import json
from collections.abc import Mapping

from sqlalchemy import insert, select

from trading_bridge.core.user import Asker, AuditEntry
from trading_bridge.storage.page import PAGE_SIZE, Page, after, position
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import audit_log
from trading_bridge.storage.types import AnyRow


class Audit:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def record(
        self,
        asker: Asker,
        verb: str,
        subject_kind: str,
        subject_id: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> AuditEntry:
        """The row as it stands once the transaction is committed. `details` are JSON values, never a secret."""
        at, text = self._context.clock.now(), json.dumps(dict(details or {}))
        inserted = await self._connection.execute(
            insert(audit_log).values(
                at=at,
                asker_kind=asker.kind,
                user_id=asker.user_id,
                asker_name=asker.name,
                verb=verb,
                subject_kind=subject_kind,
                subject_id=subject_id,
                details=text,
            )
        )
        assert inserted.inserted_primary_key is not None, "one row was inserted"
        return AuditEntry(
            id=inserted.inserted_primary_key.id,
            at=at,
            asker=asker,
            verb=verb,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=text,
        )

    async def has(self, entry: AuditEntry) -> bool:
        """Whether the transaction that recorded it came through, where its answer was lost: a number whose row was
        taken back may be another row's by now."""
        row = (await self._connection.execute(select(audit_log).where(audit_log.c.id == entry.id))).one_or_none()
        return row is not None and _entry(row) == entry

    async def list(self, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[AuditEntry]:
        """Newest first."""
        wanted = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            wanted = wanted.where(audit_log.c.id < position(cursor, int)[1])
        rows = (await self._connection.execute(wanted)).all()
        found = tuple(map(_entry, rows[:limit]))
        return Page(items=found, next=after(found[-1].at, found[-1].id) if len(rows) > limit else None)


def _entry(row: AnyRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        asker=Asker(kind=row.asker_kind, user_id=row.user_id, name=row.asker_name),
        verb=row.verb,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        details=row.details,
    )
