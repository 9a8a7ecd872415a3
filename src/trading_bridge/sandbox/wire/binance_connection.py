"""What every websocket of Binance has: an end after a day, and the faults of connections."""

from trading_bridge.clock import Clock
from trading_bridge.sandbox.faults import FaultKind
from trading_bridge.sandbox.wire.binance_faults import BinanceFaults
from trading_bridge.sandbox.wire.http import Request
from trading_bridge.sandbox.wire.sockets import GOING_AWAY

DAY_S = 86_400.0


class Connection:
    def __init__(self, clock: Clock, faults: BinanceFaults, request: Request) -> None:
        self._clock = clock
        self._faults = faults
        self._request = request
        self._ends_at = clock.monotonic() + DAY_S

    def ends(self) -> int | None:
        """`dropped` ends it at once."""
        if self._clock.monotonic() >= self._ends_at or self._meets(FaultKind.DROPPED):
            return GOING_AWAY
        return None

    def is_silent(self) -> bool:
        """`hung` leaves it open, and nothing comes."""
        return self._meets(FaultKind.HUNG)

    def _meets(self, kind: FaultKind) -> bool:
        return any(active.fault.kind is kind for active in self._faults.hitting_path(self._request, None))
