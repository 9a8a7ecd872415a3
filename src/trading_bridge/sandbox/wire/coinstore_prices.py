"""Coinstore's candles and tickers over REST (reference sections 6.3, 6.5 and 6.7).

Ours where the reference is silent: `period` is required, `size` is 100 unless asked; candles come oldest first, and
none before the first trade; a side of the book without orders is "0", as prices of a pair that never traded are.
"""

from collections.abc import Iterable, Mapping

from trading_bridge.core.order import Side
from trading_bridge.sandbox.candles import INTERVALS
from trading_bridge.sandbox.day import last_day
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.rules import MarketRules, plain
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_channels import Channel, candle_rows
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, optional_whole, text

SIZE, SIZE_MAX = 100, 2000
#: `period` -> as answers and the websocket call it, and as other exchanges do
_PERIODS: Mapping[str, tuple[str, str]] = {
    **{f"{count}min": (f"min_{count}", f"{count}m") for count in (1, 5, 15, 30)},
    "60min": ("hour_1", "1h"),
    **{f"{count}hour": (f"hour_{count}", f"{count}h") for count in (4, 12)},
    "1day": ("day_1", "1d"),
    "1week": ("week_1", "1w"),
}
#: each row names them once, for all candles
_OF_ALL = ("channel", "symbol", "instrumentId")


def candles(engine: Engine, rules: MarketRules, fields: Fields) -> rows.Row:
    period, size = _PERIODS.get(text(fields, "period")), optional_whole(fields, "size") or SIZE
    if period is None:
        raise Malformed(f"period is one of {', '.join(_PERIODS)}")
    if not 1 <= size <= SIZE_MAX:
        raise Malformed(f"size is 1 to {SIZE_MAX}")
    name, called = period
    interval = INTERVALS[called]
    first = last = interval.begin(engine.now_ms())
    for _ in range(size - 1):
        first = interval.begin(first - 1)
    channel = Channel(f"{rules.market_id}@kline@{name}", "kline", rules, interval=called)
    found = candle_rows(engine, channel, rules, first, last)
    items = [{key: value for key, value in row.items() if key not in _OF_ALL} | {"interval": name} for row in found]
    whole = {"channel": channel.name, "symbol": rows.symbol_code(rules), "instrumentId": rules.market_id}
    return {**whole, "item": items}


def ticker_row(engine: Engine, rules: MarketRules) -> rows.Row:
    """The last 24 hours, and the best of the book."""
    day, book = last_day(engine, rules), engine.book(rules.symbol)
    bid, ask = (_best(rules, book.depth(side, 1)) for side in (Side.BUY, Side.SELL))
    return {
        "channel": "ticker",
        "bidSize": bid[1],
        "askSize": ask[1],
        "count": 0 if day.candle is None else day.candle.trades,
        "volume": plain(rules.amount(day.lots)),
        "amount": plain(rules.cost(day.cost)),
        "close": plain(rules.price(day.close)),
        "open": plain(rules.price(day.open)),
        "high": plain(rules.price(day.high)),
        "low": plain(rules.price(day.low)),
        "bid": bid[0],
        "ask": ask[0],
        "symbol": rows.symbol_code(rules),
        "instrumentId": rules.market_id,
    }


def price_row(engine: Engine, rules: MarketRules) -> rows.Row:
    """Its symbol is in lower case here."""
    close = plain(rules.price(last_day(engine, rules).close))
    return {"id": rules.market_id, "symbol": rows.symbol_code(rules).lower(), "price": close}


def _best(rules: MarketRules, levels: Iterable[tuple[int, int]]) -> tuple[str, str]:
    """Price and amount."""
    for price, lots in levels:
        return plain(rules.price(price)), plain(rules.amount(lots))
    return "0", "0"
