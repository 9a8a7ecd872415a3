"""Binance's market streams: `/ws/<stream>/...` and `/stream?streams=...`, and what is subscribed on them.

Offered: `@depth`, `@depth5`, `@depth10`, `@depth20` (1000 ms, and `@100ms`), `@trade`, `@aggTrade`, `@bookTicker`.
Ours: names of nothing are taken and stay silent; a client may send as many messages as it likes.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from typing import Protocol
from urllib.parse import parse_qs

import orjson

from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.orders import SandboxTrade
from trading_bridge.sandbox.wire import binance_events as events
from trading_bridge.sandbox.wire.binance_connection import Connection
from trading_bridge.sandbox.wire.binance_faults import BinanceFaults, Depth
from trading_bridge.sandbox.wire.binance_markets import Market, Markets
from trading_bridge.sandbox.wire.binance_rows import Row
from trading_bridge.sandbox.wire.fault_answers import Hits
from trading_bridge.sandbox.wire.http import Request

STREAMS_MOST = 1024
_LEVELS = 5000
_TRADES_AT_ONCE = 1000
_SLOW_MS, _FAST_MS = 1000, 100
_NAME = re.compile(r"([a-z0-9]{1,20})@(depth(5|10|20)?(@100ms|@1000ms)?|trade|aggTrade|bookTicker)")


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
        return found

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
        self._last = self._newest()

    def due(self, hits: Hits) -> list[Row]:
        if self._newest() == self._last:
            return []
        window = Window(from_number=self._last + 1, limit=_TRADES_AT_ONCE)
        found = self._engine.store.history.trades(self._market.own.symbol, window)
        self._last = found[-1].number if found else self._last
        return [self._row(self._market, one, self._engine.now_ms()) for one in found]

    def _newest(self) -> int:
        trades = self._engine.public_trades(self._market.own.symbol, 1)
        return trades[0].number if trades else 0


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


def _named(request: Request) -> list[str]:
    """The streams that the address names."""
    if request.path.startswith("/ws"):
        return [name for name in request.path.removeprefix("/ws").split("/") if name]
    given = parse_qs(request.query.decode("ascii", errors="replace")).get("streams", [])
    return [name for part in given for name in part.split("/") if name]


def _error(code: int, message: str, answer: object) -> bytes:
    return orjson.dumps({"error": {"code": code, "msg": message}, "id": answer})
