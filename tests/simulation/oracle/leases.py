"""Nothing is signed at or after the end of its lease less the margin."""

from datetime import datetime, timedelta
from typing import ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, epoch_of, shared
from tests.simulation.watch import Call
from trading_bridge.storage.lease import MARGIN_S

_LEASES = "SELECT epoch, holder, expires_at FROM leases"
#: a signature has whole milliseconds
_MILLISECOND_S = 0.001


class InLease(Invariant):
    id: ClassVar[str] = "I12"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        #: epoch -> seconds of the run: committed, ends; oldest first
        self._ends: dict[int, list[tuple[float, float]]] = {}

    def committed(self, life: Life, kind: str) -> None:
        if kind != "lease":
            return
        now = self.world.loop.time()
        for row in self.facts.stored.rows(_LEASES):
            known = self._ends.setdefault(row["epoch"], [])
            if row["expires_at"] is None:
                known.append((now, now + MARGIN_S + _MILLISECOND_S))  # released: nothing is signed from here
                continue
            left = datetime.fromisoformat(row["expires_at"]) - self.world.database_clock.now()
            end_s = now + left / timedelta(seconds=1)
            if not known or known[-1][1] != end_s:
                known.append((now, end_s))

    def departed(self, call: Call) -> None:
        if not call.is_create:
            return
        epoch = epoch_of(call.client_order_id)
        moments = self.ours.signed_s(call)
        if all(self._is_late(epoch, signed_s) for signed_s in moments):
            self.broken(
                f"{call.client_order_id} was signed at {moments[-1]:.3f} s, its lease was "
                f"{[(round(at, 3), round(end, 3)) for at, end in self._ends.get(epoch, [])[-3:]]}"
            )

    def _is_late(self, epoch: int, signed_s: float) -> bool:
        end_s = None
        for committed_s, until_s in self._ends.get(epoch, []):
            if committed_s <= signed_s + _MILLISECOND_S:
                end_s = until_s
        return end_s is None or signed_s > end_s - MARGIN_S + _MILLISECOND_S
