"""One database, SQLite or PostgreSQL: opened and migrated, one unit of work at a time, its leases."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from trading_bridge.clock import Clock, Entropy
from trading_bridge.storage.unit_of_work import UnitOfWork


class Database:
    def __init__(self, url: str, *, secret_keys: Sequence[str], clock: Clock, entropy: Entropy) -> None: ...

    async def open(self) -> None:
        """Migrates; raises SettingsError where the database cannot be used."""

    @property
    def installation_id(self) -> str:
        raise NotImplementedError

    async def take_lease(self, shard: int) -> int:
        """The epoch, higher than any before."""
        raise NotImplementedError

    def unit_of_work(self, *, read_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """One transaction: commits at the end of the block, rolls back when an error leaves it."""
        raise NotImplementedError

    async def close(self) -> None: ...
