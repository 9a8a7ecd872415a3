"""Whether an exchange answers so late that what it says is old when it comes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.exchanges.session import CallRecord

#: an answer that takes longer is late
LATE_MS = 2_000
#: so many of so many make an exchange slow
LATE_MIN = 2
LOOKED_AT = 3
#: what came longer ago says nothing of now
FORGET_AFTER = timedelta(seconds=60)


def slow(calls: Iterable[CallRecord], now: datetime) -> Finding | None:
    """Two of the last three answers came late; None: not so. `calls` are oldest first."""
    answered = [one.evidence for one in calls if one.finding_code is None and _is_recent(one.evidence, now)]
    late = [one for one in answered[-LOOKED_AT:] if _latency(one) > LATE_MS]
    if len(late) < LATE_MIN:
        return None
    worst = max(late, key=_latency)
    return Finding(
        code="exchange.slow",
        severity=Severity.WARNING,
        since=late[0].at or now,
        parameters={"latency_ms": str(_latency(worst)), "call": worst.call},
        evidence=worst,
    )


def _is_recent(evidence: Evidence, now: datetime) -> bool:
    return evidence.at is not None and now - evidence.at <= FORGET_AFTER


def _latency(evidence: Evidence) -> int:
    """In milliseconds; a call without one took no time that anybody saw."""
    return -1 if evidence.latency_ms is None else evidence.latency_ms
