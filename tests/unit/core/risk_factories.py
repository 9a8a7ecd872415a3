"""Small values for the tests of limits."""

from datetime import datetime, timedelta
from decimal import Decimal

from tests.factories import NOW, fill
from trading_bridge.core.order import Side
from trading_bridge.core.risk.assess import Assessed, Moment, assess
from trading_bridge.core.risk.ledger import with_fill
from trading_bridge.core.risk.limits import Limits, Purse
from trading_bridge.core.risk.state import Basis, RiskState, day_of
from trading_bridge.core.trade import Trade

#: of 1,000 quote at the price that trades here begin at
MID = Decimal("0.0256")
BASIS = Basis(held=Purse(base=Decimal(0), quote=Decimal(1_000)), price=MID, at=NOW, budget=None)


def traded(
    side: Side = Side.BUY,
    price: str = "0.0256",
    amount: str = "1000",
    *,
    fee: str | None = "0",
    fee_currency: str | None = "USDT",
    at: datetime = NOW,
) -> Trade:
    return fill(
        side=side,
        price=Decimal(price),
        amount=Decimal(amount),
        cost=Decimal(price) * Decimal(amount),
        fee=None if fee is None else Decimal(fee),
        fee_currency=fee_currency,
        exchange_time=at,
    )


def after_trades(*trades: Trade, state: RiskState | None = None, now: datetime = NOW) -> RiskState:
    taken = RiskState(basis=BASIS) if state is None else state
    for trade in trades:
        taken = with_fill(taken, taken.fills_through + 1, trade, now)
    return taken


def assessed(
    state: RiskState,
    *,
    mid: Decimal | str = MID,
    low: Decimal | str | None = None,
    high: Decimal | str | None = None,
    now: datetime = NOW,
    limits: Limits | None = None,
) -> Assessed:
    mid = Decimal(mid)
    moment = Moment(
        now=now,
        mid=mid,
        low=mid if low is None else Decimal(low),
        high=mid if high is None else Decimal(high),
    )
    return assess(state, day_of(state.hours, now), moment, limits or Limits())


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
