"""Books by websocket over real sockets: ccxt.pro's own class against the sandbox as Binance."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.sandbox_exchange import SHARP, SandboxExchange
from tests.sandbox_server import serving
from trading_bridge.clock import SystemClock
from trading_bridge.core.book import Book
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.book_stream import BookStream, StreamBroken
from trading_bridge.exchanges.described import binance
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session


@dataclass
class Way:
    exchange: SandboxExchange
    session: Session
    stream: BookStream
    market: Market

    async def book(self) -> Book:
        return await asyncio.wait_for(self.stream.next_book(self.market, 20), timeout=20)

    async def until_best_bid(self, price: int) -> Book:
        while (book := await self.book()).best_bid != price:
            pass
        return book


@asynccontextmanager
async def a_way() -> AsyncIterator[Way]:
    clock, http = SystemClock(), HttpSessions.aiohttp()
    exchange = SandboxExchange(clock=clock)  # type: ignore[arg-type] # ccxt's class goes by the wall clock
    exchange.quote(Side.BUY, 24_000, 5_000)
    exchange.quote(Side.SELL, 26_000, 5_000)
    async with serving(exchange.app) as address:
        way = {"base_url": f"{address}/binance", "proxy_url": None, "ipv4_only": False, "clock": clock, "http": http}
        session = Session(info=binance.INFO, credentials=None, limiters=Limiters(clock), **way)  # type: ignore[arg-type]
        stream = BookStream(info=binance.INFO, public=session, **way)  # type: ignore[arg-type]
        try:
            markets = await session.markets()
            assert isinstance(markets, Answered)
            yield Way(exchange, session, stream, markets.value[SHARP])
        finally:
            await stream.close()
            await session.close()
            await http.close()


async def test_a_pushed_book_is_the_polled_one() -> None:
    async with a_way() as way:
        assert (await way.book()).best_bid == 24_000
        way.exchange.quote(Side.BUY, 24_500, 7_000)
        pushed = await way.until_best_bid(24_500)
        polled = await way.session.order_book(way.market)
        assert isinstance(polled, Answered)
        assert pushed.says_the_same(polled.value)
        assert pushed.bids[0].amount == 7_000


async def test_a_dropped_stream_connects_anew() -> None:
    async with a_way() as way:
        await way.book()
        waiting = asyncio.ensure_future(way.book())
        for _ in range(20):
            await asyncio.sleep(0)
        way.stream.drop()
        with pytest.raises(StreamBroken, match="behind"):
            await waiting
        way.exchange.quote(Side.BUY, 24_700, 1_000)
        assert (await way.until_best_bid(24_700)).best_ask == 26_000


async def test_without_markets_nothing_is_subscribed() -> None:
    async with a_way() as way:
        way.session._client.markets = None
        with pytest.raises(StreamBroken, match="markets"):
            await way.book()


async def test_a_host_that_is_not_there_is_told() -> None:
    async with a_way() as way:
        way.stream._client.urls["api"]["ws"]["spot"] = "ws://127.0.0.1:1/ws"
        with pytest.raises(StreamBroken):
            await way.book()
