"""The seam that ccxt takes as its session."""

import asyncio

import aiohttp
import pytest
from yarl import URL

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.clock import ManualClock
from trading_bridge.sandbox.transport import InProcessSession

DEPTH = URL("http://sandbox/api/v1/market/depth/SHARPUSDT?depth=5", encoded=True)
LIST = URL("http://sandbox/api/spot/accountList", encoded=True)
TIMEOUT = aiohttp.ClientTimeout(total=10)


class Line:
    """Does what the test says on each side."""

    def __init__(self, clock: ManualClock, before: list[Exception | float], after: list[Exception | float]) -> None:
        self._clock = clock
        self._before = before
        self._after = after
        self.statuses: list[int] = []

    async def request(self, method: str, url: URL) -> None:
        await self._next(self._before)

    async def answer(self, method: str, url: URL, status: int) -> None:
        self.statuses.append(status)
        await self._next(self._after)

    async def _next(self, queue: list[Exception | float]) -> None:
        if queue:
            step = queue.pop(0)
            if isinstance(step, Exception):
                raise step
            await self._clock.sleep(step)


async def test_an_answer_looks_like_aiohttps() -> None:
    session = InProcessSession(SandboxExchange().app)
    async with session.get(DEPTH, headers={}, timeout=TIMEOUT, proxy=None) as response:
        assert response.status == 200
        assert response.reason == "OK"
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["X-Request-Id"] == "0"
        assert '"level":5' in await response.text(errors="replace")
    await session.close()
    assert session.closed


async def test_the_signed_bytes_arrive_as_they_were_sent_from_the_address_that_was_set() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="5")
    key = exchange.key(addresses=("192.0.2.1",))
    session = InProcessSession(exchange.app, address="192.0.2.1")
    async with session.post(LIST, data=b"{}", headers=exchange.headers(key, "{}")) as response:
        assert '"balance":"5"' in await response.text()
    session.address = "192.0.2.2"
    async with session.post(LIST, data=b"{}", headers=exchange.headers(key, "{}")) as response:
        assert "1401" in await response.text()
    encoded = URL("http://sandbox/api/v2/trade/order/active?symbol=%53HARPUSDT", encoded=True)
    session.address = "192.0.2.1"
    async with session.get(encoded, headers=exchange.headers(key, "symbol=%53HARPUSDT")) as response:
        assert response.status == 200


async def test_a_fault_before_the_exchange_leaves_no_trace_and_one_after_it_does() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000")
    key = exchange.key()
    body = '{"symbol":"SHARPUSDT","side":"BUY","ordType":"LIMIT","ordPrice":"0.025","ordQty":"100"}'
    place = URL("http://sandbox/api/trade/order/place")
    line = Line(exchange.clock, [aiohttp.ClientOSError("reset")], [aiohttp.ServerDisconnectedError()])
    session = InProcessSession(exchange.app, line=line, clock=exchange.clock)
    for error, orders in ((aiohttp.ClientOSError, 0), (aiohttp.ServerDisconnectedError, 1)):
        with pytest.raises(error):
            async with session.post(place, data=body.encode(), headers=exchange.headers(key, body)):
                pass
        assert len(exchange.engine.open_orders("alice")) == orders
    assert line.statuses == [200]


@pytest.mark.parametrize(("before", "after", "seen"), [([11.0], [], 0), ([], [11.0], 1)])
async def test_a_total_timeout_passes_on_the_clock(before: list[float], after: list[float], seen: int) -> None:
    exchange = SandboxExchange()
    line = Line(exchange.clock, list(before), list(after))
    session = InProcessSession(exchange.app, line=line, clock=exchange.clock)

    async def call() -> None:
        async with session.get(DEPTH, timeout=TIMEOUT):
            pass

    calling = asyncio.create_task(call())
    await exchange.clock.advance(9.9)
    assert not calling.done()
    await exchange.clock.advance(0.2)
    with pytest.raises(asyncio.TimeoutError):
        await calling
    assert len(line.statuses) == seen
    async with session.get(DEPTH, timeout=TIMEOUT) as response:
        assert response.status == 200
