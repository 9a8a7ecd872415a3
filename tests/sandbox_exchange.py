"""A sandbox exchange for tests: in memory or in a file, on a clock that stands, called without sockets."""

import json
import weakref
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

from yarl import URL

from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side, TimeInForce
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.app import create_app
from trading_bridge.sandbox.control import StillFlow
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules, Refusal, to_atoms
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.transport import call_asgi
from trading_bridge.sandbox.venue import create_faults
from trading_bridge.sandbox.wire.binance import BinanceOptions
from trading_bridge.sandbox.wire.bitmart import BitmartOptions
from trading_bridge.sandbox.wire.coinstore import CoinstoreOptions
from trading_bridge.sandbox.wire.coinstore_auth import signature

SHARP = "SHARP/USDT"
ETH = "ETH/USDT"
TOKEN = "control-token"
ADDRESS = "198.51.100.7"


def atoms(amount: str) -> int:
    found = to_atoms(Decimal(amount))
    assert found is not None
    return found


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict:
        return json.loads(self.text, parse_float=Decimal)

    @property
    def data(self):
        assert str(self.json["code"]) == "0", self.text
        return self.json["data"]


class SandboxExchange:
    def __init__(
        self,
        path: Path | None = None,
        *,
        markets: tuple[MarketRules, ...] = DEFAULT_MARKETS,
        options: CoinstoreOptions | None = None,
        binance: BinanceOptions | None = None,
        bitmart: BitmartOptions | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.entropy = CountingEntropy()
        self.store = Store(path)
        weakref.finalize(self, self.store.close)
        self.engine = Engine(self.store, self.clock, self.entropy, markets)
        self.flow = StillFlow()
        self.faults = create_faults(self.engine, self.clock)
        self.app = create_app(
            self.engine,
            control_token=TOKEN,
            clock=self.clock,
            flow=self.flow,
            coinstore=options,
            binance=binance,
            bitmart=bitmart,
            faults=self.faults,
        )

    # -- the engine, in short

    def account(self, name: str = "alice", **deposits: str) -> str:
        self.engine.directory.create(name, self.engine.now_ms())
        for currency, amount in deposits.items():
            self.engine.deposit(name, currency, atoms(amount))
        return name

    def key(
        self,
        account: str = "alice",
        permissions: tuple[Permission, ...] = (Permission.READ, Permission.TRADE),
        addresses: tuple[str, ...] = (),
        **named: str,
    ) -> ApiKey:
        return self.engine.directory.create_key(account, permissions, addresses, **named)

    def quote(self, side: Side, price: int, lots: int, symbol: str = SHARP) -> SandboxOrder:
        """Rests for the market."""
        return accepted(self.engine.place(MARKET_MAKER, symbol, side, price=Ticks(price), lots=Lots(lots)))

    def take(self, side: Side, price: int, lots: int, symbol: str = SHARP) -> SandboxOrder:
        """The market takes, and what it does not get is cancelled."""
        ioc = TimeInForce.IOC
        return accepted(
            self.engine.place(MARKET_TAKER, symbol, side, price=Ticks(price), lots=Lots(lots), time_in_force=ioc)
        )

    def limit(self, side: Side, price: int, lots: int, account: str = "alice", **more: object) -> SandboxOrder:
        return accepted(self.engine.place(account, SHARP, side, price=Ticks(price), lots=Lots(lots), **more))  # type: ignore[arg-type]

    def held(self, account: str, currency: str) -> tuple[int, int]:
        purse = self.engine.directory.account(account).purse(currency)
        return purse.free, purse.used

    # -- the wire

    async def send(
        self,
        method: str,
        path: str,
        query: str = "",
        body: str = "",
        headers: dict[str, str] | None = None,
        address: str = ADDRESS,
    ) -> Answer:
        url = URL(f"http://sandbox{path}" + (f"?{query}" if query else ""), encoded=True)
        response = await call_asgi(self.app, method, url, body.encode(), headers or {}, address=address)
        return Answer(response.status, dict(response.headers), await response.text())

    async def signed(
        self,
        key: ApiKey,
        method: str,
        path: str,
        fields: dict[str, object] | None = None,
        *,
        address: str = ADDRESS,
        skew_ms: int = 0,
    ) -> Answer:
        query = urlencode(fields or {}) if method == "GET" else ""
        body = json.dumps(fields or {}) if method == "POST" else ""
        headers = self.headers(key, query + body, skew_ms=skew_ms)
        return await self.send(method, "/api" + path, query, body, headers, address)

    def headers(self, key: ApiKey, payload: str, *, skew_ms: int = 0) -> dict[str, str]:
        expires = self.engine.now_ms() + skew_ms
        return {
            "X-CS-APIKEY": key.api_key,
            "X-CS-EXPIRES": str(expires),
            "X-CS-SIGN": signature(key.secret, expires, payload.encode()),
            "Content-Type": "application/json",
        }

    async def control(self, method: str, path: str, fields: dict[str, object] | None = None) -> Answer:
        query = urlencode(fields or {}) if method == "GET" else ""
        body = json.dumps(fields or {}) if method == "POST" else ""
        return await self.send(method, "/control" + path, query, body, {"Authorization": f"Bearer {TOKEN}"})


def accepted(outcome: SandboxOrder | Refusal) -> SandboxOrder:
    assert isinstance(outcome, SandboxOrder), outcome
    return outcome
