"""The doctor, a sandbox exchange and the network between them, in process: what a ladder asked is written down."""

import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Credentials
from trading_bridge.core.order import Side
from trading_bridge.diagnosis.doctor import Doctor, Draft
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.ladder import Ladder, Rung, Step, StepOutcome
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX, InProcessNetwork
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.transport import InProcessSession

BASE_URL = "https://exchange.example/api"
#: where this host is seen by each family; left to itself it takes IPv6
HOST_FOUR, HOST_SIX = "198.51.100.7", "2001:db8:7::7"
BOTH = {Family.IPV4: (FOUR,), Family.IPV6: (SIX,)}


@dataclass
class Asked:
    method: str
    path: str
    query: str
    body: dict[str, Any]


@dataclass
class Clinic:
    exchange: SandboxExchange
    network: InProcessNetwork = field(default_factory=lambda: InProcessNetwork(BOTH))
    egress_url: str | None = None
    egress_addresses: tuple[str, ...] = (HOST_FOUR, HOST_SIX)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = self.exchange.clock
        addresses = {Family.ANY: HOST_SIX, Family.IPV4: HOST_FOUR, Family.IPV6: HOST_SIX}
        self.http = HttpSessions(lambda family: InProcessSession(self._app, address=addresses[family], clock=clock))
        self.egress = Egress(self.egress_url, self.egress_addresses, self.http, clock)
        self.doctor = Doctor(
            http=self.http, limiters=Limiters(clock), network=self.network, clock=clock, egress=self.egress
        )

    async def examine(self, key: ApiKey, *bots: Bot, **changed: Any) -> Ladder:
        return await self.doctor.examine_draft(replace(draft(key), **changed), bots)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        self.asked.append(Asked(scope["method"], scope["path"], scope["query_string"].decode(), _fields(body)))

        unread = [message]

        async def again() -> Any:
            return unread.pop() if unread else await receive()

        await self.exchange.app(scope, again, send)


def _fields(body: bytes) -> dict[str, Any]:
    """Of a body of JSON, or as a form sends them."""
    found: dict[str, Any] = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    return found


def healthy() -> Clinic:
    """Money for both sides, and a book."""
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000", SHARP="50000")
    exchange.quote(Side.BUY, 25_590, 50_000_000)
    exchange.quote(Side.SELL, 25_610, 50_000_000)
    return Clinic(exchange)


def draft(key: ApiKey) -> Draft:
    return Draft(
        exchange="coinstore",
        credentials=Credentials(api_key=key.api_key, secret=key.secret),
        base_url=BASE_URL,
        proxy_url=None,
        ipv4_only=False,
    )


def step(ladder: Ladder, rung: Rung) -> Step:
    """The first of this rung."""
    return next(one for one in ladder.steps if one.rung is rung)


def outcomes(ladder: Ladder) -> dict[str, str]:
    """Rung -> outcome; of the last bot."""
    return {one.rung.value: one.outcome.value for one in ladder.steps}


def failures(ladder: Ladder) -> dict[str, str]:
    """Rung -> code."""
    return {one.rung.value: one.finding.code for one in ladder.steps if one.outcome is StepOutcome.FAIL and one.finding}
