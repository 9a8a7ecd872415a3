"""Memory of a further session on one exchange: markets, SSL context and HTTP sessions are shared."""

import asyncio
import gc
import json
import os
from pathlib import Path
from typing import Any

from multidict import CIMultiDict

from benchmarks.rows import BenchRow
from trading_bridge.clock import SystemClock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.limiter import Limiter
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session

MARKETS = 800
SESSIONS = 200
LIMIT_MB = 1.5
_PAGE = os.sysconf("SC_PAGE_SIZE")


def rows(rounds: int) -> list[BenchRow]:
    """Memory is not measured in rounds: one figure over many sessions."""
    return [
        BenchRow(
            name=f"memory of a further session, {MARKETS} markets",
            value=asyncio.run(_megabytes_each()),
            unit="MB",
            limit=LIMIT_MB,
            timed=False,
        )
    ]


async def _megabytes_each() -> float:
    http = HttpSessions(lambda ipv4_only: _Answers())
    public = _session(http, None)
    await public.markets()
    first = _session(http, public)
    await first.open_orders()
    gc.collect()
    before = _resident()
    further = [_session(http, public) for _ in range(SESSIONS)]
    for session in further:
        await session.open_orders()
    gc.collect()
    each = (_resident() - before) / SESSIONS / 1e6
    for session in (public, first, *further):
        await session.close()
    return each


def _session(http: HttpSessions, public: Session | None) -> Session:
    info = exchange_info("coinstore")
    assert info is not None
    clock = SystemClock()
    return Session(
        info=info,
        credentials=None if public is None else Credentials(api_key="k" * 32, secret="s" * 32),
        base_url=None,
        proxy_url=None,
        ipv4_only=False,
        clock=clock,
        http=http,
        address_limiter=Limiter.for_address(info, clock),
        markets_of=public,
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


_ROW = {
    "openTrade": True,
    "onLineTime": 1609813531019,
    "tickSz": 6,
    "lotSz": 2,
    "minLmtPr": "0.000001",
    "minLmtSz": "1",
    "minMktVa": "1",
    "minMktSz": "1",
    "makerFee": "0.002",
    "takerFee": "0.002",
}
_SYMBOLS = json.dumps(
    {
        "code": "0",
        "data": [
            _ROW
            | {
                "symbolId": number,
                "symbolCode": f"TOKEN{number}USDT",
                "tradeCurrencyCode": f"token{number}",
                "quoteCurrencyCode": "usdt",
            }
            for number in range(MARKETS)
        ],
    }
)


class _Answers:
    def get(self, url: Any, **options: Any) -> "_Answer":
        return _Answer('{"code":0,"data":[]}')

    def post(self, url: Any, **options: Any) -> "_Answer":
        return _Answer(_SYMBOLS)

    async def close(self) -> None:
        return None


class _Answer:
    status = 200
    reason = "OK"

    def __init__(self, body: str) -> None:
        self._body = body
        self.headers = CIMultiDict({"Content-Type": "application/json"})

    async def __aenter__(self) -> "_Answer":
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def text(self, errors: str = "strict") -> str:
        return self._body


if __name__ == "__main__":
    for row in rows(1):
        print(f"{row.name:<48} {row.value:>8.3f} {row.unit}  (at most {row.limit}: {'kept' if row.kept else 'BROKEN'})")
