"""Coinstore's wire for tests: envelopes of the reference, and the class or a session on a session that replays them."""

import json
from typing import Any

from tests.recorded_session import RecordedSession, Reply
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.coinstore import coinstore
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import ExchangeInfo, exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session

SECRET = "cs-secret-0123456789abcdef"
NOW_MS = 1700000012345
SYMBOLS = json.dumps(
    {
        "code": "0",
        "message": "Success",
        "data": [
            {
                "symbolId": symbol_id,
                "symbolCode": code,
                "tradeCurrencyCode": base,
                "quoteCurrencyCode": "usdt",
                "openTrade": True,
                "onLineTime": 1609813531019,
                "tickSz": tick,
                "lotSz": lot,
                "minLmtPr": "0.0002",
                "minLmtSz": "0.2",
                "minMktVa": "0.1",
                "minMktSz": "0.1",
                "makerFee": "0.006",
                "takerFee": "0.003",
            }
            for symbol_id, code, base, tick, lot in (
                (1, "BTCUSDT", "btc", 1, 4),
                (15, "LUFFYUSDT", "luffy", 11, 0),
                (7, "SHARPUSDT", "sharp", 6, 2),
            )
        ],
    }
)
#: rows of own trades in one answer
TRADES_PAGE = 100
PLACED = '{"code":"0","data":{"ordId":1722183748419690}}'


def info() -> ExchangeInfo:
    found = exchange_info("coinstore")
    assert found is not None
    return found


class FixedTime(coinstore):
    """The class as it is, at the time of the reference's vectors."""

    now_ms = NOW_MS

    def milliseconds(self) -> int:
        return self.now_ms


def exchange(*replies: Reply | Exception | str, **config: Any) -> tuple[Any, RecordedSession]:
    """The class with its markets read, and what it talks to."""
    session = RecordedSession(*replies)
    made: Any = FixedTime(
        {
            "apiKey": "cs-key",
            "secret": SECRET,
            "number": str,
            "enableRateLimit": False,
            "session": session,
            "ssl_context": False,
            "timeout_on_exit": 0,
            **config,
        }
    )
    rows = json.loads(SYMBOLS, parse_float=str)["data"]
    made.set_markets([made.parse_market(row) for row in rows])
    return made, session


def session(
    *replies: Reply | Exception | str, credentials: Credentials | None = None, **changed: Any
) -> tuple[Session, RecordedSession]:
    """A session whose first call finds the markets read already."""
    wire = RecordedSession(SYMBOLS, *replies)
    clock = changed.pop("clock", None) or ManualClock()
    values: dict[str, Any] = {
        "info": info(),
        "credentials": credentials or Credentials(api_key="cs-key", secret=SECRET),
        "base_url": None,
        "proxy_url": None,
        "ipv4_only": False,
        "clock": clock,
        "http": HttpSessions(lambda ipv4_only: wire),
        "limiters": Limiters(clock),
    }
    return Session(**(values | changed)), wire
