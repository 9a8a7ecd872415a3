"""How a call ended that gave no answer, and why: values only, so that an exchange's table of them imports no ccxt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from trading_bridge.core.finding import Severity

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Ending(StrEnum):
    """How a call ended that gave no answer; see core.outcome."""

    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    ending: Ending
    #: of the finding
    code: str
    severity: Severity = Severity.WARNING
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


def refused(code: str, severity: Severity = Severity.CRITICAL, **parameters: str) -> Cause:
    return Cause(ending=Ending.REFUSED, code=code, severity=severity, parameters=parameters)


def not_sent(code: str, severity: Severity = Severity.WARNING, **parameters: str) -> Cause:
    return Cause(ending=Ending.NOT_SENT, code=code, severity=severity, parameters=parameters)


def unresolved(code: str, severity: Severity = Severity.WARNING, **parameters: str) -> Cause:
    return Cause(ending=Ending.UNRESOLVED, code=code, severity=severity, parameters=parameters)


NO_ANSWER = "exchange.no_answer"
UNRECOGNISED = unresolved("exchange.unrecognised")
