"""A bot as its operator wishes it, and what it really does."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_bridge.core.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one bot may have in orders and inventory of its exchange account; its own fills move it."""

    base: Decimal
    quote: Decimal


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
    #: None: the whole account, which only a bot that is alone on it may use
    budget: Budget | None = None


def config_version(config: Mapping[str, object]) -> str:
    """The same for the same values, whatever their order; for people to tell versions apart, twelve letters long."""
    written = json.dumps(dict(config), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:12]


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
    #: a limit was hit; it goes on after its cool-down, or when a person resumes it
    HALTED = "halted"
    #: a person holds it, until an end
    HELD = "held"
    #: the kill switch was pressed; only a person re-arms it
    KILLED = "killed"


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
