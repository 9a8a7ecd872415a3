"""A damaged row of the database: the start goes on, a finding names the row, and what it may mean is held."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.world import World
from trading_bridge.core.finding import PLATFORM
from trading_bridge.core.restraint import Hold, Kill, Scope, ScopeKind, StandingOrders


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


@pytest.mark.parametrize(
    ("column", "value"), [("amount", "banana"), ("filled", "x"), ("state", "sleeping"), ("side", "left")]
)
async def test_an_order_that_cannot_be_read_holds_its_connector_until_it_is_mended(
    column: str, value: str, world: World
) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    standing = [order.id for order in world.open_orders()]
    damaged = str(world.orders()[0]["client_order_id"])
    was = world.orders()[0][column]
    await world.server.kill()
    change(world.path, f"UPDATE orders SET {column} = ? WHERE client_order_id = ?", value, damaged)

    server = await world.start()
    server.begin(server.runner.run())
    await world.pass_time(70)
    assert server.account.recovering is None, "the start goes on"
    (found,) = [one for one in server.manager.findings() if one.finding.code == "storage.unreadable_row"]
    assert found.subject.id == server.account.connector.id
    assert (found.finding.parameters["table"], found.finding.parameters["id"]) == ("orders", damaged)
    assert server.account.held == found.finding
    assert server.wire.arrivals == [], "nothing new is sent"
    assert [order.id for order in world.open_orders()] == standing, "what stands there is left alone"
    assert [order.client_order_id for order in server.live()] == [str(world.orders()[1]["client_order_id"])]

    change(world.path, f"UPDATE orders SET {column} = ? WHERE client_order_id = ?", str(was), damaged)
    await world.pass_time(40)
    assert server.account.held is None
    assert damaged in {order.client_order_id for order in server.live()}
    assert all(one.finding.code != "storage.unreadable_row" for one in server.manager.findings())


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("kills", "scope_kind", "planet"), ("holds", "scope_kind", "planet"), ("holds", "starts_at", "not a time")],
)
async def test_a_kill_or_hold_that_cannot_be_read_is_obeyed_as_the_widest_until_it_is_mended(
    table: str, column: str, value: str, world: World
) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    now, elsewhere = world.clock.now(), Scope(kind=ScopeKind.BOT, id="another")
    kill = Kill(id="k1", scope=elsewhere, reason="why", asked_by="ops", asked_at=now)
    hold = Hold(
        id="h1",
        scope=elsewhere,
        reason="why",
        orders=StandingOrders.KEEP,
        starts_at=now,
        ends_at=None,
        made_by="ops",
        made_at=now,
    )
    async with world.server.database.unit_of_work() as uow:
        await (uow.kills.add(kill) if table == "kills" else uow.holds.add(hold))
    await world.server.kill()
    change(world.path, f"UPDATE {table} SET {column} = ?", value)

    server = await world.start()
    server.begin(server.runner.run())
    await world.pass_time(10)
    (found,) = [one for one in server.runner.findings() if one.finding.code == "storage.unreadable_row"]
    assert found.subject == PLATFORM
    assert found.finding.parameters["table"] == table
    assert server.wire.arrivals == []
    assert len(world.open_orders()) == (0 if table == "kills" else 2)

    change(world.path, f"UPDATE {table} SET {column} = ?", "bot" if column == "scope_kind" else now.isoformat(" "))
    await world.pass_time(10)
    assert all(one.finding.code != "storage.unreadable_row" for one in server.runner.findings())
    await world.quoting(bot)
