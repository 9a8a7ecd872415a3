"""Certification as an operator runs it: the real command at the sandbox, beside a server, without one, and killed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.running_demo import until
from tests.e2e.running_servers import (
    ACCOUNT,
    MONEY,
    PAIR,
    UP_WITHIN_S,
    Create,
    Exchange,
    ServerProcess,
    Servers,
    an_exchange,
)
from tests.integration.files import Row, rows_of

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

DATABASE = "platform.sqlite3"
CONNECTORS = {"coinstore": "api", "binance": "binance"}
#: of the order, in the order in which they are taken
STEPS = ["order", "by client order id", "by exchange id", "open orders", "cancel", "gone", "trades"]


@dataclass(frozen=True)
class Prepared:
    """What a server has left, which knows a connector for each exchange."""

    folder: Path
    exchange: Exchange
    key: str
    ids: dict[str, str]


@dataclass
class Field:
    """A database with a connector for each exchange, and nothing that serves it."""

    folder: Path
    exchange: Exchange
    servers: Servers
    ids: dict[str, str]
    #: at the exchange, when this began
    creates_before: int

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    def serve(self) -> ServerProcess:
        return serving(self.servers)

    def command(self, *options: str, in_background: bool = False) -> "subprocess.Popen[str]":
        """`in_background`: Ctrl-C is ignored, as shells have it there."""
        shell = ("sh", "-c", 'trap "" INT; exec "$@"', "sh") if in_background else ()
        return subprocess.Popen(
            [*shell, sys.executable, "-m", "trading_bridge.cli.main", "certify", *options],
            env={
                **os.environ,
                "COLUMNS": "110",
                "DATABASE_URL": f"sqlite:///{self.database}",
                "TRADING_BRIDGE_STATE_DIR": str(self.folder / "a"),
                "TRADING_BRIDGE_SECRET_KEYS": self.servers.key,
                "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8,::1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def certify(self, *options: str, typed: str = "") -> tuple[int, str, str]:
        run = self.command(*options)
        said, complained = run.communicate(typed, timeout=300)
        return run.returncode, said, complained

    def creates(self) -> list[Create]:
        return self.exchange.creates()[self.creates_before :]

    def records(self) -> list[Row]:
        """Oldest first."""
        return rows_of(self.database, "SELECT * FROM certifications ORDER BY at")

    def orders(self) -> list[Row]:
        return rows_of(self.database, "SELECT * FROM orders ORDER BY created_at")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("prepared")
    servers = Servers(folder, f"sqlite:///{folder / DATABASE}")
    ids: dict[str, str] = {}
    with an_exchange(tmp_path_factory.mktemp("sandbox")) as exchange:
        exchange.control("POST", "/accounts", {"account": ACCOUNT})
        for currency, amount in MONEY.items():
            exchange.control("POST", "/deposits", {"account": ACCOUNT, "currency": currency, "amount": amount})
        key = exchange.control("POST", "/keys", {"account": ACCOUNT, "permissions": ["read", "trade"]})
        try:
            server = serving(servers)
            client = server.post("/clients", {"name": "Sharp", "account": ACCOUNT})
            for name, place in CONNECTORS.items():
                body = {"name": name, "api_key": key["api_key"], "secret": key["secret"], "save_anyway": True}
                body["base_url"] = f"{exchange.address}/{place}"
                ids[name] = server.post(f"/clients/{client['id']}/connectors", body)["id"]
            stop(server)
        finally:
            servers.end()
        yield Prepared(folder, exchange, servers.key, ids)


@pytest.fixture
def at(prepared: Prepared, tmp_path: Path) -> Iterator[Field]:
    exchange = prepared.exchange
    exchange.control("POST", "/faults/clear", {})
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    servers = Servers(tmp_path, f"sqlite:///{tmp_path / DATABASE}", key=prepared.key)
    yield Field(tmp_path, exchange, servers, prepared.ids, len(exchange.creates()))
    servers.end()


def serving(servers: Servers) -> ServerProcess:
    server = servers.start("a")
    until(server.is_ready, within_s=UP_WITHIN_S, what="the server is up")
    server.sign_in()
    return server


def stop(server: ServerProcess) -> None:
    server.send(signal.SIGTERM)
    assert server.ended(40) == 0


def passed(said: str) -> list[str]:
    """Steps of the order that passed."""
    lines = [line.strip() for line in said.splitlines()]
    return [name for name in STEPS if any(line.startswith(f"{name} ") and " passed " in line for line in lines)]


def test_with_a_server_reads_alone_and_without_one_the_order_too(at: Field) -> None:
    server = at.serve()
    code, said, complained = at.certify("--connector", "coinstore")
    assert (code, complained) == (0, ""), said
    assert "Field-checked" in said
    assert "spot: 20 ETH, 2000000 SHARP, 100000 USDT" in said
    (level,) = [one for one in server.get("/exchanges")["exchanges"] if one["id"] == "coinstore"]
    assert (level["field_checked"]["with_order"], level["field_checked"]["sandbox"]) == (False, True)
    code, said, _ = at.certify("--connector", "coinstore", "--place-order", "--market", PAIR, "--yes")
    assert code == 1
    assert "certification.server_running" in said
    assert at.creates() == []
    stop(server)
    for name in CONNECTORS:
        code, said, complained = at.certify(
            "--connector", name, "--place-order", "--market", "sharp/usdt", typed=f"{PAIR}\n"
        )
        assert (code, complained) == (0, ""), said
        assert passed(said) == STEPS
        assert "If it filled before its cancel, it would pay" in said
        assert at.exchange.open_orders() == set()
    code, said, _ = at.certify("--connector", at.ids["binance"], "--place-order", "--market", PAIR, typed="yes\n")
    assert code == 0
    assert "nobody agreed to it" in said
    assert [order["state"] for order in at.orders()] == ["canceled", "canceled"]
    told = [(row["exchange"], row["passed"], row["symbol"]) for row in at.records()]
    assert told == [
        ("coinstore", 1, None),
        ("coinstore", 0, None),
        ("coinstore", 1, PAIR),
        ("binance", 1, PAIR),
        ("binance", 1, None),
    ]
    server = at.serve()
    levels = {one["id"]: one["field_checked"] for one in server.get("/exchanges")["exchanges"]}
    assert (levels["coinstore"]["with_order"], levels["binance"]["with_order"]) == (True, True)
    assert server.get("/bots")["bots"] == []


def test_what_cannot_be_is_said_and_changes_nothing(at: Field) -> None:
    code, _, complained = at.certify("--connector", "coinstor")
    assert (code, "Near it: coinstore" in complained) == (2, True)
    code, _, complained = at.certify("--connector", "coinstore", "--place-order", "--yes")
    assert (code, "--market" in complained) == (2, True)
    code, said, _ = at.certify("--connector", "coinstore", "--place-order", "--market", "NONE/USDT", "--yes")
    assert (code, "[market.unknown]" in said) == (1, True)
    at.exchange.control("POST", "/faults", {"kind": "trade_missing"})
    code, said, _ = at.certify("--connector", "coinstore", "--place-order", "--market", PAIR, "--yes")
    assert (code, "[permission.trade_missing]" in said, "not placed" in said) == (1, True, True)
    assert at.creates() == []


@pytest.mark.parametrize("next_one", ["certify", "serve"])
def test_killed_in_the_middle_it_leaves_an_order_that_the_next_one_finds_and_cancels(at: Field, next_one: str) -> None:
    at.exchange.control("POST", "/faults", {"kind": "slow", "delay_s": "3", "endpoint": "/v2/trade/order/orderInfo"})
    run = at.command("--connector", "coinstore", "--place-order", "--market", PAIR, "--yes")
    (left,) = until(lambda: at.exchange.open_orders() or None, within_s=90, what="the order stands")
    run.kill()
    run.communicate(timeout=30)
    at.exchange.control("POST", "/faults/clear", {})
    assert at.exchange.open_orders() == {left}
    assert [order["client_order_id"] for order in at.orders()] == [left]
    if next_one == "serve":
        at.serve()
        until(lambda: not at.exchange.open_orders() or None, within_s=60, what="the order is gone")
        return
    code, said, _ = at.certify("--connector", "coinstore", "--place-order", "--market", PAIR, "--yes")
    assert (code, passed(said)) == (0, STEPS)
    assert at.exchange.open_orders() == set()
    assert [order["state"] for order in at.orders()] == ["canceled", "canceled"]


@pytest.mark.parametrize(
    ("number", "in_background"),
    [(signal.SIGINT, True), (signal.SIGTERM, False)],
    ids=["Ctrl-C in the background", "SIGTERM"],
)
def test_ended_by_a_signal_it_cancels_first(at: Field, number: int, in_background: bool) -> None:
    at.exchange.control("POST", "/faults", {"kind": "slow", "delay_s": "3", "endpoint": "/v2/trade/order/orderInfo"})
    options = ("--connector", "coinstore", "--place-order", "--market", PAIR, "--yes")
    run = at.command(*options, in_background=in_background)
    until(lambda: at.exchange.open_orders() or None, within_s=90, what="the order stands")
    run.send_signal(number)
    said, complained = run.communicate(timeout=60)
    assert (run.returncode, complained) == (130, ""), said
    assert at.exchange.open_orders() == set()
    assert [order["state"] for order in at.orders()] == ["canceled"]
