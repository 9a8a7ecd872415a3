"""Candles: one a minute is kept of each market that traded in it, and longer ones are folded out of these."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from trading_bridge.core.market import Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxTrade

MINUTE_MS = 60_000
_HOUR_MS = 60 * MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
#: 1970-01-05, a Monday
_MONDAY_MS = 4 * _DAY_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Candle(NamedTuple):
    symbol: str
    #: when it begins; Unix milliseconds
    minute_ms: int
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    lots: int
    #: ticks x lots
    cost: int
    #: of its first and last trade; numbers of a market have no gaps
    first_number: int
    last_number: int
    #: what takers bought
    bought_lots: int
    bought_cost: int
    #: its last trade
    traded_ms: int

    @property
    def trades(self) -> int:
        return self.last_number - self.first_number + 1


class Span(NamedTuple):
    """What is shown for one interval of time; `candle` None: nobody traded in it, and `close` is the price before."""

    open_ms: int
    #: when the next one begins
    next_ms: int
    candle: Candle | None
    close: Ticks


class Interval(NamedTuple):
    #: the beginning of the interval that a moment lies in, both in Unix milliseconds
    begin: Callable[[int], int]
    #: the beginning of the next one
    following: Callable[[int], int]


def with_trade(candle: Candle | None, trade: SandboxTrade) -> Candle:
    """The market's newest candle after a trade. A clock that went back makes no earlier candle."""
    cost = trade.price * trade.lots
    bought = trade.taker_side is Side.BUY
    minute_ms = trade.time_ms - trade.time_ms % MINUTE_MS
    if candle is None or minute_ms > candle.minute_ms:
        return Candle(
            symbol=trade.symbol,
            minute_ms=minute_ms,
            open=trade.price,
            high=trade.price,
            low=trade.price,
            close=trade.price,
            lots=trade.lots,
            cost=cost,
            first_number=trade.number,
            last_number=trade.number,
            bought_lots=trade.lots if bought else 0,
            bought_cost=cost if bought else 0,
            traded_ms=trade.time_ms,
        )
    return candle._replace(
        high=max(candle.high, trade.price),
        low=min(candle.low, trade.price),
        close=trade.price,
        lots=candle.lots + trade.lots,
        cost=candle.cost + cost,
        last_number=trade.number,
        bought_lots=candle.bought_lots + (trade.lots if bought else 0),
        bought_cost=candle.bought_cost + (cost if bought else 0),
        traded_ms=max(candle.traded_ms, trade.time_ms),
    )


def joined(candles: Iterable[Candle]) -> Candle | None:
    """One out of many, oldest first; None of none."""
    whole: Candle | None = None
    for candle in candles:
        if whole is None:
            whole = candle
            continue
        whole = whole._replace(
            high=max(whole.high, candle.high),
            low=min(whole.low, candle.low),
            close=candle.close,
            lots=whole.lots + candle.lots,
            cost=whole.cost + candle.cost,
            last_number=candle.last_number,
            bought_lots=whole.bought_lots + candle.bought_lots,
            bought_cost=whole.bought_cost + candle.bought_cost,
            traded_ms=candle.traded_ms,
        )
    return whole


def spans(interval: Interval, begins: Iterable[int], candles: Iterable[Candle], before: Ticks | None) -> list[Span]:
    """One for each beginning, oldest first, out of candles of minutes; none for the time before the first trade.

    `before` is the price of the last trade before the first of them; None: there was none.
    """
    by_begin: dict[int, list[Candle]] = {}
    for candle in candles:
        by_begin.setdefault(interval.begin(candle.minute_ms), []).append(candle)
    found: list[Span] = []
    close = before
    for begin in begins:
        whole = joined(by_begin.get(begin, ()))
        close = close if whole is None else whole.close
        if close is not None:
            found.append(Span(begin, interval.following(begin), whole, close))
    return found


def _fixed(length_ms: int, offset_ms: int = 0) -> Interval:
    return Interval(
        begin=lambda moment: moment - (moment - offset_ms) % length_ms, following=lambda begin: begin + length_ms
    )


def _month_begin(moment_ms: int) -> int:
    day = _EPOCH + timedelta(milliseconds=moment_ms)
    return _ms(datetime(day.year, day.month, 1, tzinfo=UTC))


def _month_after(begin_ms: int) -> int:
    return _month_begin(begin_ms + 32 * _DAY_MS)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


#: by the names that exchanges share
INTERVALS: Mapping[str, Interval] = {
    **{f"{count}m": _fixed(count * MINUTE_MS) for count in (1, 3, 5, 15, 30)},
    **{f"{count}h": _fixed(count * _HOUR_MS) for count in (1, 2, 4, 6, 8, 12)},
    **{f"{count}d": _fixed(count * _DAY_MS) for count in (1, 3)},
    "1w": _fixed(7 * _DAY_MS, _MONDAY_MS),
    "1M": Interval(_month_begin, _month_after),
}
