"""Slow, hung and dropped answers over real connections."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.sandbox.app import run_sandbox
from trading_bridge.sandbox.wire.coinstore_auth import signature

TOKEN = "process-token"
PLACE = "/api/trade/order/place"
ORDER = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.000001", "ordQty": "100"}


class Client:
    """Talks to a sandbox as one account; each request has a connection of its own."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        self._key: dict[str, str] = {}

    async def sign_in(self) -> None:
        await self.control("/accounts", {"account": "alice"})
        await self.control("/deposits", {"account": "alice", "currency": "USDT", "amount": "1000"})
        self._key = await self.control("/keys", {"account": "alice"})

    async def close(self) -> None:
        await self._http.close()

    async def control(self, path: str, fields: dict[str, object]) -> dict:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self._http.post(f"{self._base}/control{path}", json=fields, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def creates(self) -> list[dict]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self._http.get(f"{self._base}/control/creates?account=alice", headers=headers) as response:
            return (await response.json())["creates"]

    async def get(self, path: str) -> dict:
        async with self._http.get(self._base + path) as response:
            assert response.status == 200
            return await response.json()

    async def place(self, client_order_id: str, *, timeout_s: float = 30) -> dict:
        body = json.dumps(ORDER | {"clOrdId": client_order_id}).encode()
        expires = int(SystemClock().now().timestamp() * 1000)
        headers = {
            "X-CS-APIKEY": self._key["api_key"],
            "X-CS-EXPIRES": str(expires),
            "X-CS-SIGN": signature(self._key["secret"], expires, body),
            "Content-Type": "application/json",
        }
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        async with self._http.post(self._base + PLACE, data=body, headers=headers, timeout=timeout) as response:
            return await response.json()


@asynccontextmanager
async def serving(state: Path, host: str = "127.0.0.1", reached_by: str | None = None) -> AsyncIterator[Client]:
    """A sandbox and its client; `reached_by` another address of the same machine."""
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        run_sandbox(
            state,
            0,
            host=host,
            control_token=TOKEN,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            stop=stop,
            listening=address.set_result,
        )
    )
    base = await address
    client = Client(base if reached_by is None else f"http://{reached_by}:{base.rpartition(':')[2]}")
    try:
        yield client
    finally:
        await client.close()
        stop.set()
        async with asyncio.timeout(90):
            await running


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with serving(tmp_path) as made:
        await made.sign_in()
        yield made


async def test_a_dropped_answer_breaks_the_connection_and_the_order_stands(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    fault = (await client.control("/faults", {"kind": "dropped", "endpoint": PLACE}))["id"]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.place("tb1")
    await client.control("/faults/clear", {"id": fault})
    assert [(one["client_order_id"], one["outcome"]) for one in await client.creates()] == [("tb1", "accepted")]
    assert (await client.place("tb2"))["code"] == "0"
    assert [
        record for record in caplog.records if record.name.startswith("uvicorn") and record.levelname != "INFO"
    ] == []


async def test_a_hung_answer_outlasts_its_client_and_comes_when_the_fault_is_cleared(client: Client) -> None:
    await client.control("/faults", {"kind": "hung", "endpoint": PLACE})
    with pytest.raises(asyncio.TimeoutError):
        await client.place("tb1", timeout_s=0.2)
    asking = asyncio.create_task(client.place("tb2"))
    async with asyncio.timeout(90):
        while len(await client.creates()) < 2:
            assert not asking.done()
    await client.get("/api/v1/market/depth/ETHUSDT")  # others are answered
    assert not asking.done()
    await client.control("/faults/clear", {})
    assert (await asking)["code"] == "0"


async def test_a_slow_answer_takes_its_time(client: Client) -> None:
    await client.control("/faults", {"kind": "slow", "delay_s": 0.3, "endpoint": PLACE})
    clock = SystemClock()
    began = clock.monotonic()
    assert (await client.place("tb1"))["code"] == "0"
    assert clock.monotonic() - began >= 0.3


async def test_what_hangs_does_not_keep_the_exchange_from_stopping(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        await client.sign_in()
        await client.control("/faults", {"kind": "hung", "endpoint": PLACE})
        asking = asyncio.create_task(client.place("tb1"))
        async with asyncio.timeout(90):
            while not await client.creates():
                pass
    with pytest.raises((aiohttp.ClientError, asyncio.CancelledError)):
        await asking


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6 loopback")
@pytest.mark.parametrize(
    ("host", "reached_by", "seen"),
    [
        ("127.0.0.1", None, {"address": "127.0.0.1", "family": "ipv4"}),
        ("::1", None, {"address": "::1", "family": "ipv6"}),
        ("::", "[::1]", {"address": "::1", "family": "ipv6"}),
        ("::", "127.0.0.1", {"address": "127.0.0.1", "family": "ipv4"}),
    ],
)
async def test_it_serves_both_families(tmp_path: Path, host: str, reached_by: str | None, seen: dict) -> None:
    async with serving(tmp_path, host, reached_by) as client:
        assert await client.get("/address") == seen
