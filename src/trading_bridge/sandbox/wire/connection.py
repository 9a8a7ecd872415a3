"""What every websocket of an exchange has: an end after a day, and the faults of connections."""

from collections.abc import Callable

from trading_bridge.clock import Clock
from trading_bridge.sandbox.faults import FaultKind
from trading_bridge.sandbox.wire.fault_answers import Hits
from trading_bridge.sandbox.wire.sockets import GOING_AWAY

DAY_S = 86_400.0


class Connection:
    def __init__(self, clock: Clock, hits: Callable[[], Hits]) -> None:
        """`hits` are the faults that hit the whole connection now."""
        self._clock = clock
        self._hits = hits
        self._ends_at = clock.monotonic() + DAY_S

    def ends(self) -> int | None:
        """`dropped` ends it at once."""
        if self._clock.monotonic() >= self._ends_at or self._meets(FaultKind.DROPPED):
            return GOING_AWAY
        return None

    def is_silent(self) -> bool:
        """`hung` leaves it open, and nothing comes."""
        return self._meets(FaultKind.HUNG)

    def loses(self) -> bool:
        """`messages_lost` lets messages be made and counted, and not arrive."""
        return self._meets(FaultKind.MESSAGES_LOST)

    def _meets(self, kind: FaultKind) -> bool:
        return any(active.fault.kind is kind for active in self._hits())
