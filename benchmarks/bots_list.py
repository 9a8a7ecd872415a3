"""The list of 100 bots with balances, sign-in included, against the same bytes ready-made and as plain dicts.

Interleaved rounds in one process over ASGI calls, no sockets; run with `python -m benchmarks.bots_list`.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet
from fastapi import FastAPI, Response

from benchmarks.rows import BenchRow, elapsed_us, interleaved
from trading_bridge.accounts.manager import Match
from trading_bridge.accounts.volume import Traded, VolumeRead, VolumeStatus
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.bot import Bot, BotState, StateCode
from trading_bridge.core.client import Connector, Credentials
from trading_bridge.core.known import Known, Ok
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps
from trading_bridge.services.sign_in import SignInDesk
from trading_bridge.storage.database import Database

BOTS = 100
ACCOUNTS = 20
CALLS = 100
#: encoding dicts takes milliseconds a call
CALLS_OF_DICTS = 4

PREPARED_MAX = 3.0
DICTS_MAX = 0.25


class LiveParts:
    """Stands for manager, volumes and runner: every figure is known, and costs what making its value costs."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._connectors: dict[str, dict[str, Connector]] = {}
        self._balances = Balances(
            wallet="spot",
            exchange_account="1134971",
            by_currency={
                "SHARP": Balance(free=Decimal("125000.5"), used=Decimal("400")),
                "USDT": Balance(free=Decimal("812.4"), used=Decimal("51.2837")),
            },
            complete=True,
        )
        self._read_at = clock.now()
        self._since = clock.now()
        self._traded = Traded(volume=Decimal("81234.123"), maker=Decimal(81_000), trades=4211, buys=2100, sells=2111)

    def adopt(self, connectors: Sequence[Connector]) -> None:
        self._connectors = {one.account: {one.name: one} for one in connectors}

    async def sync(self, account: str | None = None) -> None:
        pass

    def match(self, account: str, connector: str) -> Match:
        return Match(connector_id=self._connectors[account][connector.lower()].id, rule="name", finding=None)

    def connectors(self, account: str) -> dict[str, Connector]:
        return self._connectors[account]

    async def balances(self, connector_id: str, *, max_age_s: float = 5.0, force: bool = False) -> Known[Balances]:
        return await self._read()

    async def _read(self) -> Known[Balances]:
        now = self._clock.now()
        if (now - self._read_at).total_seconds() > 5:
            self._read_at = now
        return Ok(value=self._balances, as_of=self._read_at)

    def of(self, bot: Bot) -> VolumeRead:
        return VolumeRead(
            status=VolumeStatus.OK,
            since=bot.created_at,
            as_of=self._since,
            finding=None,
            currency="USDT",
            today=Decimal("1200.5"),
            last_24h=Decimal("5123.42"),
            total=self._traded,
            last_24h_traded=self._traded,
        )

    def state(self, bot_id: str) -> BotState:
        return BotState(code=StateCode.TRADING, reason="quoting", parameters={}, since=self._since)


def rows(rounds: int) -> list[BenchRow]:
    return asyncio.run(_bench(rounds))


async def _bench(rounds: int) -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        clock, entropy, hub = SystemClock(), SystemEntropy(), Hub()
        keys = [Fernet.generate_key().decode()]
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}", secret_keys=keys, clock=clock, entropy=entropy)
        await database.open()
        try:
            live: Any = LiveParts(clock)
            deps = Deps(
                database=database,
                manager=live,
                volumes=live,
                runner=live,
                clock=clock,
                entropy=entropy,
                publish=hub.publish,
                desk=SignInDesk(clock),
            )
            await _fill(database, live)
            await auth.ensure_admin(deps, email="bench@example.com", password="bench-password")
            signed_in = await auth.sign_in(
                deps, email="bench@example.com", password="bench-password", address="127.0.0.1"
            )
            return await _compare(create_api(deps, hub), signed_in.token, hub, rounds)
        finally:
            await database.close()


async def _fill(database: Database, live: LiveParts) -> None:
    async with database.unit_of_work() as uow:
        for number in range(ACCOUNTS):
            client = await uow.clients.add(name=f"Client {number}", account=f"client_{number}")
            await uow.connectors.add(
                client_id=client.id,
                name="coinstore",
                exchange="coinstore",
                credentials=Credentials(api_key="k" * 32, secret="s" * 32),
            )
            for bot in range(BOTS // ACCOUNTS):
                await uow.bots.add(
                    client_id=client.id,
                    name=f"SHARP-{number}-{bot}",
                    connector="Coinstore",
                    symbol="SHARP/USDT",
                    bot_type="spread",
                    config={"spread_bps": "40", "order_amount_quote": "50"},
                    market_verified=True,
                    note=None,
                )
        live.adopt(await uow.connectors.list())


async def _compare(ours: FastAPI, token: str, hub: Hub, rounds: int) -> list[BenchRow]:
    headers = [(b"host", b"127.0.0.1"), (b"cookie", b"tb_session=" + token.encode())]
    body = await call(ours, "/api/bots", b"include=balance", headers)
    listed = orjson.loads(body)
    assert len(listed["bots"]) == BOTS, listed
    assert listed["bots"][0]["balance_and_volume"]["available"]["SHARP"] == "125000.5", listed["bots"][0]
    prepared, dicts = _prepared(body), _dicts(listed)

    async def list_ours() -> None:
        await call(ours, "/api/bots", b"include=balance", headers)

    async def list_changed() -> None:
        hub.publish("bot", "any")
        await list_ours()

    async def list_prepared() -> None:
        await call(prepared, "/bots", b"", headers)

    async def list_dicts() -> None:
        await call(dicts, "/bots", b"", headers)

    measured = await interleaved(
        {
            "ours": lambda: elapsed_us(list_ours, CALLS),
            "changed": lambda: elapsed_us(list_changed, CALLS_OF_DICTS),
            "prepared": lambda: elapsed_us(list_prepared, CALLS),
            "dicts": lambda: elapsed_us(list_dicts, CALLS_OF_DICTS),
        },
        rounds,
    )
    return [
        BenchRow(
            name=f"list of {BOTS} bots with balances / the same bytes prepared",
            value=measured.ratio("ours", "prepared"),
            unit="x",
            limit=PREPARED_MAX,
        ),
        BenchRow(
            name=f"list of {BOTS} bots with balances / plain dicts",
            value=measured.ratio("ours", "dicts"),
            unit="x",
            limit=DICTS_MAX,
        ),
        BenchRow(
            name="the same, something changed before each / plain dicts",
            value=measured.ratio("changed", "dicts"),
            unit="x",
        ),
        BenchRow(
            name=f"list of {BOTS} bots with balances, {len(body)} bytes", value=measured.median("ours"), unit="us"
        ),
    ]


def _prepared(body: bytes) -> FastAPI:
    app = FastAPI()

    @app.get("/bots")
    async def bots() -> Response:
        return Response(body, media_type="application/json")

    return app


def _dicts(listed: dict[str, object]) -> FastAPI:
    app = FastAPI()

    @app.get("/bots")
    async def bots():  # type: ignore[no-untyped-def]
        return listed

    return app


async def call(app: Any, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
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
    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    body: bytes = sent[1]["body"]
    return body


if __name__ == "__main__":
    for row in rows(15):
        print(f"{row.name:<64} {row.value:9.3f} {row.unit}  {row.limit or ''}")
