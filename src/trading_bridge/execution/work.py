"""A plan on its way to the exchange, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading_bridge.accounts.account import Account
from trading_bridge.core.bot import Bot
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Market
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.risk.assess import Stance
from trading_bridge.core.risk.limits import Limits, Purse
from trading_bridge.core.swift import swift

_TOLD = ("self_trade.", "limit.", "budget.", "order.would_take")


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A plan and what it needs to be carried out."""

    bot: Bot
    account: Account
    market: Market
    plan: Plan
    decision_id: str
    decided_at: datetime
    #: monotonic; what was decided by is too old to sign by after it; None: nothing of it ages
    fresh_until: float | None = None
    #: what the bot may have in orders and inventory by now; None: the whole account
    purse: Purse | None = None
    #: price around which the collar lies; None: not known
    reference: Decimal | None = None
    #: the bot's limits; None: the defaults
    limits: Limits | None = None
    #: what the decision kept to; None: nothing that needs a worth was looked at
    stance: Stance | None = None


@dataclass(slots=True, kw_only=True)
class Applied:
    """What became of a plan."""

    placed: int = 0
    canceled: int = 0
    #: what was planned and not sent, each with its reason
    withheld: list[Reason] = field(default_factory=list)
    #: what was sent, or stays, at another price than planned, each with its reason
    repriced: list[Reason] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    #: calls that failed otherwise
    failed: list[Finding] = field(default_factory=list)
    #: why the bot must be halted until a person resumes it; None: nothing asks for that
    halting: Reason | None = None

    @property
    def told(self) -> tuple[Reason, ...]:
        """What limits and the client's other orders did to the plan: the next decision names it."""
        return tuple({one.code: one for one in (*self.repriced, *self.withheld) if one.code.startswith(_TOLD)}.values())
