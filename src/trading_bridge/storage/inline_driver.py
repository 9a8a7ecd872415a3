"""sqlite3 in the words of aiosqlite, without its threads: a statement is whole when its coroutine is first asked.

For a platform that must do the same at every run. SQLAlchemy's dialect reaches into aiosqlite by private names (2.0 and
2.1: `_conn`, `_tx`); a test holds them to the installed version.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self


async def connect_inline(*given: Any, **more: Any) -> "InlineConnection":
    """For SQLAlchemy's `connect_args={"async_creator_fn": connect_inline}`; takes what sqlite3's `connect` takes."""
    return InlineConnection(sqlite3.connect(*given, **more))


class _Cursor:
    def __init__(self, connection: "InlineConnection") -> None:
        self._connection = connection
        self._cursor = connection._conn.cursor()
        self.arraysize = self._cursor.arraysize

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, values: Sequence[Any] | None = None) -> Self:
        self._connection.check()
        self._cursor.execute(statement, () if values is None else values)
        return self

    async def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> Self:
        self._connection.check()
        self._cursor.executemany(statement, rows)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(self.arraysize if size is None else size)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _AtOnce:
    """Where aiosqlite has the queue of its thread."""

    def put_nowait(self, item: tuple["asyncio.Future[Any]", Callable[[], Any]]) -> None:
        done, work = item
        done.set_result(work())


class InlineConnection:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._conn = connection
        self._connection: sqlite3.Connection | None = connection
        self._tx = _AtOnce()

    @property
    def in_transaction(self) -> bool:
        return self._connection is not None and self._conn.in_transaction

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def check(self) -> None:
        """Raises what aiosqlite raises once it is closed."""
        if self._connection is None:
            raise ValueError("no active connection")

    def cursor(self) -> _Cursor:
        self.check()
        return _Cursor(self)

    async def create_function(self, *given: Any, **more: Any) -> None:
        self._conn.create_function(*given, **more)

    async def commit(self) -> None:
        self.check()
        self._conn.commit()

    async def rollback(self) -> None:
        self.check()
        self._conn.rollback()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._connection = None
        self._conn.close()
