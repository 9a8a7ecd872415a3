"""What a simulated process sees of time and chance."""

import asyncio
from asyncio import events
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from ccxt.async_support.base.ws import client as websocket

from tests.simulation.loop import SimLoop

T = TypeVar("T")


class _Timed(websocket.Exchange):  # type: ignore[misc]
    """By the world's time, where ccxt reads the wall clock whatever clock it is given."""

    @staticmethod
    def milliseconds() -> int:
        loop = events._get_running_loop()
        if not isinstance(loop, SimLoop):
            return int(_REAL.milliseconds())
        return int(BEGIN.timestamp() * 1000) + int(loop.time() * 1000)


_REAL = websocket.Exchange
websocket.Exchange = _Timed
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class SimClock:
    """The world's time; a process may read its wall clock `offset_s` away from it."""

    def __init__(self, loop: SimLoop, *, offset_s: float = 0.0) -> None:
        self._loop = loop
        self.offset_s = offset_s

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=round(self._loop.time() + self.offset_s, 6))

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def offload(self, function: Callable[[], T]) -> T:
        """Others go on before and after, as beside a thread."""
        await asyncio.sleep(0)
        done = function()
        await asyncio.sleep(0)
        return done


class SimEntropy:
    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def token(self, length: int) -> str:
        return "".join(self._rng.choices(_LETTERS, k=length))
