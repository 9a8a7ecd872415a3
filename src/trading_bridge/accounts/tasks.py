"""The tasks of accounts and feeds: each has an owner, and a bug in one is a finding for a while."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from trading_bridge.accounts.supervision import supervised
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding
from trading_bridge.errors import NotReady

#: a task that has run so long since its bug is well again
CRASH_SHOWN_S = 120.0


class Tasks:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._group: asyncio.TaskGroup | None = None
        self._reads: set[asyncio.Task[None]] = set()
        self._crashes: dict[str, tuple[float, Finding]] = {}  # task -> monotonic time, its last bug

    def own(self, group: asyncio.TaskGroup) -> None:
        """Tasks that are started from here on end with the group."""
        self._group = group

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """A shared read: a bug in it reaches those who wait for it, and nobody else."""
        task = asyncio.create_task(coroutine)
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return task

    def start(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        assert self._group is not None, "the manager runs before anybody asks it for more"
        running = supervised(name, work, self._clock, self.crashed)
        try:
            return self._group.create_task(running)
        except RuntimeError as error:  # the group takes none any more
            running.close()
            raise NotReady("not.ready", "The server is being stopped.") from error

    def crashed(self, finding: Finding) -> None:
        """A task of the platform was ended by a bug, and starts again."""
        self._crashes[finding.parameters["task"]] = (self._clock.monotonic(), finding)

    def findings(self) -> Iterator[Finding]:
        for crashed_at, finding in self._crashes.values():
            if self._clock.monotonic() - crashed_at < CRASH_SHOWN_S:
                yield finding

    def close(self) -> None:
        for read in tuple(self._reads):
            read.cancel()
