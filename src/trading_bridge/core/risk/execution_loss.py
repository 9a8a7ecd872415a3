"""Execution loss: what own fills cost against the mid a minute later, and their fees; never the inventory's worth.

An issuer's account is mostly its own token: that it falls is no fault of the execution.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.state import Day, RiskState

MARKED_AFTER = timedelta(seconds=60)


def marked(state: RiskState, mid: Decimal, now: datetime) -> RiskState:
    """With each fill whose minute is over valued at `mid`, the first that is known after it."""
    due = [one for one in state.pending if now - one.at >= MARKED_AFTER]
    if not due:
        return state
    for one in due:
        state = state.in_hour(one.at, slippage=one.loss(mid))
    return replace(state, pending=tuple(one for one in state.pending if now - one.at < MARKED_AFTER))


def execution_loss(state: RiskState, day: Day, mid: Decimal) -> Decimal:
    """In quote, of a day; fills whose minute is not over count at the mid of now. Below zero: a gain."""
    loss = day.slippage + day.fees
    for one in state.pending:
        loss += one.loss(mid)
    return loss


def loss_exceeded(loss: Decimal, worth: Decimal, limits: Limits) -> Reason | None:
    allowed = worth * limits.execution_loss_share
    if loss < allowed or loss <= 0:
        return None
    return Reason(code="limit.execution_loss", parameters={"loss": readable(loss), "allowed": readable(allowed)})
