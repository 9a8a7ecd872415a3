"""Exchanges: the dropdown."""

from pydantic import Field

from trading_bridge.api.schemas.common import Answer


class CredentialFieldOut(Answer):
    name: str = Field(examples=["api_key"])
    label: str = Field(examples=["API key"])
    required: bool
    secret: bool


class LifeOut(Answer):
    """On an exchange that is closing or closed balances are read, and bots start in its sandbox only."""

    state: str = Field(examples=["active"], description="`active`, `closing` or `closed`")
    no_new_orders_since: str | None = Field(description="A day, UTC; null: none is announced. So are the others.")
    last_trading_day: str | None
    withdraw_by: str | None = Field(description="The last day on which money can be withdrawn.")
    source: str | None = Field(description="Where that is announced.")


class ExchangeOut(Answer):
    id: str = Field(examples=["coinstore"])
    label: str = Field(examples=["Coinstore"])
    credential_fields: list[CredentialFieldOut]
    features: dict[str, bool] = Field(examples=[{"post_only": True}])
    life: LifeOut
    certification: str = Field(
        description="How far this platform has proved its work with it: `sandboxed` (the contract suite against its own"
        " dialect of the sandbox), `replayed` (the suite on recorded answers), or `none` (as ccxt reads it).",
        examples=["sandboxed"],
    )


class ExchangeList(Answer):
    exchanges: list[ExchangeOut]


class Health(Answer):
    status: str = Field(examples=["ok"])
