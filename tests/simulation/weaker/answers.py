"""Weaker parts of finding out what became of a request."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from trading_bridge.accounts.order_looks import OrderLooks
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.own_trades import OwnTrades
from trading_bridge.accounts.tracked import Tracked
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport, OrderState
from trading_bridge.exchanges.causes import Cause, Ending, cause_of
from trading_bridge.exchanges.session import Session
from trading_bridge.exchanges.trace import CallTrace
from trading_bridge.exchanges.wire import Wire


class Unasked(OrderLooks):
    """Nobody asks for an order by its client order id."""

    async def report(self, order: Order) -> OrderReport | Finding | None:
        return None if order.exchange_order_id is None else await super().report(order)


class FilledUnseen(OrderLooks):
    """By its client order id the exchange finds an order only until it is filled."""

    async def report(self, order: Order) -> OrderReport | Finding | None:
        report = await super().report(order)
        filled = isinstance(report, OrderReport) and report.state is OrderState.FILLED
        return None if filled and order.exchange_order_id is None else report


class AbsentAtOnce(OrderLooks):
    """What the exchange does not know now it never had."""

    async def is_absent(
        self, order: Order, began_at: datetime | None, age_s: float, known: Collection[str]
    ) -> bool | Finding:
        return await super().is_absent(order, began_at, float("inf"), known)


def duplicate_refused(error: BaseException, trace: CallTrace, *, wire: Wire, at: datetime) -> Cause:
    """A create that is refused as duplicate was refused, as ccxt's class for it says."""
    cause = cause_of(error, trace, wire=wire, at=at)
    return replace(cause, ending=Ending.REFUSED) if cause.code == "order.duplicate" else cause


async def never_traded(
    session: Session, market: Market, order: Order, known: Collection[str], signature_window: timedelta
) -> bool | Finding:
    """Nobody looks at the trades before an order counts as absent."""
    return False


class TradesUnread(OwnTrades):
    """The account's own trades are read by order only."""

    async def read(self, symbols: Iterable[str]) -> Finding | None:
        return None


class SendAwaited(OrderTracker):
    """Whoever sent an order will say what became of it."""

    def _under_way(self, tracked: Tracked) -> bool:
        return tracked.order.state is OrderState.PENDING_NEW
