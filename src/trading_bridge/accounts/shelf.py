"""What storage knows of the orders and fills of one connector, beyond what its tracker follows."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from trading_bridge.core.client import Connector
from trading_bridge.core.order import Order
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal_group import UNNAMED_ACCOUNT
from trading_bridge.storage.unreadable import UnreadableRow

#: values in one question
_AT_ONCE = 500


class Shelf:
    """Every question raises NotReady where the storage cannot be read."""

    def __init__(self, database: Database, connector: Connector) -> None:
        self._database = database
        self._connector = connector

    async def bots_of(self, client_order_ids: Iterable[str]) -> Mapping[str, str]:
        """client_order_id -> bot_id of those that have a row, of whichever connector, also where it cannot be read."""
        wanted = sorted(set(client_order_ids))
        if not wanted:
            return {}
        async with self._database.unit_of_work(read_only=True) as uow:
            return await uow.orders.bots_of(wanted[:_AT_ONCE])

    async def find(self, client_order_id: str) -> tuple[Order, Decimal] | None:
        """An order of the connector, ended or not, with the sum of its stored fills; None: there is none."""
        async with self._database.unit_of_work(read_only=True) as uow:
            order = await uow.orders.get(client_order_id)
            if order is None or order.connector_id != self._connector.id:
                return None
            return order, await uow.trades.booked(client_order_id)

    async def live(self) -> tuple[tuple[Order, ...], tuple[UnreadableRow, ...]]:
        """Those of the connector that may trade, and of those the rows that cannot be read."""
        async with self._database.unit_of_work(read_only=True) as uow:
            return await uow.orders.live_rows(connector_id=self._connector.id)

    async def booked(self, client_order_id: str) -> Decimal:
        """The sum of the order's stored fills, in base."""
        async with self._database.unit_of_work(read_only=True) as uow:
            return await uow.trades.booked(client_order_id)

    async def marks(self, symbols: Collection[str]) -> Mapping[str, TradeMark]:
        """symbol -> up to where looks have told every trade, where that is known."""
        if not symbols:
            return {}
        async with self._database.unit_of_work(read_only=True) as uow:
            return await uow.trades.marks(self._connector.id, symbols)

    async def unstored(self, trades: Iterable[Trade]) -> tuple[Trade, ...]:
        """Those of one market that storage does not have, in their order."""
        left = tuple(trades)
        if not left:
            return ()
        accounts = {f"{UNNAMED_ACCOUNT}{self._connector.id}"} | {
            trade.exchange_account for trade in left if trade.exchange_account is not None
        }
        stored: set[str] = set()
        async with self._database.unit_of_work(read_only=True) as uow:
            for start in range(0, len(left), _AT_ONCE):
                ids = [trade.trade_id for trade in left[start : start + _AT_ONCE]]
                stored |= await uow.trades.stored(self._connector.exchange, accounts, left[0].symbol, ids)
        return tuple(trade for trade in left if trade.trade_id not in stored)
