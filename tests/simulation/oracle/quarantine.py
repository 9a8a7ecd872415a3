"""A bot that crashes again and again is taken out: nothing of it stands until somebody edits or stops it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.disturbance import Disturbance
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.restraint import RESTS_WITHIN_S
from tests.simulation.oracle.standing import Standing
from trading_bridge.runner.bot_worker import HEALTHY_S, QUARANTINE_AFTER

#: what gives it another chance
_TOUCHED = re.compile(r"^/bots/([a-z0-9]+)(/start|/stop|/resume)?$")


@dataclass(slots=True)
class _Crashes:
    life: Life
    count: int
    last_s: float


class TakenOut(Invariant):
    id: ClassVar[str] = "I14"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._standing = Standing(facts)
        self._disturbance = Disturbance(facts.world)
        self.world.watchers.add(self._disturbance)
        self._crashes: dict[str, _Crashes] = {}  # bot id -> those in a row

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        task = str(event.get("task"))
        if life is None or event.get("event") != "task failed" or not task.startswith("bot "):
            return
        bot_id, now_s = task.removeprefix("bot "), self.world.loop.time()
        before = self._crashes.get(bot_id)
        in_a_row = before is not None and before.life is life and now_s - before.last_s < HEALTHY_S
        count = before.count + 1 if before is not None and in_a_row else 1
        self._crashes[bot_id] = _Crashes(life, count, now_s)

    def did(self, actor: str, what: str, **more: object) -> None:
        method, _, path = what.partition(" ")
        touched = _TOUCHED.match(path)
        if touched is not None and method != "GET":
            self._crashes.pop(touched[1], None)

    def each_second(self) -> None:
        now_s, trading = self.world.loop.time(), self.world.trading
        for bot_id, crashes in self._crashes.items():
            taken_out = crashes.count >= QUARANTINE_AFTER and trading is not None and crashes.life is trading.life
            rested_s = min(now_s - crashes.last_s, self._disturbance.quiet_s())
            if taken_out and rested_s > RESTS_WITHIN_S:
                for _, order in self._standing.everywhere():
                    if self._standing.bot_of(order.client_order_id) == bot_id:
                        self.broken(f"{bot_id} has crashed {crashes.count} times, and {order.client_order_id} stands")
