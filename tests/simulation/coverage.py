"""What took part in runs: faults and which of them met, the ways in which orders ended, what the platform said and did
about it, and what was under way when a server was killed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Stored
from tests.simulation.watch import Call, Heard, Watcher
from tests.simulation.world import World
from trading_bridge.core.order import OrderState
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal


class Part(StrEnum):
    """A table of the coverage."""

    FAULT = "faults"
    #: two faults that were both active, or struck within `MEETS_S` of each other
    PAIR = "pairs of faults"
    #: the exchange's word about a create or a cancel, as the platform heard it
    ANSWER = "answers to creates and cancels"
    #: what became of orders
    ENDING = "ends of orders"
    #: what the platform told its log
    LOG = "log events"
    FINDING = "findings"
    #: as bots log them, and as people are shown them: of one that is killed nothing runs that would log it
    STATE = "states of bots"
    #: how servers ended
    LIFE = "ends of servers"
    #: what was under way when one was killed
    CRASH = "kills"


#: two faults that strike within so many seconds have met
MEETS_S = 10.0

_BEGINS, _HEALS = "begins", "heals"


@dataclass(slots=True)
class Mark:
    times: int = 0
    runs: int = 0
    #: the lowest
    first_seed: int | None = None


@dataclass(slots=True)
class Coverage:
    """Over many runs; those of several processes can be added."""

    parts: dict[Part, dict[str, Mark]] = field(default_factory=lambda: {part: {} for part in Part})

    def add(self, seed: int, counts: "Counts") -> None:
        for part, names in counts.items():
            for name, times in names.items():
                mark = self.parts[part].setdefault(name, Mark())
                mark.times += times
                mark.runs += 1
                mark.first_seed = seed if mark.first_seed is None else min(seed, mark.first_seed)

    def reached(self, part: Part) -> frozenset[str]:
        return frozenset(self.parts[part])


#: of one run
Counts = Mapping[Part, Mapping[str, int]]


class CoverageWatcher(Watcher):
    def __init__(self, world: World) -> None:
        self._world = world
        self._stored = Stored(str(world.path))
        self._counts: dict[Part, Counter[str]] = defaultdict(Counter)
        self._active: dict[str, int] = {}
        self._struck: dict[str, float] = {}
        #: creates and cancels under way, by life and number
        self._open: dict[tuple[str, int], Call] = {}
        #: client order ids
        self._departed: set[str] = set()
        self._answered: set[str] = set()
        self._unresolved: set[str] = set()
        self._stood_by: set[str] = set()
        self._recovered: set[str] = set()

    @property
    def counts(self) -> Counts:
        return {part: dict(names) for part, names in self._counts.items()}

    def _count(self, part: Part, name: str) -> None:
        self._counts[part][name] += 1

    # -- faults

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        now = self._world.loop.time()
        if what == _HEALS:
            self._active.pop(fault_id, None)
            return
        self._count(Part.FAULT, fault_id)
        new = fault_id not in self._active and now - self._struck.get(fault_id, -MEETS_S - 1) > MEETS_S
        met = {other for other, at in self._struck.items() if now - at <= MEETS_S} | set(self._active)
        for other in met - {fault_id} if new else ():
            self._count(Part.PAIR, " + ".join(sorted((fault_id, other))))
        self._struck[fault_id] = now
        if what == _BEGINS:
            self._active[fault_id] = 1

    # -- the wire

    def departed(self, call: Call) -> None:
        if call.is_create:
            self._departed.add(call.client_order_id)
        self._open[call.life.name, call.number] = call

    def heard(self, call: Call, answer: Heard) -> None:
        self._open.pop((call.life.name, call.number), None)
        if call.is_create:
            self._answered.add(call.client_order_id)
        self._answer(call, f"{answer.status} {answer.code or 'unreadable'}")

    def unheard(self, call: Call, error: BaseException) -> None:
        self._open.pop((call.life.name, call.number), None)
        self._answer(call, type(error).__name__)

    def _answer(self, call: Call, word: str) -> None:
        if call.is_create or call.is_cancel:
            self._count(Part.ANSWER, f"{'create' if call.is_create else 'cancel'}: {word}")

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal):
            self._count(Part.ENDING, f"refused by the exchange with {order.code}")

    # -- servers

    def ended(self, life: Life, how: str) -> None:
        self._count(Part.LIFE, how.partition("(")[0])
        if how == "killed":
            for name in self._under_way(life):
                self._count(Part.CRASH, name)

    def _under_way(self, life: Life) -> list[str]:
        mine = [call for (name, _), call in self._open.items() if name == life.name]
        self._open = {key: call for key, call in self._open.items() if key[0] != life.name}
        found = []
        pending = [row["client_order_id"] for row in self._stored.rows(_PENDING)]
        if any(order_id not in self._departed for order_id in pending):
            found.append("an intent is stored, its create not sent")
        if any(order_id in self._answered for order_id in pending):
            found.append("a create is answered, its answer not stored")
        if any(call.is_create for call in mine):
            found.append("a create is under way")
        if any(call.is_cancel for call in mine):
            found.append("a cancel is under way")
        if any(not call.is_create and not call.is_cancel for call in mine):
            found.append("a read is under way")
        if life.name not in self._recovered:
            found.append("it has not recovered yet")
        return found or ["nothing"]

    # -- what the platform says

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if method == "GET" and status == 200 and path.startswith("/bots?"):
            for bot in orjson.loads(body)["bots"]:
                self._count(Part.STATE, bot["state"]["code"])

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        said = str(event["event"])
        name = "-" if life is None else life.name
        self._count(Part.LOG, said)
        if said == "finding":
            self._count(Part.FINDING, str(event["code"]))
        elif said == "state":
            self._count(Part.STATE, str(event["state"]))
        elif said == "order unresolved":
            self._unresolved.add(str(event["client_order_id"]))
        elif said == "standing by":
            self._stood_by.add(name)
        elif said == "serving" and name in self._stood_by:
            self._count(Part.LIFE, "took over from another")
        elif said == "account recovered":
            self._recovered.add(name)
            for what in ("live", "unresolved"):
                if int(event[what]) > 0:
                    self._count(Part.ENDING, f"found {what} at a start")
        elif said == "drift":
            for what in _DRIFTS:
                if what in event:
                    self._count(Part.ENDING, f"drift: {what}")

    def closes(self) -> None:
        for row in self._stored.rows(_ENDS):
            self._counts[Part.ENDING][row["state"]] += row["orders"]
        for row in self._stored.rows(_FROZEN):
            self._counts[Part.ENDING]["frozen"] += row["orders"]
        states = {row["client_order_id"]: row["state"] for row in self._stored.rows(_STATES)}
        for order_id in self._unresolved:
            self._count(Part.ENDING, f"unresolved, then {states.get(order_id, 'lost with the storage')}")
        self._stored.close()


#: what the log says of a drift
_DRIFTS = ("orphans", "unfollowed", "unwanted", "late_fills", "lost_fills")
_PENDING = f"SELECT client_order_id FROM orders WHERE live AND state = '{OrderState.PENDING_NEW}'"
_ENDS = "SELECT state, count(*) AS orders FROM orders GROUP BY state"
_FROZEN = "SELECT count(*) AS orders FROM orders WHERE frozen IS NOT NULL HAVING count(*) > 0"
_STATES = "SELECT client_order_id, state FROM orders"
