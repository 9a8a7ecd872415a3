"""Pre-trade limits, one pure function each, and the review that runs them all."""

from trading_bridge.core.risk.limits import Limits, Verdict, review

__all__ = ["Limits", "Verdict", "review"]
