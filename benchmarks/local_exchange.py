"""A server on loopback in a process of its own, and ccxt's own Binance class as its client: what orders are held to."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any

import ccxt.async_support as ccxt
import orjson

SYMBOL = "ETH/USDT"
COINSTORE_MARKET = {
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
BINANCE_MARKET = {
    "id": "ETHUSDT",
    "lowercaseId": "ethusdt",
    "symbol": SYMBOL,
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
_COINSTORE_ORDER = b'{"code":"0","message":"Success","data":{"ordId":%d}}'
_COINSTORE_MARKETS = orjson.dumps({"code": "0", "message": "Success", "data": [COINSTORE_MARKET]})
_COINSTORE_BALANCES = orjson.dumps(
    {
        "code": "0",
        "message": "Success",
        "data": [
            {"uid": 315, "accountId": 1134971, "currency": currency, "balance": "1000000", "type": 1}
            for currency in ("USDT", "ETH")
        ],
    }
)
_BINANCE_ORDER = (
    b'{"symbol":"ETHUSDT","orderId":%d,"orderListId":-1,"clientOrderId":"x-R4BD3S824d31be3228a348eaa0a303",'
    b'"transactTime":1737635557417,"price":"2410.00000000","origQty":"0.05000000","executedQty":"0.00000000",'
    b'"origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC",'
    b'"type":"LIMIT","side":"BUY","workingTime":1737635557417,"fills":[],"selfTradePreventionMode":"EXPIRE_MAKER"}'
)
_FIRST_ORDER_ID = 1_722_183_748_419_690


@asynccontextmanager
async def local_exchange() -> AsyncIterator[str]:
    """Its address; Coinstore lies under `/c`, Binance under `/b`."""
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe()
    server = processes.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{await asyncio.to_thread(here.recv)}"
    finally:
        server.terminate()
        server.join()


class Binance:
    """`create_order` as anybody would call it, rate limit off."""

    def __init__(self, address: str, session: Any = None) -> None:
        """`session` None: the one that ccxt makes for itself."""
        base = f"{address}/b"
        config = {
            "apiKey": "k" * 32,
            "secret": "s" * 32,
            "enableRateLimit": False,
            "timeout_on_exit": 0,
            "urls": {"api": {"public": base, "private": base}},
        }
        self._client: Any = ccxt.binance(config if session is None else config | {"session": session})
        self._client.set_markets([self._client.safe_market_structure(BINANCE_MARKET)])

    async def place(self, number: int) -> None:
        await self._client.create_order(
            SYMBOL, "limit", "buy", 0.05, 2410.01, {"newClientOrderId": f"tbabcde{number}", "postOnly": True}
        )

    async def close(self) -> None:
        await self._client.close()


class _Answers(asyncio.Protocol):
    """Just enough HTTP/1.1 to answer a request as soon as it is complete."""

    _order_id = _FIRST_ORDER_ID

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
            body = self._body(head)
            assert self._transport is not None
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: 71523\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )

    def _body(self, head: bytes) -> bytes:
        if head.startswith(b"post /c/v2/public/config/spot/symbols"):
            return _COINSTORE_MARKETS
        if head.startswith(b"post /c/spot/accountlist"):
            return _COINSTORE_BALANCES
        _Answers._order_id += 1
        return (_COINSTORE_ORDER if head.startswith(b"post /c/") else _BINANCE_ORDER) % _Answers._order_id


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
