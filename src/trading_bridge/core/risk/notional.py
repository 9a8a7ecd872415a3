"""Largest notional of one order."""

from dataclasses import replace
from decimal import Decimal

from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market


def within_notional(wish: Wanted, market: Market, maximum: Decimal) -> tuple[Wanted | None, Reason | None]:
    """The order cut down to `maximum` quote, and why; None: what would be left is below the market's minimum."""
    if market.cost(wish.price, wish.amount) <= maximum:
        return wish, None
    amount = market.lots_down(maximum / market.price(wish.price))
    note = Reason(code="risk.notional", parameters={"side": wish.side.value, "maximum": f"{maximum:f}"})
    if amount <= 0 or not market.allows(wish.price, amount):
        return None, note
    return replace(wish, amount=amount), note
