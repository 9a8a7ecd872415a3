"""What the exchange keeps of an order, a trade and a fill."""

from dataclasses import dataclass
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.matching import SelfTrade


@dataclass(slots=True, kw_only=True, eq=False)
class SandboxOrder:
    """Changed in place by the engine and by nothing else; ids rise with time, so that they are the queue order."""

    id: int
    account: str
    client_order_id: str
    symbol: str
    side: Side
    #: 0 on a market order
    price: Ticks
    #: 0 on a market buy by budget
    lots: Lots
    #: ticks x lots: what a market order may spend or wants to get; a market buy by lots has what these cost; else 0
    budget: int
    remaining: Lots
    filled: Lots
    #: ticks x lots
    filled_cost: int
    state: OrderState
    is_market: bool
    post_only: bool
    time_in_force: TimeInForce
    created_ms: int
    #: of the last fill; None: it never traded
    traded_ms: int | None
    #: of the last change
    updated_ms: int
    self_trade: SelfTrade = SelfTrade.NONE
    #: what ended because it would have traded with its own account, and the number of that event
    prevented: Lots = Lots(0)
    prevented_id: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state is OrderState.NEW or self.state is OrderState.PARTIALLY_FILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What exchanges see differently in a request for an order."""

    #: a client order id may come again when its order is over
    ids_return: bool = False
    #: a post-only order that would take is refused, rather than accepted and cancelled
    refuses_taking: bool = False


class SandboxTrade(NamedTuple):
    """One match, as the public and the books of both parties know it."""

    #: ledger sequence
    sequence: int
    #: rises over all markets
    match_id: int
    #: rises within its market
    number: int
    symbol: str
    price: Ticks
    lots: Lots
    taker_side: Side
    buyer: str
    seller: str
    #: atoms; the buyer's in base, the seller's in quote
    buyer_fee: int
    seller_fee: int
    time_ms: int


class Fill(NamedTuple):
    """One side of a match, as its account reads it."""

    #: unique over all fills
    id: int
    match_id: int
    number: int
    account: str
    symbol: str
    order_id: int
    side: Side
    price: Ticks
    lots: Lots
    is_maker: bool
    #: atoms, of base for a buy and of quote for a sell
    fee: int
    #: what the order had left after it
    remaining: Lots
    #: both sides belong to this account
    self_deal: bool
    time_ms: int
