"""What was traded in the 24 hours until now."""

from typing import NamedTuple

from trading_bridge.core.market import Ticks
from trading_bridge.sandbox.candles import MINUTE_MS, Candle, joined
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.orders import SandboxTrade
from trading_bridge.sandbox.rules import MarketRules

DAY_MS = 86_400_000


class Day(NamedTuple):
    """Prices stand where nobody traded, and are zero where nobody ever did."""

    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    lots: int
    #: ticks x lots
    cost: int
    #: what was before it
    before: Ticks
    #: None: nobody traded in it
    candle: Candle | None
    #: the market's last one; None: it had none
    last: SandboxTrade | None


def last_day(engine: Engine, rules: MarketRules) -> Day:
    now_ms, history = engine.now_ms(), engine.store.history
    since_ms = now_ms - DAY_MS
    minute_ms = since_ms - since_ms % MINUTE_MS
    candle = joined(history.candles(rules.symbol, minute_ms, now_ms + MINUTE_MS))
    trades = history.trades(rules.symbol, Window(limit=1))
    last = trades[0] if trades else None
    before = history.candle_before(rules.symbol, minute_ms)
    close = Ticks(0) if last is None else last.price
    opened = close if candle is None else candle.open
    return Day(
        open=opened,
        high=close if candle is None else candle.high,
        low=close if candle is None else candle.low,
        close=close,
        lots=0 if candle is None else candle.lots,
        cost=0 if candle is None else candle.cost,
        before=opened if before is None else before.close,
        candle=candle,
        last=last,
    )
