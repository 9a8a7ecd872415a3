"""The product as `app.run` composes it, with a sandbox exchange behind it in the same process: calls need no socket."""

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI
from pydantic import SecretStr

from trading_bridge import app
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.clock import Clock, SystemEntropy
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.client import Connector, Credentials
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.exchanges.in_process_network import InProcessNetwork
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import configure_logs
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.app import create_app
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import MarketRules, to_atoms
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.transport import InProcessSession
from trading_bridge.services import auth
from trading_bridge.settings import OnStop, Settings

T = TypeVar("T")

_ADDRESS = "http://sandbox/api"
_EMAIL = "bench@example.com"
_PASSWORD = "bench-password"


class Exchange:
    """The sandbox, and how many requests it was sent."""

    def __init__(self, clock: Clock, markets: tuple[MarketRules, ...]) -> None:
        self.engine = Engine(Store(None), clock, SystemEntropy(), markets)
        self.requests: list[str] = []
        self._app = create_app(self.engine, control_token="bench", clock=clock)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests.append(scope["path"])
        await self._app(scope, receive, send)

    def key(self, account: str, **deposits: str) -> Credentials:
        """A new account with money, without a limit of open orders."""
        self.engine.directory.create(account, self.engine.now_ms(), limit=None)
        for currency, amount in deposits.items():
            self.deposit(account, currency, amount)
        key = self.engine.directory.create_key(account, (Permission.READ, Permission.TRADE), ())
        return Credentials(api_key=key.api_key, secret=key.secret)

    def deposit(self, account: str, currency: str, amount: str) -> None:
        atoms = to_atoms(Decimal(amount))
        assert atoms is not None
        self.engine.deposit(account, currency, atoms)

    def quote(self, symbol: str, best_bid: int, levels: int) -> None:
        """A book that stands still, two ticks wide."""
        for place in range(levels):
            for side, price in ((Side.BUY, best_bid - place), (Side.SELL, best_bid + 2 + place)):
                self.engine.place(MARKET_MAKER, symbol, side, price=Ticks(price), lots=Lots(500_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    exchange: Exchange
    platform: app.Platform
    api: FastAPI
    hub: Hub
    clock: Clock
    #: with a session's cookie
    headers: list[tuple[bytes, bytes]]

    async def add_connector(self, account: str, credentials: Credentials) -> Connector:
        """Of a new client."""
        async with self.platform.database.unit_of_work() as uow:
            client = await uow.clients.add(name=account, account=account)
            return await uow.connectors.add(
                client_id=client.id,
                name="coinstore",
                exchange="coinstore",
                credentials=credentials,
                base_url=_ADDRESS,
            )

    async def add_bot(self, connector: Connector, name: str, symbol: str, *, running: bool = False) -> Bot:
        async with self.platform.database.unit_of_work() as uow:
            bot = await uow.bots.add(
                client_id=connector.client_id,
                name=name,
                connector="Coinstore",
                symbol=symbol,
                bot_type="spread",
                config={"spread_bps": "40", "order_amount_quote": "50"},
                market_verified=True,
            )
            return await uow.bots.set_status(bot.id, BotStatus.RUNNING) if running else bot

    async def get(self, path: str, query: bytes = b"") -> bytes:
        return await call(self.api, path, query, self.headers)


async def on_platform(
    work: Callable[[World], Awaitable[T]], clock: Clock, markets: tuple[MarketRules, ...] = DEFAULT_MARKETS
) -> T:
    """What `work` makes of a platform that has just started, with one user signed in."""
    configure_logs(json=False, level="ERROR")
    exchange = Exchange(clock, markets)
    found: list[T] = []

    async def main(platform: app.Platform) -> None:
        hub = Hub()
        signed_in = await auth.sign_in(platform.deps, email=_EMAIL, password=_PASSWORD, address="127.0.0.1")
        headers = [(b"host", b"127.0.0.1"), (b"cookie", b"tb_session=" + signed_in.token.encode())]
        api = create_api(platform.deps, hub)
        found.append(
            await work(World(exchange=exchange, platform=platform, api=api, hub=hub, clock=clock, headers=headers))
        )

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            state_dir=Path(folder),
            port=0,
            admin_email=_EMAIL,
            admin_password=SecretStr(_PASSWORD),
            on_stop=OnStop.KEEP,  # the exchange ends with the process
        )
        http = HttpSessions(lambda family: InProcessSession(exchange))
        await app.run(settings, main, clock=clock, http=http, network=InProcessNetwork())
    return found[0]


async def call(api: Any, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """The body of one answer of an ASGI application, which must be 200."""
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    await api(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    return b"".join(message.get("body", b"") for message in sent[1:])
