"""How much a price moves, learnt from mids as they are seen. A statistic, so in floats: no price comes out of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp, isfinite, log, sqrt

#: what moved so long ago counts half
HALF_LIFE_S = 300.0
#: less says nothing
ENOUGH_S = 60.0
#: after a longer silence what was learnt is of another time
FORGOTTEN_AFTER_S = 1_800.0
_BPS = 10_000.0
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volatility:
    """Of one market, exponentially weighted over time."""

    #: of the last mid
    at: datetime
    mid: float
    #: weighted sums: of squared logarithmic moves, and of the seconds that they took
    moved: float = 0.0
    seconds: float = 0.0
    #: since the first mid
    watched_s: float = 0.0

    def after(self, mid: float, at: datetime) -> "Volatility":
        """With one more mid, above zero; a clock that was set back adds nothing."""
        passed = (at - self.at).total_seconds()
        if passed <= 0:
            return self
        if passed > FORGOTTEN_AFTER_S:
            return Volatility(at=at, mid=mid)
        kept = exp(-passed * log(2) / HALF_LIFE_S)
        move = log(mid / self.mid)
        return Volatility(
            at=at,
            mid=mid,
            moved=self.moved * kept + move * move,
            seconds=self.seconds * kept + passed,
            watched_s=self.watched_s + passed,
        )

    def stepped(self, by: timedelta) -> "Volatility":
        """The wall clock was set by so much."""
        return Volatility(
            at=self.at + by, mid=self.mid, moved=self.moved, seconds=self.seconds, watched_s=self.watched_s
        )

    def bps(self, seconds: float) -> float | None:
        """Standard deviation of the price over so many seconds; None: too little was seen."""
        if self.watched_s < ENOUGH_S:
            return None
        return _BPS * sqrt(self.moved / self.seconds * seconds)


def in_bps(value: float, most: Decimal) -> Decimal:
    """A statistic as a distance: to a hundredth of a basis point, no further from zero than `most`."""
    if not isfinite(value):
        return most if value > 0 else -most
    return max(-most, min(most, Decimal(value))).quantize(_CENT)
