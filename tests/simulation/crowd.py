"""Everybody else at the exchange."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side, TimeInForce
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules

#: lots, more than any book has
EVERYTHING = Lots(10**12)


class Mood(StrEnum):
    USUAL = "usual"
    EMPTY = "empty"
    NO_BIDS = "no bids"
    NO_ASKS = "no asks"
    #: the other side of the mid is a thousand times as far as it should be
    ABSURD = "absurd"
    #: hardly anything stands, and hardly anybody takes
    THIN = "thin"
    #: they quote far from each other, and little
    FAR = "far"


@dataclass(frozen=True, eq=False, slots=True)
class Jump:
    """Of a price, to so many thousandths of it."""

    thousandths: int


class Crowd:
    """Everybody else on one market: a few levels around a price that walks, and takers of either side."""

    LEVELS = 5
    HALF_SPREAD_TICKS = 40
    STEP_TICKS = 12
    TAKE_SHARE = 0.25

    def __init__(self, engine: Engine, rules: MarketRules, rng: Random) -> None:
        self._engine = engine
        self.symbol = rules.symbol
        self._rng = rng
        self._usual_mid = 25_600
        self._resting: list[SandboxOrder] = []
        #: each over those before it: moods, how likely a taker comes at each move, and how many times the usual the
        #: price is
        self.moods: list[Mood] = []
        self.take_shares: list[float] = []
        self._jumps: list[Jump] = []

    @property
    def mid(self) -> int:
        """In ticks."""
        mid = self._usual_mid
        for jump in self._jumps:
            mid = mid * jump.thousandths // 1_000
        return max(1_000, mid)

    @property
    def mood(self) -> Mood:
        return self.moods[-1] if self.moods else Mood.USUAL

    def move(self) -> None:
        rng, engine = self._rng, self._engine
        self._usual_mid = max(1_000, self._usual_mid + rng.randint(-self.STEP_TICKS, self.STEP_TICKS))
        taken = rng.randint(100, 400_000)
        if rng.random() < (self.take_shares[-1] if self.take_shares else self.TAKE_SHARE):
            self.take(Side.BUY if rng.random() < 0.5 else Side.SELL, taken // self._thinner)
        for order in self._resting:
            engine.cancel(order)
        self._resting.clear()
        for place in range(self.LEVELS):
            for side, sign in ((Side.BUY, -1), (Side.SELL, 1)):
                distance = self.HALF_SPREAD_TICKS + place * 20 + rng.randint(0, 15)
                distance *= 6 if self.mood is Mood.FAR else 1
                lots = rng.randint(50_000, 900_000) // self._thinner
                if self._quotes(side):
                    absurd = self.mood is Mood.ABSURD and side is Side.SELL
                    self._rest(side, self.mid * 1_000 if absurd else self.mid + sign * distance, lots)

    def take(self, side: Side, lots: int) -> None:
        best = self._engine.book(self.symbol).best(side.opposite)
        if best is not None:
            self.sweep(side, best, lots)

    def sweep(self, side: Side, price: int, lots: int) -> None:
        """All that stands up to that price, and not more than so much."""
        if lots > 0:
            self._engine.place(
                MARKET_TAKER, self.symbol, side, price=Ticks(price), lots=Lots(lots), time_in_force=TimeInForce.IOC
            )

    def jump(self, to: Jump) -> None:
        """The price is another at once, and whoever stands between is taken."""
        self._move_by(lambda: self._jumps.append(to))

    def jump_back(self, to: Jump) -> None:
        self._move_by(lambda: self._jumps.remove(to))

    def _move_by(self, change: Callable[[], None]) -> None:
        before = self.mid
        change()
        self.sweep(Side.BUY if self.mid > before else Side.SELL, self.mid, EVERYTHING)
        self.move()

    def take_order(self, order: SandboxOrder, *, whole: bool) -> None:
        """And whoever stands before it."""
        book = self._engine.book(self.symbol)
        everything = book.takeable(order.side.opposite, order.price, EVERYTHING)
        behind = 0 if whole else order.remaining // 2 + 1
        self.sweep(order.side.opposite, order.price, everything - behind)

    def stand(self, side: Side, price: int, lots: int) -> None:
        """Until the next move; it takes what is in its way."""
        order = self._engine.place(MARKET_MAKER, self.symbol, side, price=Ticks(price), lots=Lots(lots))
        if isinstance(order, SandboxOrder) and order.is_open:
            self._resting.append(order)

    @property
    def _thinner(self) -> int:
        return 2_000 if self.mood in (Mood.THIN, Mood.FAR) else 1

    def _quotes(self, side: Side) -> bool:
        if self.mood is Mood.EMPTY:
            return False
        return self.mood is not (Mood.NO_BIDS if side is Side.BUY else Mood.NO_ASKS)

    def _rest(self, side: Side, price: int, lots: int) -> None:
        order = self._engine.place(MARKET_MAKER, self.symbol, side, price=Ticks(price), lots=Lots(lots), post_only=True)
        if isinstance(order, SandboxOrder) and order.is_open:
            self._resting.append(order)
