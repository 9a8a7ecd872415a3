"""What the journal is handed, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.balance import Balances
from trading_bridge.core.conservation import Books
from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.order import Order, OrderState
from trading_bridge.core.swift import swift
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.core.transfer import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntent:
    """A new order, before its request leaves; refused where `order.epoch` is not the shard's lease."""

    order: Order
    shard: int


@swift
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
    #: code of a contradiction: nothing is done with the order any more
    frozen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFill:
    """A trade of ours; one that is stored already changes nothing."""

    trade: Trade
    exchange: str
    connector_id: str
    bot_id: str | None
    client_order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTradeMark:
    """Up to where a connector's own trades in a market are all stored, written over."""

    connector_id: str
    symbol: str
    mark: TradeMark


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBalances:
    """The last good answer; an older one than what is stored changes nothing."""

    connector_id: str
    balances: Balances
    as_of: datetime
    #: None: no books are kept of the account yet
    books: Books | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDecision:
    """A decision, as it begins or with its end; of one that is stored already, only the end can be new."""

    decision: StoredDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTransfer:
    """Money that came or left. One that was observed, and whose record at the exchange is found later, comes again with
    its id and the record's; what a person said of it stays."""

    transfer: Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRisk:
    """References and counters of a bot's limits, written over."""

    bot_id: str
    #: a JSON object, decimals as strings
    state: str


Row = OpenIntent | UpdateOrder | StoreFill | StoreTradeMark | StoreBalances | StoreDecision | StoreTransfer | StoreRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One row, durable."""

    #: the fill, these or newer balances, the transfer, or the decision or its end were stored before: nothing changed
    duplicate: bool = False
    #: the order's state after the row; None: the row is of no order
    state: OrderState | None = None
    #: amount and currency of the fee as it was stored before this row corrected it; None: the row corrected none
    corrected: tuple[Decimal | None, str | None] | None = None
