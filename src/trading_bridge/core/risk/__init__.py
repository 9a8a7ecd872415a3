"""Limits, one pure function each, what they remember, and the review of a decision that runs them all."""

from trading_bridge.core.risk.assess import Caps, Stance, halted
from trading_bridge.core.risk.limits import CLIENT_LIMITS, PLATFORM_LIMITS, Limits, Purse, ScopeLimits
from trading_bridge.core.risk.refusals import pause_after
from trading_bridge.core.risk.review import Verdict, review
from trading_bridge.core.risk.state import Halt

__all__ = [
    "CLIENT_LIMITS",
    "PLATFORM_LIMITS",
    "Caps",
    "Halt",
    "Limits",
    "Purse",
    "ScopeLimits",
    "Stance",
    "Verdict",
    "halted",
    "pause_after",
    "review",
]
