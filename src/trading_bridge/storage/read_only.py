"""A database looked at beside its server, or without one: nothing is made, locked, leased, migrated or written."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncConnection

from trading_bridge.clock import Clock, Entropy
from trading_bridge.storage.database import backend_of
from trading_bridge.storage.lock import holder
from trading_bridge.storage.migrate import revision_of, revisions
from trading_bridge.storage.postgresql import Postgresql
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.secrets import Secrets
from trading_bridge.storage.sqlite import Sqlite, read_only_engine
from trading_bridge.storage.unit_of_work import UnitOfWork


class ReadOnlyDatabase:
    def __init__(self, url: str, *, secret_keys: Sequence[str], clock: Clock, entropy: Entropy) -> None:
        """`url` as for Database; without any key all but what is stored encrypted can be read. Raises SettingsError."""
        backend = backend_of(url, clock)
        self.label = backend.label
        #: of SQLite; None: PostgreSQL
        self.path: Path | None = backend.path if isinstance(backend, Sqlite) else None
        self._source = backend if isinstance(backend, Postgresql) else _File(backend.path)
        # a key that nothing was encrypted with opens nothing
        self._secrets = Secrets(secret_keys or (Fernet.generate_key().decode(),))
        self._clock = clock
        self._entropy = entropy

    def missing(self) -> bool:
        """There is no file yet; of a server it is not known before it is asked."""
        return self.path is not None and not (self.path.is_file() and self.path.stat().st_size > 0)

    def server(self) -> int | None:
        """Process id of the server that has the file to itself; None: there is none, or it is not told."""
        return None if self.path is None else holder(self.path.resolve())

    async def revisions(self) -> tuple[str | None, str]:
        """What it is at and what this version needs; None: it is empty, or not ours. Raises one of FAILURES."""
        async with self._source.reading() as connection:
            return await connection.run_sync(revision_of), revisions()[-1]

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """One moment of it. Raises one of FAILURES."""
        async with self._source.reading() as connection:
            yield UnitOfWork(
                Context(connection=connection, secrets=self._secrets, clock=self._clock, entropy=self._entropy)
            )

    async def close(self) -> None:
        await self._source.close()


class _File:
    def __init__(self, path: Path) -> None:
        self._engine = read_only_engine(path)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._engine.begin()

    async def close(self) -> None:
        await self._engine.dispose()
