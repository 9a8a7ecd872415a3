"""A session of one exchange against its dialect of the sandbox, with or without sockets."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import uvicorn

from tests.contract.suite.venues import Venue
from tests.factories import order
from tests.sandbox_exchange import ADDRESS, SHARP, SandboxExchange
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.server import BreakableProtocol, Server, base_address, listening_socket
from trading_bridge.sandbox.transport import InProcessSession, Line

T = TypeVar("T")


class Way(StrEnum):
    IN_PROCESS = "in_process"
    HTTP = "http"


@dataclass
class Desk:
    venue: Venue
    exchange: SandboxExchange
    base_url: str
    http: HttpSessions
    sessions: list[Session] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.sessions[0]

    def open(self, key: ApiKey, *, base_url: str | None = None, credentials: Credentials | None = None) -> Session:
        """Of its own limits, so that no test waits for another's calls."""
        clock = self.exchange.clock
        made = Session(
            info=self.venue.info,
            credentials=credentials or self.venue.credentials(key),
            base_url=base_url or self.base_url,
            proxy_url=None,
            ipv4_only=False,
            clock=clock,
            http=self.http,
            limiters=Limiters(clock),
            markets_of=self.sessions[0] if self.sessions else None,
        )
        self.sessions.append(made)
        return made

    async def market(self) -> Market:
        return value(await self.session.markets())[SHARP]

    def intent(self, number: int = 1, **changed: object) -> Order:
        now = self.exchange.clock.now()
        made = order(
            client_order_id=f"tbabcde0123456789{number:015}",  # as long as ours can be
            price=Decimal("0.0255"),
            amount=Decimal("300"),
            signed_at=now,
            decided_at=now,
        )
        return replace(made, **changed)  # type: ignore[arg-type]

    async def placed(self, number: int = 1, **changed: object) -> str:
        return value(await self.session.create_order(await self.market(), self.intent(number, **changed)))

    async def in_time(self, asked: Coroutine[object, object, T]) -> T:
        """Calls that wait for their turn are given it."""
        task = asyncio.ensure_future(asked)
        while not task.done():
            await self.exchange.clock.advance(1)
        return task.result()

    async def pass_limits(self) -> None:
        """Until whatever was asked before counts for nothing."""
        await self.exchange.clock.advance(120)


def value(outcome: Outcome[T]) -> T:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


@asynccontextmanager
async def opened(venue: Venue, way: Way, line: Line | None = None) -> AsyncIterator[Desk]:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="100000", SHARP="100000")
    if way is Way.HTTP:
        async with _serving(exchange) as address, _desk(venue, exchange, address, HttpSessions.aiohttp()) as desk:
            yield desk
        return
    http = HttpSessions(lambda family: InProcessSession(exchange.app, address=ADDRESS, line=line))
    async with _desk(venue, exchange, "http://sandbox.test", http) as desk:
        yield desk


@asynccontextmanager
async def _desk(venue: Venue, exchange: SandboxExchange, address: str, http: HttpSessions) -> AsyncIterator[Desk]:
    desk = Desk(venue, exchange, address + venue.prefix, http)
    desk.open(exchange.key("alice"))
    value(await desk.session.markets())
    try:
        yield desk
    finally:
        for session in desk.sessions:
            await session.close()
        await http.close()


@asynccontextmanager
async def _serving(exchange: SandboxExchange) -> AsyncIterator[str]:
    with listening_socket("127.0.0.1", 0) as listener:
        config = uvicorn.Config(
            exchange.app, http=BreakableProtocol, log_config=None, date_header=False, server_header=False, ws="none"
        )
        server = Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield base_address(listener)
        finally:
            server.should_exit = True
            await task
