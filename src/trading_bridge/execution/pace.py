"""How many orders and cancels left in the last minute, per bot, client and platform."""

from collections import deque
from collections.abc import Iterable

from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.risk.at_send import Sent

WINDOW_S = 60.0
#: whose counters those of the platform are
PLATFORM = ""


class Window:
    """Events of the last minute, each counted for several."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}  # id of a bot or client, or `PLATFORM` -> monotonic, oldest first

    def add(self, of: Iterable[str], at: float) -> None:
        """Not earlier than the one before."""
        for one in of:
            times = self._times.get(one)
            if times is None:
                times = self._times[one] = deque()
            while times and times[0] <= at - WINDOW_S:
                times.popleft()
            times.append(at)

    def count(self, of: str, now: float) -> int:
        times = self._times.get(of)
        if times is None:
            return 0
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if not times:
            del self._times[of]
        return len(times)


class Pace:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._orders = Window()
        self._cancels = Window()

    def restore(self, sent: Iterable[Sent]) -> None:
        """What an earlier process sent counts on; before anything else is counted."""
        now, at = self._clock.now(), self._clock.monotonic()
        sent = tuple(sent)
        for one in sorted(sent, key=lambda one: one.opened_at):
            self._orders.add((one.bot_id, one.client_id, PLATFORM), at - (now - one.opened_at).total_seconds())
        ended = [(one.canceled_at, one) for one in sent if one.canceled_at is not None]
        for canceled_at, one in sorted(ended, key=lambda pair: pair[0]):
            self._cancels.add((one.bot_id, one.client_id, PLATFORM), at - (now - canceled_at).total_seconds())

    def ordered(self, bot: Bot) -> None:
        self._orders.add((bot.id, bot.client_id, PLATFORM), self._clock.monotonic())

    def canceled(self, bot: Bot) -> None:
        self._cancels.add((bot.id, bot.client_id, PLATFORM), self._clock.monotonic())

    def orders(self, of: str) -> int:
        return self._orders.count(of, self._clock.monotonic())

    def cancels(self, of: str) -> int:
        return self._cancels.count(of, self._clock.monotonic())
