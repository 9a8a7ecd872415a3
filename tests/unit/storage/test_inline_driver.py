"""The inline driver does, behind the installed SQLAlchemy, what aiosqlite does; and nothing beside the event loop."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from trading_bridge.storage.inline_driver import connect_inline

DRIVERS = {"inline": {"async_creator_fn": connect_inline}, "aiosqlite": {}}


@pytest.fixture(params=list(DRIVERS))
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/file.db", connect_args=DRIVERS[request.param])
    async with made.begin() as connection:
        await connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"))
    yield made
    await made.dispose()


async def _words(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("SELECT words FROM notes ORDER BY id"))).scalars())


async def _write(engine: AsyncEngine, *words: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO notes (words) VALUES (:words)"), [{"words": one} for one in words])


async def test_what_is_written_is_read(engine: AsyncEngine) -> None:
    await _write(engine, "one")
    await _write(engine, "two", "three")
    assert await _words(engine) == ["one", "two", "three"]


async def test_counts_and_names_are_told(engine: AsyncEngine) -> None:
    await _write(engine, "one", "two")
    async with engine.begin() as connection:
        found = await connection.execute(text("SELECT id, words FROM notes"))
        assert list(found.keys()) == ["id", "words"]
        assert found.fetchmany(1) == [(1, "one")]
        assert found.fetchone() == (2, "two")
        assert found.fetchone() is None
        changed = await connection.execute(text("UPDATE notes SET words = 'same'"))
        assert changed.rowcount == 2
        added = await connection.execute(text("INSERT INTO notes (words) VALUES ('last')"))
        assert added.lastrowid == 3


async def test_an_error_rolls_back(engine: AsyncEngine) -> None:
    async def half() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO notes (words) VALUES ('never')"))
            await connection.execute(text("INSERT INTO notes (words) VALUES (NULL)"))

    with pytest.raises(IntegrityError):
        await half()
    assert await _words(engine) == []


async def test_a_rollback_takes_everything_back(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO notes (words) VALUES ('never')"))
        await connection.rollback()
    assert await _words(engine) == []


async def test_rows_come_one_by_one(engine: AsyncEngine) -> None:
    await _write(engine, "one", "two", "three")
    async with engine.connect() as connection:
        rows = [row.words async for row in await connection.stream(text("SELECT words FROM notes ORDER BY id"))]
    assert rows == ["one", "two", "three"]


async def test_the_drivers_own_begin_can_be_turned_off(engine: AsyncEngine) -> None:
    """SQLAlchemy sets the isolation level through aiosqlite's queue, by a private name."""
    levels: list[str | None] = []

    @event.listens_for(engine.sync_engine, "connect")
    def connected(driver: Any, _: object) -> None:
        levels.append(driver.isolation_level)
        driver.isolation_level = None
        levels.append(driver.isolation_level)

    await engine.dispose()
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO notes (words) VALUES ('at once')"))
        await connection.rollback()
    assert levels[:2] == ["", None]
    assert await _words(engine) == ["at once"]


async def test_functions_can_be_given(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(driver: Any, _: object) -> None:
        driver.create_function("twice", 1, lambda number: 2 * number)

    await engine.dispose()
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT twice(21)")) == 42


async def test_a_closed_connection_refuses_as_aiosqlite_does(tmp_path: Path) -> None:
    theirs = await aiosqlite.connect(tmp_path / "theirs.db")
    await theirs.close()
    with pytest.raises(ValueError, match=r".") as refused:
        await theirs.execute("SELECT 1")
    ours = await connect_inline(tmp_path / "ours.db")
    await ours.close()
    for asked in (ours.commit, ours.rollback):
        with pytest.raises(ValueError, match=str(refused.value)):
            await asked()
    with pytest.raises(ValueError, match=str(refused.value)):
        ours.cursor()


async def test_a_cursor_of_a_stopped_connection_refuses(tmp_path: Path) -> None:
    connection = await connect_inline(tmp_path / "file.db")
    cursor = connection.cursor()
    connection.stop()
    with pytest.raises(ValueError, match="no active connection"):
        await cursor.execute("SELECT 1")
    with pytest.raises(ValueError, match="no active connection"):
        await cursor.executemany("INSERT INTO notes (words) VALUES (?)", [("one",)])
    assert not connection.in_transaction


async def test_nothing_runs_beside_the_loop(tmp_path: Path) -> None:
    before = threading.active_count()
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{tmp_path}/file.db", connect_args={"async_creator_fn": connect_inline}
    )
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
        assert threading.active_count() == before
    await engine.dispose()
