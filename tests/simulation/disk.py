"""What the storage does with transactions: whatever mishaps lie on it do theirs, one after the other."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import asyncpg
from sqlalchemy.exc import OperationalError

from tests.simulation.loop import Life
from tests.simulation.watch import Watchers

WRITES = frozenset({"write", "journal", "lease"})
#: of what people and the journal want; a lease has a connection of its own
UNITS = frozenset({"write", "journal"})
ALL = WRITES | {"read"}


class Clock(Protocol):
    async def sleep(self, seconds: float) -> None: ...


class Moment(StrEnum):
    #: before it has begun
    BEFORE = "before"
    #: all is written, nothing is committed
    COMMITTING = "committing"
    #: it is committed, and its owner has not heard of it
    AFTER = "after"


@dataclass(kw_only=True, eq=False)
class Mishap:
    """Hits transactions of its kinds at its moment, as often as is `left`; None: until it is taken away."""

    kinds: frozenset[str]
    moment: Moment
    #: what the driver raises; None: nothing
    error: Callable[[], Exception] | None = None
    #: how long it takes before it raises or goes on; a commit itself takes no time
    delay_s: Callable[[], float] | None = None
    #: whose; None: everybody's
    life: Life | None = None
    left: int | None = None
    #: told of each hit
    struck: Callable[[Life, str], None] = lambda life, kind: None

    def hits(self, life: Life, kind: str, moment: Moment) -> bool:
        """Counts it, where it does."""
        if moment is not self.moment or kind not in self.kinds or self.life not in (None, life) or self.left == 0:
            return False
        if self.left is not None:
            self.left -= 1
        self.struck(life, kind)
        return True


class ShakyDisk:
    def __init__(self, watchers: Watchers, clock: Clock) -> None:
        self._watchers = watchers
        self._clock = clock
        self._mishaps: list[Mishap] = []
        #: (life's name, whether of a lease) -> whose turn it is to be slow
        self._lanes: dict[tuple[str, bool], asyncio.Lock] = {}

    def add(self, mishap: Mishap) -> None:
        self._mishaps.append(mishap)

    def remove(self, mishap: Mishap) -> None:
        """Those whom it hit already wait for their end."""
        if mishap in self._mishaps:
            self._mishaps.remove(mishap)

    async def before(self, life: Life, kind: str) -> None:
        await self._meet(life, kind, Moment.BEFORE)

    def committing(self, life: Life, kind: str) -> None:
        for mishap in tuple(self._mishaps):
            if mishap.hits(life, kind, Moment.COMMITTING) and mishap.error is not None:
                raise mishap.error()

    async def after(self, life: Life, kind: str) -> None:
        await self._meet(life, kind, Moment.AFTER)

    def committed(self, life: Life, kind: str) -> None:
        self._watchers.committed(life, kind)

    async def _meet(self, life: Life, kind: str, moment: Moment) -> None:
        for mishap in tuple(self._mishaps):
            if not mishap.hits(life, kind, moment):
                continue
            if mishap.delay_s is not None:
                async with self._lane(life, kind):
                    await self._clock.sleep(mishap.delay_s())
            if mishap.error is not None:
                raise mishap.error()

    def _lane(self, life: Life, kind: str) -> asyncio.Lock:
        """Of one process one slow transaction after the other; what it reads waits for none of them."""
        if kind == "read":
            return asyncio.Lock()
        return self._lanes.setdefault((life.name, kind == "lease"), asyncio.Lock())


def full() -> Exception:
    return _refused(sqlite3.SQLITE_FULL, "database or disk is full")


def broken_disk() -> Exception:
    return _refused(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error")


def unreadable_disk() -> Exception:
    return _refused(sqlite3.SQLITE_IOERR_READ, "disk I/O error")


def locked() -> Exception:
    return _refused(sqlite3.SQLITE_BUSY, "database is locked")


def cannot_open() -> Exception:
    """As where file descriptors run out."""
    return _refused(sqlite3.SQLITE_CANTOPEN, "unable to open database file")


def dropped() -> Exception:
    """The connection went in the middle of it, as SQLAlchemy tells of asyncpg's."""
    gone = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    return OperationalError("COMMIT", None, gone, connection_invalidated=True)


def reset() -> Exception:
    return ConnectionResetError("the answer to COMMIT was lost")


def unreachable() -> Exception:
    return ConnectionRefusedError("nobody listens")


def _refused(code: int, words: str) -> OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return OperationalError("COMMIT", None, error)
