"""Books by websocket over real sockets: ccxt.pro's own class against the sandbox as Binance, ours as Coinstore."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.e2e.real_proxy import a_proxy
from tests.e2e.ways import Relay
from tests.sandbox_exchange import ETH, SHARP, SandboxExchange
from tests.sandbox_server import serving
from tests.socks_proxy import socks_proxy
from trading_bridge.clock import SystemClock
from trading_bridge.core.book import Book
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.book_stream import BookStream, StreamBroken
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.sandbox.faults import Fault, FaultKind


@dataclass
class Way:
    exchange: SandboxExchange
    session: Session
    stream: BookStream
    market: Market
    other: Market

    async def book(self) -> Book:
        return await asyncio.wait_for(self.stream.next_book(self.market, 20), timeout=20)

    def quoted(self, side: Side, price: int, lots: int, symbol: str = SHARP) -> None:
        self.exchange.quote(side, price, lots, symbol)
        self.exchange.engine.commit()

    async def until_best_bid(self, price: int) -> Book:
        while (book := await self.book()).best_bid != price:
            pass
        return book


PREFIX = {"binance": "/binance", "coinstore": "/api"}
SOCKET = {"binance": "/binance/ws", "coinstore": "/api/s/ws"}


@pytest.fixture(params=PREFIX)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def by_sockets(exchange: SandboxExchange) -> AsyncIterator[tuple[str, HttpSessions]]:
    async with serving(exchange.app) as address:
        yield address, HttpSessions.aiohttp()


Carried = Callable[[SandboxExchange], AbstractAsyncContextManager[tuple[str, HttpSessions]]]


@asynccontextmanager
async def a_way(name: str, proxy_url: str | None = None, *, carried: Carried = by_sockets) -> AsyncIterator[Way]:
    clock, info = SystemClock(), exchange_info(name)
    assert info is not None
    exchange = SandboxExchange(clock=clock)  # type: ignore[arg-type] # ccxt's class goes by the wall clock
    exchange.quote(Side.BUY, 24_000, 5_000)
    exchange.quote(Side.SELL, 26_000, 5_000)
    async with carried(exchange) as (address, http):
        base_url = address + PREFIX[name]
        way = {"base_url": base_url, "proxy_url": proxy_url, "ipv4_only": True, "clock": clock, "http": http}
        session = Session(info=info, credentials=None, limiters=Limiters(clock), **way)  # type: ignore[arg-type]
        stream = BookStream(info=info, public=session, **way)  # type: ignore[arg-type]
        try:
            markets = await session.markets()
            assert isinstance(markets, Answered)
            yield Way(exchange, session, stream, markets.value[SHARP], markets.value[ETH])
        finally:
            await stream.close()
            await session.close()
            await http.close()


async def test_a_pushed_book_is_the_polled_one(name: str) -> None:
    async with a_way(name) as way:
        assert (await way.book()).best_bid == 24_000
        way.quoted(Side.BUY, 24_500, 7_000)
        pushed = await way.until_best_bid(24_500)
        polled = await way.session.order_book(way.market)
        assert isinstance(polled, Answered)
        assert pushed.says_the_same(polled.value)
        assert pushed.bids[0].amount == 7_000


async def test_a_dropped_stream_connects_anew(name: str) -> None:
    async with a_way(name) as way:
        await way.book()
        waiting = asyncio.ensure_future(way.book())
        for _ in range(20):
            await asyncio.sleep(0)
        way.stream.drop()
        with pytest.raises(StreamBroken, match="behind"):
            await waiting
        way.quoted(Side.BUY, 24_700, 1_000)
        assert (await way.until_best_bid(24_700)).best_ask == 26_000


async def test_a_session_that_ends_is_told_and_the_next_book_connects_anew(name: str) -> None:
    async with a_way(name) as way:
        await way.book()
        waiting = asyncio.ensure_future(way.book())
        ending = way.exchange.faults.add(Fault(kind=FaultKind.DROPPED, endpoint=SOCKET[name]))
        with pytest.raises(StreamBroken, match="closed by remote server"):
            await waiting
        way.exchange.faults.clear(ending)
        way.quoted(Side.BUY, 24_800, 1_000)
        assert (await way.until_best_bid(24_800)).best_ask == 26_000


async def test_a_market_that_was_left_is_subscribed_anew(name: str) -> None:
    async with a_way(name) as way:
        await way.book()
        await way.stream.leave(SHARP)
        way.quoted(Side.BUY, 24_900, 1_000)
        assert (await way.until_best_bid(24_900)).best_ask == 26_000


async def lose(way: Way, name: str, side: Side, price: int, symbol: str = SHARP) -> None:
    lost = way.exchange.faults.add(Fault(kind=FaultKind.MESSAGES_LOST, endpoint=SOCKET[name]))
    way.quoted(side, price, 1_000, symbol)
    await asyncio.sleep(1.5)  # both tell a book within a second
    way.exchange.faults.clear(lost)


async def test_fault_N8_increments_that_were_lost_are_told_and_the_next_book_is_whole() -> None:
    async with a_way("binance") as way:
        await way.book()
        await lose(way, "binance", Side.BUY, 24_100)
        way.quoted(Side.BUY, 24_200, 2_000)
        with pytest.raises(StreamBroken):
            await way.until_best_bid(24_200)
        way.quoted(Side.BUY, 24_300, 3_000)
        book = await way.until_best_bid(24_300)
        assert [level.price for level in book.bids] == [24_300, 24_200, 24_100, 24_000]


async def test_fault_N8_a_gap_is_told_to_whose_book_did_not_come_with_it() -> None:
    """Coinstore's books come whole, so the market that shows the gap has lost nothing."""
    async with a_way("coinstore") as way:
        await way.book()
        await way.stream.next_book(way.other, 20)
        waiting = asyncio.ensure_future(way.stream.next_book(way.other, 20))
        await lose(way, "coinstore", Side.BUY, 200_000, ETH)
        way.quoted(Side.BUY, 24_200, 2_000)
        assert (await way.until_best_bid(24_200)).best_ask == 26_000
        with pytest.raises(StreamBroken, match="lost 1 messages"):
            await waiting
        way.quoted(Side.BUY, 200_100, 1_000, ETH)
        assert [level.price for level in (await way.stream.next_book(way.other, 20)).bids] == [200_100, 200_000]


async def test_it_goes_by_the_proxy_of_its_way(name: str) -> None:
    async with socks_proxy("desk", "word") as proxy, a_way(name, proxy.url("socks5", "desk:word@")) as way:
        assert (await way.book()).best_bid == 24_000
        assert proxy.asked


@asynccontextmanager
async def by_tls(folder: Path, exchange: SandboxExchange) -> AsyncIterator[tuple[str, HttpSessions]]:
    authority, http = Authority(folder), HttpSessions.aiohttp()
    http.ssl_context.load_verify_locations(cadata=authority.pem)
    async with serving(exchange.app) as address:
        front = Relay(int(address.rpartition(":")[2]), tls=authority.server())
        await front.open()
        try:
            yield f"https://127.0.0.1:{front.port}", http
        finally:
            await front.close()


@pytest.mark.process
async def test_over_tls_it_goes_by_the_tunnel_of_an_http_proxy(name: str, tmp_path: Path) -> None:
    with a_proxy(tmp_path / "proxy", "desk:word") as proxy:
        port = await proxy.port()
        async with a_way(name, f"http://desk:word@127.0.0.1:{port}", carried=partial(by_tls, tmp_path)) as way:
            assert (await way.book()).best_bid == 24_000
            way.quoted(Side.BUY, 24_500, 7_000)
            await way.until_best_bid(24_500)
            way.stream._client.wsProxy = f"http://desk:another@127.0.0.1:{port}"
            way.stream.drop()
            with pytest.raises(StreamBroken, match="407"):
                await way.book()


async def test_without_markets_nothing_is_subscribed(name: str) -> None:
    async with a_way(name) as way:
        way.session._client.markets = None
        with pytest.raises(StreamBroken, match="markets"):
            await way.book()


async def test_a_host_that_is_not_there_is_told(name: str) -> None:
    async with a_way(name) as way:
        urls = way.stream._client.urls["api"]
        if name == "binance":
            urls["ws"]["spot"] = "ws://127.0.0.1:1/ws"
        else:
            urls["ws"] = "ws://127.0.0.1:1/s/ws"
        with pytest.raises(StreamBroken):
            await way.book()
