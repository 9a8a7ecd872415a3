"""Orders of ours, read only: the journal writes them."""

from sqlalchemy import select

from trading_bridge.core.order import Order
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import orders
from trading_bridge.storage.types import AnyRow


class Orders:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def get(self, client_order_id: str) -> Order | None:
        found = await self._connection.execute(select(orders).where(orders.c.client_order_id == client_order_id))
        row = found.one_or_none()
        return None if row is None else order_of(row)

    async def live(self, *, bot_id: str | None = None, connector_id: str | None = None) -> tuple[Order, ...]:
        """Those that may trade at the exchange, unresolved ones included, oldest first."""
        wanted = select(orders).where(orders.c.live).order_by(orders.c.created_at, orders.c.client_order_id)
        if bot_id is not None:
            wanted = wanted.where(orders.c.bot_id == bot_id)
        if connector_id is not None:
            wanted = wanted.where(orders.c.connector_id == connector_id)
        return tuple(order_of(row) for row in await self._connection.execute(wanted))

    async def list(self, bot_id: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Order]:
        """Newest first."""
        wanted = (
            select(orders)
            .where(orders.c.bot_id == bot_id)
            .order_by(orders.c.created_at.desc(), orders.c.client_order_id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            keys, last = compared(orders.c.created_at, orders.c.client_order_id, cursor, str)
            wanted = wanted.where(keys < last)
        rows = (await self._connection.execute(wanted)).all()
        more = after(rows[limit - 1].created_at, rows[limit - 1].client_order_id) if len(rows) > limit else None
        return Page(items=tuple(order_of(row) for row in rows[:limit]), next=more)


def order_of(row: AnyRow) -> Order:
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
    )
