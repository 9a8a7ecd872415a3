"""The last balances read with each connector; the journal writes them."""

import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select

from trading_bridge.core.balance import Balance, Balances
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import balance_snapshots
from trading_bridge.storage.types import plain


class BalanceSnapshots:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def last(self, connector_id: str) -> tuple[Balances, datetime] | None:
        """With the time at which it was read; None: never."""
        found = await self._connection.execute(
            select(balance_snapshots).where(balance_snapshots.c.connector_id == connector_id)
        )
        row = found.one_or_none()
        if row is None:
            return None
        balances = Balances(
            wallet=row.wallet,
            exchange_account=row.exchange_account,
            by_currency=_read(row.by_currency),
            complete=row.complete,
        )
        return balances, row.as_of

    async def forget(self, connector_id: str) -> None:
        await self._connection.execute(
            delete(balance_snapshots).where(balance_snapshots.c.connector_id == connector_id)
        )


def written(balances: Balances) -> str:
    """`{"USDT": ["812.4", "0"]}`: free and used, as text."""
    return json.dumps({c: [plain(held.free), plain(held.used)] for c, held in balances.by_currency.items()})


def _read(text: str) -> dict[str, Balance]:
    return {c: Balance(free=Decimal(free), used=Decimal(used)) for c, (free, used) in json.loads(text).items()}
