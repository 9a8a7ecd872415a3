"""The calls of one piece of work, besides what each session keeps: how many there were, and what their answers said."""

from contextvars import ContextVar
from dataclasses import dataclass

from trading_bridge.core.finding import Evidence, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    evidence: Evidence
    #: why it failed, as the exchange said it; None: it was answered
    finding: Finding | None
    #: False: it is proved that the exchange received nothing
    arrived: bool
    #: the answer's `Date`; None: it had none
    date: str | None


#: where the calls of this task, and of those that it starts, are written down; None: nowhere
HEARD: ContextVar[list[Heard] | None] = ContextVar("heard", default=None)
