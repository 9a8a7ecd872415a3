"""A market's rules, and the only place where decimals become ticks and lots."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import NewType

#: a price as a whole number of the market's tick size
Ticks = NewType("Ticks", int)
#: an amount of base as a whole number of the market's lot size
Lots = NewType("Lots", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    #: exchange id, such as `coinstore`
    exchange: str
    #: unified symbol, `BASE/QUOTE`
    symbol: str
    base: str
    quote: str
    tick_size: Decimal
    lot_size: Decimal
    #: smallest price and amount of a limit order; None: the exchange states none
    min_price: Decimal | None
    min_amount: Decimal | None
    #: smallest price x amount of a limit order; None: the exchange states none
    min_cost: Decimal | None
    #: public rates, 0.002 is 0.2 %; None: not stated
    maker_fee: Decimal | None
    taker_fee: Decimal | None
    #: the exchange says that it trades now
    active: bool
    #: code of the finding that tells why, where it does not
    closed: str = "market.halted"

    def price(self, ticks: Ticks) -> Decimal:
        return self.tick_size * ticks

    def amount(self, lots: Lots) -> Decimal:
        return self.lot_size * lots

    def cost(self, ticks: Ticks, lots: Lots) -> Decimal:
        """Notional in quote."""
        return self.tick_size * self.lot_size * (ticks * lots)

    def ticks_down(self, price: Decimal) -> Ticks:
        return Ticks(floor(price / self.tick_size))

    def ticks_up(self, price: Decimal) -> Ticks:
        return Ticks(ceil(price / self.tick_size))

    def lots_down(self, amount: Decimal) -> Lots:
        return Lots(floor(amount / self.lot_size))

    def lots_up(self, amount: Decimal) -> Lots:
        return Lots(ceil(amount / self.lot_size))

    def allows(self, ticks: Ticks, lots: Lots) -> bool:
        """A limit order of this price and amount keeps the market's minimums."""
        return (
            ticks > 0
            and lots > 0
            and (self.min_price is None or self.price(ticks) >= self.min_price)
            and (self.min_amount is None or self.amount(lots) >= self.min_amount)
            and (self.min_cost is None or self.cost(ticks, lots) >= self.min_cost)
        )
