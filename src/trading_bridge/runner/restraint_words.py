"""A kill or hold as the state and the finding of a bot that it covers."""

from collections.abc import Mapping
from datetime import datetime

from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.restraint import Hold, Kill, Restraint, Scope, ScopeKind

EVERYTHING = Scope(kind=ScopeKind.PLATFORM, id="")


def restrained(restraint: Restraint) -> BotState:
    finding = restraining(restraint)
    code, until = (StateCode.KILLED, None) if isinstance(restraint, Kill) else (StateCode.HELD, restraint.ends_at)
    return BotState(
        code=code,
        reason=finding.code,
        parameters=finding.parameters,
        since=finding.since,
        finding=finding,
        until=until,
    )


def restraining(restraint: Restraint) -> Finding:
    match restraint:
        case Kill():
            parameters = {"by": restraint.asked_by, "why": restraint.reason}
            return Finding(
                code="kill.active", severity=Severity.WARNING, since=restraint.asked_at, parameters=parameters
            )
        case Hold():
            return Finding(
                code="hold.active", severity=Severity.INFO, since=restraint.starts_at, parameters=_told(restraint)
            )


def _told(hold: Hold) -> Mapping[str, str]:
    parameters = {"by": hold.made_by, "why": hold.reason}
    return parameters if hold.ends_at is None else {**parameters, "until": _minute(hold.ends_at)}


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
