"""Bots: what an operator asks for and what is shown."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from trading_bridge.api.schemas.common import Amount, Answer, Body, Cursor, FindingOut
from trading_bridge.api.schemas.figures import BalanceAndVolume


class BudgetBody(Body):
    """What the bot may have in orders and inventory; its own fills move it."""

    base: str = Field(description="Amount of the base currency, 0 included.", examples=["125000.5"])
    quote: str = Field(description="Amount of the quote currency, 0 included.", examples=["812.4"])


class BudgetOut(Answer):
    """As it was given; own fills have moved what the bot may have since."""

    base: Amount
    quote: Amount


class BotBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "SHARP-VB-Coinstore",
                "account": "client_sharp",
                "connector": "coinstore",
                "pair": "SHARP/USDT",
                "bot_type": "volume",
            }
        }
    )

    name: str
    account: str = Field(description="The client's identifier.")
    connector: str = Field(description="A connector's name of this client, or an exchange id; in any case.")
    pair: str = Field(description="BASE/QUOTE.")
    bot_type: str = Field(description="An id of GET /bot-types.")
    config: dict[str, JsonValue] | None = Field(default=None, description="Left out: the defaults of the type.")
    note: str | None = Field(default=None, description="Shown to the client beside the bot.")
    budget: BudgetBody | None = Field(
        default=None,
        description="Needed where several bots run on one exchange account; null: the whole account.",
    )


class BotChange(Body):
    """What is left out stays. `connector` and `pair` change only on a stopped bot with nothing live."""

    model_config = ConfigDict(json_schema_extra={"example": {"config": {"spread_bps": "60"}}})

    name: str | None = None
    config: dict[str, JsonValue] | None = Field(
        default=None, description="Replaces the whole config; keys left out take the defaults of the type."
    )
    connector: str | None = None
    pair: str | None = None
    note: str | None = Field(default=None, description="An empty one removes it.")
    budget: BudgetBody | None = Field(default=None, description="Null removes it.")


class StateOut(Answer):
    """What really happens, and why."""

    code: Literal[
        "stopped", "starting", "trading", "waiting", "blocked", "stopping", "down", "halted", "held", "killed"
    ]
    text: str = Field(examples=["Quoting both sides"])
    since: datetime
    reason: str = Field(description="Stable and dotted.", examples=["quoting"])
    until: datetime | None = Field(description="When it goes on by itself, where that is known.")
    finding: FindingOut | None


class BotOut(Answer):
    id: str = Field(examples=["b1h6k9p3s7d2"])
    name: str = Field(examples=["SHARP-VB-Coinstore"])
    client_id: str
    account: str = Field(examples=["client_sharp"])
    connector: str = Field(description="As it was given.", examples=["coinstore"])
    connector_id: str | None = Field(description="The connector that it matches; null: none yet.")
    exchange: str | None = Field(examples=["coinstore"])
    host_label: str | None = Field(description="Null: the exchange's own host, or no connector.", examples=["sandbox"])
    pair: str = Field(examples=["SHARP/USDT"])
    market_verified: bool = Field(description="The exchange has confirmed that the pair is listed.")
    note: str | None = Field(description="The operator's words to the client.")
    bot_type: str = Field(examples=["volume"])
    config: dict[str, JsonValue] = Field(description="With every default filled in.", examples=[{"spread_bps": "40"}])
    budget: BudgetOut | None = Field(description="Null: the whole account, which only a bot alone on it may use.")
    status: Literal["running", "stopped"] = Field(description="The wished one.")
    state: StateOut
    created_at: datetime
    updated_at: datetime


class BotRow(BotOut):
    balance_and_volume: BalanceAndVolume | None = Field(
        default=None,
        description="With `include=balance`; the same body as the endpoint of that name, without `locked_by`.",
    )


class BotList(Answer):
    bots: list[BotRow]
    next: Cursor


class BotTypeOut(Answer):
    id: str = Field(examples=["spread"])
    label: str = Field(examples=["Spread"])
    startable: bool = Field(description="False: it is stored and shown, and cannot start yet.")
    parameters: dict[str, JsonValue] = Field(description="JSON Schema of `config`.")


class BotTypeList(Answer):
    bot_types: list[BotTypeOut]
