"""Own orders by stream, then by poll: an exchange with a private stream pushes what it answers, and misses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contract.suite.desk import Desk, value
from tests.contract.suite.venues import VENUES, Venue
from tests.sandbox_exchange import SHARP, SandboxExchange
from tests.sandbox_server import serving
from trading_bridge.clock import SystemClock
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.order_stream import OrderStream, Pushed
from trading_bridge.exchanges.session import HttpSessions

BUY, SELL = Side.BUY, Side.SELL
S = OrderState
STREAMING = [one for one in VENUES if one.info.streaming is not None and one.info.features.get("private_stream")]


class Heard:
    def __init__(self) -> None:
        self.reports: list[OrderReport] = []
        self.fills: dict[str, Trade] = {}
        self._came = asyncio.Event()

    def __call__(self, pushed: Pushed) -> None:
        self.reports += pushed.reports
        for fill in pushed.fills:
            assert self.fills.setdefault(fill.trade_id, fill) == fill, "told again it is the same"
        self._came.set()

    def states(self, client_order_id: str) -> list[OrderState | None]:
        return [one.state for one in self.reports if one.client_order_id == client_order_id]

    async def until(self, client_order_id: str, state: OrderState) -> OrderReport:
        async with asyncio.timeout(20):
            while state not in self.states(client_order_id):
                self._came.clear()
                await self._came.wait()
        return [one for one in self.reports if one.client_order_id == client_order_id][-1]


@asynccontextmanager
async def listening(venue: Venue) -> AsyncIterator[tuple[Desk, Heard]]:
    """On real sockets, which know no time but the wall clock's."""
    clock = SystemClock()
    exchange = SandboxExchange(clock=clock)  # type: ignore[arg-type]
    exchange.account("alice", USDT="100000", SHARP="100000")
    http, heard = HttpSessions.aiohttp(), Heard()
    async with serving(exchange.app) as address:
        desk, key = Desk(venue, exchange, address + venue.prefix, http), exchange.key("alice")
        session = desk.open(key)
        value(await session.markets())
        stream = OrderStream(
            info=venue.info,
            session=session,
            credentials=venue.credentials(key),
            base_url=desk.base_url,
            proxy_url=None,
            ipv4_only=False,
            clock=clock,
            http=http,
        )
        await stream.begin()
        running = asyncio.ensure_future(stream.run(heard))
        try:
            yield desk, heard
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.wait([running])
            await stream.end()
            await session.close()
            await http.close()


@pytest.fixture(params=STREAMING, ids=lambda venue: venue.info.id)
async def told(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Desk, Heard]]:
    async with listening(request.param) as made:
        yield made


def take(desk: Desk, lots: int) -> None:
    desk.exchange.take(SELL, 25_500, lots)
    desk.exchange.engine.commit()


async def agreed(desk: Desk, pushed: OrderReport) -> None:
    """The look-up says what the push said, but for the time of the last change."""
    report = value(await desk.session.order_report(await desk.market(), exchange_order_id=pushed.exchange_order_id))
    assert report is not None
    assert replace(report, exchange_time=None) == replace(pushed, exchange_time=None)


async def test_every_step_of_an_order_is_pushed_as_it_is_answered(told: tuple[Desk, Heard]) -> None:
    desk, heard = told
    market, intent = await desk.market(), desk.intent()
    placed = value(await desk.session.create_order(market, intent))
    new = await heard.until(intent.client_order_id, S.NEW)
    assert (new.exchange_order_id, new.symbol, new.filled) == (placed, SHARP, 0)
    await agreed(desk, new)
    take(desk, 3_000)
    part = await heard.until(intent.client_order_id, S.PARTIALLY_FILLED)
    await agreed(desk, part)
    value(await desk.session.cancel_order(market, placed))
    ended = await heard.until(intent.client_order_id, S.CANCELED)
    assert ended.filled == Decimal(30)
    await agreed(desk, ended)


async def test_pushed_fills_are_the_answered_ones_with_their_ids_and_fees(told: tuple[Desk, Heard]) -> None:
    desk, heard = told
    market, intent = await desk.market(), desk.intent()
    placed = value(await desk.session.create_order(market, intent))
    for lots in (1, 7_000, 33, 2_966, 10_000, 10_000):
        take(desk, lots)
    filled = await heard.until(intent.client_order_id, S.FILLED)
    await agreed(desk, filled)
    answered = value(await desk.session.my_trades(market, exchange_order_id=placed))
    assert tuple(sorted(heard.fills.values(), key=lambda one: int(one.trade_id))) == answered
    assert sum(one.amount for one in answered) == filled.filled == intent.amount
    assert all(one.fee and one.exchange_account for one in heard.fills.values())


async def test_a_burst_misses_no_order_and_no_fill(told: tuple[Desk, Heard]) -> None:
    desk, heard = told
    market = await desk.market()
    for number in range(1, 21):
        value(await desk.session.create_order(market, desk.intent(number, amount=Decimal(100))))
    for _ in range(100):
        take(desk, 2_000)
    for number in range(1, 21):
        await heard.until(desk.intent(number).client_order_id, S.FILLED)
    answered = value(await desk.session.my_trades(market))
    assert {one.trade_id: one for one in answered} == heard.fills
    assert value(await desk.session.open_orders()) == ()
