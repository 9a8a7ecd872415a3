"""Whether the exchange never had an order: what must be true before it counts as absent (faults N3)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from trading_bridge.core.finding import Finding
from trading_bridge.core.lifecycle import READ_LAG_S
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.session import Session

#: an exchange's time has whole seconds only
_SINCE_BEFORE = timedelta(seconds=2)


def window_closed(order: Order, began_at: datetime, signature_window: timedelta) -> bool:
    """A look that began then would see the order of an earlier process, had it ever been accepted."""
    return began_at > signed(order) + signature_window + timedelta(seconds=READ_LAG_S)


def outlived(age_s: float, signature_window: timedelta) -> bool:
    """The same by how long before the look it was opened or taken over: no wall clock that is ahead or set is in it
    (faults T1, T2)."""
    return age_s > signature_window.total_seconds() + READ_LAG_S


async def may_have_traded(
    session: Session, market: Market, order: Order, known: Collection[str], signature_window: timedelta
) -> bool | Finding:
    """Whether a trade since the request may be this order's: on its side, and of no order with another id. `known` are
    exchange ids of other orders of ours in the market. The exchange's clock may be behind ours by as much as the
    window."""
    since = signed(order) - signature_window - _SINCE_BEFORE
    answer = await session.my_trades(market, since=since)
    if not isinstance(answer, Answered):
        return answer.finding
    unknown = {
        trade.exchange_order_id: None
        for trade in answer.value
        if trade.exchange_time >= since and trade.side is order.side and trade.exchange_order_id not in known
    }
    for exchange_order_id in unknown:
        report = await session.order_report(market, exchange_order_id=exchange_order_id)
        if not isinstance(report, Answered):
            return report.finding
        if report.value is None or _may_be(order, report.value):
            return True
    return False


def _may_be(order: Order, report: OrderReport) -> bool:
    """By its client order id; where the exchange leaves that out, by all else that was asked for (faults X10)."""
    if report.client_order_id is not None:
        return report.client_order_id == order.client_order_id
    return report.amount == order.amount and report.price in (None, order.price)


def signed(order: Order) -> datetime:
    """Before this nothing of it can have reached the exchange."""
    return order.signed_at or order.decided_at
