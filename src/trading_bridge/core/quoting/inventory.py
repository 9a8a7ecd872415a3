"""How far what a bot holds is from its target, and what that does to its quotes."""

from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.market import Lots, Market
from trading_bridge.core.order import Side
from trading_bridge.core.swift import swift

_ONE, _PERCENT = Decimal(1), Decimal(100)


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Base held, against a share of the worth in base and quote."""

    #: of the worth, in base
    held: Decimal
    target: Decimal
    #: how far from the target it may be, in base; None: as far as it comes
    band: Decimal | None

    @property
    def excess(self) -> Decimal:
        """Above zero: more than the target, in base."""
        return self.held - self.target

    @property
    def lean(self) -> Decimal:
        """-1 to 1: at the lower and at the upper end of the band; 0 without one."""
        if self.band is None:
            return Decimal(0)
        return max(-_ONE, min(_ONE, self.excess / self.band))

    def room(self, side: Side, market: Market) -> Lots | None:
        """The most that fills of a side may come to without leaving the band there; None: without one."""
        if self.band is None:
            return None
        left = self.band - self.excess if side is Side.BUY else self.band + self.excess
        return market.lots_down(max(Decimal(0), left))

    def share_of_size(self, side: Side, skew: Decimal) -> Decimal:
        """0 to 1: the side that leads away from the target becomes smaller, up to `skew` of it at the band's end."""
        lean = self.lean if side is Side.BUY else -self.lean
        return _ONE - skew * max(Decimal(0), lean)


def inventory(
    base: Decimal, quote: Decimal, price: Decimal, target_pct: Decimal, band_pct: Decimal | None
) -> Inventory | None:
    """`price`: at which base is worth quote. None: nothing is held."""
    worth = base + quote / price
    if worth <= 0:
        return None
    band = None if band_pct is None else worth * band_pct / _PERCENT
    return Inventory(held=base, target=worth * target_pct / _PERCENT, band=band)
