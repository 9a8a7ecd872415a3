"""Own trades as they are stored, and their sums per bot and UTC day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Inexact

from trading_bridge.core.order import Side
from trading_bridge.core.trade import Trade

#: bot, UTC day and quote currency, under which fills are summed
TotalsKey = tuple[str, date, str]

_ZERO = Decimal(0)
#: Python's own context rounds at 28 digits, which an amount with 18 decimals reaches
_EXACT = Context(prec=400, traps=[Inexact])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A trade of ours with whom it belongs to."""

    id: int
    trade: Trade
    exchange: str
    connector_id: str
    #: None: made by no bot of ours that we know
    bot_id: str | None
    #: None: the exchange did not say, and no order of ours has its exchange id
    client_order_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """What one bot traded on one UTC day (by the exchange's time), in one quote currency."""

    bot_id: str
    day: date
    currency: str
    volume: Decimal = _ZERO
    maker: Decimal = _ZERO
    taker: Decimal = _ZERO
    #: volume of fills whose role the exchange did not say
    unknown_role: Decimal = _ZERO
    trades: int = 0
    buys: int = 0
    sells: int = 0

    def plus(self, trade: Trade) -> "DayTotals":
        """With one more fill, which the caller knows to be new."""
        buy = trade.side is Side.BUY
        cost = trade.cost
        return DayTotals(
            bot_id=self.bot_id,
            day=self.day,
            currency=self.currency,
            volume=exact_sum(self.volume, cost),
            maker=exact_sum(self.maker, cost) if trade.is_maker is True else self.maker,
            taker=exact_sum(self.taker, cost) if trade.is_maker is False else self.taker,
            unknown_role=exact_sum(self.unknown_role, cost) if trade.is_maker is None else self.unknown_role,
            trades=self.trades + 1,
            buys=self.buys + buy,
            sells=self.sells + (not buy),
        )


def totals_key(bot_id: str, trade: Trade) -> TotalsKey:
    return bot_id, trade.exchange_time.astimezone(UTC).date(), trade.symbol.partition("/")[2]


def exact_sum(*amounts: Decimal) -> Decimal:
    """The sum to the last digit, however many there are."""
    total = _ZERO
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
