"""A connector and a bot on Binance, end to end: the server, ccxt's own class, the sandbox's dialect."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.world import World, a_world
from tests.sandbox_exchange import SHARP
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import BotStatus, StateCode
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.faults import Fault, FaultKind

USDT, SHARPS = Decimal(10_000), Decimal(1_000_000)
ORDERS = "/binance/api/v3/order"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, "binance") as made:
        yield made


def balances(world: World) -> Balances:
    known = world.server.account.reader.known()
    assert isinstance(known, Ok)
    return known.value


async def quoting(world: World) -> None:
    bot = await world.bot(connector="binance")
    await world.run(bot)
    await world.quoting(bot)


async def test_a_bot_quotes_is_filled_and_stops(world: World) -> None:
    bot = await world.bot(connector="binance")
    await world.run(bot)
    await world.quoting(bot)
    state = world.server.runner.state(bot.id)
    assert state is not None
    assert state.code is StateCode.TRADING
    standing = world.open_orders()
    assert {order.side for order in standing} == {Side.BUY, Side.SELL}
    assert all(str(order.client_order_id).startswith("tb") for order in standing)
    assert {order.client_order_id for order in standing} == {str(row["client_order_id"]) for row in world.orders()}
    (bid,) = [order for order in standing if order.side is Side.BUY]
    world.exchange.engine.cancel_all(MARKET_MAKER)
    world.exchange.take(Side.SELL, bid.price, 500)
    await world.pass_time(12)
    (fill,) = world.fills()
    assert (Decimal(str(fill["amount"])), fill["fee_currency"]) == (Decimal(5), "SHARP")
    assert str(fill["exchange_account"]) == balances(world).exchange_account
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(10)
    assert world.open_orders() == []
    await world.server.account.reader.read(max_age_s=0)
    for currency, start in (("USDT", USDT), ("SHARP", SHARPS)):
        held = balances(world).of(currency)
        assert held is not None
        assert held.total == world.held(currency) == world.booked(currency, start)


async def test_what_filled_while_the_server_was_away_is_found_by_the_next_start(world: World) -> None:
    bot = await world.bot(connector="binance")
    await world.run(bot)
    await world.quoting(bot)
    await world.server.kill()
    world.exchange.engine.cancel_all(MARKET_MAKER)
    for order in world.open_orders():
        world.exchange.take(order.side.opposite, order.price, 300)
    await world.start()
    await world.pass_time(40)
    assert len(world.fills()) == 2
    assert world.booked("USDT", USDT) == world.held("USDT")
    assert world.booked("SHARP", SHARPS) == world.held("SHARP")
    live = {order.client_order_id for order in world.server.live()}
    assert live == {order.client_order_id for order in world.open_orders()}


async def test_an_order_whose_answer_was_lost_is_found_and_not_sent_again(world: World) -> None:
    lost: list[str] = []

    def once(when: str, path: str):  # type: ignore[no-untyped-def]
        if when != "after" or path != ORDERS or lost:
            return None
        lost.append(path)

        async def gone() -> None:
            raise TimeoutError

        return gone

    world.server.wire.trouble = once
    await quoting(world)
    assert lost == [ORDERS]
    ids = [order.client_order_id for order in world.exchange_orders()]
    assert len(ids) == len(set(ids))
    live = {order.client_order_id for order in world.server.live()}
    assert live == {order.client_order_id for order in world.open_orders()}


async def test_a_key_that_loses_its_permission_is_named_and_balances_stay_true(world: World) -> None:
    await quoting(world)
    world.exchange.faults.add(Fault(kind=FaultKind.TRADE_MISSING))
    (order, *_) = world.open_orders()
    world.exchange.engine.cancel(order)
    await world.pass_time(40)
    (bot,) = [one for one in world.server.runner._workers]
    state = world.server.runner.state(bot)
    assert state is not None
    assert state.finding is not None
    assert state.finding.code in ("permission.trade_missing", "access.refused", "orders.cancelled_by_hand")
    assert isinstance(world.server.account.reader.known(), Ok)


async def test_a_market_that_came_nearer_is_met_behind_its_price(world: World) -> None:
    """Post-only: the exchange refuses what would take, and the next one stands behind that price."""
    await quoting(world)
    assert all(order.post_only for order in world.exchange_orders())
    assert not [fill for fill in world.exchange_fills() if fill.is_maker is False]


async def test_one_token_at_two_exchanges(world: World) -> None:
    """Each connector has its own account; neither takes the other's orders for its own or for a stranger's."""
    world.exchange.account("bob", USDT="10000", SHARP="1000000")
    await world.add("coinstore", exchange="coinstore", of="bob")
    await world.server.manager.sync()
    await world.pass_time(6)
    here = await world.bot("here", connector="binance")
    there = await world.bot("there", connector="coinstore", symbol=SHARP)
    await world.run(here, there)
    await world.pass_time(20)
    assert len(world.open_orders("alice")) == 2
    assert len(world.open_orders("bob")) == 2
    for bot in (here, there):
        state = world.server.runner.state(bot.id)
        assert state is not None
        assert state.code is StateCode.TRADING
