"""Time, chance and threads: the three things that come from outside; each is an argument everywhere else."""

import asyncio
import heapq
import itertools
import os
import string
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

T = TypeVar("T")

#: Linux alone has a clock that counts the time in which the machine sleeps
_ELAPSED: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

_ALPHABET = string.ascii_lowercase + string.digits
#: byte -> letter, each as likely as the others once the last few bytes are left out
_LETTERS = bytes(ord(_ALPHABET[byte % len(_ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(range(256 - 256 % len(_ALPHABET), 256))


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware, UTC: for people and signatures, never for durations."""
        ...

    def monotonic(self) -> float:
        """Seconds for ages, limits and deadlines; the zero is arbitrary."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def offload(self, function: Callable[[], T]) -> T:
        """Runs blocking work (a password hash) away from the event loop."""
        ...


class Entropy(Protocol):
    def token(self, length: int) -> str:
        """Unguessable, a-z0-9."""
        ...


async def within(clock: Clock, seconds: float, work: Awaitable[object]) -> bool:
    """Whether `work` ended before so many seconds had passed; else it is cancelled."""
    running = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((running, timer), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        return running.done()
    finally:
        running.cancel()
        timer.cancel()


def wall_time_of(clock: Clock, monotonic: float) -> datetime:
    """What the wall clock, as it is set now, would have said then (faults T2)."""
    return clock.now() - timedelta(seconds=clock.monotonic() - monotonic)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Goes on while the machine sleeps, so that everything is as old then as it is (faults T5)."""
        return time.clock_gettime(_ELAPSED)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def offload(self, function: Callable[[], T]) -> T:
        return await asyncio.to_thread(function)


class SystemEntropy:
    def token(self, length: int) -> str:
        letters = b""
        while len(letters) < length:
            letters += os.urandom(length + 4).translate(_LETTERS, _UNEVEN)
        return letters[:length].decode()


class ManualClock:
    """A clock that stands until `advance` moves it; sleepers wake in the order of their deadlines."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    async def offload(self, function: Callable[[], T]) -> T:
        return function()

    @property
    def next_wake(self) -> float | None:
        """Monotonic deadline of the first sleeper; None: nobody sleeps."""
        return self._sleepers[0][0] if self._sleepers else None

    def jump(self, seconds: float) -> None:
        """Time passes and nobody wakes: a blocked loop, a paused process, a machine that sleeps."""
        self._elapsed += seconds

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock; durations do not know."""
        self._start += timedelta(seconds=seconds)

    async def advance(self, seconds: float) -> None:
        """Moves time, waking each sleeper at its own deadline and letting ready tasks run in between."""
        target = self._elapsed + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, deadline)
            if not woken.done():
                woken.set_result(None)
            await _settle()
        self._elapsed = target
        await _settle()


class CountingEntropy:
    """Tokens in a known order: `000...0`, `000...1`, ..."""

    def __init__(self) -> None:
        self._count = itertools.count()

    def token(self, length: int) -> str:
        return _spelled(next(self._count), length)


def _spelled(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(reversed(letters))


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
