"""What an invariant is to a run: it watches, looks each second, and says what is broken."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.simulation.people import People
from tests.simulation.scenario import Scenario
from tests.simulation.watch import Watcher
from tests.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    invariant: str
    #: seconds since the beginning of the run
    at_s: float
    words: str


@dataclass(slots=True, kw_only=True)
class Facts:
    """What every invariant may look at."""

    world: World
    people: People
    scenario: Scenario
    #: reads what is committed, and nothing else
    stored: "Stored"
    broken: Callable[[Violation], None]
    #: faults are over
    healing: bool = False


class Invariant(Watcher):
    id: ClassVar[str]

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.world = facts.world

    def broken(self, words: str) -> None:
        at_s = round(self.world.loop.time(), 6)
        self.facts.broken(Violation(invariant=self.id, at_s=at_s, words=words))

    def each_second(self) -> None:
        """Once a second of the run, in both phases."""

    async def at_end(self) -> None:
        """After healing, with the servers still running."""


class Stored:
    """The platform's database, as somebody beside it reads it."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._connection.row_factory = sqlite3.Row

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(query, values)]

    def close(self) -> None:
        self._connection.close()
