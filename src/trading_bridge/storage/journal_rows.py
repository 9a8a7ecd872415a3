"""What the journal is handed, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.balance import Balances
from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.order import Order, OrderState
from trading_bridge.core.trade import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntent:
    """A new order, before its request leaves; refused where `order.epoch` is not the shard's lease."""

    order: Order
    shard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrder:
    """What became of an order; states go through `core.order.next_state`, `filled` never shrinks."""

    client_order_id: str
    state: OrderState
    #: None in this and what follows: nothing new is known
    exchange_order_id: str | None = None
    filled: Decimal | None = None
    refusal_code: str | None = None
    refusal_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFill:
    """A trade of ours; one that is stored already changes nothing."""

    trade: Trade
    exchange: str
    connector_id: str
    bot_id: str | None
    client_order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBalances:
    """The last good answer; an older one than what is stored changes nothing."""

    connector_id: str
    balances: Balances
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDecision:
    """A decision, as it begins or with its end; of one that is stored already, only the end can be new."""

    decision: StoredDecision


Row = OpenIntent | UpdateOrder | StoreFill | StoreBalances | StoreDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One row, durable."""

    #: the fill, these or newer balances, or the decision or its end were stored before: nothing changed
    duplicate: bool = False
    #: the order's state after the row; None: the row is of no order
    state: OrderState | None = None
