"""Shapes that every answer shares: amounts, times, findings, problems."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

#: decimal string in plain notation: no exponent, no trailing zeros
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d*[1-9])?$", examples=["125000.5"])]

ReadStatus = Literal["ok", "stale", "unknown"]

Cursor = Annotated[str | None, Field(description="Pass it as `cursor` for the next page; null: this is the last one.")]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Body(BaseModel):
    """A request body: a key that nobody reads is an error, since it was meant to do something."""

    model_config = ConfigDict(extra="forbid", str_max_length=4096)


class EvidenceOut(Answer):
    """One exchange call as it ended; never a header, a signature or a secret."""

    call: str = Field(examples=["fetch_balance"])
    endpoint: str | None = Field(examples=["/spot/accountList"])
    method: str | None = Field(examples=["POST"])
    http_status: int | None = Field(examples=[200])
    exchange_code: str | None = Field(examples=["1401"])
    exchange_text: str | None = Field(examples=["signature-failed"])
    request_id: str | None = Field(examples=["8142"])
    latency_ms: int | None = Field(examples=[84])
    at: datetime | None


class ForClientOut(Answer):
    """A finding in the client's words: without addresses and internals."""

    text: str = Field(examples=["Your bot cannot read its balance at the exchange; your operator is told."])
    money: str = Field(description="Whether its money is safe.", examples=["Your money is untouched."])
    who_acts: Literal["you", "operator", "exchange", "nobody"]


class FindingHistoryOut(Answer):
    """The row of a finding that is recorded."""

    id: str
    count: int = Field(description="How often it struck.")
    note: str | None = Field(description="The operator's words, which the client sees.")


class FindingOut(Answer):
    """A diagnosed problem: what it is, why, and the step that fixes it."""

    code: str = Field(description="Stable and dotted.", examples=["connector.missing"])
    severity: Literal["info", "warning", "critical"]
    title: str = Field(examples=["No key for this bot"])
    cause: str = Field(examples=["The client has no connector named coinstore."])
    fix: str = Field(examples=["Add a connector for Coinstore to this client."])
    parameters: dict[str, str] = Field(examples=[{"connector": "coinstore"}])
    evidence: EvidenceOut | None
    since: datetime
    effect: Literal["trading_goes_on", "orders_held", "orders_cancelled", "killed", "unknown"] = Field(
        description="What it does to orders."
    )
    for_client: ForClientOut
    history: FindingHistoryOut | None = Field(description="Null: it is not recorded (yet).")


class Done(Answer):
    id: str = Field(description="What was changed or removed.", examples=["c7k2m9q4x1w8"])
