"""CPU per signed order: our Coinstore class against ccxt's own Binance class, same local server, 32 in flight."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import yarl

from benchmarks.local_exchange import COINSTORE_MARKET, SYMBOL, Binance, local_exchange
from benchmarks.rows import BenchRow, Rounds, cpu_us, interleaved
from trading_bridge.exchanges.coinstore import coinstore

IN_FLIGHT = 32
ORDERS_A_ROUND = 320
LIMIT = 0.7


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(_measure(rounds))
    return [
        BenchRow(
            name="Coinstore class, order, 32 in flight / ccxt binance",
            value=found.ratio("ours", "theirs"),
            unit="x CPU",
            limit=LIMIT,
        ),
        BenchRow(name="  bare aiohttp POST / ccxt binance", value=found.ratio("bare", "theirs"), unit="x CPU"),
        BenchRow(name="  Coinstore class", value=found.median("ours"), unit="us CPU"),
        BenchRow(name="  ccxt binance", value=found.median("theirs"), unit="us CPU"),
    ]


async def _measure(rounds: int) -> Rounds:
    async with (
        local_exchange() as address,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        base = f"{address}/c"
        mine: Any = coinstore(
            {
                "apiKey": "k" * 32,
                "secret": "s" * 32,
                "enableRateLimit": False,
                "session": session,
                "timeout_on_exit": 0,
                "number": str,
                "urls": {"api": {"public": base, "private": base}},
            }
        )
        mine.set_markets([mine.parse_market(COINSTORE_MARKET)])
        peer = Binance(address, session)

        async def ours(number: int) -> None:
            await mine.create_order(
                SYMBOL, "limit", "buy", "0.0500", "2410.01", {"clientOrderId": f"tbabcde{number}", "postOnly": True}
            )

        async def bare(number: int) -> None:
            url = yarl.URL(f"{base}/trade/order/place", encoded=True)
            async with session.post(url, data=_BODY, headers={"Content-Type": "application/json"}) as response:
                await response.text()

        def cost(send: Callable[[int], Awaitable[None]]) -> Callable[[], Awaitable[float]]:
            return partial(cpu_us, send, range(ORDERS_A_ROUND), IN_FLIGHT)

        try:
            return await interleaved({"ours": cost(ours), "theirs": cost(peer.place), "bare": cost(bare)}, rounds)
        finally:
            await mine.close()
            await peer.close()


_BODY = b'{"symbol":"ETHUSDT","side":"BUY","ordType":"POST_ONLY","ordPrice":"2410.01","ordQty":"0.05"}'
