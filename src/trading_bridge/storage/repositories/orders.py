"""Orders of ours, read only: the journal writes them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from trading_bridge.core.order import Order
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import orders
from trading_bridge.storage.types import AnyRow
from trading_bridge.storage.unreadable import UnreadableRow, read_each


class Orders:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def get(self, client_order_id: str) -> Order | None:
        """None: there is none that could be read."""
        wanted = select(orders).where(orders.c.client_order_id == client_order_id)
        read, _ = await read_each(self._connection, wanted, orders.c.client_order_id, order_of)
        return read[0] if read else None

    async def bots_of(self, client_order_ids: Iterable[str]) -> Mapping[str, str]:
        """client_order_id -> bot_id of those that have a row, also where the rest of it cannot be read."""
        wanted = select(orders.c.client_order_id, orders.c.bot_id).where(orders.c.client_order_id.in_(client_order_ids))
        return {row.client_order_id: row.bot_id for row in await self._connection.execute(wanted)}

    async def live(self, *, bot_id: str | None = None, connector_id: str | None = None) -> tuple[Order, ...]:
        """Those that may trade at the exchange, unresolved ones included, oldest first; what cannot be read is left
        out."""
        return (await self.live_rows(bot_id=bot_id, connector_id=connector_id))[0]

    async def live_rows(
        self, *, bot_id: str | None = None, connector_id: str | None = None
    ) -> tuple[tuple[Order, ...], tuple[UnreadableRow, ...]]:
        """The same, and the rows that cannot be read."""
        wanted = _live(select(orders), bot_id, connector_id)
        return await read_each(self._connection, wanted, orders.c.client_order_id, order_of)

    async def live_ids(self, *, bot_id: str | None = None, connector_id: str | None = None) -> tuple[str, ...]:
        """Of all of them, also of rows that cannot be read."""
        wanted = _live(select(orders.c.client_order_id), bot_id, connector_id)
        return tuple((await self._connection.execute(wanted)).scalars())

    async def list(self, bot_id: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Order]:
        """Newest first; what cannot be read is left out."""
        wanted = (
            select(orders)
            .where(orders.c.bot_id == bot_id)
            .order_by(orders.c.created_at.desc(), orders.c.client_order_id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            keys, last = compared(orders.c.created_at, orders.c.client_order_id, cursor, str)
            wanted = wanted.where(keys < last)
        rows, damaged = await read_each(
            self._connection, wanted, orders.c.client_order_id, lambda row: (row.created_at, order_of(row))
        )
        shown = rows[: max(0, limit - len(damaged))]
        more = len(rows) + len(damaged) > limit and len(shown) > 0
        return Page(
            items=tuple(order for _, order in shown),
            next=after(shown[-1][0], shown[-1][1].client_order_id) if more else None,
        )


def _live(wanted: Select[*tuple[Any, ...]], bot_id: str | None, connector_id: str | None) -> Select[*tuple[Any, ...]]:
    wanted = wanted.where(orders.c.live).order_by(orders.c.created_at, orders.c.client_order_id)
    if bot_id is not None:
        wanted = wanted.where(orders.c.bot_id == bot_id)
    if connector_id is not None:
        wanted = wanted.where(orders.c.connector_id == connector_id)
    return wanted


def order_of(row: AnyRow) -> Order:
    """Raises ValueError where an amount is no number."""
    for value in (row.price, row.amount, row.filled):
        _number(value)
    return Order(
        client_order_id=row.client_order_id,
        exchange_order_id=row.exchange_order_id,
        bot_id=row.bot_id,
        connector_id=row.connector_id,
        symbol=row.symbol,
        side=row.side,
        type=row.type,
        price=row.price,
        amount=row.amount,
        filled=row.filled,
        time_in_force=row.time_in_force,
        post_only=row.post_only,
        state=row.state,
        epoch=row.epoch,
        decision_id=row.decision_id,
        decided_at=row.decided_at,
        signed_at=row.signed_at,
        refusal_code=row.refusal_code,
        refusal_text=row.refusal_text,
        frozen=row.frozen,
    )


def _number(value: Decimal | None) -> None:
    if value is not None and not value.is_finite():
        raise ValueError(f"{value} is not an amount")
