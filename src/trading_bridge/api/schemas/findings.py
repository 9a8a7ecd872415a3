"""Findings with their history, for lists."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Answer, Body, Cursor, FindingOut


class SubjectOut(Answer):
    """What a finding concerns."""

    kind: Literal["platform", "exchange", "connector", "market", "bot"]
    id: str
    name: str = Field(description="As people call it.", examples=["SHARP-VB-Coinstore"])
    client_id: str | None = Field(description="Null: it is of no single client.")


class RecordedFindingOut(Answer):
    id: str
    subject: SubjectOut
    finding: FindingOut
    first_seen: datetime
    last_seen: datetime
    count: int = Field(description="How often it struck.")
    resolved_at: datetime | None = Field(description="Null: it holds.")
    note: str | None = Field(description="The operator's words, which the client sees.")
    wakes: bool = Field(description="Whether it should wake somebody.")
    unattended: str = Field(description="What happens if nobody comes.")


class FindingList(Answer):
    findings: list[RecordedFindingOut]
    next: Cursor


class NoteBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"note": "The exchange is told; we expect it back at noon."}}
    )

    note: str | None = Field(description="Shown to the client beside the finding; null or empty removes it.")


class EvidenceText(Answer):
    """For the support of an exchange; never a secret."""

    text: str = Field(description="Plain text, as it can be sent.")
