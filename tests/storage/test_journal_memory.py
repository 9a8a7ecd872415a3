"""What the journal remembers of orders is what their table says, or it is read again."""

import asyncio
from collections import OrderedDict
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from tests.factories import order
from tests.storage.conftest import KEY, SHARD, World, make, populate, running
from tests.storage.test_journal_faults import T, Work
from trading_bridge.clock import ManualClock, SystemEntropy
from trading_bridge.core.order import Order, OrderState
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, UpdateOrder, Written
from trading_bridge.storage.journal_group import Changes, Standing
from trading_bridge.storage.journal_memory import ORDERS_MAX, Remembered

ID = "tbtest1"
ACKNOWLEDGED = UpdateOrder(client_order_id=ID, state=OrderState.NEW, exchange_order_id="77")


def intent(world: World, client_order_id: str = ID) -> OpenIntent:
    made = order(
        client_order_id=client_order_id, bot_id=world.bot.id, connector_id=world.connector.id, epoch=world.epoch
    )
    return OpenIntent(order=made, shard=SHARD)


async def stored(database: Database) -> Order:
    async with database.unit_of_work(read_only=True) as uow:
        found = await uow.orders.get(ID)
    assert found is not None
    return found


async def test_an_order_that_it_opened_is_not_read_again_where_nobody_else_writes(tmp_path: Path) -> None:
    asked: list[str] = []

    def heard(*told: object) -> None:
        asked.append(str(told[2]))

    database = make(f"sqlite:///{tmp_path}/storage.db")
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        await journal.write(intent(world))
        event.listen(Engine, "before_cursor_execute", heard)
        try:
            assert await journal.write(ACKNOWLEDGED) == (Written(state=OrderState.NEW),)
        finally:
            event.remove(Engine, "before_cursor_execute", heard)
    assert not [statement for statement in asked if statement.startswith("SELECT")]
    assert (await stored(database)).exchange_order_id == "77"
    await database.close()


class Unwritable(Database):
    """The next transaction is taken back at its end, for a cause that does not pass."""

    spoilt = False

    async def transact(self, work: Work[T]) -> T:
        if not self.spoilt:
            return await super().transact(work)
        self.spoilt = False

        def undone(connection: Connection) -> T:
            work(connection)
            raise OSError("no space left on the device")

        return await super().transact(undone)


async def test_what_was_not_committed_is_not_remembered(url: str) -> None:
    database = Unwritable(url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        await journal.write(intent(world))
        database.spoilt = True
        with pytest.raises(NotReady):
            await journal.write(ACKNOWLEDGED)
        assert await journal.write(ACKNOWLEDGED) == (Written(state=OrderState.NEW),)
    assert (await stored(database)).exchange_order_id == "77"
    await database.close()


async def test_what_another_call_of_the_group_spoilt_is_not_remembered(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(intent(world))
    spoilt = UpdateOrder(client_order_id=ID, state=OrderState.NEW, exchange_order_id="78")
    refused, _ = await asyncio.gather(
        journal.write(spoilt, intent(world)), journal.write(intent(world, "tbtest2")), return_exceptions=True
    )
    assert isinstance(refused, StorageRefused)
    assert await journal.write(ACKNOWLEDGED) == (Written(state=OrderState.NEW),)
    assert (await stored(database)).exchange_order_id == "77"


async def test_a_row_that_is_not_as_it_was_remembered_is_read(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(intent(world))
    await database.transact(lambda connection: connection.execute(text("UPDATE orders SET state = 'canceled'")))
    assert await journal.write(ACKNOWLEDGED) == (Written(state=OrderState.CANCELED),)
    assert (await stored(database)).state is OrderState.CANCELED


async def test_a_row_that_is_gone_is_unknown(database: Database, journal: Journal, world: World) -> None:
    await journal.write(intent(world), intent(world, "tbtest2"))
    await database.transact(
        lambda connection: connection.execute(text("DELETE FROM orders WHERE client_order_id = 'tbtest1'"))
    )
    gone, there = await asyncio.gather(
        journal.write(ACKNOWLEDGED),
        journal.write(UpdateOrder(client_order_id="tbtest2", state=OrderState.NEW, exchange_order_id="78")),
        return_exceptions=True,
    )
    assert isinstance(gone, StorageRefused)
    assert gone.code == "order.unknown"
    assert there == (Written(state=OrderState.NEW),)


async def test_what_a_second_server_has_written_stays(postgresql_url: str) -> None:
    first, second = make(postgresql_url), make(postgresql_url)
    await first.open()
    await second.open()
    world = await populate(first)
    async with running(first) as journal, running(second) as successor:
        await journal.write(intent(world), intent(world, "tbtest2"))
        await successor.write(UpdateOrder(client_order_id=ID, state=OrderState.CANCELED, exchange_order_id="77"))
        late, other = await asyncio.gather(
            journal.write(ACKNOWLEDGED),
            journal.write(UpdateOrder(client_order_id="tbtest2", state=OrderState.NEW, exchange_order_id="78")),
        )
        assert late == (Written(state=OrderState.CANCELED),)
        assert other == (Written(state=OrderState.NEW),)
    assert (await stored(first)).state is OrderState.CANCELED
    await first.close()
    await second.close()


def standing(state: OrderState) -> Standing:
    made = order()
    return Standing(
        state=state,
        exchange_order_id=None,
        amount=made.amount,
        filled=made.filled,
        refusal_code=None,
        refusal_text=None,
    )


def test_only_live_orders_are_remembered_and_the_oldest_of_too_many_are_not() -> None:
    remembered, live, ended = Remembered(), standing(OrderState.NEW), standing(OrderState.CANCELED)
    remembered.keep(OrderedDict(a=live), Changes(orders={"a": ended, "b": live}))
    assert remembered.take() == {"b": live}
    assert remembered.take() == {}
    remembered.keep(OrderedDict(old=live), Changes(orders={str(number): live for number in range(ORDERS_MAX)}))
    kept = remembered.take()
    assert len(kept) == ORDERS_MAX
    assert "old" not in kept
