"""Requests stay within the rates that the platform has set itself, in every window of them."""

from bisect import bisect_left, insort
from typing import ClassVar, TypeVar

from tests.simulation.oracle.bot_limits import BotLimits
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.watch import Call, Heard

#: new orders are counted when they are signed, and leave or are dropped within 5 s of that
MINUTE_S = 60.0 - 5.0
#: an answer is under way no longer
_ANSWERED_WITHIN_S = 60.0
_EXCHANGE = ("/v1/", "/v2/", "/spot/", "/trade/", "/fi/")

K = TypeVar("K")


class InRate(Invariant):
    id: ClassVar[str] = "I7"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self.limits = shared(facts, BotLimits)
        self._calls: dict[tuple[str, str], list[float]] = {}  # (life, key or "") -> when they began, in order
        self._creates: dict[str, list[float]] = {}  # bot id -> when they began, in order
        #: until then a fault of rate may answer, in seconds of the run
        self._limited_until_s = 0.0

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        if fault_id == "N12":
            over = what == "heals"
            self._limited_until_s = self.world.loop.time() + _ANSWERED_WITHIN_S if over else float("inf")

    def departed(self, call: Call) -> None:
        if not call.endpoint.startswith(_EXCHANGE):
            return
        life = call.life.name
        if call.wire.calls is not None:
            of_key, of_address, window_s = call.wire.calls
            self._count(self._calls, (life, ""), call.begun_s, of_address, window_s)
            if call.api_key is not None:
                self._count(self._calls, (life, call.api_key), call.begun_s, of_key, window_s)
        row = self.ours.row(call.client_order_id) if call.is_create else None
        if row is not None:
            limit = self.limits.loosest(row.bot_id, "orders_per_minute", call.begun_s - 60.0)
            self._count(self._creates, row.bot_id, call.begun_s, int(limit), MINUTE_S)

    def heard(self, call: Call, answer: Heard) -> None:
        too_much = answer.status == 429 or answer.code == "429"
        if too_much and self.world.loop.time() > self._limited_until_s:
            self.broken(f"#{call.number} {call.endpoint} is answered that it was too much")

    def _count(self, counted: dict[K, list[float]], key: K, at_s: float, limit: int, window_s: float) -> None:
        times = counted.setdefault(key, [])
        insort(times, at_s)
        if len(times) <= limit:
            return
        place = bisect_left(times, at_s)
        for last in range(max(place, limit), min(place + limit, len(times) - 1) + 1):
            if times[last] - times[last - limit] < window_s:
                self.broken(f"{key} began {limit + 1} calls within {times[last] - times[last - limit]:.3f} s")
                break
        if len(times) > 4 * limit:
            del times[:limit]
