"""What was sent and cancelled of late, so that a restart forgives no rate."""

from datetime import datetime

from sqlalchemy import select

from trading_bridge.core.order import OrderState
from trading_bridge.core.risk.at_send import Sent
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import bots, orders

_CANCELED = (OrderState.CANCELED, OrderState.PENDING_CANCEL)


class SentOrders:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def since(self, time: datetime) -> tuple[Sent, ...]:
        """Orders that were opened at or after a time; a cancel of an older one is not among them."""
        found = await self._connection.execute(
            select(
                orders.c.bot_id,
                bots.c.client_id,
                orders.c.created_at,
                orders.c.updated_at,
                orders.c.state.in_(_CANCELED).label("canceled"),  # a word that nobody knows is no cancel
            )
            .join(bots, orders.c.bot_id == bots.c.id)
            .where(orders.c.created_at >= time)
        )
        return tuple(
            Sent(
                bot_id=row.bot_id,
                client_id=row.client_id,
                opened_at=row.created_at,
                canceled_at=row.updated_at if row.canceled else None,
            )
            for row in found
        )
