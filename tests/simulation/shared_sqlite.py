"""One SQLite file for several simulated servers: past the file's lock, with leases by the database's time, and with
whatever may happen to a transaction."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tests.simulation.clock import SimClock
from tests.simulation.loop import Life
from trading_bridge.storage.inline_driver import InlineConnection
from trading_bridge.storage.postgresql import LEASE_TTL_S
from trading_bridge.storage.sqlite import Sqlite

T = TypeVar("T")


class Disk(Protocol):
    """What the storage does with a transaction; each may wait, or raise what the driver would raise."""

    async def before(self, life: Life, kind: str) -> None:
        """`kind`: `read`, `write` (a unit of work), `journal` or `lease`."""
        ...

    def committing(self, life: Life, kind: str) -> None:
        """All is written; what it raises takes it back."""
        ...

    async def after(self, life: Life, kind: str) -> None:
        """It is committed, and its owner has not heard of it."""
        ...

    def committed(self, life: Life, kind: str) -> None:
        """At once after each commit, before anything else can happen."""
        ...


#: as PostgreSQL is told to (`idle_in_transaction_session_timeout`)
IDLE_TRANSACTION_S = 5.0
_LOOK_EVERY_S = 0.01


class Writers:
    """Whose turn it is to write to the file, over all servers."""

    def __init__(self) -> None:
        self.holder: SharedSqlite | None = None


class _Turn:
    """One server's part of it: its own work in order, and after what another server has begun. One that stands still
    within a transaction loses it."""

    def __init__(self, writers: Writers, server: "SharedSqlite", clock: SimClock) -> None:
        self._writers = writers
        self._server = server
        self._clock = clock
        self._own = asyncio.Lock()

    async def __aenter__(self) -> None:
        await self._own.acquire()
        try:
            waited_s = 0.0
            while (other := self._writers.holder) is not None and other.life.alive:
                await self._clock.sleep(_LOOK_EVERY_S)
                waited_s += _LOOK_EVERY_S
                if waited_s >= IDLE_TRANSACTION_S and other is self._writers.holder:
                    other.break_off()
                    break
        except BaseException:
            self._own.release()
            raise
        self._writers.holder = self._server

    async def __aexit__(self, *error: object) -> None:
        if self._writers.holder is self._server:
            self._writers.holder = None
        self._own.release()


class _BrokenOff:
    """In the place of a connection that the database has closed; SQLAlchemy's dialect takes one that says so itself for
    committed."""

    in_transaction = False
    isolation_level = None

    def cursor(self) -> sqlite3.Cursor:
        raise self._error()

    def commit(self) -> None:
        raise self._error()

    def rollback(self) -> None:
        raise self._error()

    def close(self) -> None: ...

    def _error(self) -> sqlite3.OperationalError:
        error = sqlite3.OperationalError("connection closed: its transaction was idle for too long")
        error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
        return error


class SharedSqlite(Sqlite):
    lease_ttl_s: float | None = LEASE_TTL_S

    def __init__(
        self, path: Path, life: Life, disk: Disk, writers: Writers, clock: SimClock, database_clock: SimClock
    ) -> None:
        super().__init__(make_url(f"sqlite:///{path}"), clock, inline=True)
        self.life = life
        self._disk = disk
        self._turn = _Turn(writers, self, clock)  # type: ignore[assignment]
        #: oldest first
        self._opened: list[sqlite3.Connection | InlineConnection] = []

        def connected(driver: Any, entry: ConnectionPoolEntry) -> None:
            connection = driver if isinstance(driver, sqlite3.Connection) else driver._connection
            raw = connection if isinstance(connection, sqlite3.Connection) else connection._conn
            raw.create_function("clock_timestamp", 0, lambda: database_clock.now().isoformat(" ", "microseconds"))
            self._opened.append(connection)

        for engine in (self._reader.sync_engine, self._writer.sync_engine, self._journal.engine):
            event.listen(engine, "connect", connected)

    async def open(self) -> None:
        """Without the lock."""

    def cut(self) -> None:
        """As the operating system does with a process that has died: what was not committed is gone."""
        for connection in self._opened:
            if isinstance(connection, InlineConnection):
                connection.stop()
            else:
                connection.close()
        self._opened.clear()

    def break_off(self) -> None:
        """As a database does that has waited long enough for the next statement: the transaction is rolled back, and
        whoever goes on with it is told."""
        for connection in self._opened:
            if isinstance(connection, InlineConnection) and connection.in_transaction:
                connection._conn.close()
                connection._conn = _BrokenOff()  # type: ignore[assignment]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        await self._disk.before(self.life, "read")
        async with super().reading() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        await self._disk.before(self.life, "write")
        async with super().writing() as connection:
            yield connection
            self._disk.committing(self.life, "write")
        self._disk.committed(self.life, "write")
        await self._disk.after(self.life, "write")

    async def transact(self, work: Callable[[Connection], T]) -> T:
        return await self._whole("journal", work)

    async def leasing(self, work: Callable[[Connection], T]) -> T:
        return await self._whole("lease", work)

    async def _whole(self, kind: str, work: Callable[[Connection], T]) -> T:
        def whole() -> T:
            with self._journal.begin() as connection:
                done = work(connection)
                self._disk.committing(self.life, kind)
            self._disk.committed(self.life, kind)
            return done

        await self._disk.before(self.life, kind)
        async with self._turn:
            done = await self._clock.offload(whole)
        await self._disk.after(self.life, kind)
        return done
