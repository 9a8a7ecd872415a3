"""Bots as they are wished."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, insert, select, update

from trading_bridge.core.bot import Bot, BotStatus, Budget
from trading_bridge.core.client import account_key
from trading_bridge.errors import NotFound
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import bots, clients
from trading_bridge.storage.types import AnyRow

_ALL = select(bots, clients.c.account).join(clients, bots.c.client_id == clients.c.id)
_LIVING = _ALL.where(bots.c.archived_at.is_(None))


class Bots:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def add(
        self,
        *,
        client_id: str,
        name: str,
        connector: str,
        symbol: str,
        bot_type: str,
        config: Mapping[str, object],
        market_verified: bool = False,
        note: str | None = None,
        budget: Budget | None = None,
        archived: bool = False,
    ) -> Bot:
        """Stored stopped. `archived`: no list shows it and nothing runs it; orders may be of it."""
        bot_id, now = self._context.new_id(), self._context.clock.now()
        await self._connection.execute(
            insert(bots).values(
                id=bot_id,
                client_id=client_id,
                name=name,
                connector=connector,
                symbol=symbol,
                bot_type=bot_type,
                config=json.dumps(dict(config)),
                status=BotStatus.STOPPED,
                market_verified=market_verified,
                note=note,
                budget_base=None if budget is None else budget.base,
                budget_quote=None if budget is None else budget.quote,
                created_at=now,
                updated_at=now,
                archived_at=now if archived else None,
            )
        )
        (made,) = await self._read(_ALL.where(bots.c.id == bot_id))
        return made

    async def get(self, bot_id: str) -> Bot | None:
        found = await self._connection.execute(_LIVING.where(bots.c.id == bot_id))
        row = found.one_or_none()
        return None if row is None else _bot(row)

    async def list(self, account: str | None = None, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Bot]:
        """Of one client (in any letter case) or of all, oldest first."""
        wanted = _LIVING.order_by(bots.c.created_at, bots.c.id).limit(limit + 1)
        if account is not None:
            wanted = wanted.where(clients.c.account_key == account_key(account), clients.c.deleted_at.is_(None))
        if cursor is not None:
            rows, last = compared(bots.c.created_at, bots.c.id, cursor, str)
            wanted = wanted.where(rows > last)
        found = await self._read(wanted)
        more = after(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
        return Page(items=found[:limit], next=more)

    async def all(self) -> tuple[Bot, ...]:
        """Running and stopped, oldest first."""
        return await self._read(_LIVING.order_by(bots.c.created_at, bots.c.id))

    async def running(self) -> tuple[Bot, ...]:
        """Those that are wished running, oldest first."""
        return await self._read(
            _LIVING.where(bots.c.status == BotStatus.RUNNING).order_by(bots.c.created_at, bots.c.id)
        )

    async def on_market(self, symbol: str) -> tuple[Bot, ...]:
        """Every bot of that symbol, on whatever exchange: a connector's name does not tell it."""
        return await self._read(_LIVING.where(bots.c.symbol == symbol).order_by(bots.c.created_at, bots.c.id))

    async def set_status(self, bot_id: str, status: BotStatus) -> Bot:
        return await self._change(bot_id, status=status)

    async def set_market_verified(self, bot_id: str, verified: bool) -> Bot:
        return await self._change(bot_id, market_verified=verified)

    async def update(
        self,
        bot_id: str,
        *,
        name: str,
        connector: str,
        symbol: str,
        bot_type: str,
        config: Mapping[str, object],
        market_verified: bool,
        note: str | None,
        budget: Budget | None,
    ) -> Bot:
        return await self._change(
            bot_id,
            name=name,
            connector=connector,
            symbol=symbol,
            bot_type=bot_type,
            config=json.dumps(dict(config)),
            market_verified=market_verified,
            note=note,
            budget_base=None if budget is None else budget.base,
            budget_quote=None if budget is None else budget.quote,
        )

    async def archive(self, bot_id: str) -> None:
        """Out of every list, and stopped; its orders and fills stay."""
        await self._set(bot_id, status=BotStatus.STOPPED, archived_at=self._context.clock.now())

    async def _change(self, bot_id: str, **values: object) -> Bot:
        await self._set(bot_id, **values)
        return await self._require(bot_id)

    async def _set(self, bot_id: str, **values: object) -> None:
        changed = await self._connection.execute(
            update(bots)
            .where(bots.c.id == bot_id, bots.c.archived_at.is_(None))
            .values(**values, updated_at=self._context.clock.now())
        )
        if changed.rowcount == 0:
            raise NotFound("bot.not_found", f"there is no bot {bot_id!r}")

    async def _require(self, bot_id: str) -> Bot:
        bot = await self.get(bot_id)
        assert bot is not None
        return bot

    async def _read(self, wanted: Select[*tuple[Any, ...]]) -> tuple[Bot, ...]:
        return tuple(_bot(row) for row in await self._connection.execute(wanted))


def _bot(row: AnyRow) -> Bot:
    return Bot(
        id=row.id,
        name=row.name,
        client_id=row.client_id,
        account=row.account,
        connector=row.connector,
        symbol=row.symbol,
        bot_type=row.bot_type,
        config=json.loads(row.config),
        status=row.status,
        market_verified=row.market_verified,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        budget=None if row.budget_base is None else Budget(base=row.budget_base, quote=row.budget_quote),
    )
