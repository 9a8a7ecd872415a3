"""Pushed books, from the socket to the feed that decisions read, and what other clients need for the same messages."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.sharedctypes import RawValue
from typing import Any

import ccxt.pro
import orjson
import websockets.asyncio.client as websockets

from benchmarks.local_exchange import BINANCE_MARKET, SYMBOL
from benchmarks.pushing_exchange import pushing_exchange
from benchmarks.rows import BenchRow, Direction, interleaved
from trading_bridge.accounts.market_feed import MarketFeed
from trading_bridge.clock import SystemClock
from trading_bridge.core.book import Book
from trading_bridge.core.finding import Evidence
from trading_bridge.core.known import Known, Ok
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.exchanges.book_stream import BookStream
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session

MESSAGES = 500
FLOOD, FLOOD_PER_S, SETTLED_AFTER = 25_000, 5_000, 5_000
#: what a wait may take
PATIENCE_S, QUIET_S = 5.0, 0.5
#: books, by all clients
_TAKEN = RawValue("Q", 0)
_MARKET = Market(
    exchange="bench",
    symbol=SYMBOL,
    base="ETH",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.0001"),
    min_price=None,
    min_amount=None,
    min_cost=None,
    maker_fee=None,
    taker_fee=None,
    active=True,
)


def rows(rounds: int) -> list[BenchRow]:
    return asyncio.run(_measure(rounds))


async def _measure(rounds: int) -> list[BenchRow]:
    async with (
        pushing_exchange(_TAKEN) as address,
        _ours("binance", f"{address}/b1") as binance,
        _ours("coinstore", f"{address}/c1") as coinstore,
        _ccxt(f"{address}/b2") as plain,
        _bare(f"{address}/c2") as bare,
    ):
        measures = {
            "binance": binance.cost_us,
            "ccxt": plain.cost_us,
            "coinstore": coinstore.cost_us,
            "bare": bare.cost_us,
        }
        found = await interleaved(measures, rounds)
        flood = await coinstore.flood()
    return [
        BenchRow(
            name="pushed book to feed, Binance / ccxt.pro binance",
            value=found.ratio("ccxt", "binance"),
            unit="x speed",
            limit=0.8,
            direction=Direction.AT_LEAST,
        ),
        BenchRow(name="  pushed book to feed, Binance", value=found.median("binance"), unit="us CPU"),
        BenchRow(name="  ccxt.pro binance", value=found.median("ccxt"), unit="us CPU"),
        BenchRow(
            name="pushed book to feed, Coinstore / websockets and orjson",
            value=found.ratio("bare", "coinstore"),
            unit="x speed",
            limit=0.5,
            direction=Direction.AT_LEAST,
        ),
        BenchRow(name="  pushed book to feed, Coinstore", value=found.median("coinstore"), unit="us CPU"),
        BenchRow(name="  websockets and orjson", value=found.median("bare"), unit="us CPU"),
        *flood,
    ]


class _Client:
    """Counts the books of its connection."""

    def __init__(self) -> None:
        self.books = 0
        self.last: Book | None = None
        self._enough = 0
        self._counted = asyncio.Event()

    def count(self) -> None:
        self.books += 1
        _TAKEN.value += 1
        if self.books >= self._enough:
            self._counted.set()

    async def push(self, messages: int, per_s: int | None) -> None:
        raise NotImplementedError

    async def until(self, enough: int) -> None:
        """Or until nothing more comes: two that arrive together are one book."""
        self._enough = enough
        self._counted.clear()
        before, waited = self.books, PATIENCE_S
        while self.books < enough:
            try:
                async with asyncio.timeout(waited):
                    await self._counted.wait()
            except TimeoutError:
                if self.books == before:
                    return
            before, waited = self.books, QUIET_S

    async def cost_us(self) -> float:
        """CPU microseconds of this process for each message."""
        before, began = self.books, time.process_time()
        await self.push(MESSAGES, None)
        await self.until(before + MESSAGES)
        taken = self.books - before
        assert taken > MESSAGES * 0.9, f"only {taken} of {MESSAGES} books were taken one by one"
        return (time.process_time() - began) / taken * 1e6


class _Feed(_Client):
    def __init__(self, session: Session, stream: BookStream, clock: SystemClock) -> None:
        super().__init__()
        self._stream = stream
        self._clock = clock
        self.feed = MarketFeed(SYMBOL, self, _Rules(), clock, self)  # type: ignore[arg-type]
        self.feed.want(3600)

    # what the feed asks for

    async def next_book(self, market: Market, depth: int) -> Book:
        book = await self._stream.next_book(market, depth)
        self.count()
        return book

    async def leave(self, symbol: str) -> None:
        await self._stream.leave(symbol)

    def drop(self) -> None:
        self._stream.drop()

    async def order_book(self, market: Market, depth: int) -> Outcome[Book]:
        """Polls agree with what was pushed."""
        known = self.feed.book()
        empty = Book(symbol=SYMBOL, bids=(), asks=(), observed_at=self._clock.now())
        return Answered(value=known.value if isinstance(known, Ok) else empty, evidence=_EVIDENCE)

    async def public_trades(self, market: Market, limit: int) -> Outcome[tuple[()]]:
        return Answered(value=(), evidence=_EVIDENCE)

    # what is measured

    async def push(self, messages: int, per_s: int | None) -> None:
        (connection,) = self._stream._client.clients.values()
        await connection.send({"push": messages, "per_s": per_s})

    def lag_ms(self) -> float:
        """How old the newest book of the feed is."""
        known = self.feed.book()
        assert isinstance(known, Ok)
        return time.monotonic() * 1000 - known.value.asks[0].amount

    def queued(self) -> int:
        (connection,) = self._stream._client.clients.values()
        return len(connection.buffer)

    async def flood(self) -> list[BenchRow]:
        """After a first second, when everything has its size."""
        before, lags, queued = self.books, list[float](), list[int]()
        await self.push(FLOOD, FLOOD_PER_S)
        began = time.monotonic()
        await asyncio.sleep(SETTLED_AFTER / FLOOD_PER_S)
        memory = _memory_mb()
        while time.monotonic() - began < FLOOD / FLOOD_PER_S:
            await asyncio.sleep(0.05)
            lags.append(self.lag_ms())
            queued.append(self.queued())
        late = lags[len(lags) // 2 :]
        return [
            BenchRow(
                name=f"{FLOOD_PER_S} books a second, memory grown",
                value=max(0.0, _memory_mb() - memory),
                unit="MB",
                limit=4,
                timed=False,
            ),
            BenchRow(name=f"{FLOOD_PER_S} books a second, the newest is old", value=max(late), unit="ms", limit=100),
            BenchRow(name="  messages in the queue, at most", value=max(queued), unit=""),
            BenchRow(name="  books taken", value=(self.books - before) / (time.monotonic() - began), unit="/s"),
        ]


class _Ccxt(_Client):
    def __init__(self, exchange: Any) -> None:
        super().__init__()
        self._exchange = exchange

    async def run(self) -> None:
        while True:
            book = await self._exchange.watch_order_book(SYMBOL)
            assert book["bids"][0][0] < book["asks"][0][0]
            self.count()

    async def push(self, messages: int, per_s: int | None) -> None:
        (connection,) = self._exchange.clients.values()
        await connection.send({"push": messages, "per_s": per_s})


class _Bare(_Client):
    def __init__(self, connection: websockets.ClientConnection) -> None:
        super().__init__()
        self._connection = connection

    async def run(self) -> None:
        async for text in self._connection:
            book = orjson.loads(text)
            assert book["b"][0][0] != book["a"][0][0]
            self.count()

    async def push(self, messages: int, per_s: int | None) -> None:
        await self._connection.send(orjson.dumps({"push": messages, "per_s": per_s}).decode())


class _Rules:
    async def market(self, symbol: str) -> Known[Market | None]:
        return _KNOWN


@asynccontextmanager
async def _ours(name: str, base_url: str) -> AsyncIterator[_Feed]:
    clock, http, info = SystemClock(), HttpSessions.aiohttp(), exchange_info(name)
    assert info is not None
    way: Any = {"base_url": base_url, "proxy_url": None, "ipv4_only": False, "clock": clock, "http": http}
    session = Session(info=info, credentials=None, limiters=Limiters(clock), **way)
    session._client.set_markets([session._client.safe_market_structure({**BINANCE_MARKET, "numericId": 2})])
    stream = BookStream(info=info, public=session, **way)
    client = _Feed(session, stream, clock)
    running = asyncio.ensure_future(client.feed.run())
    try:
        yield await _begun(client, lambda: bool(stream._client.clients), running)
    finally:
        running.cancel()
        await stream.close()
        await session.close()
        await http.close()


@asynccontextmanager
async def _ccxt(base: str) -> AsyncIterator[_Ccxt]:
    sockets = base.replace("http", "ws", 1)
    urls = {"api": {"public": f"{base}/api/v3", "ws": {"spot": f"{sockets}/ws"}}}
    exchange: Any = ccxt.pro.binance({"enableRateLimit": False, "timeout_on_exit": 0, "urls": urls})
    exchange.set_markets([exchange.safe_market_structure(BINANCE_MARKET)])
    client = _Ccxt(exchange)
    running = asyncio.ensure_future(client.run())
    try:
        yield await _begun(client, lambda: bool(exchange.clients), running)
    finally:
        running.cancel()
        await exchange.close()


@asynccontextmanager
async def _bare(base: str) -> AsyncIterator[_Bare]:
    async with websockets.connect(f"{base.replace('http', 'ws', 1)}/s/ws", compression=None) as connection:
        client = _Bare(connection)
        running = asyncio.ensure_future(client.run())
        try:
            yield client
        finally:
            running.cancel()


async def _begun(client: Any, connecting: Any, running: "asyncio.Task[None]") -> Any:
    """Once books come."""
    async with asyncio.timeout(PATIENCE_S):
        while not client.books:
            await asyncio.sleep(0.5)
            assert not running.done(), running
            if connecting():
                await client.push(20, 100)
    return client


def _memory_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1e6


_KNOWN: Known[Market | None] = Ok(value=_MARKET, as_of=datetime(2026, 1, 1, tzinfo=UTC))
_EVIDENCE = Evidence(
    call="fetch_order_book",
    endpoint=None,
    method=None,
    http_status=None,
    exchange_code=None,
    exchange_text=None,
    request_id=None,
    latency_ms=0,
    at=datetime(2026, 1, 1, tzinfo=UTC),
)
