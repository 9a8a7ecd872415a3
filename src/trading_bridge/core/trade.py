"""A trade: one fill of an own order, or one public print."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.order import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A fill of ours as the exchange reported it; unique by exchange account, market and trade id."""

    trade_id: str
    #: the exchange's own id of the account; None where its answer does not say
    exchange_account: str | None
    exchange_order_id: str
    symbol: str
    side: Side
    price: Decimal
    amount: Decimal
    #: in quote
    cost: Decimal
    #: None: the exchange did not say; negative: a rebate
    fee: Decimal | None
    #: None: paid in a currency that we could not name
    fee_currency: str | None
    #: None: the exchange did not say
    is_maker: bool | None
    exchange_time: datetime
    #: the exchange says that both sides are one account's; not stored
    self_deal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMark:
    """The fill up to which an account's own trades in a market are all told."""

    trade_id: str
    exchange_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrade:
    trade_id: str
    symbol: str
    #: the taker's
    side: Side
    price: Decimal
    amount: Decimal
    exchange_time: datetime
