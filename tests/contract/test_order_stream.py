"""Own orders by websocket over real sockets: ccxt.pro's own class against the sandbox as Binance."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

import aiohttp
import pytest

from tests.integration.world import until
from tests.relay import Relay, relay
from tests.sandbox_exchange import SHARP, SandboxExchange
from tests.sandbox_server import serving
from tests.socks_proxy import socks_proxy
from trading_bridge.clock import SystemClock
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.outcome import Answered
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.described import binance
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.order_stream import OrderStream, Pushed
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.exchanges.streaming import StreamBroken
from trading_bridge.sandbox.faults import Fault, FaultKind

BUY, SELL = Side.BUY, Side.SELL
S = OrderState


@dataclass
class Way:
    exchange: SandboxExchange
    session: Session
    stream: OrderStream
    market: Market
    line: Relay
    http: HttpSessions
    reports: list[OrderReport] = field(default_factory=list)
    fills: list[Trade] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, pushed: Pushed) -> None:
        self.reports += pushed.reports
        self.fills += pushed.fills
        self.came.set()

    async def until_state(self, state: OrderState) -> OrderReport:
        async with asyncio.timeout(20):
            while not (found := [one for one in self.reports if one.state is state]):
                self.came.clear()
                await self.came.wait()
        return found[0]

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator["asyncio.Task[None]"]:
        await self.stream.begin()
        running = asyncio.ensure_future(self.stream.run(self.hear))
        try:
            yield running
        finally:
            running.cancel()
            await asyncio.wait([running])


@asynccontextmanager
async def a_way(*, ping_every_s: float = 3.0, **changed: object) -> AsyncIterator[Way]:
    clock, http = SystemClock(), HttpSessions.aiohttp()
    exchange = SandboxExchange(clock=clock)  # type: ignore[arg-type] # ccxt's class goes by the wall clock
    exchange.account("alice", USDT="10000", SHARP="100000")
    key = exchange.key("alice")
    async with serving(exchange.app) as address, relay(address) as line:
        way = {
            "info": binance.INFO,
            "credentials": Credentials(api_key=key.api_key, secret=key.secret),
            "base_url": f"{line.url}/binance",
            "proxy_url": None,
            "ipv4_only": False,
            "clock": clock,
            "http": http,
            **changed,
        }
        session = Session(limiters=Limiters(clock), **way)  # type: ignore[arg-type]
        stream = OrderStream(session=session, ping_every_s=ping_every_s, **way)  # type: ignore[arg-type]
        try:
            markets = await session.markets()
            assert isinstance(markets, Answered)
            yield Way(exchange, session, stream, markets.value[SHARP], line, http)
        finally:
            await stream.end()
            await session.close()
            await http.close()


async def test_what_is_pushed_is_what_is_answered() -> None:
    async with a_way() as way, way.hearing():
        engine = way.exchange
        engine.limit(BUY, 25_000, 10_000, client_order_id="mine")
        engine.engine.commit()
        new = await way.until_state(S.NEW)
        for lots in (1_000, 1_500, 2_500):
            engine.take(SELL, 25_000, lots)
        engine.engine.commit()
        await way.until_state(S.PARTIALLY_FILLED)
        engine.take(SELL, 25_000, 4_000)
        engine.engine.commit()
        engine.take(SELL, 25_000, 1_000)
        engine.engine.commit()
        filled = await way.until_state(S.FILLED)
        answered = await way.session.my_trades(way.market)
        assert isinstance(answered, Answered)
        assert tuple(dict.fromkeys(way.fills)) == answered.value
        report = await way.session.order_report(way.market, exchange_order_id=new.exchange_order_id)
        assert isinstance(report, Answered)
        assert report.value is not None
        assert replace(report.value, exchange_time=None) == replace(filled, exchange_time=None)
        assert (filled.client_order_id, filled.filled) == ("mine", Decimal(100))


async def broken(running: "asyncio.Task[None]") -> str:
    with pytest.raises(StreamBroken) as told:
        await asyncio.wait_for(running, timeout=20)
    return str(told.value)


async def test_a_cancel_is_told_with_the_id_of_the_order() -> None:
    async with a_way() as way, way.hearing():
        order = way.exchange.limit(BUY, 25_000, 10_000, client_order_id="mine")
        way.exchange.take(SELL, 25_000, 2_500)
        answer = await way.session.cancel_order(way.market, str(order.id))
        assert isinstance(answer, Answered)
        canceled = await way.until_state(S.CANCELED)
        assert (canceled.exchange_order_id, canceled.client_order_id) == (str(order.id), "mine")
        assert canceled.filled == sum(fill.amount for fill in {*way.fills}) == Decimal(25)


async def test_a_connection_that_is_cut_is_told_and_another_is_made() -> None:
    async with a_way() as way:
        async with way.hearing() as running:
            way.line.cut()
            await broken(running)
        async with way.hearing():
            way.exchange.limit(BUY, 25_000, 10_000)
            way.exchange.engine.commit()
            await way.until_state(S.NEW)


async def test_what_came_before_anybody_listened_is_told_without_another_event() -> None:
    async with a_way() as way:
        await way.stream.begin()
        way.exchange.limit(BUY, 25_000, 10_000)
        way.exchange.take(SELL, 25_000, 2_500)
        way.exchange.engine.commit()
        async with asyncio.timeout(20):
            await until(lambda: bool(way.stream._client.myTrades))
        running = asyncio.ensure_future(way.stream.run(way.hear))
        part = await way.until_state(S.PARTIALLY_FILLED)
        assert part.filled == sum(fill.amount for fill in way.fills) == Decimal(25)
        running.cancel()
        await asyncio.wait([running])


async def test_a_connection_that_ends_before_anybody_listened_is_not_made_anew_unseen() -> None:
    """ccxt's class would subscribe by itself, and what happened in between would never be told."""
    async with a_way() as way:
        await way.stream.begin()
        way.line.cut()
        async with asyncio.timeout(20):
            await until(lambda: not way.stream._client.clients)
        with pytest.raises(StreamBroken, match="the connection ended"):
            await asyncio.wait_for(way.stream.run(way.hear), timeout=5)


async def test_the_end_of_a_session_by_the_exchange_is_told() -> None:
    async with a_way() as way, way.hearing() as running:
        way.exchange.faults.add(Fault(kind=FaultKind.DROPPED, endpoint="/binance/ws-api/v3"))
        assert "1001" in await broken(running)


async def test_fault_N8_a_line_on_which_nothing_comes_is_told_although_both_ends_stand() -> None:
    async with a_way(ping_every_s=0.1) as way, way.hearing() as running:
        way.line.freeze()
        assert "keepalive" in await broken(running)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1}}, "session"),
        (
            {"event": {"e": "outboundAccountPosition", "B": [{"a": "USDT", "f": "x", "l": "0"}]}},
            "could not be read",
        ),
        ({"subscriptionId": 0, "event": {"e": "executionReport", "x": "NEW", "s": "SHARPUSDT", "i": 1}}, "filled"),
    ],
)
async def test_what_ends_the_session_or_cannot_be_read_breaks_the_stream(event: object, words: str) -> None:
    """ccxt's class alone would keep whoever listens waiting."""
    async with a_way() as way, way.hearing() as running:
        way.exchange.limit(BUY, 25_000, 10_000)
        way.exchange.engine.commit()
        await way.until_state(S.NEW)
        (connection,) = way.stream._client.clients.values()
        connection.handle_message(aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, json.dumps(event), None))
        assert words in await broken(running)


async def test_a_refused_key_and_a_host_that_is_not_there_are_told() -> None:
    stranger = Credentials(api_key="a" * 64, secret="b" * 64)
    async with a_way(credentials=stranger) as way:
        way.session._account = "1"
        with pytest.raises(StreamBroken, match="-2015"):
            await way.stream.begin()
        way.line.down = True
        with pytest.raises(StreamBroken, match="NetworkError"):
            await way.stream.begin()


async def test_without_markets_or_the_accounts_id_nothing_is_subscribed() -> None:
    async with a_way() as way:
        markets, way.session._client.markets = way.session._client.markets, None
        with pytest.raises(StreamBroken, match="markets"):
            await way.stream.begin()
        way.session._client.markets = markets
        way.line.down = True
        way.line.cut()
        with pytest.raises(StreamBroken, match="own id"):
            await way.stream.begin()


async def test_what_subscribing_costs_is_counted() -> None:
    async with a_way() as way:
        await way.session.balances()
        limits, now = way.session._address_limiter._limits, SystemClock().monotonic
        before = [limit._shared.taken(now()) for limit in limits]
        await way.stream.begin()
        after = [limit._shared.taken(now()) for limit in limits]
        assert [taken - was for taken, was in zip(after, before, strict=True)] == [4, 1]


async def test_it_goes_by_its_proxy_and_no_other_way() -> None:
    async with socks_proxy("desk", "word") as proxy, a_way(proxy_url=proxy.url("socks5", "desk:word@")) as way:
        async with way.hearing():
            way.exchange.limit(BUY, 25_000, 10_000)
            way.exchange.engine.commit()
            await way.until_state(S.NEW)
        assert proxy.asked == [("127.0.0.1", way.line.port)] * way.line.taken


@pytest.mark.parametrize("ipv4_only", [False, True])
async def test_it_leaves_by_the_family_of_its_connector(ipv4_only: bool) -> None:
    async with a_way(ipv4_only=ipv4_only) as way:
        await way.stream.begin()
        assert way.stream._client.session is way.session._client.session
        assert way.stream._client.session is way.http.session(Family.IPV4 if ipv4_only else Family.ANY)
