"""SQLite: one file, one server, one writer at a time; commits are on the disk before they are answered."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from trading_bridge.clock import Clock
from trading_bridge.errors import SettingsError
from trading_bridge.storage.inline_driver import connect_inline
from trading_bridge.storage.kept_connection import KeptConnection
from trading_bridge.storage.lock import FileLock

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
READERS = 4
#: how long a reader or writer waits for its turn
POOL_TIMEOUT_S = 30


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _Driver(Protocol):
    """sqlite3's connection, and aiosqlite's behind SQLAlchemy."""

    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


class Sqlite:
    #: the file's lock proves that whoever held one has died
    lease_ttl_s: float | None = None

    def __init__(self, url: URL, clock: Clock, *, inline: bool = False) -> None:
        """`inline`: without threads, each statement whole within a step of the event loop."""
        if not url.database or url.database == ":memory:":
            raise SettingsError(
                "settings.database_url",
                "SQLite needs a file, such as sqlite:///data/trading-bridge.db",
                field="DATABASE_URL",
            )
        self.path = Path(url.database).absolute()
        self.label = f"sqlite:///{self.path}"
        self._clock = clock
        self._lock: FileLock | None = None
        #: journal and units of work take turns here, not in SQLite's busy loop
        self._turn = asyncio.Lock()
        address = f"///{self.path}"
        self._reader = _asynchronous(f"sqlite+aiosqlite:{address}", READERS, "BEGIN", read_only=True, inline=inline)
        self._writer = _asynchronous(
            f"sqlite+aiosqlite:{address}", 1, "BEGIN IMMEDIATE", read_only=False, inline=inline
        )
        journal = create_engine(
            f"sqlite+pysqlite:{address}", pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}
        )
        _configure(journal, "BEGIN IMMEDIATE", read_only=False)
        self._journal = KeptConnection(journal, POOL_TIMEOUT_S)

    async def open(self) -> None:
        self._claim()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._reader.begin() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn, self._writer.begin() as connection:
            yield connection

    async def transact(self, work: Callable[[Connection], T]) -> T:
        def whole() -> T:
            with self._journal.begin() as connection:
                return work(connection)

        async with self._turn:
            return await self._clock.offload(whole)

    async def leasing(self, work: Callable[[Connection], T]) -> T:
        return await self.transact(work)

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()
        self._journal.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _claim(self) -> None:
        """Makes the file, for its owner's eyes only; SQLite gives its companions the same rights."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.path.resolve())
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def read_only_engine(path: Path) -> AsyncEngine:
    """SQLite itself opens the file for reading, so it is neither made nor written."""
    address = f"sqlite+aiosqlite:///file:{quote(str(path))}?mode=ro&uri=true"
    return _asynchronous(address, READERS, "BEGIN", read_only=True)


def _asynchronous(address: str, pool_size: int, begin: str, *, read_only: bool, inline: bool = False) -> AsyncEngine:
    """By aiosqlite, a thread for each connection, unless `inline`."""
    engine = create_async_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"async_creator_fn": connect_inline} if inline else {},
    )
    _configure(engine.sync_engine, begin, read_only=read_only)
    return engine


def _configure(engine: Engine, begin: str, *, read_only: bool) -> None:
    pragmas = [
        f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        # kept in the file: a reader finds it set, and changes nothing in a file that is not ours
        "PRAGMA query_only = ON" if read_only else "PRAGMA journal_mode = WAL",
    ]

    @event.listens_for(engine, "connect")
    def connected(driver: _Driver, entry: ConnectionPoolEntry) -> None:
        driver.isolation_level = None  # the driver's own BEGIN comes late and not before a SELECT
        cursor = driver.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
