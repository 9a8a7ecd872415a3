"""Holds, in force, planned and over."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from trading_bridge.core.restraint import Hold, Scope
from trading_bridge.storage.page import PAGE_SIZE
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import holds
from trading_bridge.storage.types import AnyRow
from trading_bridge.storage.unreadable import UnreadableRow, read_each

_ALL = select(holds)


class Holds:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def get(self, hold_id: str) -> Hold | None:
        """None: there is none that could be read."""
        found = await self._read(_ALL.where(holds.c.id == hold_id))
        return found[0] if found else None

    async def standing(self, now: datetime) -> tuple[Hold, ...]:
        """Those in force and those planned, the first to start first."""
        return (await self.standing_rows(now))[0]

    async def standing_rows(self, now: datetime) -> tuple[tuple[Hold, ...], tuple[UnreadableRow, ...]]:
        """The same, and the rows that cannot be read."""
        wanted = _ALL.where(holds.c.lifted_at.is_(None), or_(holds.c.ends_at.is_(None), holds.c.ends_at > now))
        return await self._rows(wanted.order_by(holds.c.starts_at, holds.c.id))

    async def newest(self, *, limit: int = PAGE_SIZE) -> tuple[Hold, ...]:
        """Of any state, by their start."""
        return await self._read(_ALL.order_by(holds.c.starts_at.desc(), holds.c.id.desc()).limit(limit))

    async def over(self, now: datetime, *, limit: int = PAGE_SIZE) -> tuple[Hold, ...]:
        """Those that a person lifted and those that reached their end, newest first."""
        wanted = _ALL.where(or_(holds.c.lifted_at.is_not(None), holds.c.ends_at <= now))
        return await self._read(wanted.order_by(holds.c.starts_at.desc(), holds.c.id.desc()).limit(limit))

    async def add(self, hold: Hold) -> None:
        await self._connection.execute(
            insert(holds).values(
                id=hold.id,
                scope_kind=hold.scope.kind,
                scope_id=hold.scope.id,
                reason=hold.reason,
                orders=hold.orders,
                starts_at=hold.starts_at,
                ends_at=hold.ends_at,
                made_by=hold.made_by,
                made_at=hold.made_at,
            )
        )

    async def lift(self, hold_id: str, *, by: str, reason: str, at: datetime) -> bool:
        """False: there is none of that id that was not lifted."""
        changed = await self._connection.execute(
            update(holds)
            .where(holds.c.id == hold_id, holds.c.lifted_at.is_(None))
            .values(lifted_at=at, lifted_by=by, lift_reason=reason)
        )
        return changed.rowcount == 1

    async def _read(self, wanted: Select[*tuple[Any, ...]]) -> tuple[Hold, ...]:
        """Those that can be read."""
        return (await self._rows(wanted))[0]

    async def _rows(self, wanted: Select[*tuple[Any, ...]]) -> tuple[tuple[Hold, ...], tuple[UnreadableRow, ...]]:
        return await read_each(self._connection, wanted, holds.c.id, _hold)


def _hold(row: AnyRow) -> Hold:
    return Hold(
        id=row.id,
        scope=Scope(kind=row.scope_kind, id=row.scope_id),
        reason=row.reason,
        orders=row.orders,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        made_by=row.made_by,
        made_at=row.made_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lift_reason=row.lift_reason,
    )
