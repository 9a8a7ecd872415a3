"""Limits that people set, by bot, client and platform."""

import json
from collections.abc import Mapping

from sqlalchemy import insert, select, update

from trading_bridge.core.restraint import Scope
from trading_bridge.core.risk.settings import Settings, names_of, readable
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import limit_settings


class LimitSettings:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def all(self) -> Mapping[Scope, Settings]:
        """Rows that cannot be read are left out."""
        return {scope: settings for scope, settings in (await self._stored()).items() if settings is not None}

    async def damaged(self) -> frozenset[Scope]:
        """Of which the row cannot be read, or holds what is no limit there: what people have set is not known."""
        stored = await self._stored()
        return frozenset(
            scope for scope, settings in stored.items() if settings is None or not readable(scope.kind, settings)
        )

    async def of(self, scope: Scope) -> Settings:
        """What can be read of it, so that a damaged row is mended by setting its limits anew. Empty: nothing, or every
        limit has its default there."""
        found = await self._connection.execute(
            select(limit_settings.c.limits).where(
                limit_settings.c.scope_kind == scope.kind, limit_settings.c.scope_id == scope.id
            )
        )
        text = found.scalar_one_or_none()
        settings = None if text is None else _read(text)
        known = names_of(scope.kind)
        return {} if settings is None else {name: value for name, value in settings.items() if name in known}

    async def _stored(self) -> Mapping[Scope, Settings | None]:
        found = await self._connection.execute(
            select(limit_settings.c.scope_kind, limit_settings.c.scope_id, limit_settings.c.limits)
        )
        return {Scope(kind=row.scope_kind, id=row.scope_id): _read(row.limits) for row in found}

    async def set(self, scope: Scope, settings: Settings, *, by: str) -> None:
        values = {"limits": json.dumps(dict(settings)), "updated_at": self._context.clock.now(), "updated_by": by}
        changed = await self._connection.execute(
            update(limit_settings)
            .where(limit_settings.c.scope_kind == scope.kind, limit_settings.c.scope_id == scope.id)
            .values(**values)
        )
        if not changed.rowcount:
            await self._connection.execute(
                insert(limit_settings).values(scope_kind=scope.kind, scope_id=scope.id, **values)
            )


def _read(text: str) -> Settings | None:
    """None: it cannot be read."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return {name: str(value) for name, value in told.items()} if isinstance(told, dict) else None
