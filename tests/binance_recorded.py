"""Binance's wire for tests: a session on answers that were recorded or written after its documentation."""

import json
from pathlib import Path
from typing import Any

from tests.recorded_session import RecordedSession, Reply
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.described import binance
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session

_FOLDER = Path(__file__).parent / "fixtures" / "binance"


def recorded(name: str) -> list[dict[str, Any]]:
    """`errors`, `markets`, `requests` or `responses`."""
    found: list[dict[str, Any]] = json.loads((_FOLDER / f"{name}.json").read_text())
    return found


MARKETS = json.dumps({"timezone": "UTC", "symbols": [row["raw"] for row in recorded("markets")]})


def session(*replies: Reply | Exception | str, **changed: Any) -> tuple[Session, RecordedSession]:
    """A session whose first call finds the markets read already."""
    wire = RecordedSession(MARKETS, *replies)
    clock = changed.pop("clock", None) or ManualClock()
    values: dict[str, Any] = {
        "info": binance.INFO,
        "credentials": Credentials(api_key="bn-key", secret="bn-secret-0123456789abcdef"),
        "base_url": None,
        "proxy_url": None,
        "ipv4_only": False,
        "clock": clock,
        "http": HttpSessions(lambda family: wire),
        "limiters": Limiters(clock),
    }
    return Session(**(values | changed)), wire
