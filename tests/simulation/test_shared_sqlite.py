"""Several servers on one file: they take turns, one that stands still loses its transaction, one that dies all that it
has not committed."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.simulation.clock import SimClock
from tests.simulation.disk import ShakyDisk
from tests.simulation.loop import Life, SimLoop, run_simulated
from tests.simulation.shared_sqlite import IDLE_TRANSACTION_S, SharedSqlite, Writers
from tests.simulation.watch import Watchers
from tests.simulation.world import _template


class Fleet:
    """Two servers' storage on one file, and time."""

    def __init__(self, loop: SimLoop, path: Path) -> None:
        self.loop = loop
        self.clock = SimClock(loop)
        disk, writers = ShakyDisk(Watchers(), self.clock), Writers()
        self.lives = (Life("one"), Life("other"))
        self.one, self.other = (SharedSqlite(path, life, disk, writers, self.clock, self.clock) for life in self.lives)
        #: (second, what)
        self.told: list[tuple[float, str]] = []

    def tell(self, what: str) -> None:
        self.told.append((round(self.loop.time(), 6), what))

    async def write(self, server: SharedSqlite, words: str, *, for_s: float = 0.0) -> None:
        async with server.writing() as connection:
            self.tell(f"{words} begins")
            await connection.execute(_INSERT, {"words": words})
            await asyncio.sleep(for_s)
            await connection.execute(_INSERT, {"words": f"{words}, later"})
        self.tell(f"{words} is committed")

    async def words(self) -> list[str]:
        async with self.other.reading() as connection:
            return list((await connection.execute(text("SELECT by FROM notes ORDER BY id"))).scalars())


_INSERT = text("INSERT INTO notes (by) VALUES (:words)")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    path = tmp_path / "platform.db"
    shutil.copyfile(_template(), path)
    loop = SimLoop(Random(1))
    made = Fleet(loop, path)

    async def prepare() -> None:
        async with made.one.writing() as connection:
            await connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, by TEXT NOT NULL)"))

    run_simulated(loop, prepare())
    yield made
    for server in (made.one, made.other):
        server.cut()
    loop.close()


def run(fleet: Fleet, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run_simulated(fleet.loop, main())


def test_two_servers_take_turns(fleet: Fleet) -> None:
    async def main() -> None:
        one, other = fleet.lives
        first = fleet.loop.spawn(one, fleet.write(fleet.one, "one", for_s=1.0))
        await asyncio.sleep(0.1)
        second = fleet.loop.spawn(other, fleet.write(fleet.other, "other"))
        await asyncio.gather(first, second)
        assert await fleet.words() == ["one", "one, later", "other", "other, later"]

    run(fleet, main)
    assert [what for _, what in fleet.told] == [
        "one begins",
        "one is committed",
        "other begins",
        "other is committed",
    ]
    assert fleet.told[2][0] == pytest.approx(1.0, abs=0.02)


def test_a_server_that_stands_still_loses_its_transaction(fleet: Fleet) -> None:
    """It is told, whatever it does next, and its next transaction is a new one."""

    async def main() -> None:
        one, other = fleet.lives
        first = fleet.loop.spawn(one, fleet.write(fleet.one, "one", for_s=1.0))
        await asyncio.sleep(0.5)
        one.pause()
        await fleet.loop.spawn(other, fleet.write(fleet.other, "other"))
        fleet.loop.resume(one)
        with pytest.raises(OperationalError, match="idle for too long"):
            await first
        await fleet.loop.spawn(one, fleet.write(fleet.one, "again"))
        assert await fleet.words() == ["other", "other, later", "again", "again, later"]

    run(fleet, main)
    begun = dict((what, at_s) for at_s, what in fleet.told)["other begins"]
    assert begun == pytest.approx(0.5 + IDLE_TRANSACTION_S, abs=0.05)


def test_a_commit_of_a_lost_transaction_fails(fleet: Fleet) -> None:
    """Also if nothing is left to be written."""

    async def alone() -> None:
        async with fleet.one.writing() as connection:
            await connection.execute(_INSERT, {"words": "lost"})
            await asyncio.sleep(1.0)

    async def main() -> None:
        one, other = fleet.lives
        first = fleet.loop.spawn(one, alone())
        await asyncio.sleep(0.5)
        one.pause()
        await fleet.loop.spawn(other, fleet.write(fleet.other, "other"))
        fleet.loop.resume(one)
        with pytest.raises(OperationalError, match="idle for too long"):
            await first
        assert await fleet.words() == ["other", "other, later"]

    run(fleet, main)


def test_a_killed_server_loses_what_it_has_not_committed(fleet: Fleet) -> None:
    async def main() -> None:
        one, other = fleet.lives
        fleet.loop.spawn(one, fleet.write(fleet.one, "kept"))
        await asyncio.sleep(0.1)
        fleet.loop.spawn(one, fleet.write(fleet.one, "lost", for_s=1.0))
        await asyncio.sleep(0.5)
        fleet.one.cut()
        fleet.loop.end(one)
        await fleet.loop.spawn(other, fleet.write(fleet.other, "other"))
        assert await fleet.words() == ["kept", "kept, later", "other", "other, later"]

    run(fleet, main)
    # nobody waits for a dead server
    assert dict((what, at_s) for at_s, what in fleet.told)["other begins"] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("steps", range(1, 4))
def test_a_transaction_of_the_journal_is_whole(fleet: Fleet, steps: int) -> None:
    """Its owner can be killed before it and after it, not within it."""

    def both(connection: Connection) -> None:
        for words in ("first", "second"):
            connection.execute(_INSERT, {"words": words})

    async def main() -> None:
        one, _ = fleet.lives

        def kill() -> None:
            fleet.one.cut()
            fleet.loop.end(one)

        one.in_steps(steps, kill)
        fleet.loop.spawn(one, fleet.one.transact(both))
        await asyncio.sleep(1.0)
        assert await fleet.words() == ([] if steps == 1 else ["first", "second"])

    run(fleet, main)


def test_leases_are_counted_by_the_databases_time(fleet: Fleet) -> None:
    async def main() -> None:
        await asyncio.sleep(61.5)
        asked = await fleet.one.leasing(lambda connection: connection.scalar(text("SELECT clock_timestamp()")))
        assert asked == "2026-01-05 09:01:01.500000+00:00"

    run(fleet, main)
