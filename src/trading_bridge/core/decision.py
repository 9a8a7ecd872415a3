"""What should stand now, and why: the answer to "why does this bot do what it does"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.swift import swift


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    #: stable and dotted, such as `quoting` or `balance.insufficient`; every code has a text in the catalogue
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A limit order that should stand."""

    side: Side
    price: Ticks
    amount: Lots
    post_only: bool = True


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    reason: Reason
    #: the orders that should stand; empty: none should; None: leave what stands as it is
    wanted: tuple[Wanted, ...] | None
    #: what was left out or trimmed, each with its reason
    notes: tuple[Reason, ...] = ()
    #: what forbids trading, where something does
    finding: Finding | None = None

    @property
    def quoting(self) -> bool:
        return bool(self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrder:
    """A limit order that should stand, as storage and pages know it: decimals."""

    side: Side
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """What cycles in a row said alike, with the numbers of one of them; orders name it by its id."""

    id: str
    bot_id: str
    #: when the first of them said so
    decided_at: datetime
    reason: Reason
    notes: tuple[Reason, ...] = ()
    finding_code: str | None = None
    #: None: what stood was left as it was
    wanted: tuple[WantedOrder, ...] | None
    #: None: it stands, or the server died under it, or its end could not be stored
    ended_at: datetime | None = None
    #: how many cycles said so; None: as for `ended_at`
    cycles: int | None = None
    #: version of the bot's config that it was made with; None: it was not told
    config: str | None = None
