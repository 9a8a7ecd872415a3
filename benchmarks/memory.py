"""Memory of a further bot and a further session, in a process with all real parts; and what `--help` loads.

The sandbox lies in the same process, so what it keeps of orders and trades is counted too: the figures are upper ends.
"""

import asyncio
import gc
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from benchmarks.rows import BenchRow, Direction
from benchmarks.whole_platform import World, on_platform
from trading_bridge.accounts.mids import MIDS_KEPT, Mids
from trading_bridge.clock import ManualClock
from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.market import Ticks
from trading_bridge.sandbox.rules import MarketRules

BOTS = 50
SESSIONS = 50
#: of the bench's clock
TRADING_WITHIN_S = 120
#: as many as a real exchange lists; one copy of them is several megabytes
MARKETS = 1000
BOT_MB = 0.5
SESSION_MB = 1.5

_BID = Ticks(25_590)


def rows(rounds: int) -> list[BenchRow]:
    resident = asyncio.run(_use(_resident_mb))
    tracemalloc.start()  # from here on resident memory is no measure
    traced = asyncio.run(_use(_traced_mb))
    tracemalloc.stop()
    return [
        BenchRow(
            name="a further bot on a market of its own, after an hour",
            value=traced.bot_mb,
            unit="MB",
            limit=BOT_MB,
            timed=False,
        ),
        BenchRow(name="  growth of the process", value=resident.bot_mb, unit="MB"),
        BenchRow(
            name=f"a further session on an exchange of {MARKETS} markets",
            value=traced.session_mb,
            unit="MB",
            limit=SESSION_MB,
            timed=False,
        ),
        BenchRow(name="  growth of the process", value=resident.session_mb, unit="MB"),
        BenchRow(
            name="modules of ccxt that `trading-bridge --help` imports",
            value=_imported_for_help("ccxt"),
            unit="modules",
            limit=0,
            direction=Direction.EXACTLY,
            timed=False,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Use:
    bot_mb: float
    session_mb: float


async def _use(used_mb: Callable[[], float]) -> Use:
    return await on_platform(partial(_measure, used_mb=used_mb), ManualClock(), _markets())


async def _measure(world: World, used_mb: Callable[[], float]) -> Use:
    for number in range(BOTS + 1):
        world.exchange.quote(_symbol(number), _BID, 20)
    deposits = {_base(number): "1000000" for number in range(BOTS + 1)}
    credentials = world.exchange.key("trader", USDT="1000000", **deposits)
    others = [world.exchange.key(f"other_{number}", USDT="1000") for number in range(SESSIONS)]
    connector = await world.add_connector("trader", credentials)
    await world.add_bot(connector, "first", _symbol(0), running=True)
    await _trade(world, 1)

    before = used_mb()
    for number in range(1, BOTS + 1):
        await world.add_bot(connector, f"bot {number}", _symbol(number), running=True)
    await _trade(world, BOTS + 1)
    history = [_hour(world) for _ in range(BOTS)]
    a_bot = (used_mb() - before) / len(history)

    before = used_mb()
    connectors = [await world.add_connector(f"other_{number}", key) for number, key in enumerate(others)]
    await world.platform.manager.sync()
    await _pass(world, SESSIONS + 10)  # each is examined once, one a second
    for one in connectors:
        known = await world.platform.manager.balances(one.id, max_age_s=3600.0)
        assert known.value.of("USDT") is not None, known
    return Use(a_bot, (used_mb() - before) / SESSIONS)


async def _trade(world: World, bots: int) -> None:
    """Until all of them have their two orders at the exchange, and a while longer: they share an account's rate."""
    world.platform.runner.wake()
    states: list[BotState | None] = []
    for _ in range(TRADING_WITHIN_S // 10):
        await _pass(world, 10)
        async with world.platform.database.unit_of_work(read_only=True) as uow:
            states = [world.platform.runner.state(bot.id) for bot in await uow.bots.running()]
        trading = [state for state in states if state is not None and state.code is StateCode.TRADING]
        if len(trading) == len(states) == bots:
            break
    else:
        raise AssertionError(f"not all of them trade: {states}")
    await _pass(world, 10)


async def _pass(world: World, seconds: int) -> None:
    assert isinstance(world.clock, ManualClock)
    for _ in range(seconds * 4):
        await world.clock.advance(0.25)
        await asyncio.sleep(0.005)  # storage has threads of its own


def _hour(world: World) -> Mids:
    """What a market's poller keeps after an hour."""
    mids = Mids()
    for second in range(MIDS_KEPT):
        mids.add(world.clock.now() + timedelta(seconds=second), 2 * _BID + 2 + second % 7, Decimal("0.000001"))
    return mids


def _markets() -> tuple[MarketRules, ...]:
    return tuple(
        MarketRules(
            symbol=_symbol(number),
            market_id=number + 1,
            base=_base(number),
            quote="USDT",
            tick_decimals=6,
            lot_decimals=2,
            min_price=Decimal("0.000001"),
            min_amount=Decimal(1),
            min_market_cost=Decimal(1),
            min_market_amount=Decimal(1),
        )
        for number in range(MARKETS)
    )


def _base(number: int) -> str:
    return f"M{number:04d}"


def _symbol(number: int) -> str:
    return f"{_base(number)}/USDT"


def _traced_mb() -> float:
    """Of Python's own objects, without what lies free for the next ones."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 2**20


def _resident_mb() -> float:
    gc.collect()
    pages = re.search(r"^VmRSS:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert pages is not None, "memory is measured on Linux"
    return int(pages[1]) / 1024


def _imported_for_help(package: str) -> int:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "trading_bridge.cli.main", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Usage" in ran.stdout, ran.stdout
    imported = [line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()]
    assert "trading_bridge.cli" in imported, imported[-5:]
    return sum(name.partition(".")[0] == package for name in imported)
