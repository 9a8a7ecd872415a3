"""Own fills, read only: the journal writes them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from trading_bridge.core.fill import Fill, exact_sum
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.storage.journal_group import UNNAMED_ACCOUNT
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import orders, trade_logs, trade_marks
from trading_bridge.storage.types import AnyRow


class Trades:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def list(self, bot_id: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Fill]:
        """Newest first."""
        wanted = (
            select(trade_logs)
            .where(trade_logs.c.bot_id == bot_id)
            .order_by(trade_logs.c.exchange_time.desc(), trade_logs.c.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            keys, last = compared(trade_logs.c.exchange_time, trade_logs.c.id, cursor, int)
            wanted = wanted.where(keys < last)
        rows = (await self._connection.execute(wanted)).all()
        more = after(rows[limit - 1].exchange_time, rows[limit - 1].id) if len(rows) > limit else None
        return Page(items=tuple(_fill(row) for row in rows[:limit]), next=more)

    async def since(self, bot_id: str | None, time: datetime) -> tuple[Fill, ...]:
        """Fills of one bot or of all, made at or after a time (the exchange's), oldest first."""
        wanted = (
            select(trade_logs)
            .where(trade_logs.c.exchange_time >= time)
            .order_by(trade_logs.c.exchange_time, trade_logs.c.id)
        )
        if bot_id is not None:
            wanted = wanted.where(trade_logs.c.bot_id == bot_id)
        return tuple(_fill(row) for row in await self._connection.execute(wanted))

    async def of_connector(
        self, connector_id: str, *, after: datetime, stored_after: int | None = None
    ) -> tuple[Fill, ...]:
        """Fills made with a connector later than a time (the exchange's), or stored later than a row, oldest first."""
        late = trade_logs.c.exchange_time > after
        if stored_after is not None:
            late |= trade_logs.c.id > stored_after
        found = await self._connection.execute(
            select(trade_logs)
            .where(trade_logs.c.connector_id == connector_id, late)
            .order_by(trade_logs.c.exchange_time, trade_logs.c.id)
        )
        return tuple(_fill(row) for row in found)

    async def booked(self, client_order_id: str) -> Decimal:
        """The sum of one order's stored fills, in base; 0: none is stored."""
        found = await self._connection.execute(
            select(trade_logs.c.amount).where(trade_logs.c.client_order_id == client_order_id)
        )
        return exact_sum(*found.scalars())

    async def booked_of_live(self, connector_id: str) -> Mapping[str, Decimal]:
        """client_order_id -> the sum of its stored fills, in base, of the connector's live orders that have some."""
        found = await self._connection.execute(
            select(orders.c.client_order_id, trade_logs.c.amount)
            .join(orders, orders.c.client_order_id == trade_logs.c.client_order_id)
            .where(orders.c.connector_id == connector_id, orders.c.live)
        )
        amounts: dict[str, list[Decimal]] = {}
        for client_order_id, amount in found:
            amounts.setdefault(client_order_id, []).append(amount)
        return {client_order_id: exact_sum(*each) for client_order_id, each in amounts.items()}

    async def marks(self, connector_id: str, symbols: Collection[str]) -> Mapping[str, TradeMark]:
        """symbol -> up to where looks have told every trade; a market where none is known is left out."""
        found = await self._connection.execute(
            select(trade_marks).where(trade_marks.c.connector_id == connector_id, trade_marks.c.symbol.in_(symbols))
        )
        return {row.symbol: TradeMark(trade_id=row.trade_id, exchange_time=row.exchange_time) for row in found}

    async def stored(self, exchange: str, accounts: Collection[str], symbol: str, ids: Collection[str]) -> set[str]:
        """Which of these trade ids are stored; `accounts` as the rows name them."""
        found = await self._connection.execute(
            select(trade_logs.c.trade_id).where(
                trade_logs.c.exchange == exchange,
                trade_logs.c.exchange_account.in_(accounts),
                trade_logs.c.symbol == symbol,
                trade_logs.c.trade_id.in_(ids),
            )
        )
        return set(found.scalars())


def trade_of(row: AnyRow) -> Trade:
    """What the exchange said of a stored fill."""
    named = not row.exchange_account.startswith(UNNAMED_ACCOUNT)
    return Trade(
        trade_id=row.trade_id,
        exchange_account=row.exchange_account if named else None,
        exchange_order_id=row.exchange_order_id,
        symbol=row.symbol,
        side=row.side,
        price=row.price,
        amount=row.amount,
        cost=row.cost,
        fee=row.fee,
        fee_currency=row.fee_currency,
        is_maker=row.is_maker,
        exchange_time=row.exchange_time,
    )


def _fill(row: AnyRow) -> Fill:
    return Fill(
        id=row.id,
        trade=trade_of(row),
        exchange=row.exchange,
        connector_id=row.connector_id,
        bot_id=row.bot_id,
        client_order_id=row.client_order_id,
        created_at=row.created_at,
    )
