"""A diagnosed problem as a value: what, with which evidence, since when. Texts are made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trading_bridge.core.swift import swift


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One exchange call as it ended. Never holds a header, a signature or a secret."""

    #: unified name of the call, such as `fetch_balance`
    call: str
    #: path without host and query, such as `/spot/accountList`
    endpoint: str | None = None
    method: str | None = None
    http_status: int | None = None
    #: the exchange's own code and text, verbatim; text is cut at 300 characters
    exchange_code: str | None = None
    exchange_text: str | None = None
    #: the exchange's id of its answer, where it sends one
    request_id: str | None = None
    latency_ms: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    #: stable and dotted, such as `credentials.rejected`; every code is a row of the catalogue
    code: str
    severity: Severity
    since: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence | None = None


class SubjectKind(StrEnum):
    """What a finding concerns, the widest first."""

    PLATFORM = "platform"
    EXCHANGE = "exchange"
    CONNECTOR = "connector"
    MARKET = "market"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    kind: SubjectKind
    #: of a connector or bot its id; of an exchange its route, such as `coinstore` or `coinstore@127.0.0.1:8100`; of a
    #: market the route and its symbol, such as `coinstore SHARP/USDT`; of the platform empty
    id: str


PLATFORM = Subject(kind=SubjectKind.PLATFORM, id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFinding:
    """A finding with its history: one row from its first time until it was resolved."""

    id: str
    subject: Subject
    #: with the newest parameters and evidence; `since` is when it was first seen
    finding: Finding
    last_seen: datetime
    #: how often it struck: each new evidence, and each return after it had been resolved for a short while
    count: int
    #: None: it holds
    resolved_at: datetime | None = None
    #: the operator's words about it, which the client sees
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A finding that holds now."""

    subject: Subject
    finding: Finding
    #: wider subjects; where one of them has the same code, this is only its consequence
    rests_on: tuple[Subject, ...] = ()


_KINDS = tuple(SubjectKind)
_GRAVEST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
#: what another finding beside it explains, where there is one
_SYMPTOMS = frozenset(
    {"balance.stale", "balance.unknown", "book.stale", "cycle.late", "exchange.unrecognised", "order.unresolved"}
)


def causes_first(one: RecordedFinding) -> tuple[bool, int, int, datetime]:
    """Sorts findings: what explains others comes first, then what concerns more, then the graver, then the older."""
    finding = one.finding
    return (
        finding.code in _SYMPTOMS,
        _KINDS.index(one.subject.kind),
        _GRAVEST.index(finding.severity),
        finding.since,
    )
