"""What the journal answers when the database fails it: never "stored" for what is not, never the same thing twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.factories import fill, order
from tests.storage.conftest import KEY, SHARD, World, make, populate, running
from trading_bridge.clock import ManualClock, SystemEntropy
from trading_bridge.core.order import OrderState
from trading_bridge.errors import NotReady, OutcomeUnknown, StorageRefused
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import OpenIntent, StoreFill, UpdateOrder, Written

T = TypeVar("T")
Work = Callable[[Connection], T]


class Faulty(Database):
    """Fails as often as it is told to."""

    lose_answers = 0
    lose_commits = 0
    break_connections = 0

    async def transact(self, work: Work[T]) -> T:
        if self.lose_answers:
            self.lose_answers -= 1
            await super().transact(work)
            raise ConnectionResetError("the answer to COMMIT was lost")
        if self.lose_commits:
            self.lose_commits -= 1

            def undone(connection: Connection) -> T:
                work(connection)
                raise ConnectionResetError("the connection dropped before COMMIT")

            return await super().transact(undone)
        if self.break_connections:
            self.break_connections -= 1
            raise ConnectionRefusedError("nobody listens")
        return await super().transact(work)


@pytest.fixture
async def faulty(url: str, clock: ManualClock):  # type: ignore[no-untyped-def]
    database = Faulty(url, secret_keys=[KEY], clock=clock, entropy=SystemEntropy())
    await database.open()
    yield database
    await database.close()


def rows(world: World) -> tuple[OpenIntent, StoreFill, UpdateOrder]:
    made = order(bot_id=world.bot.id, connector_id=world.connector.id, epoch=world.epoch)
    return (
        OpenIntent(order=made, shard=SHARD),
        StoreFill(
            trade=fill(),
            exchange="coinstore",
            connector_id=world.connector.id,
            bot_id=world.bot.id,
            client_order_id=made.client_order_id,
        ),
        UpdateOrder(client_order_id=made.client_order_id, state=OrderState.NEW, exchange_order_id="77"),
    )


WRITTEN = [(Written(state=OrderState.PENDING_NEW),), (Written(),), (Written(state=OrderState.NEW),)]


async def check_once(database: Database, world: World) -> None:
    async with database.unit_of_work(read_only=True) as uow:
        [live] = await uow.orders.live()
        assert (live.state, live.exchange_order_id) == (OrderState.NEW, "77")
        assert len((await uow.trades.list(world.bot.id)).items) == 1
        assert [day.trades for day in await uow.totals.of(world.bot.id)] == [1]


@pytest.mark.parametrize("times", [1, 2])
async def test_fault_S3_the_answer_to_a_commit_is_lost(faulty: Faulty, times: int) -> None:
    world = await populate(faulty)
    async with running(faulty) as journal:
        faulty.lose_answers = times
        outcomes = await asyncio.gather(*(journal.write(row) for row in rows(world)))
    assert outcomes == WRITTEN
    await check_once(faulty, world)


async def test_fault_S3_only_a_fills_answer_is_lost_and_it_still_counts_as_new(faulty: Faulty) -> None:
    world = await populate(faulty)
    intent, stored_fill, update = rows(world)
    async with running(faulty) as journal:
        await journal.write(intent, update)
        faulty.lose_answers = 1
        assert await journal.write(stored_fill) == (Written(),)
    await check_once(faulty, world)


@pytest.mark.parametrize("times", [1, 2])
async def test_fault_S3_the_connection_drops_before_the_commit(faulty: Faulty, times: int) -> None:
    world = await populate(faulty)
    async with running(faulty) as journal:
        faulty.lose_commits = times
        outcomes = await asyncio.gather(*(journal.write(row) for row in rows(world)))
    assert outcomes == WRITTEN
    await check_once(faulty, world)


async def test_fault_S3_a_commit_that_cannot_be_read_back_is_not_reported_as_stored(faulty: Faulty) -> None:
    world = await populate(faulty)
    intent, _, update = rows(world)
    async with running(faulty) as journal:
        faulty.lose_answers, faulty.break_connections = 1, 2
        with pytest.raises(OutcomeUnknown) as raised:
            await journal.write(intent)
        assert raised.value.code == "storage.unwritable"
        assert await journal.write(update) == (Written(state=OrderState.NEW),)


async def test_fault_S3_a_fill_that_nobody_heard_to_be_stored_is_told_once_when_it_is_brought_again(
    faulty: Faulty,
) -> None:
    world = await populate(faulty)
    intent, stored_fill, _ = rows(world)
    async with running(faulty) as journal:
        await journal.write(intent)
        faulty.lose_answers, faulty.break_connections = 1, 2
        with pytest.raises(OutcomeUnknown):
            await journal.write(stored_fill)
        assert await journal.write(stored_fill, stored_fill) == (Written(), Written(duplicate=True))
        assert await journal.write(stored_fill) == (Written(duplicate=True),)


async def test_fault_S3_rows_that_surely_did_not_reach_storage_are_not_doubted(faulty: Faulty) -> None:
    world = await populate(faulty)
    intent, _, _ = rows(world)
    async with running(faulty) as journal:
        faulty.break_connections = 3
        with pytest.raises(NotReady) as raised:
            await journal.write(intent)
        assert not isinstance(raised.value, OutcomeUnknown)


async def test_fault_S3_an_id_is_not_taken_for_stored_by_us_when_another_used_it_before(faulty: Faulty) -> None:
    world = await populate(faulty)
    intent, _, _ = rows(world)
    async with running(faulty) as journal:
        await journal.write(intent)
        faulty.lose_commits = 1
        with pytest.raises(StorageRefused) as raised:
            await journal.write(intent)
    assert raised.value.code == "order.duplicate"


async def test_fault_S2_while_the_database_is_away_nothing_is_stored_and_nothing_hangs(faulty: Faulty) -> None:
    world = await populate(faulty)
    intent, _, _ = rows(world)
    async with running(faulty) as journal:
        faulty.break_connections = 100
        with pytest.raises(NotReady):
            await journal.write(intent)
        faulty.break_connections = 0
        assert await journal.write(intent) == (Written(state=OrderState.PENDING_NEW),)


async def test_fault_S2_the_disk_is_full(tmp_path: Path) -> None:
    database = make(f"sqlite:///{tmp_path}/storage.db")
    await database.open()
    world = await populate(database)
    intent, stored_fill, _ = rows(world)

    def limit(pages: str) -> Work[object]:
        return lambda connection: connection.execute(text(f"PRAGMA max_page_count = {pages}")).scalar_one()

    await database.transact(limit("1"))  # no more than there are now
    long = "x" * 100_000
    async with running(database) as journal:
        await journal.write(intent)
        full, beside = await asyncio.gather(
            journal.write(
                UpdateOrder(client_order_id=intent.order.client_order_id, state=OrderState.REJECTED, refusal_text=long)
            ),
            journal.write(stored_fill),
            return_exceptions=True,
        )
        for outcome in (full, beside):
            assert isinstance(outcome, NotReady)
            assert outcome.code == "storage.unwritable"
        await database.transact(limit("1000000"))
        assert await journal.write(stored_fill) == (Written(),)
    await database.close()


async def test_fault_S7_a_lock_that_is_not_let_go_is_an_answer_too(tmp_path: Path) -> None:
    import sqlite3

    database = make(f"sqlite:///{tmp_path}/storage.db")
    await database.open()
    world = await populate(database)
    intent, _, _ = rows(world)
    await database.transact(lambda connection: connection.execute(text("PRAGMA busy_timeout = 20")).all())
    backup = sqlite3.connect(tmp_path / "storage.db")
    backup.execute("BEGIN IMMEDIATE")
    async with running(database) as journal:
        with pytest.raises(NotReady, match="locked"):
            await journal.write(intent)
        backup.rollback()
        await journal.write(intent)
    backup.close()
    await database.close()


async def test_fault_S3_the_server_ends_the_connection_under_the_commit(postgresql_url: str) -> None:
    class Ended(Database):
        end = False

        async def transact(self, work: Work[T]) -> T:
            if not self.end:
                return await super().transact(work)
            self.end = False

            def ending(connection: Connection) -> T:
                result = work(connection)
                ended.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
                return result

            return await super().transact(ending)

    ended: list[int] = []
    database = Ended(postgresql_url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        database.end = True
        outcomes = await asyncio.gather(*(journal.write(row) for row in rows(world)))
    assert outcomes == WRITTEN
    assert len(ended) == 1
    await check_once(database, world)
    await database.close()


async def test_fault_S3_the_server_still_commits_while_we_ask(postgresql_url: str) -> None:
    """The connection is lost, the server's side of it is not: its commit comes after our question."""

    class Late(Database):
        late: "asyncio.Task[None] | None" = None

        async def transact(self, work: Work[T]) -> T:
            if self.late is not None:
                return await super().transact(work)
            connection = await other.connect()
            await connection.begin()
            await connection.run_sync(work)

            async def commit_later() -> None:
                while not await waits():  # noqa: ASYNC110 (PostgreSQL tells nobody that somebody waits for a lock)
                    await asyncio.sleep(0.01)
                await connection.commit()
                await connection.close()

            self.late = asyncio.create_task(commit_later())
            raise ConnectionResetError("the answer to COMMIT was lost")

    database = Late(postgresql_url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    other = create_async_engine(postgresql_url.replace("postgresql://", "postgresql+asyncpg://"))
    watcher = await asyncpg.connect(postgresql_url)

    async def waits() -> bool:
        return bool(
            await watcher.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )

    async with running(database) as journal:
        outcomes = await asyncio.gather(*(journal.write(row) for row in rows(world)))
    assert outcomes == WRITTEN
    assert database.late is not None
    await database.late
    await check_once(database, world)
    await watcher.close()
    await other.dispose()
    await database.close()
