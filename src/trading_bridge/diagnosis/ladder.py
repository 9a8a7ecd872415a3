"""What the doctor found: a ladder of steps, each with outcome, evidence and time taken, and what follows from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trading_bridge.core.finding import Evidence, Finding


class Rung(StrEnum):
    """In the order of the ladder."""

    CREDENTIALS = "credentials"
    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PUBLIC = "public"
    CLOCK = "clock"
    EGRESS = "egress"
    SIGNED_READ = "signed_read"
    READ_PERMISSION = "read_permission"
    TRADE_PERMISSION = "trade_permission"
    WITHDRAW_PERMISSION = "withdraw_permission"
    MARKET = "market"
    BALANCE = "balance"


class StepOutcome(StrEnum):
    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    rung: Rung
    outcome: StepOutcome
    #: one sentence for the operator: what was seen, or why it was skipped
    detail: str
    took_ms: int
    #: why it failed; None unless it did
    finding: Finding | None = None
    #: of the call that decided it; None: no call was needed
    evidence: Evidence | None = None
    #: whom MARKET and BALANCE are about; None on the other rungs
    bot_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressAddress:
    """An address from which the exchange sees this host, or would."""

    #: `ipv4` or `ipv6`
    family: str
    address: str
    #: `seen` from outside, `configured` by the operator, or `proxy`
    source: str
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    started_at: datetime
    took_ms: int
    #: in the order of `Rung`; MARKET and BALANCE come once per bot
    steps: tuple[Step, ...]
    #: what most likely is wrong; None: nothing was found
    diagnosis: Finding | None
    #: codes of other causes that the calls could not tell from `diagnosis`, the most likely first
    remaining: tuple[str, ...]
    #: addresses to allow at the exchange
    egress: tuple[EgressAddress, ...]
    #: requests that the exchange received for it
    requests: int

    @property
    def passed(self) -> bool:
        return all(step.outcome is not StepOutcome.FAIL for step in self.steps)
