"""Who may write, for those that write by units of work."""

from sqlalchemy import select

from trading_bridge.storage.journal_group import Under
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import leases


class Leases:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def is_held(self, under: Under) -> bool:
        """Nobody has taken it since; no other can until the transaction has ended."""
        wanted = select(leases.c.epoch).where(leases.c.shard == under.shard).with_for_update(read=True)
        return (await self._connection.execute(wanted)).scalar_one_or_none() == under.epoch
