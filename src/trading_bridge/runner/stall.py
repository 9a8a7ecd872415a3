"""Notices that this process stood still: its event loop was blocked, it was paused, its machine slept (faults T5)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from trading_bridge.clock import Clock
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order
from trading_bridge.logs import get_logger

BEAT_S = 1.0
#: a beat so much too late is a standstill
STALLED_S = 5.0
#: what the wall clock may be moved in a beat without being set
STEPPED = timedelta(seconds=1)
#: how long one is shown
SHOWN_S = 120.0

CODE = "runner.stalled"

_log = get_logger("stall")


class Tracker(Protocol):
    def live(self, bot_id: str | None = None) -> tuple[Order, ...]: ...

    def complete_as_of(self, bot_id: str) -> datetime:
        """The latest time up to which every fill of the bot is surely known."""
        ...


class StallWatch:
    """After a standstill nothing is placed for a bot before its orders were looked at again; books and balances are
    stale by their age."""

    def __init__(
        self,
        clock: Clock,
        trackers: Callable[[], Iterable[Tracker]],
        on_step: Callable[[timedelta], None] = lambda by: None,
    ) -> None:
        """`on_step` is told by how much somebody has set the wall clock (faults T2)."""
        self._clock = clock
        self._trackers = trackers
        self._on_step = on_step
        self._beat = clock.monotonic()
        self._beat_at = clock.now()
        #: our wall time of the end of the last standstill; None: all that it left behind is known again
        self._ended_at: datetime | None = None
        self._finding: Finding | None = None
        self._shown_until = 0.0

    async def run(self) -> None:
        """Beats for ever; its owner cancels it."""
        self._beat, self._beat_at = self._clock.monotonic(), self._clock.now()
        while True:
            await self._clock.sleep(BEAT_S)
            self.look()
            self._catch_up()

    def barred(self, bot_id: str) -> Reason | None:
        """Why nothing may be placed for the bot: what became of its orders meanwhile is not known yet."""
        self.look()  # whoever runs first after a standstill may be a send
        if self._ended_at is None or not self._is_behind(bot_id, self._ended_at):
            return None
        assert self._finding is not None
        return Reason(code=CODE, parameters=self._finding.parameters)

    def finding(self) -> Finding | None:
        if self._ended_at is None and self._clock.monotonic() >= self._shown_until:
            return None
        return self._finding

    def look(self) -> None:
        """Notices at once, between two beats, that it stood still, or that the wall clock was set."""
        now, now_at = self._clock.monotonic(), self._clock.now()
        passed_s = now - self._beat
        stepped = now_at - self._beat_at - timedelta(seconds=passed_s)
        self._beat, self._beat_at = now, now_at
        if abs(stepped) >= STEPPED:
            _log.warning("wall clock was set", seconds=round(stepped.total_seconds(), 1))
            self._on_step(stepped)
        late_s = passed_s - BEAT_S
        if late_s < STALLED_S:
            return
        self._ended_at = self._clock.now()
        self._shown_until = now + SHOWN_S
        parameters = {"seconds": f"{late_s:.0f}"}
        self._finding = Finding(code=CODE, severity=Severity.WARNING, since=self._ended_at, parameters=parameters)
        _log.warning("stood still", seconds=round(late_s, 1))

    def _catch_up(self) -> None:
        if self._ended_at is None:
            return
        self._ended_at = min(self._ended_at, self._clock.now())  # a wall clock that steps back holds nobody
        waiting = {order.bot_id for tracker in self._trackers() for order in tracker.live()}
        if not any(self._is_behind(bot_id, self._ended_at) for bot_id in waiting):
            self._ended_at = None

    def _is_behind(self, bot_id: str, then: datetime) -> bool:
        return any(tracker.complete_as_of(bot_id) < then for tracker in self._trackers())
