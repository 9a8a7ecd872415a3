"""How far from the reference quotes stand. A width is twice the distance, in basis points: of bid and ask alike, it is
the spread between them."""

from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.swift import swift

_TWO_BPS = Decimal(20_000)


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    bid: Decimal
    ask: Decimal

    @property
    def spread_bps(self) -> Decimal:
        return (self.bid + self.ask) / 2

    def wider(self, by_bps: Decimal) -> "Widths":
        """The spread grows by so much, half of it on each side."""
        return Widths(bid=self.bid + by_bps, ask=self.ask + by_bps)

    def within(self, minimum_bps: Decimal | None, maximum_bps: Decimal | None) -> "Widths":
        """With a spread of at least and at most so much; the maximum keeps how the two sides compare."""
        widths = self
        if minimum_bps is not None and widths.spread_bps < minimum_bps:
            widths = widths.wider(minimum_bps - widths.spread_bps)
        spread = widths.spread_bps
        if maximum_bps is not None and spread > maximum_bps:
            widths = Widths(bid=widths.bid * maximum_bps / spread, ask=widths.ask * maximum_bps / spread)
        return widths


def steps(levels: int, distance_bps: Decimal, growth: Decimal) -> tuple[Decimal, ...]:
    """How much further than the first each level stands, in basis points; a step is `growth` times the one before."""
    told = [Decimal(0)]
    step = distance_bps
    for _ in range(levels - 1):
        told.append(told[-1] + step)
        step *= growth
    return tuple(told)


def ladder(
    side: Side, centre: Decimal, width_bps: Decimal, further: tuple[Decimal, ...], edge: Ticks, market: Market
) -> list[Ticks]:
    """Prices of the levels, best first, each rounded away from the centre, none beyond `edge`, no two alike."""
    prices: list[Ticks] = []
    for more in further:
        distance = centre * (width_bps + 2 * more) / _TWO_BPS
        if side is Side.BUY:
            price = min(market.ticks_down(centre - distance), edge)
            prices.append(Ticks(min(price, prices[-1] - 1)) if prices else price)
        else:
            price = max(market.ticks_up(centre + distance), edge)
            prices.append(Ticks(max(price, prices[-1] + 1)) if prices else price)
    return prices
