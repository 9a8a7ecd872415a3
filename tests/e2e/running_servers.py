"""Servers as operators start them: `trading-bridge serve` in child processes, on one database, beside one exchange."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from tests.e2e import explained
from tests.e2e.running_demo import Answer, http, until
from trading_bridge.cli.sandbox_process import TOKEN_VARIABLE
from trading_bridge.sandbox.app import PREFIXES

EMAIL, PASSWORD = "admin@example.com", "correct horse battery"
ACCOUNT = "client_sharp"
MONEY = {"SHARP": "2000000", "USDT": "100000", "ETH": "20"}
CONTROL_TOKEN = "token-of-a-test"
UP_WITHIN_S = 120.0
#: many sends and cancels: each cycle replaces what the market has moved away from
PAIR = "SHARP/USDT"
CONFIG = {"spread_bps": "6", "order_amount_quote": "60", "refresh_tolerance_bps": "0"}


@dataclass(frozen=True)
class Create:
    """One that reached the exchange, as its own record has it."""

    client_order_id: str
    symbol: str
    outcome: str
    #: when the exchange heard of it
    time_ms: int

    @property
    def epoch(self) -> int:
        """`tb`, five characters, the epoch, the number of the send in five, twelve at random."""
        return int(self.client_order_id[7:-17], 36)


@dataclass
class Exchange:
    process: "subprocess.Popen[bytes]"
    address: str

    def control(self, method: str, path: str, body: Any = None, *, at: str = "coinstore") -> Any:
        answer = http(method, f"{self.address}/control/{at}{path}", body, CONTROL_TOKEN)
        assert answer.status == 200, (path, answer)
        return answer.body

    def creates(self, *, at: str = "coinstore") -> list[Create]:
        """Oldest first."""
        found = self.control("GET", f"/creates?account={ACCOUNT}&limit=1000", at=at)["creates"]
        return [
            Create(one["client_order_id"], one["symbol"], one["outcome"], one["time_ms"]) for one in reversed(found)
        ]

    def open_orders(self, *, at: str = "coinstore") -> set[str]:
        found = self.control("GET", f"/orders?account={ACCOUNT}&state=open", at=at)["orders"]
        return {order["client_order_id"] for order in found}


@contextmanager
def an_exchange(folder: Path, *options: str) -> Iterator[Exchange]:
    port, place = _free_port(), ("--state", str(folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "trading_bridge.cli.main", "sandbox", *place, "--port", str(port), *options],
        env={**os.environ, TOKEN_VARIABLE: CONTROL_TOKEN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    exchange = Exchange(process, f"http://127.0.0.1:{port}")
    try:
        until(
            lambda: _answers(f"{exchange.address}/control/exchanges"), within_s=UP_WITHIN_S, what="the exchange is up"
        )
        yield exchange
    finally:
        process.kill()
        process.wait(10)


@dataclass
class ServerProcess:
    name: str
    process: "subprocess.Popen[str]"
    address: str
    #: what it has logged so far
    lines: list[str]
    token: str = field(default="", repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        return http(method, f"{self.address}{path}", body, self.token)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, (path, answer, self.lines[-20:])
        return answer.body

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, body)
        assert answer.status in (200, 201, 202), (path, answer, self.lines[-20:])
        return answer.body

    def is_ready(self) -> bool | None:
        assert self.process.poll() is None, self.lines[-20:]
        answer = _ask(f"{self.address}/ready")
        return True if answer is not None and answer.status == 200 else None

    def stands_by(self) -> bool | None:
        assert self.process.poll() is None, self.lines[-20:]
        answer = _ask(f"{self.address}/health")
        return True if answer is not None and answer.body == {"status": "standby"} else None

    def story(self) -> str:
        ended = self.process.poll()
        told = f"--- server {self.name}, {'running' if ended is None else f'ended with {ended}'}"
        return "\n".join([told, *self.lines[-explained.LOG_LINES :]])

    def sign_in(self) -> None:
        self.token = self.post("/auth/login", {"email": EMAIL, "password": PASSWORD})["token"]

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, timeout_s: float) -> int:
        return self.process.wait(timeout_s)


class Servers:
    """On one database; all of them are gone at the end."""

    def __init__(self, folder: Path, database_url: str, *, key: str | None = None) -> None:
        """`key`: the one that the database was made with."""
        self._folder = folder
        self._database_url = database_url
        self.key = key or Fernet.generate_key().decode()
        self.started: list[ServerProcess] = []

    def start(self, name: str, *, on_stop: str = "keep", database_url: str | None = None) -> ServerProcess:
        port = _free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "trading_bridge.cli.main", "serve", "--port", str(port)],
            env={
                **os.environ,
                "DATABASE_URL": database_url or self._database_url,
                "TRADING_BRIDGE_STATE_DIR": str(self._folder / name),
                "TRADING_BRIDGE_SECRET_KEYS": self.key,
                "TRADING_BRIDGE_ADMIN_EMAIL": EMAIL,
                "TRADING_BRIDGE_ADMIN_PASSWORD": PASSWORD,
                "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8,::1",
                "TRADING_BRIDGE_ON_STOP": on_stop,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        server = ServerProcess(name, process, f"http://127.0.0.1:{port}", _lines_of(process))
        self.started.append(server)
        explained.explain(server, server.story)
        return server

    def end(self) -> None:
        for server in self.started:
            explained.over(server)
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait(10)


def trade(server: ServerProcess, exchange: Exchange) -> str:
    """A client with a connector and a bot that runs; its id."""
    return trade_at(server, exchange, ("coinstore",))["coinstore"]


def trade_at(
    server: ServerProcess, exchange: Exchange, names: Sequence[str], *, proxy_url: str | None = None
) -> dict[str, str]:
    """A client with a connector and a bot that runs at each exchange of these names; name -> bot id."""
    server.sign_in()
    client = server.post("/clients", {"name": "Sharp", "account": ACCOUNT})
    return {name: _trade(server, exchange, client["id"], name, proxy_url) for name in names}


def _trade(server: ServerProcess, exchange: Exchange, client_id: str, name: str, proxy_url: str | None) -> str:
    exchange.control("POST", "/accounts", {"account": ACCOUNT}, at=name)
    for currency, amount in MONEY.items():
        exchange.control("POST", "/deposits", {"account": ACCOUNT, "currency": currency, "amount": amount}, at=name)
    key = exchange.control("POST", "/keys", {"account": ACCOUNT, "permissions": ["read", "trade"]}, at=name)
    connector = {
        "name": name,
        "api_key": key["api_key"],
        "secret": key["secret"],
        "base_url": f"{exchange.address}{PREFIXES[name]}",
        "proxy_url": proxy_url,
        "save_anyway": True,
    }
    server.post(f"/clients/{client_id}/connectors", connector)
    body = {
        "name": f"SHARP bot at {name}",
        "account": ACCOUNT,
        "connector": name,
        "pair": PAIR,
        "bot_type": "spread",
        "config": CONFIG,
    }
    bot_id: str = server.post("/bots/create", body)["id"]
    until(lambda: _started(server, bot_id), within_s=90, what="the bot may be started")
    return bot_id


def _started(server: ServerProcess, bot_id: str) -> bool | None:
    return True if server.call("POST", f"/bots/{bot_id}/start").status == 200 else None


def _lines_of(process: "subprocess.Popen[str]") -> list[str]:
    lines: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            lines.extend(line.rstrip("\n") for line in process.stdout)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _answers(url: str) -> bool | None:
    return True if _ask(url) is not None else None


def _ask(url: str) -> Answer | None:
    try:
        return http("GET", url, None, CONTROL_TOKEN if "/control/" in url else "")
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
