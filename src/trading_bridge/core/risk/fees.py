"""Fees in quote, and the limit of a day's."""

from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason
from trading_bridge.core.market import Market
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.trade import Trade

#: share of the cost that a fee counts as while no rate was ever seen: higher than any exchange's that we know asks
UNSEEN_RATE = Decimal("0.01")


def fee_in_quote(trade: Trade, worst: Decimal | None) -> Decimal:
    """Below zero: a rebate. One that the exchange did not say, or that was paid in a third currency, counts at the
    worst rate that is known (faults X23)."""
    base, _, quote = trade.symbol.partition("/")
    if trade.fee is not None and trade.fee_currency == quote:
        return trade.fee
    if trade.fee is not None and trade.fee_currency == base:
        return trade.fee * trade.price
    return trade.cost * (UNSEEN_RATE if worst is None else worst)


def worst_rate(seen: Decimal | None, trade: Trade) -> Decimal | None:
    """The higher of what was seen and what this fill was charged, where it says so."""
    base, _, quote = trade.symbol.partition("/")
    if trade.fee is None or trade.cost <= 0 or trade.fee_currency not in (base, quote):
        return seen
    return _higher(seen, fee_in_quote(trade, None) / trade.cost)


def worst_of_market(seen: Decimal | None, market: Market) -> Decimal | None:
    return _higher(_higher(seen, market.maker_fee), market.taker_fee)


def fees_exceeded(paid: Decimal, worth: Decimal, limits: Limits) -> Reason | None:
    """`paid` in quote, of a day."""
    allowed = worth * limits.fee_share
    if paid < allowed or paid <= 0:
        return None
    return Reason(code="limit.fees", parameters={"paid": readable(paid), "allowed": readable(allowed)})


def _higher(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)
