"""A row of the table, and the rounds in which what is compared takes turns."""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")

#: measures once and gives one figure
Measure = Callable[[], Awaitable[float]]


class Direction(StrEnum):
    AT_MOST = "at most"
    AT_LEAST = "at least"
    EXACTLY = "exactly"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    name: str
    #: the median over the rounds
    value: float
    unit: str
    #: None: printed only
    limit: float | None = None
    direction: Direction = Direction.AT_MOST
    #: a busy machine can move it; False: a count, the same in each run
    timed: bool = True

    @property
    def kept(self) -> bool:
        if self.limit is None:
            return True
        match self.direction:
            case Direction.AT_MOST:
                return self.value <= self.limit
            case Direction.AT_LEAST:
                return self.value >= self.limit
            case Direction.EXACTLY:
                return self.value == self.limit


def rows_of(bench: str, rounds: int) -> list[BenchRow]:
    rows: list[BenchRow] = import_module(f"benchmarks.{bench}").rows(rounds)
    return rows


@dataclass(frozen=True, slots=True)
class Rounds:
    measured: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.measured[name])

    def ratio(self, name: str, against: str) -> float:
        """Median of the ratios within each round: what slows a round down slows both."""
        pairs = zip(self.measured[name], self.measured[against], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def difference(self, name: str, less: str) -> float:
        """Median of the differences within each round."""
        pairs = zip(self.measured[name], self.measured[less], strict=True)
        return statistics.median(one - other for one, other in pairs)


async def interleaved(measures: Mapping[str, Measure], rounds: int) -> Rounds:
    """Every round measures each once, in turns forwards and backwards, after one round that does not count.

    The collector stays on and is charged to whoever makes garbage; what was there before is not looked at again.
    """
    for measure in measures.values():
        await measure()
    measured: dict[str, list[float]] = {name: [] for name in measures}
    gc.collect()
    gc.freeze()
    try:
        for turn in range(rounds):
            for name in measures if turn % 2 else reversed(measures):
                gc.collect()
                measured[name].append(await measures[name]())
    finally:
        gc.unfreeze()
    return Rounds(measured)


async def cpu_us(work: Callable[[T], Awaitable[object]], items: Iterable[T], in_flight: int) -> float:
    """CPU microseconds of this process, all threads, per item, with so many of them under way."""
    waiting, done = iter(items), 0

    async def worker() -> None:
        nonlocal done
        for item in waiting:
            await work(item)
            done += 1

    began = time.process_time()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return (time.process_time() - began) / done * 1e6


async def elapsed_us(work: Callable[[], Awaitable[object]], calls: int) -> float:
    """Microseconds by the wall per call, one after the other."""
    began = time.perf_counter()
    for _ in range(calls):
        await work()
    return (time.perf_counter() - began) / calls * 1e6
