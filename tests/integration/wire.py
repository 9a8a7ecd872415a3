"""The network between platform and exchange: what arrives is written down, and a test says what goes wrong."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from tests.integration.files import Row, rows_of
from tests.sandbox_exchange import SandboxExchange
from trading_bridge.exchanges.family import Family
from trading_bridge.sandbox.transport import InProcessSession

PLACE = "/trade/order/place"
CANCEL = "/trade/order/cancel"
ACTIVE = "/trade/order/active"
INFO = "/trade/order/orderInfo"
MATCHES = "/trade/match/accountMatches"
BALANCES = "/spot/accountList"
DEPTH = "/market/depth"
SYMBOLS = "/config/spot/symbols"

#: documentation's own (RFC 5737, RFC 3849)
IPV4_ADDRESS = "198.51.100.7"
IPV6_ADDRESS = "2001:db8::7"

#: raises what aiohttp would raise, or waits
Fault = Callable[[], Awaitable[None]]


class Held:
    """A request, an answer or a commit that stays under way until it is let go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._released = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self._released.wait()

    def release(self) -> None:
        self._released.set()


def raising(error: Exception) -> Fault:
    async def fault() -> None:
        raise error

    return fault


def timed_out() -> Fault:
    return raising(aiohttp.ServerTimeoutError("no answer in time"))


def refused_connection() -> Fault:
    key: Any = type("Key", (), {"host": "sandbox", "port": 80, "ssl": True, "is_ssl": False})()
    return raising(aiohttp.ClientConnectorError(key, OSError(111, "Connection refused")))


@dataclass(frozen=True)
class Arrival:
    """A request to create an order as it reached the exchange, and what storage had committed by then."""

    client_order_id: str
    side: str
    price: str
    amount: str
    symbol: str
    stored: Row | None


@dataclass
class Wire:
    """One server's line to the exchange. Once cut nothing passes in either direction."""

    exchange: SandboxExchange
    database: Path
    cut: bool = False
    #: method and path of each request that reached the exchange
    passed: list[str] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    #: answers to creates that were not code 0
    refusals: list[str] = field(default_factory=list)
    #: path -> faults, each for one request, before the exchange sees it
    before: dict[str, list[Fault]] = field(default_factory=dict)
    #: path -> faults, each for one request, after the exchange has done everything
    after: dict[str, list[Fault]] = field(default_factory=dict)

    def session(self, family: Family = Family.ANY) -> InProcessSession:
        """Leaves by IPv6 unless it must not, as a host with both does."""
        address = IPV4_ADDRESS if family is Family.IPV4 else IPV6_ADDRESS
        return InProcessSession(self._app, address=address, line=self, clock=self.exchange.clock)

    def count(self, path: str) -> int:
        return sum(1 for passed in self.passed if path in passed)

    #: `before` or `after`, and path -> what goes wrong with this request
    trouble: Callable[[str, str], Fault | None] = lambda when, path: None
    #: seconds that each way takes
    latency: Callable[[], float] = lambda: 0.0

    async def request(self, method: str, url: URL) -> None:
        await self._travel()
        await self._next("before", self.before, url.path)

    async def answer(self, method: str, url: URL, status: int) -> None:
        await self._next("after", self.after, url.path)
        await self._travel()

    async def _travel(self) -> None:
        seconds = self.latency()
        if seconds > 0:
            await self.exchange.clock.sleep(seconds)

    async def _next(self, when: str, faults: dict[str, list[Fault]], path: str) -> None:
        if self.cut:
            raise aiohttp.ClientOSError("the server is dead")
        if (fault := self.trouble(when, path)) is not None:
            await fault()
        for place, queue in faults.items():
            if place in path:
                if queue:
                    await queue.pop(0)()
                return

    async def _app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.passed.append(f"{scope['method']} {scope['path']}")
        if not scope["path"].endswith(PLACE):
            await self.exchange.app(scope, receive, send)
            return
        message = await receive()
        asked = json.loads(message["body"])
        stored = rows_of(self.database, "SELECT * FROM orders WHERE client_order_id = ?", asked["clOrdId"])
        self.arrivals.append(
            Arrival(
                client_order_id=asked["clOrdId"],
                side=asked["side"].lower(),
                price=str(asked["ordPrice"]),
                amount=str(asked["ordQty"]),
                symbol=asked["symbol"],
                stored=stored[0] if stored else None,
            )
        )

        given = [message]

        async def again() -> dict[str, Any]:
            return given.pop() if given else await receive()

        async def heard(part: dict[str, Any]) -> None:
            body = part.get("body", b"")
            if body and str(json.loads(body).get("code")) != "0":
                self.refusals.append(body.decode())
            await send(part)

        await self.exchange.app(scope, again, heard)
