"""A database written beside its server, or without one: nothing is made, locked, leased or migrated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from trading_bridge.clock import Clock, Entropy
from trading_bridge.errors import SettingsError
from trading_bridge.storage.database import backend_of
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.lock import holder
from trading_bridge.storage.migrate import revision_of, revisions
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.secrets import Secrets
from trading_bridge.storage.sqlite import Sqlite
from trading_bridge.storage.tables import leases
from trading_bridge.storage.unit_of_work import UnitOfWork


class DatabaseBeside:
    def __init__(self, url: str, *, clock: Clock, entropy: Entropy) -> None:
        """`url` as for Database; what is stored encrypted cannot be read. Raises SettingsError."""
        self._backend = backend_of(url, clock)
        # a key that nothing was encrypted with opens nothing
        self._secrets = Secrets((Fernet.generate_key().decode(),))
        self._clock = clock
        self._entropy = entropy

    async def check(self) -> None:
        """Raises SettingsError where there is no database of this version."""
        label, path = self._backend.label, self._backend.path if isinstance(self._backend, Sqlite) else None
        if path is not None and not (path.is_file() and path.stat().st_size > 0):
            raise SettingsError("storage.missing", f"there is no database {label}", field="DATABASE_URL")
        try:
            async with self._backend.reading() as connection:
                revision = await connection.run_sync(revision_of)
        except FAILURES as error:
            cause = getattr(error, "orig", None) or error
            raise SettingsError(
                "storage.unreachable", f"{label} cannot be read: {cause}", field="DATABASE_URL"
            ) from error
        if revision != revisions()[-1]:
            raise SettingsError(
                "storage.version",
                f"{label} is of another version ({revision or 'none'}); run the command of the version that serves it",
                field="DATABASE_URL",
            )

    async def server(self) -> str | None:
        """Who works with it now, for people; None: nobody of whom this machine or the database knows."""
        if isinstance(self._backend, Sqlite):
            process = holder(self._backend.path.resolve())
            return None if process is None else f"process {process}"
        async with self._backend.reading() as connection:
            now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            found = await connection.execute(select(leases.c.holder).where(leases.c.expires_at > now).limit(1))
            return found.scalar_one_or_none()

    @asynccontextmanager
    async def unit_of_work(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """One transaction, as of Database. Raises one of FAILURES."""
        async with self._backend.reading() if read_only else self._backend.writing() as connection:
            yield UnitOfWork(
                Context(connection=connection, secrets=self._secrets, clock=self._clock, entropy=self._entropy)
            )

    async def close(self) -> None:
        await self._backend.close()
