"""Orders: their words (ccxt and FIX), their states and the table of what may follow what."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache

from trading_bridge.core.swift import swift


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    LIMIT = "limit"
    MARKET = "market"


class TimeInForce(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderState(StrEnum):
    """FIX tag 39, and what it lacks: what became of a request that nobody answered."""

    #: the intent is stored, the request is on its way
    PENDING_NEW = "pending_new"
    #: no clear answer came: it may live at the exchange, and counts as live
    UNRESOLVED = "unresolved"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    #: the exchange refused it
    REJECTED = "rejected"
    #: our own risk refused it
    DENIED = "denied"
    #: proved that no byte left
    NOT_SENT = "not_sent"
    #: proved that the exchange never had it (faults N3)
    ABSENT = "absent"


_FINAL = frozenset(
    {
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.DENIED,
        OrderState.NOT_SENT,
        OrderState.ABSENT,
    }
)

_RANK = {
    OrderState.PENDING_NEW: 0,
    OrderState.UNRESOLVED: 1,
    OrderState.NEW: 2,
    OrderState.PARTIALLY_FILLED: 3,
    OrderState.PENDING_CANCEL: 4,
}


def is_final(state: OrderState) -> bool:
    return state in _FINAL


@cache
def next_state(now: OrderState, said: OrderState) -> OrderState:
    """The state after an update, whatever the order in which updates arrive.

    A final state stays, but an order proved absent that shows up after all is what the exchange says (faults N3:
    the id is watched for a day). Open states only move forward, but a cancel that failed leaves the order open.
    """
    if now is OrderState.ABSENT:
        return said if said not in (OrderState.PENDING_NEW, OrderState.UNRESOLVED) else now
    if is_final(now):
        return now
    if is_final(said):
        return said
    if now is OrderState.PENDING_CANCEL and said in (OrderState.NEW, OrderState.PARTIALLY_FILLED):
        return said
    return said if _RANK[said] > _RANK[now] else now


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of ours as storage and pages know it: decimals, so that a tick change rewrites nothing."""

    client_order_id: str
    exchange_order_id: str | None
    bot_id: str
    connector_id: str
    symbol: str
    side: Side
    type: OrderType
    #: None on a market order
    price: Decimal | None
    amount: Decimal
    filled: Decimal
    time_in_force: TimeInForce
    post_only: bool
    state: OrderState
    epoch: int
    decision_id: str
    decided_at: datetime
    #: the time in the signature; None until the request was prepared
    signed_at: datetime | None
    #: the exchange's own code and text of a refusal
    refusal_code: str | None = None
    refusal_text: str | None = None
    #: code of the contradiction for which nothing but a cancel is done with it any more; None: there was none
    frozen: str | None = None

    @property
    def remaining(self) -> Decimal:
        return self.amount - self.filled

    @property
    def live(self) -> bool:
        """It may trade at the exchange; an unresolved order counts."""
        return not is_final(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What an exchange says about one order at one time, whichever call said it."""

    exchange_order_id: str
    #: None where the endpoint omits it (faults X10)
    client_order_id: str | None
    symbol: str
    side: Side
    price: Decimal | None
    amount: Decimal
    filled: Decimal
    #: one of new, partially_filled, pending_cancel, filled, canceled, expired, rejected; None: a word unknown to us
    state: OrderState | None
    #: the exchange's own time; None where the endpoint omits it
    exchange_time: datetime | None


CLIENT_ORDER_ID_MAX = 32
INSTALLATION_ID_LENGTH = 5
NUMBER_LENGTH = 5
#: sends after which the numbers of an epoch begin anew: the random part tells those apart, too
NUMBERS = 36**NUMBER_LENGTH
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def client_order_id(*, installation_id: str, epoch: int, number: int, random_part: str) -> str:
    """`tb` + installation + epoch + number of the send under it, both in base 36, + random: a-z0-9, at most 32, used
    for one send only. Those of one epoch sort by their number, so that storage puts what comes next beside the last."""
    made = f"tb{installation_id}{_base36(epoch)}{_base36(number % NUMBERS).rjust(NUMBER_LENGTH, '0')}{random_part}"
    if len(made) > CLIENT_ORDER_ID_MAX:
        raise ValueError(f"client order id of {len(made)} characters, at most {CLIENT_ORDER_ID_MAX} are safe")
    return made


def is_ours(client_order_id: str | None, installation_id: str) -> bool:
    return client_order_id is not None and client_order_id.startswith(f"tb{installation_id}")


def is_of(order: Order, report: OrderReport) -> bool:
    """Whether a report tells of this order. An exchange's number names an order in its market only, as Binance counts;
    one that comes without a client order id also where the exchange has renamed the market (faults X10, X15)."""
    if report.client_order_id == order.client_order_id:
        return True
    if report.exchange_order_id != order.exchange_order_id:
        return False
    return report.client_order_id is None or report.symbol == order.symbol


@lru_cache(maxsize=64)  # a process has an epoch for each of its shards
def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
