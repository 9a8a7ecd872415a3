"""One database, SQLite or PostgreSQL: opened and migrated, one unit of work at a time, its leases."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.order import INSTALLATION_ID_LENGTH
from trading_bridge.errors import SettingsError
from trading_bridge.storage.migrate import check_origin, migrate
from trading_bridge.storage.postgresql import Postgresql
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.secrets import Secrets
from trading_bridge.storage.sqlite import Sqlite
from trading_bridge.storage.tables import installation, leases
from trading_bridge.storage.unit_of_work import UnitOfWork

T = TypeVar("T")

_SQLITE = {"sqlite", "sqlite+aiosqlite"}
_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg"}


class Database:
    def __init__(self, url: str, *, secret_keys: Sequence[str], clock: Clock, entropy: Entropy) -> None:
        """`url` as in `sqlite:///data/x.db`, `postgres://` or `postgresql://`; the first of the keys encrypts."""
        self.clock = clock
        self._backend = backend_of(url, clock)
        self._secrets = Secrets(secret_keys)
        self._entropy = entropy
        self._installation_id: str | None = None

    @property
    def installation_id(self) -> str:
        """Five characters a-z0-9, made with the database and kept in it."""
        assert self._installation_id is not None, "the database is not open"
        return self._installation_id

    async def open(self) -> None:
        """Migrates; raises SettingsError where the database is out of reach, in use, newer, or not ours."""
        try:
            await self._backend.open()
            async with self._backend.reading() as connection:
                await connection.run_sync(check_origin)
            async with self._backend.writing() as connection:
                await connection.run_sync(migrate)
                self._installation_id = await self._installation(connection)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            await self._backend.close()
            raise SettingsError(
                "storage.unreachable", f"{self._backend.label} cannot be opened: {_cause(error)}", field="DATABASE_URL"
            ) from error
        except BaseException:
            await self._backend.close()
            raise

    async def close(self) -> None:
        await self._backend.close()

    @asynccontextmanager
    async def unit_of_work(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """One transaction: commits at the end of the block, rolls back when an error leaves it. One that only reads
        waits for no writer, and is refused a write by the database."""
        transaction = self._backend.reading() if read_only else self._backend.writing()
        async with transaction as connection:
            yield UnitOfWork(
                Context(connection=connection, secrets=self._secrets, clock=self.clock, entropy=self._entropy)
            )

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """For the journal: `work` in one transaction, which is durable on return."""
        return await self._backend.transact(work)

    async def take_lease(self, shard: int) -> int:
        """The shard's new epoch: higher than any that this database has seen, and at least the Unix time, so that a
        restored backup repeats none (faults S5). Intents of every earlier epoch are refused from here on."""
        try:
            return await self._take_lease(shard)
        except IntegrityError:  # two took a shard's first lease at once
            return await self._take_lease(shard)

    async def _take_lease(self, shard: int) -> int:
        now = self.clock.now()
        async with self._backend.writing() as connection:
            held = select(leases.c.epoch).where(leases.c.shard == shard).with_for_update()
            last = (await connection.execute(held)).scalar_one_or_none()
            epoch = max(int(now.timestamp()), 0 if last is None else last + 1)
            if last is None:
                await connection.execute(insert(leases).values(shard=shard, epoch=epoch, taken_at=now))
            else:
                await connection.execute(
                    update(leases).where(leases.c.shard == shard).values(epoch=epoch, taken_at=now)
                )
        return epoch

    async def _installation(self, connection: AsyncConnection) -> str:
        stored = (await connection.execute(select(installation.c.id))).scalar_one_or_none()
        if stored is not None:
            return stored
        made = self._entropy.token(INSTALLATION_ID_LENGTH)
        await connection.execute(insert(installation).values(id=made, created_at=self.clock.now()))
        return made


def backend_of(address: str, clock: Clock) -> Sqlite | Postgresql:
    """Nothing is opened yet; raises SettingsError."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "settings.database_url",
            "expected an address such as sqlite:///data/trading-bridge.db or postgresql://user:password@host/database",
            field="DATABASE_URL",
        ) from None
    if url.drivername in _SQLITE:
        return Sqlite(url, clock)
    if url.drivername in _POSTGRESQL:
        return Postgresql(url)
    raise SettingsError(
        "settings.database_url",
        f"{url.drivername!r} is not a database for this program: use sqlite or postgresql",
        field="DATABASE_URL",
    )


def _cause(error: Exception) -> str:
    """The driver's own words; SQLAlchemy's carry statements and links."""
    return str(getattr(error, "orig", None) or error)
