"""One database, SQLite or PostgreSQL: opened and migrated, one unit of work at a time, its leases."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import Connection, insert, make_url, select
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.order import INSTALLATION_ID_LENGTH
from trading_bridge.errors import Conflict, NotReady, SettingsError
from trading_bridge.logs import get_logger
from trading_bridge.storage.backend import Backend
from trading_bridge.storage.faults import FAILURES, is_unreachable
from trading_bridge.storage.lease import Lease, Occupied, Taken, take
from trading_bridge.storage.migrate import check_origin, migrate
from trading_bridge.storage.postgresql import Postgresql
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.secrets import Secrets
from trading_bridge.storage.sqlite import Sqlite
from trading_bridge.storage.tables import installation
from trading_bridge.storage.unit_of_work import UnitOfWork

T = TypeVar("T")

_SQLITE = {"sqlite", "sqlite+aiosqlite"}
_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg"}

_log = get_logger("database")


class Database:
    def __init__(self, url: str | Backend, *, secret_keys: Sequence[str], clock: Clock, entropy: Entropy) -> None:
        """`url` as in `sqlite:///data/x.db`, `postgres://` or `postgresql://`, or what it would name; the first of the
        keys encrypts."""
        self.clock = clock
        self._backend: Backend = backend_of(url, clock) if isinstance(url, str) else url
        self._secrets = Secrets(secret_keys)
        self._entropy = entropy
        self._installation_id: str | None = None

    @property
    def exclusive(self) -> bool:
        """No other process can write to it as long as this one has it open: what was written still stands there."""
        return self._backend.lease_ttl_s is None

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
        except FAILURES as error:
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
        waits for no writer, and is refused a write by the database. Raises NotReady where the database cannot be
        reached: whether a commit under way then came through is not known."""
        transaction = self._backend.reading() if read_only else self._backend.writing()
        try:
            async with transaction as connection:
                yield UnitOfWork(
                    Context(connection=connection, secrets=self._secrets, clock=self.clock, entropy=self._entropy)
                )
        except FAILURES as error:
            if not is_unreachable(error):
                raise
            _log.warning("database does not answer", error=_cause(error))
            raise NotReady("storage.unreachable", "The database does not answer.") from error

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """For the journal: `work` in one transaction, which is durable on return."""
        return await self._backend.transact(work)

    async def acquire(self, shard: int, *, holder: str, build: str) -> Lease | Occupied:
        """The shard's lease under a new epoch, or who has it; intents of every earlier epoch are refused from here on.
        The caller runs it. Raises NotReady."""
        began = self.clock.monotonic()
        taken = await self._take(shard, holder, build)
        if isinstance(taken, Occupied):
            return taken
        return Lease(self._backend, self.clock, taken, shard=shard, holder=holder, began=began)

    async def take_lease(self, shard: int) -> int:
        """The shard's new epoch, for work that nobody has to wait for: whoever comes next takes it at once. Raises
        Conflict where a server has it."""
        taken = await self._take(shard, None, None)
        if isinstance(taken, Occupied):
            raise Conflict(
                "lease.held", f"shard {shard} is held by {taken.holder} until {taken.expires_at.isoformat()}"
            )
        return taken.epoch

    async def _take(self, shard: int, holder: str | None, build: str | None) -> Taken | Occupied:
        def work(connection: Connection) -> Taken | Occupied:
            ttl_s, now = self._backend.lease_ttl_s, self.clock.now()
            return take(connection, shard, holder=holder, build=build, now=now, ttl_s=ttl_s)

        try:
            try:
                return await self._backend.leasing(work)
            except IntegrityError:  # two took a shard's first lease at once
                return await self._backend.leasing(work)
        except FAILURES as error:
            raise NotReady("storage.unreachable", f"the lease cannot be asked for: {_cause(error)}") from error

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
