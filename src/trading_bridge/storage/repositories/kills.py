"""The kill switch: each time that it was pressed, and how that ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update

from trading_bridge.core.restraint import Kill, Scope
from trading_bridge.storage.page import PAGE_SIZE
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import kills
from trading_bridge.storage.types import AnyRow
from trading_bridge.storage.unreadable import UnreadableRow, read_each

_ALL = select(kills)
_ACTIVE = _ALL.where(kills.c.rearmed_at.is_(None))


class Kills:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def get(self, kill_id: str) -> Kill | None:
        """None: there is none that could be read."""
        found = await self._read(_ALL.where(kills.c.id == kill_id))
        return found[0] if found else None

    async def active(self) -> tuple[Kill, ...]:
        """Those that no person has re-armed, oldest first."""
        return (await self.active_rows())[0]

    async def active_rows(self) -> tuple[tuple[Kill, ...], tuple[UnreadableRow, ...]]:
        """The same, and the rows that cannot be read."""
        return await self._rows(_ACTIVE.order_by(kills.c.asked_at, kills.c.id))

    async def active_on(self, scope: Scope) -> Kill | None:
        """The oldest in force on exactly this scope."""
        of_scope = _ACTIVE.where(kills.c.scope_kind == scope.kind, kills.c.scope_id == scope.id)
        found = await self._read(of_scope.order_by(kills.c.asked_at, kills.c.id).limit(1))
        return found[0] if found else None

    async def newest(self, *, active: bool | None = None, limit: int = PAGE_SIZE) -> tuple[Kill, ...]:
        """`active` False: only those that were re-armed; None: both."""
        wanted = _ALL if active is None else _ACTIVE if active else _ALL.where(kills.c.rearmed_at.is_not(None))
        return await self._read(wanted.order_by(kills.c.asked_at.desc(), kills.c.id.desc()).limit(limit))

    async def add(self, kill: Kill) -> None:
        await self._connection.execute(
            insert(kills).values(
                id=kill.id,
                scope_kind=kill.scope.kind,
                scope_id=kill.scope.id,
                reason=kill.reason,
                asked_by=kill.asked_by,
                asked_at=kill.asked_at,
                by_hand=kill.by_hand,
                done_at=kill.done_at,
                total=kill.total,
            )
        )

    async def progressed(self, kill: Kill) -> None:
        """What it covers, has counted and has confirmed; one that was re-armed meanwhile stays as it is."""
        await self._connection.execute(
            update(kills)
            .where(kills.c.id == kill.id, kills.c.rearmed_at.is_(None))
            .values(by_hand=kill.by_hand, done_at=kill.done_at, total=kill.total)
        )

    async def rearm(self, kill_id: str, *, by: str, reason: str, at: datetime) -> bool:
        """False: there is none of that id in force."""
        changed = await self._connection.execute(
            update(kills)
            .where(kills.c.id == kill_id, kills.c.rearmed_at.is_(None))
            .values(rearmed_at=at, rearmed_by=by, rearm_reason=reason)
        )
        return changed.rowcount == 1

    async def _read(self, wanted: Select[*tuple[Any, ...]]) -> tuple[Kill, ...]:
        """Those that can be read."""
        return (await self._rows(wanted))[0]

    async def _rows(self, wanted: Select[*tuple[Any, ...]]) -> tuple[tuple[Kill, ...], tuple[UnreadableRow, ...]]:
        return await read_each(self._connection, wanted, kills.c.id, _kill)


def _kill(row: AnyRow) -> Kill:
    return Kill(
        id=row.id,
        scope=Scope(kind=row.scope_kind, id=row.scope_id),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        by_hand=row.by_hand,
        done_at=row.done_at,
        total=row.total,
        rearmed_at=row.rearmed_at,
        rearmed_by=row.rearmed_by,
        rearm_reason=row.rearm_reason,
    )
