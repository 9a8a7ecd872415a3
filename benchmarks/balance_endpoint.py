"""What many readers of the balance endpoint cost the exchange: 200 bots on 20 accounts, 50 readers at once.

The whole way is real: API, manager, sessions, ccxt class, sandbox; only sockets and the passing of time are not, so
that a window is exactly as long as it says.
"""

import asyncio
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet
from fastapi import FastAPI
from yarl import URL

from benchmarks.bots_list import call
from benchmarks.rows import BenchRow, Direction
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.volume import Volumes
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.bot import BotState
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import configure_logs
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.app import create_app
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import to_atoms
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.transport import InProcessSession
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps
from trading_bridge.services.sign_in import SignInDesk
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal

BOTS = 200
ACCOUNTS = 20
READERS = 50
WINDOWS = 5
#: a balance older than this is read again
WINDOW_S = 5.0
BALANCES = "/api/spot/accountList"


class Counting:
    """Counts what reaches the exchange, by path."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()

    async def request(self, method: str, url: URL) -> None:
        self.requests[url.path] += 1

    async def answer(self, method: str, url: URL, status: int) -> None:
        pass


class Nothing:
    """No bot runs."""

    def state(self, bot_id: str) -> BotState | None:
        return None

    def wake(self) -> None:
        pass

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        return True


def rows(rounds: int) -> list[BenchRow]:
    """A count: more rounds would count the same."""
    configure_logs(json=False, stream=io.StringIO())
    return [
        BenchRow(
            name=f"exchange requests per account and window, {BOTS} bots, {READERS} readers",
            value=asyncio.run(_requests_per_account()),
            unit="requests",
            limit=1.0,
            direction=Direction.EXACTLY,
            timed=False,
        )
    ]


async def _requests_per_account() -> float:
    clock, entropy, line = ManualClock(), CountingEntropy(), Counting()
    with tempfile.TemporaryDirectory() as folder, closing(Store(None)) as store:
        engine = Engine(store, clock, entropy, DEFAULT_MARKETS)
        exchange = create_app(engine, control_token="control", clock=clock)
        http = HttpSessions(lambda ipv4_only: InProcessSession(exchange, line=line))
        database = Database(
            f"sqlite:///{Path(folder) / 'bench.db'}",
            secret_keys=[Fernet.generate_key().decode()],
            clock=clock,
            entropy=entropy,
        )
        await database.open()
        try:
            return await _measure(database, engine, http, line, clock, entropy)
        finally:
            await http.close()
            await database.close()


async def _measure(
    database: Database,
    engine: Engine,
    http: HttpSessions,
    line: Counting,
    clock: ManualClock,
    entropy: CountingEntropy,
) -> float:
    hub, journal = Hub(), Journal(database)
    volumes = Volumes(clock, lambda bot: manager.complete_as_of(bot))
    manager = ExchangeManager(
        database=database,
        journal=journal,
        http=http,
        clock=clock,
        on_fill=volumes.add,
        on_bot_change=lambda bot_id: hub.publish("bot", bot_id),
        on_connector_change=lambda connector_id: hub.publish("connector", connector_id),
    )
    deps = Deps(
        database=database,
        manager=manager,
        volumes=volumes,
        runner=Nothing(),
        clock=clock,
        entropy=entropy,
        publish=hub.publish,
        desk=SignInDesk(clock),
    )
    bots = await _fill(database, engine)
    await auth.ensure_admin(deps, email="bench@example.com", password="bench-password")
    signed_in = await auth.sign_in(deps, email="bench@example.com", password="bench-password", address="127.0.0.1")
    app = create_api(deps, hub)
    headers = [(b"host", b"127.0.0.1"), (b"authorization", b"Bearer " + signed_in.token.encode())]

    async def window() -> None:
        waiting = iter(bots)

        async def reader() -> None:
            for bot_id in waiting:
                await _read(app, bot_id, headers)

        await asyncio.gather(*(reader() for _ in range(READERS)))

    return await _while_running(manager, journal, lambda: _windows(window, line, clock))


async def _windows(window: Callable[[], Coroutine[Any, Any, None]], line: Counting, clock: ManualClock) -> float:
    counted = 0
    for _ in range(WINDOWS):
        before = line.requests[BALANCES]
        await window()
        await window()
        counted += line.requests[BALANCES] - before
        await clock.advance(WINDOW_S + 0.1)
    return counted / ACCOUNTS / WINDOWS


async def _while_running(
    manager: ExchangeManager, journal: Journal, work: Callable[[], Coroutine[Any, Any, float]]
) -> float:
    started = asyncio.Event()
    writing, managing = asyncio.create_task(journal.run()), asyncio.create_task(manager.run(started))
    try:
        await started.wait()
        return await work()
    finally:
        managing.cancel()
        await asyncio.wait((managing,))
        await manager.close()
        journal.close()
        await writing


async def _fill(database: Database, engine: Engine) -> list[str]:
    """The bots' ids, those of one account not side by side."""
    made = []
    async with database.unit_of_work() as uow:
        for number in range(ACCOUNTS):
            name = f"client_{number}"
            engine.directory.create(name, engine.now_ms())
            for currency in ("SHARP", "USDT"):
                engine.deposit(name, currency, to_atoms(Decimal(1000)) or 0)
            key = engine.directory.create_key(name, (Permission.READ,), ())
            client = await uow.clients.add(name=name, account=name)
            await uow.connectors.add(
                client_id=client.id,
                name="coinstore",
                exchange="coinstore",
                base_url="http://sandbox/api",
                credentials=Credentials(api_key=key.api_key, secret=key.secret),
            )
            for bot in range(BOTS // ACCOUNTS):
                one = await uow.bots.add(
                    client_id=client.id,
                    name=f"SHARP-{number}-{bot}",
                    connector="coinstore",
                    symbol="SHARP/USDT",
                    bot_type="spread",
                    config={},
                )
                made.append((bot, one.id))
    return [bot_id for _, bot_id in sorted(made)]


async def _read(app: FastAPI, bot_id: str, headers: list[tuple[bytes, bytes]]) -> None:
    body = orjson.loads(await call(app, f"/api/bots/{bot_id}/balance-and-volume", b"", headers))
    assert body["status"] == "ok", body
    assert body["available"] == {"SHARP": "1000", "USDT": "1000"}, body


if __name__ == "__main__":
    for row in rows(1):
        print(f"{row.name:<64} {row.value:9.3f} {row.unit}  {row.limit}")
