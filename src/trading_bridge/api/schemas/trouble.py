"""balance-debug: why a balance is what it is."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from trading_bridge.api.schemas.common import Answer, EvidenceOut, FindingOut
from trading_bridge.api.schemas.figures import BalanceAndVolume
from trading_bridge.api.schemas.ladder import LadderOut


class StoredConnector(Answer):
    id: str
    name: str = Field(examples=["coinstore"])
    exchange: str = Field(examples=["coinstore"])
    key_state: Literal["present", "missing", "undecryptable"]
    key_last4: str | None
    key_label: str | None
    key_set_at: datetime | None
    key_set_by: str | None
    key_last_success_at: datetime | None
    has_proxy: bool
    ipv4_only: bool
    timeout_s: int | None
    updated_at: datetime


class LastRead(Answer):
    as_of: datetime
    request_id: str | None = Field(description="The exchange's id of that answer, where it sends one.")


class CallOut(EvidenceOut):
    finding_code: str | None = Field(description="Null: it was answered.")


class SessionOut(Answer):
    key: str = Field(description="The connector's name in lower case.", examples=["coinstore"])
    connector_id: str
    exchange: str
    host_label: str | None
    last_read: LastRead | None
    last_finding: FindingOut | None
    calls: list[CallOut] = Field(description="The last calls, newest last.")


class MatchOut(Answer):
    matched: bool
    rule: str | None = Field(description="`name`, or `only connector at that exchange`.", examples=["name"])
    connector_id: str | None
    finding: FindingOut | None


class BalanceDebug(Answer):
    bot_id: str
    account: str
    connector: str = Field(description="The bot's value, as it was given.", examples=["Coinstore"])
    looked_up: str = Field(description="The key that it was looked up by.", examples=["coinstore"])
    connectors_in_storage: list[StoredConnector]
    sessions: list[SessionOut] = Field(description="In the manager, after it was brought in step with storage.")
    match: MatchOut
    ladder: LadderOut | None = Field(description="Null: there is no connector to examine.")
    last_read_error: FindingOut | None = Field(description="Of the last read of its balances; null: it was answered.")
    balance: BalanceAndVolume
    diagnosis: str = Field(examples=["The connector matches by name and its last read was answered."])
