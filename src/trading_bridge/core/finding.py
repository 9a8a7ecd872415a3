"""A diagnosed problem as a value: what, with which evidence, since when. Texts are made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


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
