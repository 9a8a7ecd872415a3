"""Exchanges: the dropdown."""

from datetime import datetime

from pydantic import Field

from trading_bridge.api.schemas.common import Amount, Answer, FindingOut, ReadStatus


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


class FieldCheckedOut(Answer):
    """What `trading-bridge certify` found on this installation."""

    at: datetime
    with_order: bool = Field(description="An order was placed, looked up, cancelled and seen gone; false: reads alone.")
    sandbox: bool = Field(description="It was the sandbox on this host, not the exchange.")
    build: str = Field(description="Version of this platform.", examples=["0.1.0"])
    ccxt: str = Field(description="Version of ccxt.", examples=["4.5.71"])


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
    field_checked: FieldCheckedOut | None = Field(
        description="The certification in the field that proves most; null: none has passed here."
    )


class ExchangeList(Answer):
    exchanges: list[ExchangeOut]


class MarketOut(Answer):
    pair: str = Field(examples=["SHARP/USDT"])
    base: str = Field(examples=["SHARP"])
    quote: str = Field(examples=["USDT"])
    price_step: Amount
    amount_step: Amount
    min_price: Amount | None = Field(description="Null here and below: the exchange states none.")
    min_amount: Amount | None
    min_cost: Amount | None = Field(description="Smallest price x amount of an order, in quote.")
    maker_fee: Amount | None = Field(description="0.002 is 0.2 %.")
    taker_fee: Amount | None
    closed: str | None = Field(
        description="Why no order is taken, as code of a finding (`market.halted`, `market.no_api`); null: it trades.",
        examples=["market.halted"],
    )


class MarketList(Answer):
    exchange: str = Field(examples=["coinstore"])
    status: ReadStatus = Field(description="`stale`: a later read failed; `unknown`: the list was never read.")
    as_of: datetime | None
    finding: FindingOut | None
    total: int | None = Field(description="How many fit the search; null: unknown.", examples=[1])
    markets: list[MarketOut] = Field(description="By pair, at most `limit`.")


class Health(Answer):
    status: str = Field(examples=["ok"])
