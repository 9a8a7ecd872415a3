"""Amounts of a side's orders: as configured, cut down to what there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.swift import swift


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of one order: a value in quote, or an amount in base."""

    quote: Decimal | None = None
    base: Decimal | None = None

    def lots(self, price: Ticks, market: Market, times: Decimal) -> Lots:
        """Rounded down to the market's step."""
        if self.base is not None:
            return market.lots_down(self.base * times)
        assert self.quote is not None, "a size is in base or in quote"
        return market.lots_down(self.quote * times / market.price(price))


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What orders of one side may still take."""

    side: Side
    market: Market
    #: of a sell a lot, of a buy one tick of one lot: what `left` counts
    unit: Decimal
    left: int
    #: what there is: base of a sell, quote of a buy
    funds: Decimal
    #: to the end of the inventory band; None: there is none
    band: Lots | None

    @property
    def currency(self) -> str:
        return self.market.quote if self.side is Side.BUY else self.market.base

    def units(self, price: Ticks, amount: Lots) -> int:
        return price * amount if self.side is Side.BUY else amount

    def affordable(self, price: Ticks) -> Lots:
        return Lots(self.left // price if self.side is Side.BUY else self.left)

    def fits(self, price: Ticks, amount: Lots) -> bool:
        return self.units(price, amount) <= self.left and (self.band is None or amount <= self.band)

    def less(self, price: Ticks, amount: Lots) -> "Room":
        units = self.units(price, amount)
        return Room(
            side=self.side,
            market=self.market,
            unit=self.unit,
            left=self.left - units,
            funds=self.funds - units * self.unit,
            band=None if self.band is None else Lots(self.band - amount),
        )


def room_of(side: Side, market: Market, funds: Decimal, band: Lots | None = None) -> Room:
    """`funds`: base of a sell, quote of a buy."""
    unit = market.tick_size * market.lot_size if side is Side.BUY else market.lot_size
    return Room(side=side, market=market, unit=unit, left=floor(funds / unit), funds=funds, band=band)


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    wanted: tuple[Wanted, ...]
    #: what was cut down or left out, each code once
    notes: tuple[Reason, ...]


def sized(asked: Sequence[tuple[Ticks, Lots]], room: Room, too_small: Callable[[], Reason]) -> Sized:
    """Best first, each cut down to what the band and the funds leave of it. Where something is cut down nothing further
    out is asked for; what is below the market's minimum is left out as `too_small`."""
    wanted: list[Wanted] = []
    market, side = room.market, room.side
    for price, amount in asked:
        if wanted:
            room = room.less(wanted[-1].price, wanted[-1].amount)
        if not market.allows(price, amount):
            return Sized(wanted=tuple(wanted), notes=(too_small(),))
        most, note = amount, None
        if room.band is not None and room.band < most:
            most, note = room.band, Reason(code="inventory.band", parameters={"side": side.value})
        affordable = room.affordable(price)
        if affordable < most:
            most, note = affordable, _short(room, price, amount)
        if note is None or market.allows(price, most):
            wanted.append(Wanted(side=side, price=price, amount=most))
        if note is not None:
            return Sized(wanted=tuple(wanted), notes=(note,))
    return Sized(wanted=tuple(wanted), notes=())


def _short(room: Room, price: Ticks, amount: Lots) -> Reason:
    return Reason(
        code="balance.insufficient",
        parameters={
            "side": room.side.value,
            "currency": room.currency,
            "has": readable(room.funds),
            "needs": readable(room.units(price, amount) * room.unit),
        },
    )
