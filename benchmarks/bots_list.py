"""The list of 100 bots with balances, sign-in included, against the same bytes ready-made and as plain dicts."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial

import orjson
from fastapi import FastAPI, Response

from benchmarks.rows import BenchRow, Measure, Rounds, elapsed_us, interleaved
from benchmarks.whole_platform import World, call, on_platform
from trading_bridge.clock import SystemClock
from trading_bridge.core.order import Side
from trading_bridge.core.trade import Trade

BOTS = 100
ACCOUNTS = 20
CALLS = 100
#: encoding dicts takes milliseconds a call
CALLS_OF_DICTS = 4

PREPARED_MAX = 3.0
DICTS_MAX = 0.25

_QUERY = b"include=balance"


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(on_platform(partial(_measure, rounds=rounds), SystemClock()))
    return [
        BenchRow(
            name=f"list of {BOTS} bots / the same bytes by FastAPI",
            value=found.ratio("ours", "prepared"),
            unit="x time",
            limit=PREPARED_MAX,
        ),
        BenchRow(
            name=f"list of {BOTS} bots / plain dicts by FastAPI",
            value=found.ratio("ours", "dicts"),
            unit="x time",
            limit=DICTS_MAX,
        ),
        BenchRow(name="  made anew after a change / plain dicts", value=found.ratio("changed", "dicts"), unit="x time"),
        BenchRow(name="  ours", value=found.median("ours"), unit="us"),
        BenchRow(name="  the same bytes by FastAPI", value=found.median("prepared"), unit="us"),
        BenchRow(name="  plain dicts by FastAPI", value=found.median("dicts"), unit="us"),
    ]


async def _measure(world: World, rounds: int) -> Rounds:
    await _fill(world)
    body = await world.get("/api/bots", _QUERY)
    listed = orjson.loads(body)
    assert len(listed["bots"]) == BOTS, listed
    shown = listed["bots"][0]["balance_and_volume"]
    assert (shown["status"], shown["available"]["SHARP"], shown["volume"]["total"]) == ("ok", "125000.5", "2.559"), (
        shown
    )
    prepared, dicts = _prepared(body), _dicts(listed)

    async def ours() -> None:
        await world.get("/api/bots", _QUERY)

    async def changed() -> None:
        world.hub.publish("bot", "any")
        await ours()

    def time_of(work: Callable[[], Awaitable[object]], calls: int) -> Measure:
        return partial(elapsed_us, work, calls)

    return await interleaved(
        {
            "ours": time_of(ours, CALLS),
            "prepared": time_of(lambda: call(prepared, "/bots", b"", world.headers), CALLS),
            "dicts": time_of(lambda: call(dicts, "/bots", b"", world.headers), CALLS_OF_DICTS),
            "changed": time_of(changed, CALLS_OF_DICTS),
        },
        rounds,
    )


async def _fill(world: World) -> None:
    for number in range(ACCOUNTS):
        account = f"client_{number}"
        connector = await world.add_connector(account, world.exchange.key(account, SHARP="125000.5", USDT="864.6837"))
        for which in range(BOTS // ACCOUNTS):
            bot = await world.add_bot(connector, f"SHARP-{number}-{which}", "SHARP/USDT")
            world.platform.deps.volumes.add(bot.id, _fill_of(world))
    await world.platform.manager.sync()


def _fill_of(world: World) -> Trade:
    return Trade(
        trade_id="1",
        exchange_account="1134971",
        exchange_order_id="1722183748419690",
        symbol="SHARP/USDT",
        side=Side.BUY,
        price=Decimal("0.02559"),
        amount=Decimal(100),
        cost=Decimal("2.559"),
        fee=Decimal("0.2"),
        fee_currency="SHARP",
        is_maker=True,
        exchange_time=world.clock.now(),
    )


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
