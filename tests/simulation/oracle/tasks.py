"""Nothing grows without end and nothing fails unseen (I25); a database that lost its process is whole (I28)."""

import asyncio
import sqlite3

from tests.simulation.loop import Life, SimTask
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.server import Server
from trading_bridge.runner.decisions import UNWRITTEN_MAX
from trading_bridge.storage.journal import QUEUE_ROWS

#: between two looks at what every process does
LOOK_EVERY_S = 5
#: tasks of a server besides those of its bots and accounts, those of people's requests among them
TASKS_OF_SERVER = 60
TASKS_OF_BOT = 8
TASKS_OF_ACCOUNT = 16
#: least tasks in so many looks, which the same number of looks much later may not pass by more than so many: what three
#: markets take by websocket, once their bots go on
WINDOW = 12
GROWTH = 24


class Bounded(Invariant):
    """Tasks, queues and what waits for storage are within their bounds; no exception was left for nobody."""

    id = "I25"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._seconds = 0
        self._counts: dict[str, list[int]] = {}  # life's name -> its tasks at each look

    def each_second(self) -> None:
        if self.world.loop.unhandled:
            self.broken(self.world.loop.unhandled[0])
        self._seconds += 1
        if self._seconds % LOOK_EVERY_S:
            return
        counts = self._count()
        for server in self.world.servers:
            if server.trades and not server.life.paused:
                self._look(server, counts.get(server.life, 0))

    def _count(self) -> dict[Life, int]:
        counts: dict[Life, int] = {}
        for task in asyncio.all_tasks(self.world.loop):
            if isinstance(task, SimTask) and task.life is not None:
                counts[task.life] = counts.get(task.life, 0) + 1
        return counts

    def _look(self, server: Server, tasks: int) -> None:
        members = self.facts.people.members
        bots, accounts = (sum(len(each) for each in of) for of in self._sizes())
        bound = TASKS_OF_SERVER + TASKS_OF_BOT * bots + TASKS_OF_ACCOUNT * accounts
        if members and tasks > bound:
            self.broken(f"{server.life.name} has {tasks} tasks for {bots} bots on {accounts} connectors")
        counts = self._counts.setdefault(server.life.name, [])
        counts.append(tasks)
        if len(counts) >= 3 * WINDOW and min(counts[-WINDOW:]) > min(counts[WINDOW : 2 * WINDOW]) + GROWTH:
            self.broken(f"tasks of {server.life.name} grow: {counts[WINDOW::WINDOW]}")
        self._look_at_queues(server)

    def _sizes(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        members = self.facts.people.members
        return [member.bots for member in members], [member.connectors for member in members]

    def _look_at_queues(self, server: Server) -> None:
        platform = server.platform
        if platform is None:
            return
        for what, size, bound in (
            ("rows wait for storage", platform.journal._queued_rows, QUEUE_ROWS),
            ("decisions wait for storage", len(platform.runner._decisions._unwritten), UNWRITTEN_MAX),
        ):
            if size > bound:
                self.broken(f"{size} {what} in {server.life.name}")


class WholeAfterCrash(Invariant):
    """Whatever a killed process was doing, the database passes its own check, and its constraints hold."""

    id = "I28"

    def ended(self, life: Life, how: str) -> None:
        if how != "killed":
            return
        try:
            integrity = self.facts.stored.rows("PRAGMA integrity_check")
            keys = self.facts.stored.rows("PRAGMA foreign_key_check")
        except sqlite3.DatabaseError as error:
            self.broken(f"the database cannot be read after the end of {life.name}: {error}")
            return
        if [list(row.values()) for row in integrity] != [["ok"]]:
            self.broken(f"after the end of {life.name}: {integrity}")
        if keys:
            self.broken(f"after the end of {life.name} rows point nowhere: {keys}")
