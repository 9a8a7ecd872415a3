"""One request under way at a time; everybody who wants its answer meanwhile shares it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: starts a task in a group that its owner supervises
Spawn = Callable[[Coroutine[Any, Any, T]], "asyncio.Task[T]"]


class SingleFlight(Generic[T]):
    def __init__(self, spawn: Spawn[T], fly: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._spawn = spawn
        self._fly = fly
        self._flight: asyncio.Task[T] | None = None

    async def join(self) -> T:
        """The answer of the request under way, or of a new one. A caller that gives up does not end it."""
        if self._flight is None or self._flight.done():
            self._flight = self._spawn(self._fly())
        return await _shared(self._flight)


def _shared(task: "asyncio.Task[T]") -> Awaitable[T]:
    return asyncio.shield(task)
