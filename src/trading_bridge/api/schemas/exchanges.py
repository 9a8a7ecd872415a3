"""Exchanges: the dropdown."""

from pydantic import Field

from trading_bridge.api.schemas.common import Answer


class CredentialFieldOut(Answer):
    name: str = Field(examples=["api_key"])
    label: str = Field(examples=["API key"])
    required: bool
    secret: bool


class ExchangeOut(Answer):
    id: str = Field(examples=["coinstore"])
    label: str = Field(examples=["Coinstore"])
    credential_fields: list[CredentialFieldOut]
    features: dict[str, bool] = Field(examples=[{"post_only": True}])


class ExchangeList(Answer):
    exchanges: list[ExchangeOut]


class Health(Answer):
    status: str = Field(examples=["ok"])
