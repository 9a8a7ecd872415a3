"""Pushed messages that are not what they should be: each breaks the stream with what was heard, and the next good book
comes all the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.sandbox_exchange import SHARP, SandboxExchange
from tests.sandbox_server import serving
from trading_bridge.clock import SystemClock
from trading_bridge.core.book import Book
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.book_stream import BookStream, StreamBroken
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session

GREETING = {"S": 1, "T": "resp", "sid": "3ae985ff", "C": 200, "M": "established"}
BOOK = {
    "S": 2,
    "T": "depth",
    "channel": "1@depth@20",
    "level": 20,
    "instrumentId": 1,
    "symbol": "SHARPUSDT",
    "b": [["0.024", "10", 1]],
    "a": [["0.026", "100", -1]],
}


class Saying:
    """A websocket that says what it is told to, to whoever connects."""

    def __init__(self) -> None:
        self.texts: asyncio.Queue[str] = asyncio.Queue()
        self.connections = 0

    def say(self, *messages: object) -> None:
        for message in messages:
            self.texts.put_nowait(message if isinstance(message, str) else json.dumps(message))

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        hearing = asyncio.ensure_future(socket.receive_str())
        await hearing  # the subscription
        while not socket.closed:
            saying = asyncio.ensure_future(self.texts.get())
            hearing = asyncio.ensure_future(socket.receive())
            await asyncio.wait((saying, hearing), return_when=asyncio.FIRST_COMPLETED)
            hearing.cancel()
            if not saying.done():
                saying.cancel()
                break
            await socket.send_str(saying.result())
        return socket


@asynccontextmanager
async def listening(name: str) -> AsyncIterator[tuple[Saying, BookStream, Market]]:
    """Markets from the sandbox, books from the script."""
    clock, http, saying = SystemClock(), HttpSessions.aiohttp(), Saying()
    app = web.Application()
    app.router.add_get("/{path:.*}", saying.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    info = exchange_info(name)
    assert info is not None
    async with serving(SandboxExchange(clock=clock).app) as address:  # type: ignore[arg-type]
        base_url = address + {"binance": "/binance", "coinstore": "/api"}[name]
        way = {"base_url": base_url, "proxy_url": None, "ipv4_only": False, "clock": clock, "http": http}
        session = Session(info=info, credentials=None, limiters=Limiters(clock), **way)  # type: ignore[arg-type]
        stream = BookStream(info=info, public=session, **way)  # type: ignore[arg-type]
        urls, there = stream._client.urls["api"], f"ws://127.0.0.1:{runner.addresses[0][1]}"
        if name == "binance":
            urls["ws"] = {"spot": there}
        else:
            urls["ws"] = there
        try:
            markets = await session.markets()
            assert isinstance(markets, Answered)
            yield saying, stream, markets.value[SHARP]
        finally:
            await stream.close()
            await session.close()
            await http.close()
            await runner.cleanup()


async def next_book(stream: BookStream, market: Market) -> Book:
    return await asyncio.wait_for(stream.next_book(market, 20), timeout=10)


@pytest.mark.parametrize(
    ("message", "evidence"),
    [
        ('{"S":2,"T":"depth","symbol":"SHARPUS', "JSONDecodeError.*unexpected end of data.*SHARPUS"),
        ('{"S":2,"T":"depth","b":[["0.024","10",1]],,}', "JSONDecodeError.*0.024"),
        ("not JSON", "what is not known: not JSON"),
        ("<html>busy</html>", "what is not known: <html>"),
        ([BOOK], "what is not known"),
        ({**BOOK, "T": "deep"}, 'what is not known.*"deep"'),
        ({name: value for name, value in BOOK.items() if name != "T"}, "what is not known"),
        ({name: value for name, value in BOOK.items() if name != "b"}, "without its sides.*0.026"),
        ({name: value for name, value in BOOK.items() if name != "a"}, "without its sides"),
        ({**BOOK, "a": None}, "without its sides"),
        ({**BOOK, "a": {"0.026": "100"}}, "without its sides"),
        ({name: value for name, value in BOOK.items() if name != "symbol"}, "of no market"),
        ({**BOOK, "symbol": "NONEUSDT"}, "of no market.*NONEUSDT"),
        ({**BOOK, "b": [["0.024"]]}, "IndexError"),
        ({**BOOK, "b": [["0.024", None, 1]]}, "Unreadable: amount is None"),
        ({**BOOK, "b": [["0.024", "ten", 1]]}, "Unreadable: amount is 'ten'"),
        ({**BOOK, "b": [["near", "10", 1]]}, "near"),
        ({**BOOK, "b": [["0.024", "NaN", 1]]}, "Unreadable"),
        ({**BOOK, "b": [[True, "10", 1]]}, "Unreadable: price is True"),
        ({"S": 2, "T": "resp", "C": 404, "M": "channel.not.found"}, "channel.not.found"),
        ({"S": 2, "T": "echo", "C": "500", "M": "busy"}, "busy"),
    ],
)
async def test_a_coinstore_message_that_cannot_be_read_is_told_as_it_came(message: object, evidence: str) -> None:
    async with listening("coinstore") as (saying, stream, market):
        saying.say(GREETING, message)
        with pytest.raises(StreamBroken, match=evidence):
            await next_book(stream, market)
        saying.say({**GREETING, "S": 1 if saying.connections > 1 else 3}, {**BOOK, "S": 4})
        assert (await next_book(stream, market)).best_bid == 24_000


@pytest.mark.parametrize(
    "book",
    [
        {**BOOK, "b": [["2.4E-2", "1E+1", 1]]},
        {**BOOK, "b": [[0.024, 10, 1]]},
        {**BOOK, "b": [[0.024, 10.0]]},
        {**BOOK, "b": [["0.024000000000000000", "10.000000000000000000", 1]]},
        {**BOOK, "b": [["0.023", "1"], ["0.024", "4"], ["0.024", "6"], ["0.022", "0"]]},
        {**BOOK, "symbol": "sharpUsdt", "S": "2"},
        {name: value for name, value in BOOK.items() if name not in ("S", "channel", "instrumentId", "level")},
        {**BOOK, "more": {"than": "is known"}},
    ],
)
async def test_what_is_written_otherwise_means_the_same(book: object) -> None:
    async with listening("coinstore") as (saying, stream, market):
        saying.say(GREETING, {"S": 2, "T": "kline"}, book, {**BOOK, "S": 3})
        read = await next_book(stream, market)
        assert read.bids[0] == (24_000, 1_000)
        assert read.best_ask == 26_000


async def test_a_message_that_comes_twice_says_nothing_new() -> None:
    async with listening("coinstore") as (saying, stream, market):
        saying.say(GREETING, BOOK)
        await next_book(stream, market)
        saying.say({**BOOK, "b": []}, {**BOOK, "S": 3, "a": []})
        assert (await next_book(stream, market)).asks == ()
        saying.say({**BOOK, "S": 1, "b": []}, {**BOOK, "S": 4})
        assert (await next_book(stream, market)).best_bid == 24_000


@pytest.mark.parametrize("message", ['{"e":"depthUpdate","s":"SHARP', '{"e":"depthUpdate","U":1,"b":[[],'])
async def test_what_ends_the_receiving_loop_of_a_ccxt_class_is_told(message: str) -> None:
    async with listening("binance") as (saying, stream, market):
        saying.say(message)
        with pytest.raises(StreamBroken, match="JSONDecodeError"):
            await next_book(stream, market)
