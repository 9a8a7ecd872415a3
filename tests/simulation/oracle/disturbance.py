"""When anything last went wrong, so that a deadline counts from where nothing is in its way."""

from collections import Counter

from tests.simulation.loop import Life
from tests.simulation.watch import Watcher
from tests.simulation.world import World


class Disturbance(Watcher):
    def __init__(self, world: World) -> None:
        self._world = world
        self._on: Counter[str] = Counter()  # fault's id and form -> how often it began and has not healed
        self._last_s = 0.0

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        name = f"{fault_id} {more.get('form', '')}"
        if what == "begins":
            self._on[name] += 1
        elif what == "heals":
            self._on.pop(name, None)
        self._last_s = self._world.loop.time()

    def started(self, life: Life) -> None:
        self._last_s = self._world.loop.time()

    def ended(self, life: Life, how: str) -> None:
        self._last_s = self._world.loop.time()

    def quiet_s(self) -> float:
        """Seconds for which nothing is wrong: no fault on, no process started, ended or stopped."""
        now_s = self._world.loop.time()
        if self._on or any(server.life.alive and server.life.paused for server in self._world.servers):
            self._last_s = now_s
        return now_s - self._last_s
