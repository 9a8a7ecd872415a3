"""Limits: what holds, who set it, how near it is; and what people change."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Amount, Answer, Body


class LimitsBody(Body):
    """What is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"limits": {"collar_bps": "300", "fee_share": None}}})

    limits: dict[str, str | None] = Field(
        description="Name -> value in plain digits; null: what holds without it holds again.", max_length=100
    )
    confirm: bool = Field(default=False, description="A value that allows ten times its default, or more, is meant.")


class LimitScopeOut(Answer):
    kind: Literal["platform", "client", "bot"]
    id: str = Field(description="Empty: the platform.")
    name: str = Field(description="As people call it.", examples=["SHARP-VB-Coinstore"])


class LimitOut(Answer):
    name: str = Field(
        description="With `bot.` before it: for each bot that has no value of its own.", examples=["collar_bps"]
    )
    value: Amount | None = Field(description="Null: there is no such limit.")
    unit: Literal["bps", "quote", "share", "count", "per_minute", "seconds"]
    default: Amount | None
    source: Literal["default", "platform", "client", "bot"] = Field(description="Who set the value.")
    text: str = Field(examples=["Furthest that an order may be priced from the reference"])


class CounterOut(Answer):
    """How near a limit is."""

    name: str = Field(examples=["execution_loss"])
    value: Amount | None = Field(description="Null: not known yet.")
    unit: str = Field(description="A currency, or `count`.", examples=["USDT"])
    limit: Amount | None = Field(description="At which something happens; null: at nothing.")
    text: str = Field(examples=["Execution loss of a day, with fees"])


class HaltOut(Answer):
    """A limit was hit."""

    code: str = Field(examples=["limit.fees"])
    text: str = Field(examples=["Fees of 20 were paid in a day; 20 is allowed"])
    since: datetime
    until: datetime | None = Field(description="When it ends by itself; null: only a person ends it.")


class LimitsOut(Answer):
    scope: LimitScopeOut
    limits: list[LimitOut]
    counters: list[CounterOut]
    halt: HaltOut | None


class ResumeBody(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The fee tier was wrong; it is corrected."}})

    reason: str = Field(description="Why; kept with who said it.")
