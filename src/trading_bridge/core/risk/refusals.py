"""Refusals in a row: who is refused waits, and who was refused often enough for one cause stops asking (faults X2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.state import REFUSED, Halt, Refusals, RiskState

#: after the nth in a row nothing new is asked for so long
_PAUSES_S = (2, 5, 15, 30, 60)


def pause_after(count: int) -> timedelta:
    """`count` refusals in a row, at least one."""
    return timedelta(seconds=_PAUSES_S[min(count, len(_PAUSES_S)) - 1])


def resting(state: RiskState, now: datetime) -> Finding | None:
    """What was refused a moment ago, while nothing new is asked for; None: it may be."""
    last = state.refusals
    if last is None or not last.at <= now < last.at + pause_after(last.count):
        return None
    return Finding(code=last.code, severity=Severity.WARNING, since=last.at, parameters=last.parameters)


def refused(
    state: RiskState, cause: str, limits: Limits, now: datetime, parameters: Mapping[str, str] | None = None
) -> RiskState:
    """One more, for a cause: the finding's code, with its parameters."""
    before = state.refusals
    count = before.count + 1 if before is not None and before.code == cause else 1
    counted = replace(state, refusals=Refusals(code=cause, count=count, at=now, parameters=parameters or {}))
    if count < limits.refusals_in_row or state.halt is not None:
        return counted
    return replace(counted, halt=Halt(code=REFUSED, parameters={"count": str(count), "cause": cause}, since=now))


def asking_again(state: RiskState) -> RiskState:
    """An order was accepted, or what stood in the way was mended: the count begins anew."""
    halt = None if state.halt is not None and state.halt.code == REFUSED else state.halt
    if state.refusals is None and halt is state.halt:
        return state
    return replace(state, refusals=None, halt=halt)
