"""An exchange on both loopback addresses, the whole platform on real sockets and the real clock, and its API."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvicorn
from pydantic import SecretStr

from tests.certificates import Authority
from tests.e2e.ways import NamedNetwork, Names, Relay
from tests.sandbox_exchange import SandboxExchange
from trading_bridge import app
from trading_bridge.clock import SystemClock
from trading_bridge.core.order import Side
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.sandbox.markets import SHARP_USDT
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.server import BreakableProtocol, Server, listening_socket
from trading_bridge.settings import Settings

EMAIL, PASSWORD = "admin@example.com", "correct horse battery"
#: known by both address families
LOCALHOST = "localhost"
LOOK_EVERY_S = 0.3
STARTS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass
class Api:
    address: str
    session: aiohttp.ClientSession
    #: everything that it ever answered
    said: list[str] = field(default_factory=list)
    token: str | None = None

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        async with self.session.request(method, f"{self.address}/api{path}", json=body, headers=headers) as answer:
            text = await answer.text()
        if self.token is not None:
            self.said.append(text)
        return Answer(answer.status, orjson.loads(text) if text else None)

    async def get(self, path: str) -> Any:
        answer = await self.call("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.body

    async def made(self, path: str, body: object) -> Any:
        answer = await self.call("POST", path, body)
        assert answer.status in (200, 201), (path, answer)
        return answer.body


@dataclass
class Site:
    exchange: SandboxExchange
    #: of the exchange, at 127.0.0.1 and ::1
    port: int
    authority: Authority
    names: Names
    clock: SystemClock
    #: what is opened for the causes, to be closed at the end
    relays: list[Relay] = field(default_factory=list)
    api: Api = field(init=False)

    async def relay(self, target: int | None = None, *, tls: ssl.SSLContext | None = None) -> Relay:
        """To the exchange, unless it is told otherwise."""
        relay = Relay(target or self.port, tls=tls)
        self.relays.append(relay)
        await relay.open()
        return relay

    async def until(self, true: Callable[[], bool], *, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - nobody tells when time has passed
                await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def a_site(folder: Path, bases: Sequence[str]) -> AsyncIterator[Site]:
    """With a market in USDT for each of the bases: only one client may trade a market."""
    clock = SystemClock()
    exchange = SandboxExchange(clock=clock, markets=tuple(_market(number, base) for number, base in enumerate(bases)))
    for market in exchange.engine.markets:
        for step in range(5):
            exchange.quote(Side.BUY, 25_590 - 10 * step, 50_000_000, market.symbol)
            exchange.quote(Side.SELL, 25_610 + 10 * step, 50_000_000, market.symbol)
    async with _served(exchange) as port:
        site = Site(exchange, port, Authority(folder), Names(), clock)
        site.names.families[LOCALHOST] = (Family.IPV6, Family.IPV4)
        try:
            async with _platform(folder, site) as address, aiohttp.ClientSession() as session:
                site.api = Api(address, session)
                site.api.token = (await site.api.made("/auth/login", {"email": EMAIL, "password": PASSWORD}))["token"]
                yield site
        finally:
            for relay in site.relays:
                await relay.close()
            exchange.store.close()


def _market(number: int, base: str) -> MarketRules:
    return replace(SHARP_USDT, symbol=f"{base}/USDT", market_id=1 + number, base=base)


@asynccontextmanager
async def _served(exchange: SandboxExchange) -> AsyncIterator[int]:
    four = listening_socket("127.0.0.1", 0)
    port = int(four.getsockname()[1])
    six = listening_socket("::1", port)
    server = Server(
        uvicorn.Config(
            exchange.app,
            http=BreakableProtocol,
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.ensure_future(server.serve(sockets=[four, six]))
    try:
        yield port
    finally:
        server.should_exit = True
        await serving
        four.close()
        six.close()


@asynccontextmanager
async def _platform(folder: Path, site: Site) -> AsyncIterator[str]:
    """Its address; it cancels the bots' orders at its end."""
    settings = Settings(
        port=0,
        host="127.0.0.1",
        database_url=None,
        state_dir=folder / "state",
        admin_email=EMAIL,
        admin_password=SecretStr(PASSWORD),
        egress_url=f"http://{LOCALHOST}:{site.port}/address",
        allow_private_hosts="127.0.0.0/8,::1",
    )
    # a busy machine does not decide which family a host is left by
    http = HttpSessions.aiohttp(site.names, other_family_after_s=10)
    http.ssl_context.load_verify_locations(cadata=site.authority.pem)
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def main(platform: app.Platform) -> None:
        started.set_result(platform.address)
        await over.wait()

    running = asyncio.ensure_future(
        app.run(settings, main, clock=site.clock, http=http, network=NamedNetwork(site.clock, site.names))
    )
    try:
        await asyncio.wait((started, running), timeout=STARTS_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        assert started.done(), "the platform did not start"
        yield started.result()
    finally:
        over.set()
        left = await running
    assert left == (), "orders are left at the exchange"
