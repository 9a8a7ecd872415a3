"""Execution loss of all bots of a client, or of the platform, together."""

from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason
from trading_bridge.core.restraint import ScopeKind
from trading_bridge.core.risk.limits import ScopeLimits


def scope_loss_exceeded(loss: Decimal, limits: ScopeLimits, kind: ScopeKind) -> Reason | None:
    """`loss` of a day, in one quote currency."""
    allowed = limits.execution_loss_quote
    if allowed is None or loss < allowed or loss <= 0:
        return None
    return Reason(
        code="limit.execution_loss",
        parameters={"loss": readable(loss), "allowed": readable(allowed), "together": kind.value},
    )
