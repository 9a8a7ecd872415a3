"""What keeps bots from sending: a kill, until a person re-arms; a hold, until its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trading_bridge.core.finding import Finding


class ScopeKind(StrEnum):
    PLATFORM = "platform"
    CLIENT = "client"
    #: one symbol at one exchange
    MARKET = "market"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Scope:
    kind: ScopeKind
    #: of a client or bot its id; of a market exchange and symbol, such as `coinstore SHARP/USDT`; of the platform empty
    id: str

    def covers(self, *, bot_id: str, client_id: str, exchange: str | None, symbol: str) -> bool:
        """`exchange` None: the bot has no connector that could be matched, so no market of its own."""
        match self.kind:
            case ScopeKind.PLATFORM:
                return True
            case ScopeKind.CLIENT:
                return self.id == client_id
            case ScopeKind.MARKET:
                return exchange is not None and self.id == market_scope_id(exchange, symbol)
            case ScopeKind.BOT:
                return self.id == bot_id


def market_scope_id(exchange: str, symbol: str) -> str:
    return f"{exchange} {symbol}"


class KillState(StrEnum):
    #: orders of its scope may still live
    STOPPING = "stopping"
    #: the exchange holds none of them any more; nothing new is sent
    DONE = "done"
    REARMED = "rearmed"


class HoldState(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    #: it has reached its end
    OVER = "over"
    #: a person ended it
    LIFTED = "lifted"


class StandingOrders(StrEnum):
    """What a hold does to orders that stand."""

    CANCEL = "cancel"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Stops new orders at once and cancels all of its scope; only a person with a reason ends it."""

    id: str
    #: platform, client or bot
    scope: Scope
    reason: str
    asked_by: str
    asked_at: datetime
    #: orders that people placed by hand on the scope's accounts are cancelled too
    by_hand: bool = False
    #: the exchange has confirmed that no order of the scope lives; None: not yet
    done_at: datetime | None = None
    #: orders of its scope that were live since it was asked for; None: not counted yet
    total: int | None = None
    rearmed_at: datetime | None = None
    rearmed_by: str | None = None
    rearm_reason: str | None = None

    @property
    def active(self) -> bool:
        return self.rearmed_at is None

    @property
    def state(self) -> KillState:
        if not self.active:
            return KillState.REARMED
        return KillState.STOPPING if self.done_at is None else KillState.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A connector on which orders of a kill's scope could not be confirmed gone yet, and why."""

    connector_id: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class KillProgress:
    #: orders of the scope that were live since the kill was asked for, as far as they are known
    total: int
    #: of them those that the exchange has confirmed gone
    confirmed: int
    waits_for: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """No quoting from its start to its end, by a person with a reason; may lie in the future."""

    id: str
    scope: Scope
    reason: str
    orders: StandingOrders
    starts_at: datetime
    #: None: until it is lifted
    ends_at: datetime | None
    made_by: str
    made_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    def holds(self, now: datetime) -> bool:
        return self.lifted_at is None and self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    def state(self, now: datetime) -> HoldState:
        if self.lifted_at is not None:
            return HoldState.LIFTED
        if now < self.starts_at:
            return HoldState.PLANNED
        return HoldState.ACTIVE if self.holds(now) else HoldState.OVER


Restraint = Kill | Hold
