"""A database written while a server has it to itself."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.conftest import SHARD
from tests.storage.test_restraints import KILL
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.errors import SettingsError
from trading_bridge.storage.beside import DatabaseBeside
from trading_bridge.storage.database import Database
from trading_bridge.storage.lease import Lease


async def test_a_row_is_written_beside_the_server_and_the_server_is_named(
    url: str, database: Database, clock: ManualClock
) -> None:
    lease = await database.acquire(SHARD, holder="host:42", build="1")
    assert isinstance(lease, Lease)
    beside = DatabaseBeside(url, clock=clock, entropy=CountingEntropy())
    try:
        await beside.check()
        assert await beside.server() in ("host:42", f"process {os.getpid()}")
        async with beside.unit_of_work() as uow:
            await uow.kills.add(KILL)
        async with database.unit_of_work() as uow:
            assert await uow.kills.active() == (KILL,)
            await uow.kills.progressed(replace(KILL, total=9))
        async with beside.unit_of_work(read_only=True) as uow:
            assert (await uow.kills.active())[0].total == 9
    finally:
        await beside.close()


async def test_without_a_server_nobody_is_named(url: str, database: Database, clock: ManualClock) -> None:
    await database.close()
    beside = DatabaseBeside(url, clock=clock, entropy=CountingEntropy())
    try:
        await beside.check()
        assert await beside.server() is None
    finally:
        await beside.close()


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, clock: ManualClock) -> None:
    beside = DatabaseBeside(f"sqlite:///{tmp_path}/none.db", clock=clock, entropy=CountingEntropy())
    with pytest.raises(SettingsError, match="there is no database"):
        await beside.check()
    await beside.close()
    assert os.listdir(tmp_path) == []


async def test_a_database_of_nothing_is_refused(bare_postgresql_url: str, clock: ManualClock) -> None:
    url = bare_postgresql_url
    beside = DatabaseBeside(url, clock=clock, entropy=CountingEntropy())
    with pytest.raises(SettingsError):
        await beside.check()
    await beside.close()
