"""A connector to an exchange that closes: the whole platform on the sandbox, spoken to as BitMart."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.world import ACCOUNT, World, still_book
from trading_bridge.clock import ManualClock
from trading_bridge.core.bot import BotStatus
from trading_bridge.core.client import Connector, Credentials
from trading_bridge.core.finding import SubjectKind
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side

SANDBOX = "http://127.0.0.1:8100/bitmart"
LIVE = "https://api-cloud.bitmart.com"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A still market, a server, and a client without a connector."""
    made = World(tmp_path, ManualClock())
    made.exchange.account("alice", USDT="10000", SHARP="1000000")
    still_book(made)
    server = await made.start()
    async with server.database.unit_of_work() as uow:
        await uow.clients.add(name=ACCOUNT, account=ACCOUNT)
    try:
        yield made
        made.verify()
    finally:
        await server.kill()
        made.exchange.store.close()


async def add(world: World, base_url: str) -> Connector:
    key = world.exchange.key("alice")
    credentials = Credentials(api_key=key.api_key, secret=key.secret, memo="alice")
    async with world.server.database.unit_of_work() as uow:
        client = await uow.clients.by_account(ACCOUNT)
        assert client is not None
        added = await uow.connectors.add(
            client_id=client.id, name="bitmart", exchange="bitmart", credentials=credentials, base_url=base_url
        )
    await world.server.manager.sync()
    return added


def told(world: World, connector: Connector) -> list[tuple[str, str | None]]:
    held = world.server.manager.findings()
    return [
        (one.finding.code, one.finding.parameters.get("stage"))
        for one in held
        if one.subject.kind is SubjectKind.CONNECTOR and one.subject.id == connector.id
    ]


async def test_its_end_is_told_and_its_balance_read(world: World) -> None:
    connector = await add(world, SANDBOX)
    await world.pass_time(3)
    known = await world.server.manager.balances(connector.id)
    assert isinstance(known, Ok)
    held = known.value.of("USDT")
    assert held is not None
    assert held.free == Decimal(10_000)
    assert told(world, connector) == [("exchange.closing", "sandbox")]


async def test_it_is_told_at_its_own_host_too_while_nobody_answers_there(world: World) -> None:
    connector = await add(world, LIVE)
    assert ("exchange.closing", None) in told(world, connector)


async def test_a_bot_trades_in_its_sandbox(world: World) -> None:
    await add(world, SANDBOX)
    bot = await world.bot(connector="bitmart")
    await world.run(bot)
    await world.quoting(bot)
    assert {order.side for order in world.open_orders()} == {Side.BUY, Side.SELL}
    sell = next(order for order in world.open_orders() if order.side is Side.SELL)
    world.exchange.take(Side.BUY, sell.price, 250_000_100)  # all that stands before it, and 1 SHARP of it
    await world.pass_time(10)
    (fill,) = world.fills()
    assert (fill["side"], Decimal(str(fill["amount"])), fill["fee_currency"]) == ("sell", Decimal(1), "USDT")
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(10)
    assert world.open_orders() == []
    assert all(row["state"] in ("filled", "canceled") for row in world.orders())
