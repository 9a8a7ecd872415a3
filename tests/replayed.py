"""Exchanges whose class is ccxt's own, on the answers that were recorded of them: no dialect, no socket."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.recorded_session import RecordedSession, Reply
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.described import gate, kucoin, mexc
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session

_FOLDER = Path(__file__).parent / "fixtures"

Row = dict[str, Any]


def recorded(exchange: str, name: str) -> list[Row]:
    """`errors`, `markets`, `requests` or `responses`."""
    found: list[Row] = json.loads((_FOLDER / exchange / f"{name}.json").read_text())
    return found


def _mexc_market(row: Row, base: str, quote: str) -> Row:
    return row | {"symbol": base + quote, "baseAsset": base, "quoteAsset": quote, "isSpotTradingAllowed": True}


def _gate_market(row: Row, base: str, quote: str) -> Row:
    return row | {"id": f"{base}_{quote}", "base": base, "quote": quote}


def _kucoin_market(row: Row, base: str, quote: str) -> Row:
    return row | {"symbol": f"{base}-{quote}", "baseCurrency": base, "quoteCurrency": quote}


@dataclass(frozen=True, kw_only=True)
class Replayed:
    info: ExchangeInfo
    #: a recorded market row, made that of another pair
    market: Callable[[Row, str, str], Row]
    #: rows of markets -> the bodies that tell them, in the order in which they are asked for
    listing: Callable[[list[Row]], tuple[str, ...]]
    #: what each further wallet answers where a test is not about it
    others: tuple[str, ...] = ()
    #: answered before the first signed call
    first: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.info.id

    def listed(self, symbols: Iterable[str]) -> tuple[str, ...]:
        """Recorded rows, and rows like the first for the other symbols."""
        rows = [row["raw"] for row in recorded(self.id, "markets")]
        return self.listing(rows + [self.market(rows[0], *symbol.split("/")) for symbol in symbols])

    async def opened(
        self, *replies: Reply | Exception | str, symbol: str = "NEW/USDT", signed: bool = True
    ) -> "Opened":
        """A session with a key, the markets read by one without."""
        wire = RecordedSession(*self.listed([symbol]), *(self.first if signed else ()), *replies)
        clock = ManualClock()
        values: Mapping[str, Any] = {
            "info": self.info,
            "base_url": None,
            "proxy_url": None,
            "ipv4_only": False,
            "clock": clock,
            "http": HttpSessions(lambda family: wire),
            "limiters": Limiters(clock),
        }
        public = Session(credentials=None, **values)
        markets = await public.markets()
        assert isinstance(markets, Answered), markets
        needs_memo = any(one.name == "memo" for one in self.info.credential_fields)
        key = Credentials(api_key="a-key-01", secret="a-secret-0123456789", memo="a-phrase" if needs_memo else None)
        session = Session(credentials=key, markets_of=public, **values)
        session.follows = lambda: [symbol]
        return Opened(session=session, wire=wire, market=markets.value[symbol], markets=markets.value)


@dataclass(frozen=True, kw_only=True)
class Opened:
    session: Session
    wire: RecordedSession
    market: Market
    markets: Mapping[str, Market]


CLASSIC = json.dumps(
    {"user_id": 0, "ip_whitelist": [], "currency_pairs": [], "key": {"mode": 1}, "tier": 0, "copy_trading_role": 0}
)
NO_ROWS = '{"code":"200000","data":[]}'

MEXC = Replayed(
    info=mexc.INFO, market=_mexc_market, listing=lambda rows: (json.dumps({"timezone": "CST", "symbols": rows}),)
)
GATE = Replayed(
    info=gate.INFO,
    market=_gate_market,
    listing=lambda rows: ("[]", json.dumps(rows)),  # those of margin come first
    first=(CLASSIC,),
)
KUCOIN = Replayed(
    info=kucoin.INFO,
    market=_kucoin_market,
    listing=lambda rows: (json.dumps({"code": "200000", "data": rows}),),
    others=(NO_ROWS, NO_ROWS),
)
REPLAYED = (MEXC, GATE, KUCOIN)
