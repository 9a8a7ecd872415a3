"""Binance's prices of the last minutes and of the last day."""

from decimal import Decimal

from trading_bridge.sandbox.candles import MINUTE_MS, Candle, joined
from trading_bridge.sandbox.day import DAY_MS, last_day
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire import binance_rows as rows
from trading_bridge.sandbox.wire.binance_faults import Depth
from trading_bridge.sandbox.wire.binance_markets import Market

_CHANGE = Decimal("0.001")


def day_row(engine: Engine, market: Market, book: Depth) -> rows.Row:
    """Of the 24 hours until now; prices stand where nobody traded, and are zero where nobody ever did."""
    own, now_ms, day = market.own, engine.now_ms(), last_day(engine, market.own)
    change = day.close - day.open
    percent = Decimal(change * 100) / day.open if day.open else Decimal(0)
    average = own.cost(day.cost) / own.amount(day.lots) if day.lots else Decimal(0)
    return {
        "symbol": market.code,
        "priceChange": rows.text(own.price(change)),
        "priceChangePercent": str(percent.quantize(_CHANGE)),
        "weightedAvgPrice": rows.text(average.quantize(Decimal(10) ** -rows.DECIMALS)),
        "prevClosePrice": rows.text(own.price(day.before)),
        "lastPrice": rows.text(own.price(day.close)),
        "lastQty": rows.text(own.amount(0 if day.last is None else day.last.lots)),
        **best_row(market, book),
        "openPrice": rows.text(own.price(day.open)),
        "highPrice": rows.text(own.price(day.high)),
        "lowPrice": rows.text(own.price(day.low)),
        "volume": rows.text(own.amount(day.lots)),
        "quoteVolume": rows.text(own.cost(day.cost)),
        "openTime": now_ms - DAY_MS,
        "closeTime": now_ms,
        "firstId": -1 if day.candle is None else day.candle.first_number,
        "lastId": -1 if day.candle is None else day.candle.last_number,
        "count": 0 if day.candle is None else day.candle.trades,
    }


def mini_row(day: rows.Row) -> rows.Row:
    return {name: value for name, value in day.items() if name in _MINI}


def best_row(market: Market, book: Depth) -> rows.Row:
    bid, ask = (rows.level(market.own, levels[0] if levels else None) for levels in (book.bids, book.asks))
    return {"bidPrice": bid[0], "bidQty": bid[1], "askPrice": ask[0], "askQty": ask[1]}


def average_price(engine: Engine, rules: MarketRules) -> tuple[Decimal, int] | None:
    """Of the last minutes with the last trade's time; the last price where nobody traded in them. None: never."""
    last = engine.store.history.candle_before(rules.symbol, 2**62)
    if last is None:
        return None
    since_ms = engine.now_ms() - rows.AVERAGE_MINUTES * MINUTE_MS
    recent: Candle | None = joined(engine.store.history.candles(rules.symbol, since_ms, 2**62))
    if recent is None:
        return rules.price(last.close), last.traded_ms
    price = rules.cost(recent.cost) / rules.amount(recent.lots)
    return price.quantize(Decimal(10) ** -rows.DECIMALS), last.traded_ms


_MINI = frozenset(
    {
        "symbol",
        "openPrice",
        "highPrice",
        "lowPrice",
        "lastPrice",
        "volume",
        "quoteVolume",
        "openTime",
        "closeTime",
        "firstId",
        "lastId",
        "count",
    }
)
