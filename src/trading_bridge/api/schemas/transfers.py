"""Money that came or left other than by trading."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Amount, Answer, Body, Cursor

Label = Literal["deposit", "withdrawal", "internal", "interest", "airdrop", "fee", "manual_trade", "other"]


class TransferOut(Answer):
    id: str = Field(examples=["t4k9w2m7q1x8"])
    connector_id: str
    connector: str = Field(description="Name of the connector through which it was seen.", examples=["coinstore"])
    exchange: str = Field(examples=["coinstore"])
    currency: str = Field(examples=["USDT"])
    amount: Amount = Field(description="Above zero: it came; below: it left.")
    at: datetime = Field(description="The exchange's time, else when it was seen.")
    source: Literal["exchange", "observed", "contradiction"] = Field(
        description="A record of the exchange; a movement of the balance that nothing explains; or one that takes back"
        " what a recorded fill had moved."
    )
    exchange_id: str | None = Field(description="The exchange's id of its record; null: it was observed.")
    label: Label | None = Field(description="Null: nobody has said yet what it was.")
    note: str | None
    labelled_by: str | None = Field(description="Null: the exchange's record labels it, or nobody has.")
    labelled_at: datetime | None


class TransferList(Answer):
    transfers: list[TransferOut]
    next: Cursor


class LabelBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"label": "deposit", "note": "Second tranche of the budget."}}
    )

    label: Label
    note: str | None = Field(default=None, description="For whoever asks later; null or empty: none.")
