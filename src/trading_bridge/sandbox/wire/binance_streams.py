"""Binance's market streams: `/ws/<stream>/...` and `/stream?streams=...`, and what is subscribed on them.

Offered: `@depth`, `@depth5`, `@depth10`, `@depth20` (1000 ms, and `@100ms`), `@trade`, `@aggTrade`, `@bookTicker`,
`@ticker`, `@miniTicker`, `@kline_<interval>`. Ours: tickers and candles are told when somebody has traded; names of
nothing are taken and stay silent; a client may send as many messages as it likes.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from typing import Protocol
from urllib.parse import parse_qs

import orjson

from trading_bridge.sandbox.candles import INTERVALS, Interval, spans
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.orders import SandboxTrade
from trading_bridge.sandbox.wire import binance_events as events
from trading_bridge.sandbox.wire.binance_faults import BinanceFaults, Depth
from trading_bridge.sandbox.wire.binance_markets import Market, Markets
from trading_bridge.sandbox.wire.binance_prices import day_row
from trading_bridge.sandbox.wire.binance_rows import Row
from trading_bridge.sandbox.wire.connection import Connection
from trading_bridge.sandbox.wire.fault_answers import Hits
from trading_bridge.sandbox.wire.http import Request

STREAMS_MOST = 1024
_LEVELS = 5000
_TRADES_AT_ONCE = 1000
_SLOW_MS, _FAST_MS, _CANDLE_MS = 1000, 100, 2000
_NAME = re.compile(
    r"([a-z0-9]{1,20})@(depth(5|10|20)?(@100ms|@1000ms)?|trade|aggTrade|bookTicker"
    r"|ticker|miniTicker|kline_([0-9]{1,2}[mhdwM]))"
)


class Stream(Protocol):
    def due(self, hits: Hits) -> list[Row]: ...


class MarketStreams:
    """One connection."""

    def __init__(self, engine: Engine, faults: BinanceFaults, request: Request, connection: Connection) -> None:
        self._engine = engine
        self._faults = faults
        self._request = request
        self._connection = connection
        self._combined = request.path.startswith("/stream")
        self._streams: dict[str, Stream | None] = {}  # name -> stream; None: there is nothing of that name
        self._woken = asyncio.Event()
        self._stop = engine.announced.stir(self._woken.set)
        self._subscribe(_named(request))

    @property
    def woken(self) -> asyncio.Event:
        return self._woken

    def close(self) -> None:
        self._stop()

    def ends(self) -> int | None:
        return self._connection.ends()

    def tell(self) -> list[bytes]:
        if self._connection.is_silent():
            return []
        found: list[bytes] = []
        for name, stream in self._streams.items():
            if stream is None:
                continue
            hits = self._faults.hitting_path(self._request, name.partition("@")[0].upper())
            told = stream.due(hits)
            found += [orjson.dumps({"stream": name, "data": row} if self._combined else row) for row in told]
        return [] if self._connection.loses() else found

    def hear(self, text: str) -> list[bytes]:
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return [_error(3, "Invalid JSON: expected a value", None)]
        answer, given = message.get("id"), message.get("params", [])
        if not isinstance(given, list):
            return [_error(2, "Invalid request: params must be an array", answer)]
        match message.get("method"):
            case "SUBSCRIBE":
                self._subscribe(str(name) for name in given)
                result: object = None
            case "UNSUBSCRIBE":
                for name in given:
                    self._streams.pop(str(name), None)
                result = None
            case "LIST_SUBSCRIPTIONS":
                result = [name for name, stream in self._streams.items() if stream is not None]
            case "SET_PROPERTY" | "GET_PROPERTY" if given[:1] != ["combined"]:
                return [_error(0, "Unknown property", answer)]
            case "SET_PROPERTY":
                if not isinstance(given[-1], bool):
                    return [_error(1, "Invalid value type: expected Boolean", answer)]
                self._combined, result = given[-1], None
            case "GET_PROPERTY":
                result = self._combined
            case _:
                return [_error(2, "Invalid request: unknown variant", answer)]
        return [orjson.dumps({"result": result, "id": answer})]

    def _subscribe(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._streams and len(self._streams) < STREAMS_MOST:
                self._streams[name] = self._stream(name)

    def _stream(self, name: str) -> Stream | None:
        found = _NAME.fullmatch(name)
        market = Markets(self._engine.markets).find(found[1].upper()) if found is not None else None
        if found is None or market is None:
            return None
        if found[2] == "trade":
            return _Trades(self._engine, market, events.trade)
        if found[2] == "aggTrade":
            return _Trades(self._engine, market, events.aggregate)
        if found[2] == "bookTicker":
            return _Best(self._faults, market)
        if found[2] in ("ticker", "miniTicker"):
            return _Day(self._engine, self._faults, market, is_mini=found[2] == "miniTicker")
        if found[5] is not None:
            interval = INTERVALS.get(found[5])
            return None if interval is None else _Candles(self._engine, market, found[5], interval)
        every_ms = _FAST_MS if found[4] == "@100ms" else _SLOW_MS
        if found[3] is not None:
            return _TopLevels(self._engine, self._faults, market, int(found[3]), every_ms)
        return _Changes(self._engine, self._faults, market, every_ms)


class _Trades:
    """All that came after the subscription."""

    def __init__(self, engine: Engine, market: Market, row: Callable[[Market, SandboxTrade, int], Row]) -> None:
        self._engine = engine
        self._market = market
        self._row = row
        self._last = engine.newest_number(market.own.symbol)

    def due(self, hits: Hits) -> list[Row]:
        if self._engine.newest_number(self._market.own.symbol) == self._last:
            return []
        window = Window(from_number=self._last + 1, limit=_TRADES_AT_ONCE)
        found = self._engine.store.history.trades(self._market.own.symbol, window)
        self._last = found[-1].number if found else self._last
        return [self._row(self._market, one, self._engine.now_ms()) for one in found]


class _Best:
    """The best levels whenever they change, and once at first."""

    def __init__(self, faults: BinanceFaults, market: Market) -> None:
        self._faults = faults
        self._market = market
        self._last: Depth | None = None

    def due(self, hits: Hits) -> list[Row]:
        book = self._faults.depth(hits, self._market.own.symbol, 1)
        if self._last is not None and book[1:] == self._last[1:]:
            return []
        self._last = book
        return [events.best(self._market, book)]


class _Changes:
    """What changed in the book, at most so often."""

    def __init__(self, engine: Engine, faults: BinanceFaults, market: Market, every_ms: int) -> None:
        self._engine = engine
        self._faults = faults
        self._market = market
        self._every_ms = every_ms
        self._next_ms = engine.now_ms()
        self._last = faults.depth((), market.own.symbol, _LEVELS)

    def due(self, hits: Hits) -> list[Row]:
        now_ms = self._engine.now_ms()
        if now_ms < self._next_ms:
            return []
        book = self._faults.depth(hits, self._market.own.symbol, _LEVELS)
        if book.update_id <= self._last.update_id:
            return []
        before, self._last, self._next_ms = self._last, book, now_ms + self._every_ms
        return [events.depth_update(self._market, before, book, now_ms)]


class _TopLevels:
    """The top of the book, so often."""

    def __init__(self, engine: Engine, faults: BinanceFaults, market: Market, levels: int, every_ms: int) -> None:
        self._engine = engine
        self._faults = faults
        self._market = market
        self._levels = levels
        self._every_ms = every_ms
        self._next_ms = engine.now_ms()

    def due(self, hits: Hits) -> list[Row]:
        now_ms = self._engine.now_ms()
        if now_ms < self._next_ms:
            return []
        self._next_ms = now_ms + self._every_ms
        return [events.partial_depth(self._market, self._faults.depth(hits, self._market.own.symbol, self._levels))]


class _Day:
    """The last 24 hours, each second that had a trade."""

    def __init__(self, engine: Engine, faults: BinanceFaults, market: Market, *, is_mini: bool) -> None:
        self._engine = engine
        self._faults = faults
        self._market = market
        self._row = events.mini_ticker if is_mini else events.day_ticker
        self._next_ms = engine.now_ms()
        self._last = -1

    def due(self, hits: Hits) -> list[Row]:
        now_ms, newest = self._engine.now_ms(), self._engine.newest_number(self._market.own.symbol)
        if now_ms < self._next_ms or newest == self._last:
            return []
        self._last, self._next_ms = newest, now_ms + _SLOW_MS
        day = day_row(self._engine, self._market, self._faults.depth(hits, self._market.own.symbol, 1))
        return [self._row(day, now_ms)]


class _Candles:
    """The candle of now when somebody has traded, and once more when it is over."""

    def __init__(self, engine: Engine, market: Market, name: str, interval: Interval) -> None:
        self._engine = engine
        self._market = market
        self._name = name
        self._interval = interval
        self._next_ms = engine.now_ms()
        self._begin = interval.begin(engine.now_ms())
        self._last = engine.newest_number(market.own.symbol)

    def due(self, hits: Hits) -> list[Row]:
        now_ms, newest = self._engine.now_ms(), self._engine.newest_number(self._market.own.symbol)
        begin = self._interval.begin(now_ms)
        told: list[Row] = []
        if begin > self._begin:
            told += self._told(self._begin, now_ms, closed=True)
            self._begin = begin
        if newest != self._last and now_ms >= self._next_ms:
            self._last, self._next_ms = newest, now_ms + _CANDLE_MS
            told += self._told(begin, now_ms, closed=False)
        return told

    def _told(self, begin: int, now_ms: int, *, closed: bool) -> list[Row]:
        history, symbol = self._engine.store.history, self._market.own.symbol
        before = history.candle_before(symbol, begin)
        minutes = history.candles(symbol, begin, self._interval.following(begin))
        found = spans(self._interval, [begin], minutes, None if before is None else before.close)
        return [events.candle(self._market, self._name, span, now_ms, closed=closed) for span in found]


def _named(request: Request) -> list[str]:
    """The streams that the address names."""
    if request.path.startswith("/ws"):
        return [name for name in request.path.removeprefix("/ws").split("/") if name]
    given = parse_qs(request.query.decode("ascii", errors="replace")).get("streams", [])
    return [name for part in given for name in part.split("/") if name]


def _error(code: int, message: str, answer: object) -> bytes:
    return orjson.dumps({"error": {"code": code, "msg": message}, "id": answer})
