"""Clients (tenants)."""

from datetime import datetime

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Answer, Body, Cursor


class ClientBody(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"name": "Sharp Labs", "account": "client_sharp"}})

    name: str = Field(description="What people read.")
    account: str = Field(description="Identifier, matched without regard to case and outer space.")


class ClientChange(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"name": "Sharp Labs Ltd"}})

    name: str | None = None
    account: str | None = Field(default=None, description="Refused while the client has bots.")


class ClientOut(Answer):
    id: str = Field(examples=["c7k2m9q4x1w8"])
    name: str = Field(examples=["Sharp Labs"])
    account: str = Field(examples=["client_sharp"])
    created_at: datetime


class ClientList(Answer):
    clients: list[ClientOut]
    next: Cursor
