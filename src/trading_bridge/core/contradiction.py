"""What cannot be true of one order: words of an exchange against each other, and against what was ordered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trading_bridge.core.order import Order, OrderReport, OrderState, is_final
from trading_bridge.core.trade import Trade

#: beyond every clock that is merely wrong, whole hours included (faults T2)
FUTURE_MAX = timedelta(days=1)
#: ends at which the exchange never had the order
NEVER_THERE = frozenset({OrderState.REJECTED, OrderState.DENIED, OrderState.NOT_SENT})


class Contradiction(StrEnum):
    """What cannot be true of an order together with what is known of it."""

    OVERFILLED = "overfilled"
    NEGATIVE = "negative"
    SHRUNK = "shrunk"
    SECOND_EXCHANGE_ID = "second_exchange_id"
    OTHER_SIDE = "other_side"
    IN_THE_FUTURE = "in_the_future"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    #: a `Contradiction`, or the code with which storage refused
    code: str
    #: the numbers or ids that contradict
    detail: str


def wrong_report(order: Order, report: OrderReport, *, late: bool, now: datetime) -> Wrong | None:
    """`late`: the look began so long after the last change that it must know of it."""
    second = second_id(order, report.exchange_order_id)
    if second is not None:
        return second
    if report.side is not order.side:
        return Wrong(code=Contradiction.OTHER_SIDE, detail=f"{report.side.value} of a {order.side.value} order")
    if report.filled < 0 or report.filled > report.amount:
        return Wrong(code=Contradiction.NEGATIVE, detail=f"{report.filled:f} of {report.amount:f}")
    if report.exchange_time is not None and report.exchange_time - now > FUTURE_MAX:
        return Wrong(code=Contradiction.IN_THE_FUTURE, detail=f"{report.exchange_time:%Y-%m-%d %H:%M} UTC")
    if late and report.filled < order.filled:
        return Wrong(code=Contradiction.SHRUNK, detail=f"{report.filled:f} after {order.filled:f}")
    return overfilled(order, report.filled) or _reopened(order, report.state, late=late)


def wrong_fills(order: Order, fills: tuple[Trade, ...], total: Decimal, *, now: datetime) -> Wrong | None:
    """`total`: the sum of all its fills, these among them."""
    for trade in fills:
        if trade.side is not order.side:
            return Wrong(code=Contradiction.OTHER_SIDE, detail=f"{trade.side.value} of a {order.side.value} order")
        if trade.amount < 0:
            return Wrong(code=Contradiction.NEGATIVE, detail=f"{trade.amount:f}")
        if trade.exchange_time - now > FUTURE_MAX:
            return Wrong(code=Contradiction.IN_THE_FUTURE, detail=f"{trade.exchange_time:%Y-%m-%d %H:%M} UTC")
    if order.state in NEVER_THERE:
        return Wrong(code=Contradiction.REOPENED, detail=f"filled after {order.state.value}")
    return overfilled(order, total)


def second_id(order: Order, said: str | None) -> Wrong | None:
    if said is None or order.exchange_order_id in (None, said):
        return None
    return Wrong(code=Contradiction.SECOND_EXCHANGE_ID, detail=f"{said} beside {order.exchange_order_id}")


def overfilled(order: Order, filled: Decimal) -> Wrong | None:
    if filled <= order.amount:
        return None
    return Wrong(code=Contradiction.OVERFILLED, detail=f"{filled:f} of {order.amount:f}")


def _reopened(order: Order, said: OrderState | None, *, late: bool) -> Wrong | None:
    if said is None or said is OrderState.REJECTED:
        return None
    never_there = order.state in NEVER_THERE
    ended = is_final(order.state) and order.state is not OrderState.ABSENT
    if never_there or (late and ended and not is_final(said)):
        return Wrong(code=Contradiction.REOPENED, detail=f"{said.value} after {order.state.value}")
    return None
