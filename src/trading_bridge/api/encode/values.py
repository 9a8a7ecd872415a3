"""Amounts, findings and states."""

from datetime import datetime
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.finding import Evidence

JsonObject = dict[str, object]


def optional_amount(value: Decimal | None) -> str | None:
    return None if value is None else readable(value)


def age_seconds(as_of: datetime, now: datetime) -> float:
    """To a tenth; a clock that was set back shows 0."""
    return max(0.0, round((now - as_of).total_seconds(), 1))


def evidence(found: Evidence) -> JsonObject:
    return {
        "call": found.call,
        "endpoint": found.endpoint,
        "method": found.method,
        "http_status": found.http_status,
        "exchange_code": found.exchange_code,
        "exchange_text": found.exchange_text,
        "request_id": found.request_id,
        "latency_ms": found.latency_ms,
        "at": found.at,
    }
