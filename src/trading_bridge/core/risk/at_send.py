"""Limits that hold at the moment of a send, where orders in flight and unresolved ones count as live."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.restraint import ScopeKind
from trading_bridge.core.risk.limits import Limits, Purse

#: who a limit is of, in words
_OF = {
    ScopeKind.PLATFORM: "the platform",
    ScopeKind.CLIENT: "the client",
    ScopeKind.MARKET: "the market",
    ScopeKind.BOT: "the bot",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An order of the last minute, as storage has it."""

    bot_id: str
    client_id: str
    opened_at: datetime
    #: when it was found cancelled; None: it was not
    canceled_at: datetime | None


def notional(order: Order) -> Decimal:
    """What may still trade of it, in quote; 0 of a market order, which holds nothing that could be told."""
    return Decimal(0) if order.price is None else order.price * order.remaining


def too_many_open(live: int, limits: Limits) -> Reason | None:
    """`live` orders of the bot, without the one that would come."""
    if live < limits.max_open_orders:
        return None
    return Reason(code="limit.open_orders", parameters={"open_orders": str(live), "limit": str(limits.max_open_orders)})


def overspent(wish: Wanted, market: Market, own: Iterable[Order], purse: Purse) -> Reason | None:
    """The bot's live orders and this one against what its budget has become."""
    buys = wish.side is Side.BUY
    needs = market.cost(wish.price, wish.amount) if buys else market.amount(wish.amount)
    promised = sum(
        (notional(order) if buys else order.remaining for order in own if order.side is wish.side), Decimal(0)
    )
    has = (purse.quote if buys else purse.base) - promised
    if needs <= has:
        return None
    parameters = {
        "side": wish.side.value,
        "currency": market.quote if buys else market.base,
        "has": readable(has),
        "needs": readable(needs),
    }
    return Reason(code="budget.spent", parameters=parameters)


def overexposed(live: Decimal, more: Decimal, maximum: Decimal, of: ScopeKind) -> Reason | None:
    """`live`: notional of what is live, in quote; `more`: of what would come."""
    if live + more <= maximum:
        return None
    parameters = {"of": _OF[of], "amount": readable(live + more), "limit": readable(maximum)}
    return Reason(code="limit.exposure", parameters=parameters)


def too_many_orders(sent: int, limit: int, of: ScopeKind) -> Reason | None:
    """`sent` in the minute that ends now."""
    if sent < limit:
        return None
    return Reason(code="limit.order_rate", parameters={"of": _OF[of], "limit": str(limit)})


def too_many_cancels(sent: int, more: int, limit: int, of: ScopeKind) -> Reason | None:
    """`sent` in the minute that ends now, `more` would follow at once."""
    if sent + more <= limit:
        return None
    return Reason(code="limit.cancel_rate", parameters={"of": _OF[of], "limit": str(limit)})


def replaced(plan: Plan) -> int:
    """How many orders are cancelled because others come in their place."""
    return sum(own.side in _sides(plan) for own in plan.cancel)


def without_replacing(plan: Plan) -> Plan:
    """What would be replaced stays, and what is only taken back goes: a pull is never throttled."""
    sides = _sides(plan)
    stays = tuple(own for own in plan.cancel if own.side in sides)
    held = {own.side for own in stays}
    return Plan(
        keep=(*plan.keep, *stays),
        cancel=tuple(own for own in plan.cancel if own.side not in sides),
        place=tuple(wish for wish in plan.place if wish.side not in held),
    )


def _sides(plan: Plan) -> set[Side]:
    return {wish.side for wish in plan.place}
