"""Memory of a server with one exchange, beside that of ccxt's asynchronous package and an empty web server.

Real processes: `trading-bridge serve` on SQLite with a connector of Binance and a bot, at an address where nobody
answers; and FastAPI with uvicorn in a process that has imported `ccxt.async_support` and makes its Binance class. Both
have answered a request.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.rows import BenchRow
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.bot import BotStatus, Budget
from trading_bridge.core.client import Credentials
from trading_bridge.sandbox.server import listening_socket
from trading_bridge.storage.database import Database

RATIO = 1.3
READY_WITHIN_S = 60.0
_NOBODY = "http://127.0.0.1:1"
_EMPTY = """
import sys, ccxt.async_support, uvicorn
from fastapi import FastAPI
app = FastAPI()
exchange = ccxt.async_support.binance()
app.get("/health")(lambda: {})
uvicorn.run(app, port=int(sys.argv[1]), log_config=None)
"""


def rows(rounds: int) -> list[BenchRow]:
    """One of each: memory does not vary."""
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours_mb(Path(folder))
    port = _free_port()
    empty = _resident_mb([sys.executable, "-c", _EMPTY, str(port)], dict(os.environ), port)
    return [
        BenchRow(
            name="a server with one exchange / ccxt.async_support and an empty one",
            value=ours / empty,
            unit="x memory",
            limit=RATIO,
            timed=False,
        ),
        BenchRow(name="  the server", value=ours, unit="MB"),
    ]


def _ours_mb(folder: Path) -> float:
    secret, port = Fernet.generate_key().decode(), _free_port()
    asyncio.run(_fill(folder / "trading-bridge.sqlite3", secret))
    environment = {
        **os.environ,
        "PORT": str(port),
        "TRADING_BRIDGE_STATE_DIR": str(folder),
        "TRADING_BRIDGE_SECRET_KEYS": secret,
        "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8",
        "TRADING_BRIDGE_LOG_LEVEL": "ERROR",
    }
    return _resident_mb([sys.executable, "-m", "trading_bridge.cli.main", "serve"], environment, port)


async def _fill(path: Path, secret: str) -> None:
    database = Database(f"sqlite:///{path}", secret_keys=[secret], clock=SystemClock(), entropy=SystemEntropy())
    await database.open()
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Client", account="client_1")
        connector = await uow.connectors.add(
            client_id=client.id,
            name="key",
            exchange="binance",
            credentials=Credentials(api_key="key", secret="secret"),
            base_url=_NOBODY,
        )
        bot = await uow.bots.add(
            client_id=client.id,
            name="bot",
            connector=connector.name,
            symbol="SHARP/USDT",
            bot_type="spread",
            config={"spread_bps": "40", "order_amount_quote": "50"},
            market_verified=True,
            budget=Budget(base=Decimal(100_000), quote=Decimal(2_000)),
        )
        await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    await database.close()


def _resident_mb(command: list[str], environment: dict[str, str], port: int) -> float:
    with _running(command, environment) as process:
        _answers(port)
        time.sleep(3.0)  # a first cycle of everything
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(resident.split()[1]) / 1024


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def _answers(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nobody answered at port {port} within {READY_WITHIN_S:.0f} s")


def _free_port() -> int:
    with listening_socket("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        return port
