"""Whose orders hold what an exchange account has locked."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import Order, OrderReport, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Of one currency, by the orders that live as we know them; orders on their way count."""

    this_bot: Decimal
    other_bots: Decimal
    by_hand: Decimal


def locked(currency: str, bot_id: str, ours: Iterable[Order], by_hand: Iterable[OrderReport]) -> Locked:
    """`ours`: live orders of every bot of the exchange account; `by_hand`: open ones there that are not ours."""
    ours = tuple(ours)
    return Locked(
        this_bot=exact_sum(*(holds(order, currency) for order in ours if order.bot_id == bot_id)),
        other_bots=exact_sum(*(holds(order, currency) for order in ours if order.bot_id != bot_id)),
        by_hand=exact_sum(*(holds(report, currency) for report in by_hand)),
    )


def holds(order: Order | OrderReport, currency: str) -> Decimal:
    """A sell holds what it offers, a bid what it would pay."""
    base, _, quote = order.symbol.partition("/")
    left = order.amount - order.filled
    if order.side is Side.SELL:
        return left if currency == base else Decimal(0)
    if currency != quote or order.price is None:
        return Decimal(0)
    return left * order.price
