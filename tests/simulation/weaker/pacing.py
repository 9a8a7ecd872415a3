"""Weaker parts of pace: the rate of calls, and bots that crash."""

from datetime import UTC, datetime
from typing import Any

from trading_bridge.accounts.listing import ListingSession
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding
from trading_bridge.exchanges.limiter import CallKind, Limiter
from trading_bridge.runner.bot_worker import BotWorker

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CancelsQueue(ListingSession):
    """A cancel waits for its turn as everything else does."""

    async def grant(self, kind: CallKind, call: str) -> None:
        await super().grant(CallKind.READ if kind is CallKind.CANCEL else kind, call)


class _OnTheWall:
    def __init__(self, clock: Clock) -> None:
        self.now = clock.now
        self.sleep = clock.sleep
        self.offload = clock.offload

    def monotonic(self) -> float:
        return (self.now() - _EPOCH).total_seconds()


class PacedByTheWall(ListingSession):
    """Counts its calls by the clock that people set."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._user_limiter = Limiter(_OnTheWall(self._clock), self.info.user_limits)


class NeverTakenOut(BotWorker):
    """However often it crashes it starts again."""

    def crashed(self, finding: Finding) -> None:
        self._crashes = 0
        super().crashed(finding)
