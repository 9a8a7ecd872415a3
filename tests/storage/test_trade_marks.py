"""Up to where looks at own trades have told everything: the word of the lease's holder, kept for the next start."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.storage.conftest import SHARD, World
from trading_bridge.core.trade import TradeMark
from trading_bridge.errors import StorageRefused
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_group import Under
from trading_bridge.storage.journal_rows import StoreTradeMark

SHARP, ETH = "SHARP/USDT", "ETH/USDT"
FIRST = TradeMark(trade_id="1", exchange_time=NOW)
LATER = TradeMark(trade_id="2", exchange_time=NOW + timedelta(minutes=1))


def marked(world: World, symbol: str, mark: TradeMark) -> StoreTradeMark:
    return StoreTradeMark(connector_id=world.connector.id, symbol=symbol, mark=mark)


async def marks(database: Database, world: World) -> Mapping[str, TradeMark]:
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.trades.marks("another", [SHARP, ETH]) == {}
        return await uow.trades.marks(world.connector.id, [SHARP, ETH, "BTC/USDT"])


async def test_each_market_of_a_connector_has_its_mark(database: Database, journal: Journal, world: World) -> None:
    assert await marks(database, world) == {}
    await journal.write(marked(world, SHARP, FIRST))
    assert await marks(database, world) == {SHARP: FIRST}
    await journal.write(marked(world, SHARP, FIRST), marked(world, ETH, FIRST))
    await journal.write(marked(world, SHARP, LATER))
    assert await marks(database, world) == {SHARP: LATER, ETH: FIRST}


async def test_of_one_commit_the_last_mark_counts(database: Database, journal: Journal, world: World) -> None:
    await journal.write(marked(world, SHARP, FIRST), marked(world, SHARP, LATER))
    assert await marks(database, world) == {SHARP: LATER}


async def test_fault_S5_who_lost_the_lease_marks_nothing(database: Database, world: World) -> None:
    journal = Journal(database, Under(shard=SHARD, epoch=world.epoch))
    writing = asyncio.create_task(journal.run())
    await journal.write(marked(world, SHARP, FIRST))
    await database.take_lease(SHARD)
    with pytest.raises(StorageRefused) as refused:
        await journal.write(marked(world, SHARP, LATER))
    journal.close()
    await writing
    assert refused.value.code == "lease.lost"
    assert await marks(database, world) == {SHARP: FIRST}


async def test_a_mark_of_a_connector_that_does_not_exist_is_refused(
    database: Database, journal: Journal, world: World
) -> None:
    with pytest.raises(StorageRefused) as refused:
        await journal.write(StoreTradeMark(connector_id="another", symbol=SHARP, mark=FIRST))
    assert refused.value.code == "connector.unknown"
