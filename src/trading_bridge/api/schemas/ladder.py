"""What the doctor found."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from trading_bridge.api.schemas.common import Answer, EvidenceOut, FindingOut


class StepOut(Answer):
    """One probe. None of them can trade."""

    rung: Literal[
        "credentials",
        "resolve",
        "connect",
        "tls",
        "public",
        "clock",
        "egress",
        "signed_read",
        "read_permission",
        "trade_permission",
        "withdraw_permission",
        "market",
        "balance",
    ]
    label: str = Field(examples=["Read permission"])
    outcome: Literal["pass", "fail", "skipped"]
    detail: str = Field(description="What was seen, or why it was skipped.")
    took_ms: int = Field(description="Milliseconds.")
    finding: FindingOut | None
    evidence: EvidenceOut | None


class EgressOut(Answer):
    """An address from which the exchange sees this host; the key must allow it."""

    family: Literal["ipv4", "ipv6"]
    address: str = Field(examples=["203.0.113.7"])
    source: Literal["seen", "configured", "proxy"]
    first_seen: datetime | None
    last_seen: datetime | None


class RemainingOut(Answer):
    """Another cause that no call can tell from the diagnosis."""

    code: str = Field(examples=["signature.refused"])
    title: str = Field(description="What it would be, in one line.")


class LadderOut(Answer):
    started_at: datetime
    took_ms: int = Field(description="Milliseconds, the whole of it.")
    requests: int = Field(description="Requests that the exchange received for it.")
    passed: bool
    steps: list[StepOut]
    diagnosis: FindingOut | None = Field(description="Null: nothing was found.")
    remaining: list[RemainingOut] = Field(description="The most likely first.")
    egress: list[EgressOut] = Field(description="Addresses to allow at the exchange.")
