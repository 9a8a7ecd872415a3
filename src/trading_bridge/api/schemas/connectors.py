"""Connectors: a client's keys at exchanges; the keys themselves never come back."""

from datetime import datetime

from pydantic import ConfigDict, Field, SecretStr

from trading_bridge.api.schemas.common import Amount, Answer, Body, FindingOut, ReadStatus
from trading_bridge.api.schemas.ladder import LadderOut
from trading_bridge.core.client import ManualTrading


class ConnectorBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "coinstore", "api_key": "7f6a...", "secret": "b31c..."}}
    )

    name: str | None = Field(
        default=None,
        description="Unique for the client in any case; left out: the exchange's id.",
    )
    exchange: str | None = Field(default=None, description="An id of GET /exchanges; left out: it is the name.")
    api_key: SecretStr
    secret: SecretStr
    memo: SecretStr | None = Field(default=None, description="Memo, uid or passphrase where the exchange wants one.")
    base_url: str | None = Field(
        default=None,
        description="Another host than the exchange's own, such as the sandbox.",
        examples=["http://127.0.0.1:8802/api"],
    )
    proxy_url: SecretStr | None = Field(
        default=None,
        description="By http, https, socks5, or socks5h, by which the proxy looks names up. It may hold a password: it"
        " is stored encrypted.",
        examples=["socks5h://user:password@203.0.113.8:1080"],
    )
    ipv4_only: bool = False
    timeout_s: int | None = Field(
        default=None,
        description="How long an answer is waited for, 2 to 30 s; left out or 0: 5 s, and 10 s for orders and cancels."
        " Books, balances and open orders are never waited for longer than 5 s.",
        examples=[15],
    )
    key_label: str | None = Field(default=None, description="What this key is called at the exchange.")
    manual_trading: ManualTrading = Field(
        default=ManualTrading.NONE,
        description="Whether people trade on this account by hand. With `none` an order or a trade that is not ours is"
        " critical at once and holds new orders.",
    )
    save_anyway: bool = Field(default=False, description="Saves a key whose check failed.")


class ConnectorChange(Body):
    """What is left out stays; `base_url` and `proxy_url` as an empty string are removed."""

    model_config = ConfigDict(json_schema_extra={"example": {"api_key": "9c1d...", "secret": "e07b..."}})

    name: str | None = None
    api_key: SecretStr | None = Field(default=None, description="Goes with `secret`: both, or none.")
    secret: SecretStr | None = None
    memo: SecretStr | None = None
    base_url: str | None = None
    proxy_url: SecretStr | None = None
    ipv4_only: bool | None = None
    timeout_s: int | None = Field(default=None, description="Of 2 to 30 s; 0: the platform's own again.")
    key_label: str | None = Field(default=None, description="An empty one removes it.")
    manual_trading: ManualTrading | None = Field(
        default=None, description="Another value than before also answers for what was found there."
    )
    answers_for_strangers: bool = Field(
        default=False,
        description="A person says that the orders and trades found there that are not ours are known: new orders of"
        " the account go on, and what comes later is told again.",
    )
    save_anyway: bool = Field(default=False, description="Saves a key or a way whose check failed.")


class ConnectorOut(Answer):
    id: str = Field(examples=["n4b8t2v6y0z3"])
    client_id: str
    account: str = Field(examples=["client_sharp"])
    name: str = Field(examples=["coinstore"])
    exchange: str = Field(examples=["coinstore"])
    key_last4: str | None = Field(
        description="Last four characters of the API key; null: none stored.", examples=["x9k2"]
    )
    key_label: str | None = Field(description="What this key is called at the exchange.")
    key_set_at: datetime | None
    key_set_by: str | None = Field(description="Who entered it.")
    key_last_success_at: datetime | None = Field(description="When the exchange last accepted it; null: never yet.")
    base_url: str | None
    has_proxy: bool
    ipv4_only: bool
    timeout_s: int | None = Field(description="How long an answer is waited for; null: the platform's own.")
    host_label: str | None = Field(description="Null: the exchange's own host.", examples=["sandbox"])
    exchange_account: str | None = Field(description="The exchange's own id of the account; null: not read yet.")
    status: ReadStatus = Field(description="Of the last read of its balances.")
    as_of: datetime | None
    finding: FindingOut | None
    ends: FindingOut | None = Field(description="That its exchange is closing or closed; null: it is neither.")
    manual_trading: ManualTrading = Field(description="Whether people trade on this account by hand.")
    strangers: list[FindingOut] = Field(
        description="What was found there that is not ours, and holds new orders until a person answers for it."
    )
    created_at: datetime
    updated_at: datetime


class SavedConnector(ConnectorOut):
    check: LadderOut | None = Field(description="Made before it was saved; null: nothing that needs one has changed.")


class ConnectorList(Answer):
    connectors: list[ConnectorOut]


class HeldOut(Answer):
    available: Amount
    locked: Amount


class ConnectorBalances(Answer):
    """Everything that the account holds, whether a bot uses it or not."""

    connector_id: str
    status: ReadStatus
    balances: dict[str, HeldOut] | None = Field(
        description="Currencies that the exchange listed; null: unknown.",
        examples=[{"SHARP": {"available": "125000.5", "locked": "400"}}],
    )
    wallet: str | None = Field(examples=["spot"])
    as_of: datetime | None
    age_seconds: float | None = Field(examples=[1.2])
    finding: FindingOut | None


class ConnectorCheck(ConnectorBalances):
    """What a read and the doctor's ladder found, just now."""

    ladder: LadderOut
