"""What a bot decided, and its current answer to "why does it do what it does"."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from trading_bridge.api.schemas.bots import StateOut
from trading_bridge.api.schemas.common import Amount, Answer, Cursor


class WantedOut(Answer):
    """An order that should stand."""

    side: Literal["buy", "sell"]
    price: Amount
    amount: Amount


class ReasonOut(Answer):
    code: str = Field(examples=["balance.insufficient"])
    text: str = Field(examples=["Trading: bid and ask are in the book"])


class DecisionOut(Answer):
    """Cycles in a row that said the same, told by the first of them."""

    id: str
    decided_at: datetime
    reason: ReasonOut
    notes: list[ReasonOut] = Field(description="What was left out or trimmed.")
    finding_code: str | None
    wanted: list[WantedOut] | None = Field(description="Null: what stands was left as it is.")
    ended_at: datetime | None = Field(description="Null: it stands, or the server ended under it.")
    cycles: int | None = Field(description="How many cycles said so; null: the server ended before it was counted.")


class CurrentOut(Answer):
    """Why the bot does what it does, now."""

    state: StateOut
    decision: DecisionOut | None = Field(description="Null: none was made since the server started.")
    open_orders: int | None = Field(description="Null: not known.")
    last_fill_at: datetime | None


class Decisions(Answer):
    current: CurrentOut
    decisions: list[DecisionOut]
    next: Cursor
