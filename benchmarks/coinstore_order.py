"""CPU per signed order: our Coinstore class against ccxt's own Binance class, same local server, 32 in flight."""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import ccxt.async_support as ccxt
import yarl

from trading_bridge.exchanges.coinstore import coinstore

IN_FLIGHT = 32
ROUNDS = 21
ORDERS_A_ROUND = 320
LIMIT = 0.7

_COINSTORE_ANSWER = b'{"code":"0","message":"Success","data":{"ordId":1722183748419690}}'
_BINANCE_ANSWER = (
    b'{"symbol":"ETHUSDT","orderId":9780331417,"orderListId":-1,"clientOrderId":"x-R4BD3S824d31be3228a348eaa0a303",'
    b'"transactTime":1737635557417,"price":"2410.00000000","origQty":"0.05000000","executedQty":"0.00000000",'
    b'"origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC",'
    b'"type":"LIMIT","side":"BUY","workingTime":1737635557417,"fills":[],"selfTradePreventionMode":"EXPIRE_MAKER"}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    name: str
    #: the median over the rounds
    value: float
    unit: str
    #: None: printed only
    limit: float | None

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value <= self.limit


def rows() -> list[BenchRow]:
    ours, theirs, bare, ratios, bare_ratios = asyncio.run(_measure())
    return [
        BenchRow(name="order, coinstore / ccxt binance", value=ratios, unit="x CPU", limit=LIMIT),
        BenchRow(name="order, bare aiohttp / ccxt binance", value=bare_ratios, unit="x CPU", limit=None),
        BenchRow(name="order, coinstore", value=ours, unit="us CPU", limit=None),
        BenchRow(name="order, ccxt binance", value=theirs, unit="us CPU", limit=None),
        BenchRow(name="order, bare aiohttp", value=bare, unit="us CPU", limit=None),
    ]


async def _measure() -> tuple[float, float, float, float, float]:
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{await asyncio.to_thread(here.recv)}"
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())
    common = {
        "apiKey": "k" * 32,
        "secret": "s" * 32,
        "enableRateLimit": False,
        "session": session,
        "timeout_on_exit": 0,
    }
    mine: Any = coinstore({**common, "number": str, "urls": {"api": {"public": f"{base}/c", "private": f"{base}/c"}}})
    peer: Any = ccxt.binance({**common, "urls": {"api": {"public": f"{base}/b", "private": f"{base}/b"}}})
    mine.set_markets([mine.parse_market(_MARKET)])
    peer.set_markets([peer.safe_market_structure(_BINANCE_MARKET)])
    try:
        sends: dict[str, Callable[[int], Awaitable[object]]] = {
            "ours": lambda n: mine.create_order(
                "ETH/USDT", "limit", "buy", "0.0500", "2410.01", {"clientOrderId": f"tbabcde{n}", "postOnly": True}
            ),
            "theirs": lambda n: peer.create_order(
                "ETH/USDT", "limit", "buy", 0.05, 2410.01, {"newClientOrderId": f"tbabcde{n}", "postOnly": True}
            ),
            "bare": lambda n: _bare(session, base),
        }
        for send in sends.values():
            await _cpu_us(send, ORDERS_A_ROUND)
        spent: dict[str, list[float]] = {name: [] for name in sends}
        for turn in range(ROUNDS):
            names = list(sends) if turn % 2 else list(reversed(sends))
            for name in names:
                spent[name].append(await _cpu_us(sends[name], ORDERS_A_ROUND))
    finally:
        await mine.close()
        await peer.close()
        await session.close()
        server.terminate()
        server.join()
    ours, theirs, bare = spent["ours"], spent["theirs"], spent["bare"]
    return (
        statistics.median(ours),
        statistics.median(theirs),
        statistics.median(bare),
        statistics.median(a / b for a, b in zip(ours, theirs, strict=True)),
        statistics.median(a / b for a, b in zip(bare, theirs, strict=True)),
    )


async def _cpu_us(send: Callable[[int], Awaitable[object]], orders: int) -> float:
    """CPU microseconds of this process per order, with `IN_FLIGHT` of them under way."""
    numbers = iter(range(orders))

    async def worker() -> None:
        for number in numbers:
            await send(number)

    began = time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return (time.process_time() - began) / orders * 1e6


_BARE_BODY = b'{"symbol":"ETHUSDT","side":"BUY","ordType":"POST_ONLY","ordPrice":"2410.01","ordQty":"0.05"}'


async def _bare(session: aiohttp.ClientSession, base: str) -> None:
    url = yarl.URL(f"{base}/c/trade/order/place", encoded=True)
    async with session.post(url, data=_BARE_BODY, headers={"Content-Type": "application/json"}) as response:
        await response.text()


_MARKET = {
    "symbolId": 2,
    "symbolCode": "ETHUSDT",
    "tradeCurrencyCode": "eth",
    "quoteCurrencyCode": "usdt",
    "openTrade": True,
    "onLineTime": 1609813531019,
    "tickSz": 2,
    "lotSz": 4,
    "minLmtPr": "0.01",
    "minLmtSz": "0.0001",
    "minMktVa": "1",
    "minMktSz": "0.0001",
    "makerFee": "0.002",
    "takerFee": "0.002",
}
_BINANCE_MARKET = {
    "id": "ETHUSDT",
    "lowercaseId": "ethusdt",
    "symbol": "ETH/USDT",
    "base": "ETH",
    "quote": "USDT",
    "baseId": "ETH",
    "quoteId": "USDT",
    "type": "spot",
    "spot": True,
    "margin": False,
    "swap": False,
    "future": False,
    "option": False,
    "contract": False,
    "linear": None,
    "inverse": None,
    "active": True,
    "precision": {"amount": 0.0001, "price": 0.01},
    "limits": {
        "amount": {"min": 0.0001, "max": 9000},
        "price": {"min": 0.01, "max": 1000000},
        "cost": {"min": 5, "max": None},
        "market": {"min": 0, "max": 2000},
    },
    "info": {"orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "permissions": ["SPOT"]},
}


class _Answers(asyncio.Protocol):
    """Just enough HTTP/1.1 to answer a request with a fixed body as soon as it is complete."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = 0 if at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            body = _COINSTORE_ANSWER if head.startswith(b"post /c/") else _BINANCE_ANSWER
            assert self._transport is not None
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: 71523\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    for row in rows():
        limit = "" if row.limit is None else f"  (at most {row.limit}: {'kept' if row.kept else 'BROKEN'})"
        print(f"{row.name:<40} {row.value:>9.2f} {row.unit}{limit}")
