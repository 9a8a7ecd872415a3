"""Cancels own a share of the rate: one that is recorded as under way leaves, however long all else has to wait."""

from typing import ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.watch import Call
from trading_bridge.core.order import OrderState

#: seconds that its process has run: the market's rules may have to be read first, which is given up after five
LEAVES_WITHIN_S = 12


class CancelsLeave(Invariant):
    id: ClassVar[str] = "I7"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self._left: set[str] = set()  # exchange order ids of which a cancel was ever tried
        self._waits: dict[str, tuple[Life, int]] = {}  # client order id -> whose cancel, seconds that it has run

    def committed(self, life: Life, kind: str) -> None:
        for before, row in self.ours.changes:
            asked = row.state is OrderState.PENDING_CANCEL and (before is None or before.state is not row.state)
            if asked and row.exchange_order_id not in self._left:
                self._waits[row.client_order_id] = life, 0

    def departed(self, call: Call) -> None:
        if call.is_cancel:
            self._left.add(str(call.fields.get("ordId")))

    def unheard(self, call: Call, error: BaseException) -> None:
        self.departed(call)

    def each_second(self) -> None:
        for client_order_id, (life, ran_s) in tuple(self._waits.items()):
            row = self.ours.row(client_order_id)
            under_way = row is not None and row.state is OrderState.PENDING_CANCEL
            if row is None or not under_way or not life.alive or row.exchange_order_id in self._left:
                del self._waits[client_order_id]
            elif not life.paused:
                self._waits[client_order_id] = life, ran_s + 1
                if ran_s >= LEAVES_WITHIN_S:
                    self.broken(f"the cancel of {client_order_id} has not left {life.name} for {ran_s} s")
