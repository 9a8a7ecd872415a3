"""Binance's public endpoints, made of what the engine trades itself.

Ours: every trade is an aggregate of its own; interval `1s` is not offered; the 24 hours of the ticker begin with a
whole minute, and the average price is that of the last five minutes that had a trade in them.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from trading_bridge.core.market import Ticks
from trading_bridge.sandbox.candles import INTERVALS, Interval, spans
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.wire import binance_rows as rows
from trading_bridge.sandbox.wire.binance_call import Call, Route, costs
from trading_bridge.sandbox.wire.binance_errors import BinanceError, bad_combination, invalid
from trading_bridge.sandbox.wire.binance_faults import BinanceFaults, Depth
from trading_bridge.sandbox.wire.binance_limits import Quota
from trading_bridge.sandbox.wire.binance_markets import Market
from trading_bridge.sandbox.wire.binance_params import Params
from trading_bridge.sandbox.wire.binance_prices import average_price, best_row, day_row, mini_row

PAGE, PAGE_MOST = 500, 1000
_DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50))
_CHANGE = Decimal("0.001")


class PublicEndpoints:
    def __init__(self, engine: Engine, faults: BinanceFaults, quotas: tuple[Quota, ...], active_limit: int) -> None:
        """`quotas` are told by `exchangeInfo`: first that of weight, then those of orders."""
        self._engine = engine
        self._faults = faults
        self._quotas = quotas
        self._active_limit = active_limit
        self.routes: Mapping[tuple[str, str], Route] = {
            ("GET", "/api/v3/ping"): Route(None, costs(1), self._ping),
            ("GET", "/api/v3/time"): Route(None, costs(1), self._time),
            ("GET", "/api/v3/exchangeInfo"): Route(None, costs(20), self._exchange_info),
            ("GET", "/api/v3/depth"): Route(None, _depth_weight, self._depth),
            ("GET", "/api/v3/trades"): Route(None, costs(25), self._trades),
            ("GET", "/api/v3/historicalTrades"): Route(None, costs(25), self._older_trades),
            ("GET", "/api/v3/aggTrades"): Route(None, costs(4), self._aggregates),
            ("GET", "/api/v3/klines"): Route(None, costs(2), self._klines),
            ("GET", "/api/v3/uiKlines"): Route(None, costs(2), self._klines),
            ("GET", "/api/v3/avgPrice"): Route(None, costs(2), self._average),
            ("GET", "/api/v3/ticker/price"): Route(None, _few(2, 4), self._prices),
            ("GET", "/api/v3/ticker/bookTicker"): Route(None, _few(2, 4), self._best),
            ("GET", "/api/v3/ticker/24hr"): Route(None, _few(2, 80), self._day),
            ("GET", "/sapi/v1/system/status"): Route(None, costs(1), self._status),
            ("GET", "/sapi/v1/margin/allPairs"): Route(None, costs(1), self._no_pairs),
            ("GET", "/sapi/v1/margin/isolated/allPairs"): Route(None, costs(1), self._no_pairs),
        }

    # -- general

    def _ping(self, call: Call) -> object:
        call.params.done()
        return {}

    def _time(self, call: Call) -> object:
        call.params.done()
        return {"serverTime": call.now_ms}

    def _status(self, call: Call) -> object:
        call.params.done()
        return {"status": 0, "msg": "normal"}

    def _no_pairs(self, call: Call) -> object:
        """Nothing trades on margin here; clients ask, signed or not."""
        return []

    def _exchange_info(self, call: Call) -> object:
        params = call.params
        permissions, status = params.optional_list("permissions"), params.optional_text("symbolStatus")
        sets = params.optional_truth("showPermissionSets")
        if ("symbol" in params or "symbols" in params) and (permissions is not None or status is not None):
            raise bad_combination()
        found, _ = call.markets.chosen(params)
        params.done()
        if status not in (None, "TRADING", "HALT", "BREAK"):
            raise BinanceError(-1122, "Invalid symbolStatus.")
        listed = [rows.symbol_row(market) for market in found if permissions is None or "SPOT" in permissions]
        if sets is False:
            listed = [{**row, "permissionSets": []} for row in listed]
        return {
            "timezone": "UTC",
            "serverTime": call.now_ms,
            "rateLimits": [
                rate_row(quota, "REQUEST_WEIGHT" if quota is self._quotas[0] else "ORDERS")
                for quota in self._quotas
                if quota.limit is not None
            ],
            "exchangeFilters": [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": self._active_limit}],
            "symbols": [row for row in listed if status in (None, row["status"])],
        }

    # -- book and trades

    def _depth(self, call: Call) -> object:
        market, limit = call.markets.asked(call.params), call.params.limit(100, 5000)
        call.params.done()
        book = self._faults.depth(call.hits, market.own.symbol, limit)
        return {
            "lastUpdateId": book.update_id,
            "bids": [rows.level(market.own, level) for level in book.bids],
            "asks": [rows.level(market.own, level) for level in book.asks],
        }

    def _trades(self, call: Call) -> object:
        market, limit = call.markets.asked(call.params), call.params.limit(PAGE, PAGE_MOST)
        call.params.done()
        found = self._engine.store.history.trades(market.own.symbol, Window(limit=limit))
        return [rows.trade_row(market.own, trade) for trade in found]

    def _older_trades(self, call: Call) -> object:
        market, limit = call.markets.asked(call.params), call.params.limit(PAGE, PAGE_MOST)
        window = Window(from_number=call.params.optional_whole("fromId"), limit=limit)
        call.params.done()
        found = self._engine.store.history.trades(market.own.symbol, window)
        return [rows.trade_row(market.own, trade) for trade in found]

    def _aggregates(self, call: Call) -> object:
        market, params = call.markets.asked(call.params), call.params
        window = Window(
            from_number=params.optional_whole("fromId"),
            since_ms=params.optional_moment("startTime"),
            until_ms=params.optional_moment("endTime"),
            limit=params.limit(PAGE, PAGE_MOST),
        )
        params.done()
        if window.from_number is not None and (window.since_ms is not None or window.until_ms is not None):
            raise bad_combination()
        found = self._engine.store.history.trades(market.own.symbol, window)
        return [rows.aggregate_row(market.own, trade) for trade in found]

    # -- candles and prices

    def _klines(self, call: Call) -> object:
        market, params = call.markets.asked(call.params), call.params
        interval = INTERVALS.get(params.text("interval"))
        since_ms, until_ms = params.optional_moment("startTime"), params.optional_moment("endTime")
        zone, limit = params.optional_text("timeZone", "^[-+:0-9]{1,6}$"), params.limit(PAGE, PAGE_MOST)
        params.done()
        if interval is None:
            raise BinanceError(-1120, "Invalid interval.")
        if zone not in (None, "0"):
            raise invalid("timeZone")
        last_ms = self._engine.now_ms() if until_ms is None else min(until_ms, self._engine.now_ms())
        symbol, history = market.own.symbol, self._engine.store.history
        first = history.candle_from(symbol, 0)
        if first is None:
            return []
        earliest_ms = interval.begin(first.minute_ms)
        begins = (
            _newest(interval, earliest_ms, last_ms, limit)
            if since_ms is None
            else _oldest(interval, max(since_ms, earliest_ms), last_ms, limit)
        )
        if not begins:
            return []
        before = history.candle_before(symbol, begins[0])
        candles = history.candles(symbol, begins[0], interval.following(begins[-1]))
        found = spans(interval, begins, candles, None if before is None else before.close)
        return [rows.candle_row(market.own, span) for span in found]

    def _average(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        call.params.done()
        average = average_price(self._engine, market.own)
        if average is None:
            raise BinanceError(-2016, "No trading window could be found for the symbol. Try ticker/24hrs instead.")
        price, traded_ms = average
        return {"mins": rows.AVERAGE_MINUTES, "price": rows.text(price), "closeTime": traded_ms}

    def _prices(self, call: Call) -> object:
        found, alone = call.markets.chosen(call.params)
        call.params.ignore("symbolStatus")
        call.params.done()
        listed: list[rows.Row] = [
            {"symbol": market.code, "price": rows.text(market.own.price(price))}
            for market in found
            if (price := self._last_price(market)) is not None
        ]
        return _one_or_all(listed, alone)

    def _best(self, call: Call) -> object:
        found, alone = call.markets.chosen(call.params)
        call.params.ignore("symbolStatus")
        call.params.done()
        return _one_or_all(
            [{"symbol": market.code, **best_row(market, self._top(call, market))} for market in found], alone
        )

    def _day(self, call: Call) -> object:
        found, alone = call.markets.chosen(call.params)
        kind = call.params.optional_text("type")
        call.params.ignore("symbolStatus")
        call.params.done()
        if kind not in (None, "FULL", "MINI"):
            raise BinanceError(-1139, "Invalid ticker type.")
        listed = [day_row(self._engine, market, self._top(call, market)) for market in found]
        if kind == "MINI":
            listed = [mini_row(row) for row in listed]
        return _one_or_all(listed, alone)

    def _top(self, call: Call, market: Market) -> Depth:
        return self._faults.depth(call.hits, market.own.symbol, 1)

    def _last_price(self, market: Market) -> Ticks | None:
        trades = self._engine.public_trades(market.own.symbol, 1)
        return trades[0].price if trades else None


def rate_row(quota: Quota, kind: str) -> rows.Row:
    return {"rateLimitType": kind, "interval": quota.words, "intervalNum": quota.count, "limit": quota.limit}


def _oldest(interval: Interval, since_ms: int, last_ms: int, limit: int) -> list[int]:
    """The intervals that begin from a moment on."""
    found: list[int] = []
    begin = interval.begin(since_ms)
    begin = begin if begin == since_ms else interval.following(begin)
    while begin <= last_ms and len(found) < limit:
        found.append(begin)
        begin = interval.following(begin)
    return found


def _newest(interval: Interval, earliest_ms: int, last_ms: int, limit: int) -> list[int]:
    """Oldest first as well."""
    found: list[int] = []
    begin = interval.begin(last_ms)
    while begin >= earliest_ms and len(found) < limit:
        found.append(begin)
        begin = interval.begin(begin - 1)
    return found[::-1]


def _one_or_all(listed: list[rows.Row], alone: bool) -> object:
    return listed[0] if alone and listed else listed


def _depth_weight(params: Params) -> int:
    limit = params.peek("limit")
    asked = int(limit) if limit is not None and limit.isascii() and limit.isdigit() else 100
    return next((weight for most, weight in _DEPTH_WEIGHTS if asked <= most), 250)


def _few(one: int, many: int) -> Callable[[Params], int]:
    """The weight for one symbol, and for several or all."""
    return lambda params: one if "symbol" in params else many
