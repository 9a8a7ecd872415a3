"""A synthetic market as events: a fair price that orders push, quotes that follow it late, orders that cluster.

- Orders arrive in two states, calm and burst; each belongs to a parent order that keeps its side.
- An order moves the fair price its way at once, by a power of its amount. Quotes follow when their life ends, or
  soon after the price has come too near: whoever rests in between is bought low and sold high.
- The log of the fair price returns slowly to its anchor, so that the price stays in a band for days: with `thin` its
  long-run standard deviation is about 3 %.
- The model knows its own quotes only. What others rest in the book is met by price and time, as for any taker.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from random import Random

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import Event, SetLevel, Step, Take
from trading_bridge.sandbox.flow.preset import Preset

BPS = 1e-4
#: a start price further than this factor from the anchor starts at the anchor
_START_BAND = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The market that the model quotes on."""

    tick_size: Decimal
    lot_size: Decimal
    min_lots: Lots


@dataclass(slots=True, eq=False)
class _Quote:
    side: Side
    #: 0 is the best of its side
    place: int
    life_s: float
    #: when it is replaced
    due_s: float = 0.0
    #: it stands too near to the fair price, and its owner knows
    pulled: bool = False
    price: Ticks = Ticks(0)
    amount: Lots = Lots(0)


class _Arrivals:
    """Times of a two-state Poisson process."""

    def __init__(self, preset: Preset, rng: Random) -> None:
        self._rng = rng
        self._rates = (preset.calm_orders_per_min / 60, preset.burst_orders_per_min / 60)
        self._lengths = (preset.calm_s, preset.burst_s)
        self._state = int(rng.random() < preset.burst_s / (preset.calm_s + preset.burst_s))
        self._until = rng.expovariate(1 / self._lengths[self._state])

    def after(self, now_s: float) -> float:
        while True:
            at_s = now_s + self._rng.expovariate(self._rates[self._state])
            if at_s < self._until:
                return at_s
            now_s = self._until
            self._state = 1 - self._state
            self._until += self._rng.expovariate(1 / self._lengths[self._state])


class _Sides:
    """Sides of successive orders: each parent keeps its own for a power-law number of them."""

    def __init__(self, preset: Preset, rng: Random) -> None:
        self._rng = rng
        lengths = range(1, preset.parent_longest + 1)
        self._cumulative = list(accumulate(n**-preset.parent_exponent for n in lengths))
        self._side = Side.BUY
        self._left = 0

    def next(self) -> Side:
        if self._left == 0:
            draw = self._rng.random() * self._cumulative[-1]
            self._left = bisect_left(self._cumulative, draw) + 1
            self._side = Side.BUY if self._rng.random() < 0.5 else Side.SELL
        self._left -= 1
        return self._side


class SyntheticMarket:
    """Endless steps of one market; `speed` 6 lets six of its minutes pass in one."""

    def __init__(
        self, preset: Preset, grid: Grid, rng: Random, *, anchor: Decimal, start: Decimal | None = None, speed: float
    ) -> None:
        self._preset = preset
        self._rng = rng
        self._speed = speed
        # The model is statistics and counts in floats; what leaves it is whole ticks and lots.
        self._tick = float(grid.tick_size)
        self._lot = float(grid.lot_size)
        self._min_lots = grid.min_lots
        self._anchor = math.log(float(anchor))
        self._log_price = math.log(float(start)) if start is not None and start > 0 else self._anchor
        if abs(self._log_price - self._anchor) > math.log(_START_BAND):
            self._log_price = self._anchor
        self._width = rng.gauss(0.0, preset.half_spread_sigma)
        self._now_s = 0.0
        self._arrivals = _Arrivals(preset, rng)
        self._sides = _Sides(preset, rng)
        self._targets: dict[tuple[Side, Ticks], int] = {}  # side and price -> lots of all quotes there
        self._quotes = [_Quote(side, place, self._life_s(place)) for side in Side for place in range(preset.quotes)]

    @property
    def fair_price(self) -> float:
        return math.exp(self._log_price)

    def steps(self) -> Iterator[Step]:
        """The first one builds the book."""
        yield Step(0.0, tuple(self._place(self._quotes)))
        order_s = self._arrivals.after(0.0)
        while True:
            quote = min(self._quotes, key=_due_s)
            self._drift(min(order_s, quote.due_s))
            if order_s < quote.due_s:
                yield self._step((self._order(),))
                order_s = self._arrivals.after(order_s)
            else:
                yield self._step(self._replace(quote))
            self._pull()

    def _step(self, events: tuple[Event, ...]) -> Step:
        return Step(self._now_s / self._speed, events)

    def _drift(self, until_s: float) -> None:
        """What moves the fair price and the width of the market besides orders, up to that time."""
        preset, passed_min = self._preset, (until_s - self._now_s) / 60
        back = 1 - 0.5 ** (passed_min / preset.half_life_min)
        noise = preset.noise_bps_per_sqrt_min * BPS * math.sqrt(passed_min)
        self._log_price += (self._anchor - self._log_price) * back + self._rng.gauss(0.0, noise)
        kept = math.exp(-passed_min / preset.width_memory_min)
        self._width = self._width * kept + self._rng.gauss(0.0, preset.half_spread_sigma * math.sqrt(1 - kept * kept))
        self._now_s = until_s

    def _order(self) -> Take:
        preset = self._preset
        side = self._sides.next()
        sign = 1 if side is Side.BUY else -1
        drawn = preset.order_median_quote * math.exp(self._rng.gauss(0.0, preset.order_sigma))
        value = min(drawn, preset.order_max_quote)
        limit = self.fair_price * (1 + sign * preset.slippage_max_bps * BPS)
        take = Take(side, self._ticks(limit, side), self._lots(value))
        impact = preset.impact_bps * (value / preset.order_median_quote) ** preset.impact_exponent
        self._log_price += sign * impact * BPS
        return take

    def _replace(self, quote: _Quote) -> tuple[Event, ...]:
        """A quote anew, and with it those of the other side that would cross it."""
        price, amount = self._drawn(quote)
        crossed = [
            other
            for other in self._quotes
            if other.side is not quote.side
            and (other.price >= price if quote.side is Side.SELL else other.price <= price)
        ]
        gone = [self._withdraw(each) for each in (quote, *crossed)]
        return (*gone, self._stand(quote, price, amount), *self._place(crossed))

    def _place(self, quotes: list[_Quote]) -> Iterator[SetLevel]:
        for quote in quotes:
            yield self._stand(quote, *self._drawn(quote))

    def _drawn(self, quote: _Quote) -> tuple[Ticks, Lots]:
        preset = self._preset
        distance = preset.half_spread_median_bps * math.exp(self._width)
        if quote.place:
            growth = 1 + preset.gap_growth * (quote.place - 1) / 2
            distance += self._rng.gammavariate(quote.place, preset.gap_mean_bps * growth)
        else:
            distance *= math.exp(self._rng.gauss(0.0, preset.half_spread_jitter))
        sign = -1 if quote.side is Side.BUY else 1
        price = self._ticks(self.fair_price * (1 + sign * distance * BPS), quote.side)
        median = preset.quote_median_quote * (1 + preset.quote_growth * quote.place**0.75)
        return price, self._lots(median * math.exp(self._rng.gauss(0.0, preset.quote_sigma)))

    def _stand(self, quote: _Quote, price: Ticks, amount: Lots) -> SetLevel:
        quote.price, quote.amount, quote.pulled = price, amount, False
        quote.due_s = self._now_s + self._rng.expovariate(1 / quote.life_s)
        key = (quote.side, price)
        target = self._targets[key] = self._targets.get(key, 0) + amount
        return SetLevel(quote.side, price, Lots(target))

    def _withdraw(self, quote: _Quote) -> SetLevel:
        key = (quote.side, quote.price)
        left = self._targets[key] - quote.amount
        if left:
            self._targets[key] = left
        else:
            del self._targets[key]
        return SetLevel(quote.side, quote.price, Lots(left))

    def _pull(self) -> None:
        """Who stands too near to the fair price learns of it after a while."""
        near = self._preset.nearest_bps * BPS
        fair = self.fair_price / self._tick
        highest_bid, lowest_ask = fair * (1 - near), fair * (1 + near)
        for quote in self._quotes:
            near_now = quote.price > highest_bid if quote.side is Side.BUY else quote.price < lowest_ask
            if near_now and not quote.pulled:
                quote.pulled = True
                quote.due_s = min(quote.due_s, self._now_s + self._rng.expovariate(1 / self._preset.pull_s))

    def _life_s(self, place: int) -> float:
        """Mean life of a quote: the nearer to the best, the shorter."""
        preset = self._preset
        return float(preset.best_life_s * (preset.last_life_s / preset.best_life_s) ** (place / (preset.quotes - 1)))

    def _ticks(self, price: float, side: Side) -> Ticks:
        """Away from the other side, at least one tick."""
        ticks = price / self._tick
        return Ticks(max(1, math.floor(ticks) if side is Side.BUY else math.ceil(ticks)))

    def _lots(self, value: float) -> Lots:
        return Lots(max(self._min_lots, round(value / self.fair_price / self._lot)))


def _due_s(quote: _Quote) -> float:
    return quote.due_s
