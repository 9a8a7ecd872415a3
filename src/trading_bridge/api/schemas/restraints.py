"""Kills and holds: what is asked for and what is shown."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Answer, Body, FindingOut


class ScopeBody(Body):
    kind: Literal["platform", "client", "market", "bot"]
    id: str = Field(
        default="",
        description="Of a client or bot its id; of a market exchange and pair; of the platform empty.",
        examples=["coinstore SHARP/USDT"],
    )


class ScopeOut(Answer):
    kind: Literal["platform", "client", "market", "bot"]
    id: str = Field(description="Empty: the platform.")
    name: str = Field(description="As people call it.", examples=["SHARP-VB-Coinstore"])


class ReasonBody(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The exchange has confirmed the new rules."}})

    reason: str = Field(description="Why; kept with who said it.")


class KillBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"scope": {"kind": "client", "id": "c7k2m9q4x1w8"}, "reason": "Key may be stolen"}
        }
    )

    scope: ScopeBody = Field(description="A bot, a client or the platform.")
    reason: str = Field(description="Shown to everybody who sees the kill.")
    by_hand: bool = Field(default=False, description="Cancel orders that people placed by hand, too.")


class WaitingOut(Answer):
    connector_id: str
    name: str = Field(description="As people call it.", examples=["coinstore of client_sharp"])
    finding: FindingOut


class KillOut(Answer):
    id: str = Field(examples=["k3m9q4x1w8c7k2m9"])
    scope: ScopeOut
    reason: str = Field(examples=["Key may be stolen"])
    asked_by: str = Field(examples=["operator@example.com"])
    asked_at: datetime
    by_hand: bool
    state: Literal["stopping", "done", "rearmed"] = Field(
        description="`done` only once the exchange holds no live order of the scope."
    )
    total: int | None = Field(description="Orders that were live since then; null: nobody has counted them yet.")
    confirmed: int | None = Field(description="Of them those that the exchange has confirmed gone.")
    text: str = Field(examples=["31 of 40 confirmed"])
    waits_for: list[WaitingOut] = Field(description="What keeps it from being done.")
    done_at: datetime | None
    rearmed_at: datetime | None
    rearmed_by: str | None
    rearm_reason: str | None


class KillList(Answer):
    kills: list[KillOut]


class HoldBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scope": {"kind": "market", "id": "coinstore SHARP/USDT"},
                "reason": "Token migration",
                "orders": "cancel",
                "starts_at": "2026-01-12T09:00:00Z",
                "ends_at": "2026-01-12T12:00:00Z",
            }
        }
    )

    scope: ScopeBody
    reason: str = Field(description="Shown to everybody who sees the hold.")
    orders: Literal["cancel", "keep"] = Field(default="cancel", description="What becomes of orders that stand.")
    starts_at: datetime | None = Field(default=None, description="Left out: now.")
    ends_at: datetime | None = Field(default=None, description="Left out: until it is lifted.")


class HoldOut(Answer):
    id: str = Field(examples=["h3m9q4x1w8c7k2m9"])
    scope: ScopeOut
    reason: str = Field(examples=["Token migration"])
    orders: Literal["cancel", "keep"]
    starts_at: datetime
    ends_at: datetime | None = Field(description="Null: until it is lifted.")
    state: Literal["planned", "active", "over", "lifted"]
    made_by: str = Field(examples=["operator@example.com"])
    made_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


class HoldList(Answer):
    holds: list[HoldOut]
