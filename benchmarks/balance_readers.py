"""Many people look at many bots: how often the exchange is asked, and what an answer costs."""

import asyncio
import time
from collections.abc import Sequence

import orjson

from benchmarks.rows import BenchRow, Direction
from benchmarks.whole_platform import World, on_platform
from trading_bridge.clock import ManualClock
from trading_bridge.core.bot import Bot

BOTS = 200
ACCOUNTS = 20
READERS = 50
#: each bot is read by ten of them
BOTS_A_READER = 40
#: windows of 5 s in which a balance is read once
WINDOWS = 3
WINDOW_S = 5.1
SETTLING = ACCOUNTS


def rows(rounds: int) -> list[BenchRow]:
    requests, read_us = asyncio.run(on_platform(_measure, ManualClock()))
    return [
        BenchRow(
            name=f"balances, {BOTS} bots, {READERS} readers: exchange requests / accounts / window",
            value=requests,
            unit="requests",
            limit=1.0,
            direction=Direction.EXACTLY,
            timed=False,
        ),
        BenchRow(name="  one answer of the balance endpoint", value=read_us, unit="us"),
    ]


async def _measure(world: World) -> tuple[float, float]:
    assert isinstance(world.clock, ManualClock)
    bots: list[Bot] = []
    for number in range(ACCOUNTS):
        account = f"client_{number}"
        connector = await world.add_connector(account, world.exchange.key(account, SHARP="125000.5", USDT="864.6837"))
        names = [f"SHARP-{number}-{which}" for which in range(BOTS // ACCOUNTS)]
        bots += [await world.add_bot(connector, name, "SHARP/USDT") for name in names]
    await world.platform.manager.sync()
    for _ in range(SETTLING):  # each account recovers, and is examined once
        await world.clock.advance(WINDOW_S)
    assert all(account.recovering is None for account in world.platform.manager.accounts())
    world.exchange.requests.clear()
    spent = 0.0
    for _ in range(WINDOWS):
        began = time.perf_counter()
        await asyncio.gather(*(_read(world, _shown_to(reader, bots)) for reader in range(READERS)))
        spent += time.perf_counter() - began
        await world.clock.advance(WINDOW_S)
    return len(world.exchange.requests) / ACCOUNTS / WINDOWS, spent / (WINDOWS * READERS * BOTS_A_READER) * 1e6


def _shown_to(reader: int, bots: Sequence[Bot]) -> Sequence[Bot]:
    first = reader * BOTS // READERS
    return (*bots[first:], *bots[:first])[:BOTS_A_READER]


async def _read(world: World, bots: Sequence[Bot]) -> None:
    for bot in bots:
        answer = orjson.loads(await world.get(f"/api/bots/{bot.id}/balance-and-volume"))
        assert (answer["status"], answer["available"]["SHARP"]) == ("ok", "125000.5"), answer
