"""What the exchange keeps of an order, a trade and a fill."""

from dataclasses import dataclass
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce


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
    #: 0 on a market buy, which has a budget instead
    lots: Lots
    #: ticks x lots that a market buy may spend; 0 on every other order
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

    @property
    def is_open(self) -> bool:
        return self.state is OrderState.NEW or self.state is OrderState.PARTIALLY_FILLED


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
