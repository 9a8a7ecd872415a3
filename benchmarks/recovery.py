"""From the start of a server that was killed to its bots' first decisions: 200 bots on 40 accounts with 2,000 orders.

Real processes: the sandbox over HTTP, `trading-bridge serve` on SQLite. Eight clients with five keys and five markets
each; every key runs a bot on each of its client's markets. Some intents were signed and their answers never heard:
their markets may wait until the signature window has closed.
"""

import asyncio
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from cryptography.fernet import Fernet
from sqlalchemy import insert

from benchmarks.rows import BenchRow
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.bot import BotStatus, Budget
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, OrderType, Side, TimeInForce, client_order_id
from trading_bridge.core.risk.state import Reference, RiskState
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.app import create_app
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules, to_atoms
from trading_bridge.sandbox.server import BreakableProtocol, Server, listening_socket
from trading_bridge.sandbox.store import Store
from trading_bridge.storage.database import Database
from trading_bridge.storage.tables import orders

CLIENTS = 8
#: of each client
KEYS = 5
MARKETS = 5
BOTS = CLIENTS * KEYS * MARKETS
#: of each bot, half of them bids
ORDERS = 10
UNRESOLVED = 4
DECIDED_S = 10.0
GIVE_UP_S = 120.0
#: ticks
BID, ASK = 25_590, 25_592
#: around which the killed server's collars lay
MID = Decimal("0.025591")
#: what a decision before the recovery says
BEFORE = ("account.recovering", "connector.not_synced", "starting")
INSTALLATION, EPOCH = "bench", 1


def rows(rounds: int) -> list[BenchRow]:
    """One start: it takes as long as it takes."""
    info = exchange_info("coinstore")
    assert info is not None
    found = asyncio.run(_measure())
    return [
        BenchRow(
            name=f"recovery: {BOTS} bots, {BOTS * ORDERS} orders: last first decision",
            value=found.clear_s,
            unit="s",
            limit=DECIDED_S,
        ),
        BenchRow(
            name="  of markets with an unresolved intent",
            value=found.unresolved_s,
            unit="s",
            limit=info.signature_window_s + DECIDED_S,
        ),
        BenchRow(name="  half of the markets had decided after", value=found.median_s, unit="s"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Seconds from the start of the process."""

    clear_s: float
    unresolved_s: float
    median_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """An order as the exchange has it, and its key's number."""

    key: int
    symbol: str
    client_order_id: str
    exchange_order_id: str
    side: Side
    price: Decimal
    amount: Decimal


async def _measure() -> Found:
    with tempfile.TemporaryDirectory() as folder, _exchange() as (address, keys, stood):
        secret = Fernet.generate_key().decode()
        path = Path(folder) / "trading-bridge.sqlite3"
        unresolved = await _fill(path, secret, address, keys, stood)
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "",
            "PORT": "0",
            "TRADING_BRIDGE_STATE_DIR": folder,
            "TRADING_BRIDGE_SECRET_KEYS": secret,
            "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8",
            "TRADING_BRIDGE_LOG_LEVEL": "ERROR",
        }
        _compile(environment)
        return _started(path, environment, unresolved)


def _compile(environment: dict[str, str]) -> None:
    """A server that was killed had been imported before."""
    subprocess.run([sys.executable, "-c", "import trading_bridge.cli.serve"], env=environment, check=True)


def _started(path: Path, environment: dict[str, str], unresolved: set[str]) -> Found:
    began = datetime.now(UTC)
    with subprocess.Popen([sys.executable, "-m", "trading_bridge.cli.main", "serve"], env=environment) as server:
        try:
            return _decided(path, began, unresolved)
        finally:
            server.kill()


def _decided(path: Path, began: datetime, unresolved: set[str]) -> Found:
    """Of each market the latest first decision of its bots."""
    query = f"SELECT bot_id, MIN(decided_at) FROM decisions WHERE reason NOT IN {BEFORE} GROUP BY bot_id"
    markets = "SELECT id, symbol FROM bots"
    deadline = time.monotonic() + GIVE_UP_S
    with closing(sqlite3.connect(path)) as storage:
        symbols = dict(storage.execute(markets).fetchall())
        while len(first := dict(storage.execute(query).fetchall())) < BOTS:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{BOTS - len(first)} bots had not decided after {GIVE_UP_S:.0f} s")
            time.sleep(0.2)
    latest: dict[str, float] = {}
    for bot_id, at in first.items():
        took_s = (datetime.fromisoformat(at) - began).total_seconds()
        latest[symbols[bot_id]] = max(took_s, latest.get(symbols[bot_id], 0.0))
    clear = sorted(took_s for symbol, took_s in latest.items() if symbol not in unresolved)
    return Found(
        clear_s=clear[-1],
        unresolved_s=max(took_s for symbol, took_s in latest.items() if symbol in unresolved),
        median_s=clear[len(clear) // 2],
    )


async def _fill(path: Path, secret: str, address: str, keys: list[Credentials], stood: list[Stood]) -> set[str]:
    """The database that the killed server left; the symbols of markets with an unresolved intent."""
    clock, entropy = SystemClock(), SystemEntropy()
    database = Database(f"sqlite:///{path}", secret_keys=[secret], clock=clock, entropy=entropy)
    await database.open()
    bots: dict[tuple[int, str], tuple[str, str]] = {}  # number of the key, symbol -> bot id, connector id
    async with database.unit_of_work() as uow:
        for client_number in range(CLIENTS):
            client = await uow.clients.add(name=f"Client {client_number}", account=f"client_{client_number}")
            for place in range(KEYS):
                number = client_number * KEYS + place
                connector = await uow.connectors.add(
                    client_id=client.id,
                    name=f"key{place}",
                    exchange="coinstore",
                    credentials=keys[number],
                    base_url=f"{address}/api",
                )
                for symbol in _symbols(client_number):
                    bot = await uow.bots.add(
                        client_id=client.id,
                        name=f"{symbol} {place}",
                        connector=connector.name,
                        symbol=symbol,
                        bot_type="spread",
                        config={"spread_bps": "40", "order_amount_quote": "50"},
                        market_verified=True,
                        budget=Budget(base=Decimal(100_000), quote=Decimal(2_000)),
                    )
                    await uow.bots.set_status(bot.id, BotStatus.RUNNING)
                    await uow.risk.store(bot.id, RiskState(reference=Reference(price=MID, at=clock.now())))
                    bots[number, symbol] = bot.id, connector.id
    now = clock.now()
    silent = [_intent(number * KEYS, f"T{number}0/USDT") for number in range(UNRESOLVED)]
    values = [_row(one, bots[one.key, one.symbol], now) for one in stood]
    values += [_row(one, bots[one.key, one.symbol], now, OrderState.PENDING_NEW) for one in silent]
    await database.transact(lambda connection: connection.execute(insert(orders), values))
    await database.close()
    with closing(sqlite3.connect(path)) as storage:
        storage.execute("UPDATE installation SET id = ?", (INSTALLATION,))
        storage.commit()
    return {one.symbol for one in silent}


def _intent(key: int, symbol: str) -> Stood:
    """Its request never left, and nobody knows."""
    return Stood(
        key=key,
        symbol=symbol,
        client_order_id=_client_order_id(f"lost{key:08}"),
        exchange_order_id="",
        side=Side.BUY,
        price=Decimal("0.0255"),
        amount=Decimal(1000),
    )


def _row(one: Stood, owner: tuple[str, str], now: datetime, state: OrderState = OrderState.NEW) -> dict[str, object]:
    bot_id, connector_id = owner
    return {
        "client_order_id": one.client_order_id,
        "exchange_order_id": one.exchange_order_id or None,
        "bot_id": bot_id,
        "connector_id": connector_id,
        "symbol": one.symbol,
        "side": one.side,
        "type": OrderType.LIMIT,
        "price": one.price,
        "amount": one.amount,
        "filled": Decimal(0),
        "time_in_force": TimeInForce.GTC,
        "post_only": True,
        "state": state,
        "live": True,
        "epoch": EPOCH,
        "decision_id": "before",
        "decided_at": now - timedelta(seconds=1),
        "signed_at": now,
        "created_at": now,
        "updated_at": now,
    }


# -- the exchange


@contextmanager
def _exchange() -> Iterator[tuple[str, list[Credentials], list[Stood]]]:
    """Its address, a key for each account, and what stands in its books."""
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe()
    child = processes.Process(target=_serve, args=(there,), daemon=True)
    child.start()
    try:
        yield here.recv()
    finally:
        child.kill()
        child.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_serving(pipe))


async def _serving(pipe: Connection) -> None:
    clock = SystemClock()
    engine = Engine(Store(None), clock, SystemEntropy(), tuple(_markets()))
    keys, stood = [], []
    for client in range(CLIENTS):
        for symbol in _symbols(client):
            for depth in range(10):
                for side, price in ((Side.BUY, BID - depth), (Side.SELL, ASK + depth)):
                    engine.place(MARKET_MAKER, symbol, side, price=Ticks(price), lots=Lots(500_000))
        for place in range(KEYS):
            keys.append(_key(engine, client * KEYS + place))
            stood += _place(engine, client, client * KEYS + place)
    app = create_app(engine, control_token="bench", clock=clock)
    with listening_socket("127.0.0.1", 0) as listener:
        config = {"log_config": None, "access_log": False, "date_header": False, "server_header": False, "ws": "none"}
        server = Server(uvicorn.Config(app, http=BreakableProtocol, **config))
        pipe.send((f"http://127.0.0.1:{listener.getsockname()[1]}", keys, stood))
        await server.serve(sockets=[listener])


def _key(engine: Engine, number: int) -> Credentials:
    name = f"account{number}"
    engine.directory.create(name, engine.now_ms(), limit=None)
    for currency, amount in (
        ("USDT", "20000"),
        *((symbol.split("/")[0], "200000") for symbol in _symbols(number // KEYS)),
    ):
        atoms = to_atoms(Decimal(amount))
        assert atoms is not None
        engine.deposit(name, currency, atoms)
    key = engine.directory.create_key(name, (Permission.READ, Permission.TRADE), ())
    return Credentials(api_key=key.api_key, secret=key.secret)


def _place(engine: Engine, client: int, number: int) -> Iterator[Stood]:
    for symbol in _symbols(client):
        rules = engine.rules(symbol)
        for rank in range(ORDERS):
            side = Side.BUY if rank % 2 else Side.SELL
            price = BID - 20 - rank if side is Side.BUY else ASK + 20 + rank
            order_id = _client_order_id(f"{number:04}{symbol[1:3]}{rank:02}")
            order = engine.place(
                f"account{number}", symbol, side, price=Ticks(price), lots=Lots(100_000), client_order_id=order_id
            )
            assert isinstance(order, SandboxOrder), order
            yield Stood(
                key=number,
                symbol=symbol,
                client_order_id=order_id,
                exchange_order_id=str(order.id),
                side=side,
                price=rules.price(price),
                amount=rules.amount(100_000),
            )


def _client_order_id(random_part: str) -> str:
    return client_order_id(installation_id=INSTALLATION, epoch=EPOCH, number=0, random_part=random_part)


def _symbols(client: int) -> list[str]:
    return [f"T{client}{market}/USDT" for market in range(MARKETS)]


def _markets() -> Iterator[MarketRules]:
    for number, symbol in enumerate(symbol for client in range(CLIENTS) for symbol in _symbols(client)):
        yield MarketRules(
            symbol=symbol,
            market_id=number + 1,
            base=symbol.split("/")[0],
            quote="USDT",
            tick_decimals=6,
            lot_decimals=2,
            min_price=Decimal("0.000001"),
            min_amount=Decimal(1),
            min_market_cost=Decimal(1),
            min_market_amount=Decimal(1),
        )
