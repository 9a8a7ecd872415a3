"""A value from outside is known, was known, or is unknown; nobody reads it without its case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from trading_bridge.core.finding import Finding

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ok(Generic[T]):
    value: T
    #: our time at which the answer was complete
    as_of: datetime
    #: what must be shown with the value, although it is true; None: nothing
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale(Generic[T]):
    """The last good value, which a later read failed to confirm or which is too old."""

    value: T
    as_of: datetime
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    finding: Finding


Known = Ok[T] | Stale[T] | Unknown
