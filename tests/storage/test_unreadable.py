"""A damaged row is left out and named; the rows beside it are read as ever. PostgreSQL's NUMERIC takes numbers only."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.storage.conftest import World
from tests.storage.test_journal import intent
from tests.storage.test_restraints import HOLD, KILL, NOW
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "sleeping"), ("side", "left"), ("amount", "banana"), ("price", "NaN"), ("filled", "")],
)
async def test_an_order_that_cannot_be_read_is_left_out_and_named(
    column: str, value: str, database: Database, journal: Journal, world: World, url: str
) -> None:
    if column in ("amount", "filled") and url.startswith("postgresql"):
        pytest.skip("a NUMERIC column refuses it")
    await journal.write(intent(world, 1), intent(world, 2), intent(world, 3))
    damage = text(f"UPDATE orders SET {column} = '{value}' WHERE client_order_id = 'tb00000x0002'")
    await database.transact(lambda connection: connection.execute(damage))
    async with database.unit_of_work(read_only=True) as uow:
        read, damaged = await uow.orders.live_rows(connector_id=world.connector.id)
        assert [order.client_order_id for order in read] == ["tb00000x0001", "tb00000x0003"]
        assert await uow.orders.live() == read
        assert [(row.table, row.id) for row in damaged] == [("orders", "tb00000x0002")]
        assert damaged[0].detail
        assert len(await uow.orders.live_ids(bot_id=world.bot.id)) == 3, "what may stand there is counted"
        assert await uow.orders.get("tb00000x0002") is None
        assert await uow.orders.bots_of(["tb00000x0002", "none"]) == {"tb00000x0002": world.bot.id}
        history = await uow.orders.list(world.bot.id)
        assert [order.client_order_id for order in history.items] == ["tb00000x0003", "tb00000x0001"]
        page = await uow.orders.list(world.bot.id, limit=2)
        assert [order.client_order_id for order in page.items] == ["tb00000x0003"]
        rest = await uow.orders.list(world.bot.id, page.next, limit=2)
        assert [order.client_order_id for order in rest.items] == ["tb00000x0001"], "the page after it comes"


async def test_kills_and_holds_that_cannot_be_read_are_named_beside_the_others(database: Database) -> None:
    async with database.unit_of_work() as uow:
        for kill in (KILL, replace(KILL, id="k2")):
            await uow.kills.add(kill)
        for hold in (HOLD, replace(HOLD, id="h2")):
            await uow.holds.add(hold)
    for table, damaged in (("kills", "k2"), ("holds", "h2")):
        damage = text(f"UPDATE {table} SET scope_kind = 'planet' WHERE id = '{damaged}'")
        await database.transact(lambda connection, damage=damage: connection.execute(damage))
    async with database.unit_of_work(read_only=True) as uow:
        kills, damaged_kills = await uow.kills.active_rows()
        holds, damaged_holds = await uow.holds.standing_rows(NOW)
        assert (kills, holds) == ((KILL,), (HOLD,))
        assert [(row.table, row.id) for row in damaged_kills + damaged_holds] == [("kills", "k2"), ("holds", "h2")]
        assert (await uow.kills.get("k2"), await uow.holds.get("h2")) == (None, None)
        assert (await uow.kills.newest(), await uow.holds.newest()) == ((KILL,), (HOLD,))
