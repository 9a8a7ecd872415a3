"""What Coinstore's websocket channels tell (reference section 11), and when.

Ours where the reference is silent: a book is told when its levels changed, and once at first; a ticker once at first
and then each second that had a trade; without `param.size` the first message of trades has 50, newest first.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from trading_bridge.sandbox.candles import INTERVALS, Interval, spans
from trading_bridge.sandbox.day import last_day
from trading_bridge.sandbox.engine import TRADES_KEPT, Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.rules import MarketRules, plain
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_faults import CoinstoreFaults
from trading_bridge.sandbox.wire.fault_answers import Hits

BOOK_EVERY_MS, EACH_SECOND_MS = 100, 1000
_FIRST_TRADES, _TRADES_AT_ONCE = 50, 1000
#: most candles of one request
CANDLES_MOST = 200
_NAME = re.compile(r"([A-Za-z0-9]{1,20}|!)@(depth|trade|ticker|kline)(?:@([a-z0-9_]{1,10}))?")
_INTERVALS: Mapping[str, str] = {
    **{f"min_{count}": f"{count}m" for count in (1, 5, 15, 30)},
    **{f"hour_{count}": f"{count}h" for count in (1, 4, 12)},
    "day_1": "1d",
    "week_1": "1w",
    "mon_1": "1M",
}


class Channel(NamedTuple):
    #: `4@depth@20`
    name: str
    #: `depth`, `trade`, `ticker` or `kline`
    kind: str
    #: None: all of them
    rules: MarketRules | None
    #: of a book; 0: it is none
    level: int = 0
    #: of candles, as other exchanges call it; empty: there are none
    interval: str = ""


class Source(Protocol):
    def due(self, hits: Hits) -> list[rows.Row]:
        """What there is to tell now, without what each message has."""
        ...


def channel_of(name: str, markets: Mapping[str, MarketRules]) -> Channel | None:
    """By the number of its market, or its code in any case; None: there is no such channel. `markets` by code."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    market, kind, more = found[1], found[2], found[3] or ""
    if market == "!":
        return Channel(name, kind, None) if kind == "ticker" and not more else None
    by_id = {str(rules.market_id): rules for rules in markets.values()}
    rules = by_id.get(market) or markets.get(market.upper())
    if rules is None:
        return None
    called = f"{rules.market_id}@{kind}" + (f"@{more}" if more else "")
    if kind == "depth":
        return Channel(called, kind, rules, level=int(more)) if more in map(str, rows.DEPTH_LEVELS) else None
    if kind == "kline":
        return Channel(called, kind, rules, interval=_INTERVALS[more]) if more in _INTERVALS else None
    return None if more else Channel(called, kind, rules)


def source_of(channel: Channel, engine: Engine, faults: CoinstoreFaults, size: int | None) -> Source:
    """`size` trades come first; None: as many as is usual."""
    rules = channel.rules
    if rules is None:
        return _Tickers(channel, engine, engine.markets)
    match channel.kind:
        case "depth":
            return _Depth(channel, rules, engine, faults)
        case "trade":
            return _Trades(rules, engine, _FIRST_TRADES if size is None else size)
        case "ticker":
            return _Tickers(channel, engine, (rules,))
        case _:
            return _Candles(channel, rules, engine)


class _Depth:
    """The whole top of the book."""

    def __init__(self, channel: Channel, rules: MarketRules, engine: Engine, faults: CoinstoreFaults) -> None:
        self._channel = channel
        self._rules = rules
        self._engine = engine
        self._faults = faults
        self._next_ms = engine.now_ms()
        self._last: rows.Row | None = None
        #: what that was made of: how often the book had changed, and the faults that showed it
        self._made_of: tuple[int, Hits] | None = None

    def due(self, hits: Hits) -> list[rows.Row]:
        now_ms, made_of = self._engine.now_ms(), (self._engine.book(self._rules.symbol).changes, hits)
        if now_ms < self._next_ms or made_of == self._made_of:
            return []
        self._made_of = made_of
        row = self._faults.depth(hits, self._rules, self._channel.level)
        if row == self._last:
            return []
        self._last, self._next_ms = row, now_ms + BOOK_EVERY_MS
        return [row]


class _Trades:
    """The newest in one message, then each by itself."""

    def __init__(self, rules: MarketRules, engine: Engine, size: int) -> None:
        self._rules = rules
        self._engine = engine
        self._size = min(size, TRADES_KEPT)
        self._last: int | None = None

    def due(self, hits: Hits) -> list[rows.Row]:
        newest = self._engine.newest_number(self._rules.symbol)
        if self._last is None:
            self._last = newest
            trades = self._engine.public_trades(self._rules.symbol, self._size)
            return [{"data": [rows.trade_row(self._rules, trade) for trade in trades]}]
        if newest == self._last:
            return []
        window = Window(from_number=self._last + 1, limit=_TRADES_AT_ONCE)
        found = self._engine.store.history.trades(self._rules.symbol, window)
        self._last = found[-1].number if found else self._last
        return [rows.trade_row(self._rules, trade) for trade in found]


class _Tickers:
    """The last 24 hours of one market, or of all in one message."""

    def __init__(self, channel: Channel, engine: Engine, markets: Iterable[MarketRules]) -> None:
        self._channel = channel
        self._engine = engine
        self._markets = tuple(markets)
        self._next_ms = engine.now_ms()
        self._last: list[int] | None = None

    def due(self, hits: Hits) -> list[rows.Row]:
        now_ms = self._engine.now_ms()
        newest = [self._engine.newest_number(rules.symbol) for rules in self._markets]
        if now_ms < self._next_ms or newest == self._last:
            return []
        self._last, self._next_ms = newest, now_ms + EACH_SECOND_MS
        days = [ticker_row(self._engine, rules) for rules in self._markets]
        return days if self._channel.rules is not None else [{"channel": self._channel.name, "data": days}]


class _Candles:
    """The candle of now, each second; none before the first trade."""

    def __init__(self, channel: Channel, rules: MarketRules, engine: Engine) -> None:
        self._channel = channel
        self._rules = rules
        self._engine = engine
        self._next_ms = engine.now_ms()

    def due(self, hits: Hits) -> list[rows.Row]:
        now_ms = self._engine.now_ms()
        if now_ms < self._next_ms:
            return []
        self._next_ms = now_ms + EACH_SECOND_MS
        begin = INTERVALS[self._channel.interval].begin(now_ms)
        return candle_rows(self._engine, self._channel, self._rules, begin, begin)


def ticker_row(engine: Engine, rules: MarketRules) -> rows.Row:
    day = last_day(engine, rules)
    return {
        "channel": f"{rules.market_id}@ticker",
        "instrumentId": rules.market_id,
        "symbol": rows.symbol_code(rules),
        "open": plain(rules.price(day.open)),
        "high": plain(rules.price(day.high)),
        "low": plain(rules.price(day.low)),
        "close": plain(rules.price(day.close)),
        "volume": plain(rules.amount(day.lots)),
        "amount": plain(rules.cost(day.cost)),
    }


def candle_rows(engine: Engine, channel: Channel, rules: MarketRules, first_ms: int, last_ms: int) -> list[rows.Row]:
    """Of the intervals that begin from the one to the other, oldest first; times are in seconds."""
    interval: Interval = INTERVALS[channel.interval]
    begins = [first_ms]
    while (begin := interval.following(begins[-1])) <= last_ms:
        begins.append(begin)
    history = engine.store.history
    before = history.candle_before(rules.symbol, first_ms)
    minutes = history.candles(rules.symbol, first_ms, interval.following(begins[-1]))
    return [
        {
            "channel": channel.name,
            "instrumentId": rules.market_id,
            "symbol": rows.symbol_code(rules),
            "startTime": span.open_ms // 1000,
            "endTime": span.next_ms // 1000 - 1,
            "interval": channel.interval,
            "firstTradeId": 0 if span.candle is None else span.candle.first_number,
            "lastTradeId": 0 if span.candle is None else span.candle.last_number,
            "open": plain(rules.price(span.close if span.candle is None else span.candle.open)),
            "close": plain(rules.price(span.close)),
            "high": plain(rules.price(span.close if span.candle is None else span.candle.high)),
            "low": plain(rules.price(span.close if span.candle is None else span.candle.low)),
            "volume": plain(rules.amount(0 if span.candle is None else span.candle.lots)),
            "amount": plain(rules.cost(0 if span.candle is None else span.candle.cost)),
        }
        for span in spans(interval, begins, minutes, None if before is None else before.close)
    ]
