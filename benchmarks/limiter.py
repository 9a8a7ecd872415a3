"""What a turn costs with 1,000 calls in the window of each limit, and with none."""

import asyncio
import time

from benchmarks.rows import BenchRow, interleaved
from trading_bridge.clock import ManualClock
from trading_bridge.exchanges.description import RateLimit
from trading_bridge.exchanges.limiter import CallKind, Limiter, book

IN_WINDOW = 1_000
CALLS = 2_000
LIMIT = 1.2
#: as Coinstore has them, with that many places for everybody
_RATE = RateLimit(calls=IN_WINDOW * 4 // 3, per_s=3.0)
_READ = (CallKind.READ, "fetch_balance")


def rows(rounds: int) -> list[BenchRow]:
    return asyncio.run(_measure(rounds))


async def _measure(rounds: int) -> list[BenchRow]:
    async def full() -> float:
        limiters = _limiters()
        for _ in range(IN_WINDOW):
            book(limiters, *_READ)
        return _cost_us(limiters, CALLS)

    async def empty() -> float:
        parts = [_cost_us(_limiters(), CALLS // 10) for _ in range(10)]
        return sum(parts) / len(parts)

    found = await interleaved({"full": full, "empty": empty}, rounds)
    return [
        BenchRow(
            name=f"a turn with {IN_WINDOW} calls in the window / with few",
            value=found.ratio("full", "empty"),
            unit="x time",
            limit=LIMIT,
        ),
        BenchRow(name="  of a key and an address", value=found.median("full"), unit="us"),
    ]


def _limiters() -> tuple[Limiter, ...]:
    clock = ManualClock()
    return Limiter(clock, (_RATE,)), Limiter(clock, (_RATE,))


def _cost_us(limiters: tuple[Limiter, ...], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        book(limiters, *_READ)
    return (time.perf_counter() - began) / calls * 1e6
