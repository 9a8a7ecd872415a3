"""PostgreSQL, through asyncpg."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from trading_bridge.errors import SettingsError

T = TypeVar("T")

POOL_SIZE = 10
POOL_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 30
#: a transaction that its client has left standing is ended: a paused holder keeps no successor from its lease
IDLE_TRANSACTION_MS = 5_000
#: how long a lease holds after its last renewal, by the database's clock
LEASE_TTL_S = 10.0
LEASE_TIMEOUT_S = 4
#: libpq's words that asyncpg does not have, with what it has instead; None: it needs no word
_WORDS = {"sslmode": "ssl", "channel_binding": None, "connect_timeout": None, "application_name": None}
_KNOWN = {"ssl", "passfile", "target_session_attrs"}


_SESSION = {
    "application_name": "trading-bridge",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": str(IDLE_TRANSACTION_MS),
}


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _Driver(Protocol):
    def cursor(self) -> _Cursor: ...
    def commit(self) -> None: ...


class Postgresql:
    lease_ttl_s: float | None = LEASE_TTL_S

    def __init__(self, url: URL) -> None:
        url = url.set(drivername="postgresql+asyncpg", query=_asyncpg_words(url))
        self.label = url.render_as_string(hide_password=True)
        self._engine = create_async_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT_S,
                "command_timeout": STATEMENT_TIMEOUT_S,
                "server_settings": _SESSION,
            },
        )
        self._leases = create_async_engine(
            url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={
                "timeout": LEASE_TIMEOUT_S,
                "command_timeout": LEASE_TIMEOUT_S,
                "server_settings": _SESSION,
            },
        )
        for engine in (self._engine, self._leases):
            event.listen(engine.sync_engine, "connect", _durable)

    async def open(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            yield connection

    async def transact(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def leasing(self, work: Callable[[Connection], T]) -> T:
        async with self._leases.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()
        await self._leases.dispose()


def _durable(driver: _Driver, entry: ConnectionPoolEntry) -> None:
    """A server that answers before the disk has a commit (`synchronous_commit = off`) does not do so for us."""
    cursor = driver.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
    driver.commit()


def _asyncpg_words(url: URL) -> dict[str, str | tuple[str, ...]]:
    words: dict[str, str | tuple[str, ...]] = {}
    for name, value in url.query.items():
        ours = _WORDS.get(name, name)
        if ours is None:
            continue
        if ours not in _KNOWN:
            raise SettingsError(
                "settings.database_url", f"the parameter {name!r} of the address is not known", field="DATABASE_URL"
            )
        words[ours] = value
    return words
