"""What SQLite must be told, and who may have the file."""

import asyncio
import os
import signal
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.storage.conftest import make
from trading_bridge.errors import SettingsError
from trading_bridge.storage.database import Database

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def pragmas(connection: Connection) -> dict[str, object]:
    return {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in PRAGMAS}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/storage.db"


async def test_every_connection_commits_to_the_disk_and_keeps_foreign_keys(database: Database) -> None:
    assert await database.transact(pragmas) == PRAGMAS
    for read_only in (False, True):
        async with database.unit_of_work(read_only=read_only) as uow:
            await uow.clients.list()
            connection = uow.clients._connection
            assert await connection.run_sync(pragmas) == PRAGMAS


async def test_a_reading_unit_of_work_writes_nothing(database: Database) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        async with database.unit_of_work(read_only=True) as uow:
            await uow.users.add(email="a@example.org", password_hash="x")


async def test_readers_see_one_moment_while_a_writer_goes_on(database: Database) -> None:
    async with database.unit_of_work(read_only=True) as reading:
        assert (await reading.clients.list()).items == ()
        async with database.unit_of_work() as writing:
            await writing.clients.add(name="Sharp", account="client_sharp")
        assert (await reading.clients.list()).items == ()
    async with database.unit_of_work(read_only=True) as reading:
        assert len((await reading.clients.list()).items) == 1


async def test_writers_take_turns(database: Database) -> None:
    async def add(number: int) -> None:
        async with database.unit_of_work() as uow:
            page = await uow.clients.list()
            await asyncio.sleep(0)
            await uow.clients.add(name=str(len(page.items)), account=f"client_{number}")

    await asyncio.gather(*(add(number) for number in range(10)))
    async with database.unit_of_work(read_only=True) as uow:
        assert sorted(int(client.name) for client in (await uow.clients.list()).items) == list(range(10))


async def test_fault_S7_a_second_server_is_refused_and_told_who_has_the_file(database: Database, url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        await make(url).open()
    assert raised.value.code == "storage.in_use"
    assert f"process {os.getpid()}" in raised.value.message


async def test_the_lock_holds_under_another_name_of_the_file(database: Database, url: str, tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "storage.db")
    with pytest.raises(SettingsError) as raised:
        await make(f"sqlite:///{tmp_path}/other.db").open()
    assert raised.value.code == "storage.in_use"


async def test_the_file_is_free_after_a_stop(url: str) -> None:
    for _ in range(2):
        database = make(url)
        await database.open()
        await database.close()


async def test_fault_S7_the_file_is_free_after_its_holder_died(url: str) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"open\n"
    with pytest.raises(SettingsError, match=f"process {holder.pid}"):
        await make(url).open()
    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    database = make(url)
    await database.open()
    await database.close()


HOLDER = """
import asyncio, sys
from tests.storage.conftest import make
async def hold():
    await make(sys.argv[1]).open()
    print("open", flush=True)
    await asyncio.Event().wait()
asyncio.run(hold())
"""


async def test_fault_S7_a_backup_that_holds_the_file_is_waited_for(database: Database, tmp_path: Path) -> None:
    backup = sqlite3.connect(tmp_path / "storage.db", check_same_thread=False)
    backup.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.2, backup.rollback)
    async with database.unit_of_work() as uow:
        await uow.clients.add(name="Sharp", account="client_sharp")
    backup.close()


async def test_the_files_are_for_their_owner_only(database: Database, tmp_path: Path) -> None:
    async with database.unit_of_work() as uow:
        await uow.clients.add(name="Sharp", account="client_sharp")
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(tmp_path)}
    assert set(modes.values()) == {0o600}, modes


async def test_the_folder_is_made(tmp_path: Path) -> None:
    database = make(f"sqlite:///{tmp_path}/a/b/storage.db")
    await database.open()
    await database.close()
    assert (tmp_path / "a" / "b" / "storage.db").exists()


async def test_another_programs_file_keeps_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    theirs = sqlite3.connect(path)
    theirs.execute("CREATE TABLE customers (id INTEGER)")
    theirs.commit()
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(SettingsError):
        await make(f"sqlite:///{path}").open()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO bots (id, client_id, name, connector, symbol, bot_type, config, status, market_verified,"
        " created_at, updated_at) VALUES ('b', 'nobody', 'n', 'c', 's', 't', '{}', 'stopped', 0, '', '')",
        "INSERT INTO bot_day_totals VALUES ('nobody', '2026-01-01', 'USDT', '1', '1', '0', '0', 1, 1, 0)",
    ],
)
async def test_a_row_of_nobody_is_refused(database: Database, statement: str) -> None:
    insert: Callable[[Connection], object] = lambda connection: connection.execute(text(statement))  # noqa: E731
    with pytest.raises(DBAPIError, match="FOREIGN KEY"):
        await database.transact(insert)
