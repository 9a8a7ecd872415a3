"""What a bot did in its market: trades, orders, chart."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from trading_bridge.api.schemas.common import Amount, Answer, Cursor
from trading_bridge.api.schemas.figures import TradeOut

Side = Literal["buy", "sell"]


class TradeList(Answer):
    trades: list[TradeOut] = Field(description="Newest first.")
    next: Cursor


class OrderOut(Answer):
    id: str = Field(description="The client order id.", examples=["tbk3x9zt1a2b3c4d5e6f"])
    exchange_order_id: str | None
    time: datetime = Field(description="When it was decided.")
    side: Side
    type: Literal["limit", "market"]
    price: Amount | None = Field(description="Null on a market order.")
    amount: Amount
    filled: Amount
    time_in_force: Literal["GTC", "IOC", "FOK"]
    post_only: bool
    state: Literal[
        "pending_new",
        "unresolved",
        "new",
        "partially_filled",
        "pending_cancel",
        "filled",
        "canceled",
        "expired",
        "rejected",
        "denied",
        "not_sent",
        "absent",
    ]
    refusal_code: str | None = Field(description="The exchange's own code of a refusal.")
    refusal_text: str | None


class OrderList(Answer):
    orders: list[OrderOut] = Field(description="Newest first.")
    next: Cursor


class ChartOrder(Answer):
    id: str
    side: Side
    price: Amount | None
    amount: Amount
    filled: Amount
    state: str = Field(examples=["new"])


class ChartFill(Answer):
    time_ms: int = Field(examples=[1780000000000])
    side: Side
    price: Amount
    amount: Amount


class Chart(Answer):
    """One hour of mid prices at 1 s, with the bot's live orders and its fills."""

    pair: str = Field(examples=["SHARP/USDT"])
    mids: list[tuple[int, Amount]] = Field(
        description="Unix milliseconds and price, oldest first.", examples=[[[1780000000000, "0.02561"]]]
    )
    orders: list[ChartOrder]
    fills: list[ChartFill] = Field(description="Of the same hour, oldest first.")
