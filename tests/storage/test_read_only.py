"""A look at a database leaves it, its server and its folder as they were."""

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.storage.conftest import CREDENTIALS, KEY, World, make
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.read_only import ReadOnlyDatabase
from trading_bridge.storage.secrets import Undecryptable


def looked_at(url: str, *, keys: tuple[str, ...] = (KEY,)) -> ReadOnlyDatabase:
    return ReadOnlyDatabase(url, secret_keys=keys, clock=ManualClock(), entropy=CountingEntropy())


async def test_beside_its_server_everything_can_be_read(database: Database, world: World, url: str) -> None:
    look = looked_at(url)
    assert not look.missing()
    have, need = await look.revisions()
    assert have == need
    async with look.unit_of_work() as uow:
        assert await uow.bots.all() == (world.bot,)
        assert await uow.connectors.credentials(world.connector.id) == CREDENTIALS
    await look.close()


async def test_without_a_key_only_what_is_encrypted_stays_closed(database: Database, world: World, url: str) -> None:
    look = looked_at(url, keys=())
    async with look.unit_of_work() as uow:
        assert [one.name for one in await uow.connectors.list()] == ["coinstore"]
        with pytest.raises(Undecryptable):
            await uow.connectors.credentials(world.connector.id)
    await look.close()


async def test_nothing_can_be_written(database: Database, world: World, url: str) -> None:
    look = looked_at(url)
    with pytest.raises(DBAPIError):
        async with look.unit_of_work() as uow:
            await uow.clients.add(name="Other", account="other")
    await look.close()


async def test_a_newer_and_an_older_database_can_be_told(database: Database, url: str) -> None:
    await database.transact(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    look = looked_at(url)
    have, need = await look.revisions()
    assert (have, need != "9999") == ("9999", True)
    await look.close()


async def test_an_empty_database_is_at_no_revision(bare_postgresql_url: str) -> None:
    look = looked_at(bare_postgresql_url)
    assert (await look.revisions())[0] is None
    await look.close()


async def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    look = looked_at(f"sqlite:///{tmp_path}/none.db")
    assert look.missing()
    assert look.server() is None
    with pytest.raises(FAILURES):
        await look.revisions()
    await look.close()
    assert os.listdir(tmp_path) == []
    _driver_threads_end()


def _driver_threads_end() -> None:
    """After a file that could not be opened a thread of the driver still answers the loop, which must be open then."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            thread.join(timeout=5)


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    look = looked_at("postgres://user:hunter2@127.0.0.1:1/name")
    with pytest.raises(FAILURES):
        await look.revisions()
    await look.close()


async def test_the_server_of_a_file_is_known_while_it_runs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/with space.db"
    server = make(url)
    await server.open()
    look = looked_at(url)
    if look.server() is None:
        pytest.skip("this system does not tell who holds a lock")
    assert look.server() == os.getpid()
    await server.close()
    assert look.server() is None
    before = (tmp_path / "with space.db").stat().st_mtime_ns
    await look.revisions()
    await look.close()
    assert (tmp_path / "with space.db").stat().st_mtime_ns == before
    again = make(url)  # nothing of the look is in a server's way
    await again.open()
    await again.close()
