"""The four ways in which an exchange call ends (style section 5); there is no fifth."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from trading_bridge.core.finding import Evidence, Finding

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[T]):
    value: T
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The exchange said no, in words that prove it: nothing happened there."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Proved that no byte of the request left: a name, a connection, a proxy, or a rule of ours."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Anything else. It may have happened; ask before anything else happens with it."""

    finding: Finding


Failed = Refused | NotSent | Unresolved
Outcome = Answered[T] | Refused | NotSent | Unresolved
