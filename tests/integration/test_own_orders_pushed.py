"""Own orders that are pushed, over real sockets: the platform's accounts on ccxt's classes against the sandbox as
Binance. What is pushed is known at once, what is not is found by looks, and nothing counts twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.world import World, a_world, quiet, still_book, until
from tests.relay import Relay, relay
from tests.sandbox_server import serving
from tests.unit.accounts.scripted import ScriptedStream
from trading_bridge.accounts.account import Account
from trading_bridge.accounts.order_feed import OrderFeed
from trading_bridge.clock import SystemClock
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.finding import Finding
from trading_bridge.core.order import OrderState, Side
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.orders import SandboxOrder

BUY, SELL = Side.BUY, Side.SELL
S = OrderState
USDT, SHARPS = Decimal(10_000), Decimal(1_000_000)
PRICE = 25_600
STREAM, ORDER = "/binance/ws-api/v3", "/binance/api/v3/order"
#: calls that could have told of an order
LOOKS = {"fetch_open_orders", "fetch_order", "fetch_my_trades", "fetch_order_trades"}


class Desk:
    def __init__(self, world: World, line: Relay) -> None:
        self.world = world
        self.line = line

    @property
    def account(self) -> Account:
        return self.world.server.account

    @property
    def feed(self) -> OrderFeed:
        assert self.account._feed is not None
        return self.account._feed

    def broken(self) -> list[Finding]:
        return [one for one in self.account.findings() if one.code == "stream.broken"]

    async def placed(self, bot: Bot) -> SandboxOrder:
        applied = await self.world.server.place(bot, (BUY, PRICE, 10_000))
        assert applied.placed == 1, applied
        (order,) = self.world.open_orders()
        return order

    def take(self, lots: int) -> None:
        self.world.exchange.take(SELL, PRICE, lots)
        self.world.exchange.engine.commit()

    def looks(self) -> int:
        return sum(1 for one in self.account.session.calls if one.evidence.call in LOOKS)

    async def until(self, true: Callable[[], object], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            await until(lambda: bool(true()))

    def fault(self, kind: FaultKind, endpoint: str) -> Callable[[], object]:
        number = self.world.exchange.faults.add(Fault(kind=kind, endpoint=endpoint))
        return lambda: self.world.exchange.faults.clear(number)

    async def verify(self, fills: int) -> None:
        """The exchange's own record is what storage has."""
        await self.until(lambda: len(self.world.server.told) >= fills)
        self.world.verify()
        there, here = self.world.exchange_fills(), self.world.fills()
        assert sorted(str(one.number) for one in there) == sorted(str(row["trade_id"]) for row in here)
        assert len(here) == fills == len(self.world.server.told)
        for currency, start in (("USDT", USDT), ("SHARP", SHARPS)):
            assert self.world.booked(currency, start) == self.world.held(currency)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    world = World(folder, SystemClock())  # type: ignore[arg-type] # sockets know no other time
    world.exchange.account("alice", USDT=str(USDT), SHARP=str(SHARPS))
    still_book(world, bid=PRICE - 10, ask=PRICE + 10)
    world.sockets = HttpSessions.aiohttp()
    async with serving(world.exchange.app) as address, relay(address) as line:
        world.base_urls = {"binance": f"{line.url}/binance"}
        server = await world.start()
        desk = Desk(world, line)
        try:
            await world.add("binance", exchange="binance")
            await world.bot(connector="binance")
            await server.manager.sync()
            await desk.until(lambda: desk.feed.rests)
            yield desk
        finally:
            await server.manager.close()
            for task in server.tasks:
                task.cancel()
            await asyncio.wait(server.tasks)
            await world.sockets.close()
            await server.database.close()
    world.exchange.store.close()


@pytest.fixture
async def bot(desk: Desk) -> Bot:
    async with desk.world.server.database.unit_of_work(read_only=True) as uow:
        (found,) = await uow.bots.all()
    return found


async def test_a_fill_is_known_by_the_stream_before_any_look(desk: Desk, bot: Bot) -> None:
    order = await desk.placed(bot)
    await desk.until(lambda: desk.feed.rests)
    looks, moved = desk.looks(), desk.account.tracker.moved_at
    desk.take(2_500)
    await desk.until(lambda: desk.world.fills())
    (live,) = desk.world.server.live(bot)
    assert (live.state, live.filled) == (S.PARTIALLY_FILLED, Decimal(25))
    assert desk.looks() == looks
    assert desk.account.tracker.moved_at > moved, "the next decision waits for a balance that was read after it"
    desk.take(7_500)
    await desk.until(lambda: not desk.world.server.live(bot))
    await desk.until(lambda: desk.world.states() == ["filled"])
    assert desk.looks() == looks
    assert desk.world.exchange_order(order).state is S.FILLED
    assert desk.broken() == []
    await desk.verify(fills=2)


async def test_fault_N8_a_socket_that_is_cut_leaves_it_to_looks_at_the_old_pace(desk: Desk, bot: Bot) -> None:
    await desk.placed(bot)
    await desk.until(lambda: desk.feed.rests)
    mend = desk.fault(FaultKind.DROPPED, STREAM)
    await desk.until(desk.broken)
    assert not desk.feed.rests
    desk.take(2_500)
    await desk.until(lambda: desk.world.fills())
    assert desk.broken(), "it was found without the stream"
    mend()
    await desk.until(lambda: not desk.broken())
    looks = desk.looks()
    desk.take(7_500)
    await desk.until(lambda: desk.world.states() == ["filled"])
    assert desk.looks() == looks
    await desk.verify(fills=2)


async def test_fault_N8_what_happened_while_it_was_gone_is_found_before_it_is_believed(desk: Desk, bot: Bot) -> None:
    await desk.placed(bot)
    await desk.until(lambda: desk.feed.rests)
    desk.line.cut()
    desk.take(10_000)
    await desk.until(lambda: not desk.feed.rests)
    await desk.until(lambda: desk.feed.rests)
    assert desk.world.states() == ["filled"]
    assert desk.broken() == []
    await desk.verify(fills=1)


async def test_fault_N9_messages_that_are_lost_are_noticed_by_what_answers_show(desk: Desk, bot: Bot) -> None:
    order = await desk.placed(bot)
    await desk.until(lambda: desk.feed.rests)
    mend = desk.fault(FaultKind.MESSAGES_LOST, STREAM)
    desk.take(2_500)
    await desk.account.cancel(str(order.client_order_id))
    assert desk.world.states() == ["canceled"]
    await desk.until(desk.broken)
    assert str(order.client_order_id) in desk.broken()[0].parameters["detail"]
    mend()
    await desk.until(lambda: not desk.broken())
    await desk.verify(fills=1)


async def test_an_order_that_is_filled_before_its_create_is_answered_is_one_order(desk: Desk, bot: Bot) -> None:
    mend = desk.fault(FaultKind.HUNG, ORDER)
    placing = await desk.world.server.placing(bot, (BUY, PRICE, 10_000))
    await desk.until(desk.world.open_orders)
    desk.take(10_000)
    await desk.until(lambda: desk.world.states() == ["filled"])
    assert not placing.done()
    mend()
    await placing
    await quiet()
    assert desk.world.states() == ["filled"]
    assert desk.world.server.live(bot) == ()
    await desk.verify(fills=1)


async def test_fault_X18_an_order_by_hand_is_noticed_as_soon_as_it_is_pushed(desk: Desk) -> None:
    desk.world.exchange.limit(BUY, PRICE - 100, 10_000)
    desk.world.exchange.engine.commit()
    await desk.until(lambda: "account.foreign_order" in {one.code for one in desk.account.findings()}, 10.0)


async def test_a_session_that_ends_leaves_no_connection(desk: Desk) -> None:
    connector = desk.account.connector
    async with desk.world.server.database.unit_of_work() as uow:
        await uow.connectors.delete(connector.id)
    await desk.world.server.manager.sync()
    assert desk.world.server.manager.accounts() == ()
    assert desk.world.exchange.engine.announced._listeners.get("alice") in (None, [])


async def test_looks_are_rarer_while_it_is_believed_and_as_often_as_before_when_it_is_not(tmp_path: Path) -> None:
    """In virtual time, by a stream that the test writes: over HTTP alone the platform makes none."""
    async with a_world(tmp_path, "binance") as world:
        bot, server = await world.bot(connector="binance"), world.server
        assert server.account._feed is None
        async with server.database.unit_of_work() as uow:
            await uow.bots.set_status(bot.id, BotStatus.RUNNING)
        await server.manager.sync()
        await server.place(bot, (BUY, PRICE - 1_000, 10_000))

        async def looks_in_a_minute() -> int:
            before = server.wire.count("openOrders")
            await world.pass_time(60)
            return server.wire.count("openOrders") - before

        without = await looks_in_a_minute()
        account, stream = server.account, ScriptedStream()
        account._feed = OrderFeed(
            stream=stream,
            tracker=account.tracker,
            clock=world.clock,
            connector="binance",
            wanted=lambda: True,
            look=account.look,
        )
        server.begin(account._feed.run())
        await world.pass_time(12)
        assert await looks_in_a_minute() <= without / 2
        stream.refused = "down"
        stream.break_off()
        looks = server.wire.count("openOrders")
        await world.pass_time(account._pace_s() + 1)
        assert server.wire.count("openOrders") > looks
        assert await looks_in_a_minute() >= without - 1
        assert [one.code for one in account.findings()] == ["stream.broken"]
        assert len(world.open_orders()) == 1
