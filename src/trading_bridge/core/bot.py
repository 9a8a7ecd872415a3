"""A bot as its operator wishes it, and what it really does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trading_bridge.core.finding import Finding


class BotStatus(StrEnum):
    """The wished one."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    id: str
    name: str
    client_id: str
    #: the client's identifier
    account: str
    #: as it was given: a connector's name, or an exchange id
    connector: str
    #: unified symbol, called `pair` in API bodies
    symbol: str
    bot_type: str
    #: as validated by the type's parameter model, JSON values only
    config: Mapping[str, object]
    status: BotStatus
    #: the exchange has confirmed that the pair is listed
    market_verified: bool
    #: the operator's words to the client, shown beside the bot; None: nothing
    note: str | None
    created_at: datetime
    updated_at: datetime


def quote_of(bot: Bot) -> str:
    """The currency in which the bot's volume is told."""
    return bot.symbol.partition("/")[2]


class StateCode(StrEnum):
    """What really happens."""

    STOPPED = "stopped"
    STARTING = "starting"
    #: orders stand, or are being placed
    TRADING = "trading"
    #: nothing is wrong, but there is nothing to do yet
    WAITING = "waiting"
    #: a finding forbids it
    BLOCKED = "blocked"
    STOPPING = "stopping"
    #: wished running, and nothing runs it
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotState:
    code: StateCode
    #: reason code of the last decision, such as `quoting`, or of what forbids it
    reason: str
    parameters: Mapping[str, str]
    since: datetime
    finding: Finding | None = None
    #: when it goes on by itself; None: that is not known
    until: datetime | None = None
