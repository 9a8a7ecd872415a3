from datetime import UTC, datetime

import pytest

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.candles import INTERVALS, Candle, joined, spans, with_trade
from trading_bridge.sandbox.orders import SandboxTrade

MINUTE = 60_000


def trade(number: int, price: int, lots: int, time_ms: int, side: Side = Side.BUY) -> SandboxTrade:
    return SandboxTrade(
        number, number, number, "SHARP/USDT", Ticks(price), Lots(lots), side, "bob", "alice", 0, 0, time_ms
    )


def candles(*trades: SandboxTrade) -> list[Candle]:
    found: dict[int, Candle] = {}
    last = None
    for one in trades:
        last = with_trade(last, one)
        found[last.minute_ms] = last
    return list(found.values())


def test_a_minute_is_the_sum_of_its_trades() -> None:
    (candle,) = candles(trade(1, 10, 2, 60_001), trade(2, 14, 1, 60_002, Side.SELL), trade(3, 8, 4, 119_999))
    assert candle == Candle(
        symbol="SHARP/USDT",
        minute_ms=60_000,
        open=Ticks(10),
        high=Ticks(14),
        low=Ticks(8),
        close=Ticks(8),
        lots=7,
        cost=20 + 14 + 32,
        first_number=1,
        last_number=3,
        bought_lots=6,
        bought_cost=52,
        traded_ms=119_999,
    )
    assert candle.trades == 3


def test_a_clock_that_went_back_makes_no_earlier_candle() -> None:
    found = candles(trade(1, 10, 2, 3 * MINUTE), trade(2, 11, 2, 2 * MINUTE), trade(3, 12, 1, 4 * MINUTE))
    assert [(candle.minute_ms, candle.trades) for candle in found] == [(3 * MINUTE, 2), (4 * MINUTE, 1)]


def test_longer_ones_are_folded_and_a_time_without_a_trade_keeps_the_price() -> None:
    minutes = candles(trade(1, 10, 1, 0), trade(2, 12, 1, MINUTE), trade(3, 9, 1, 10 * MINUTE))
    assert joined(minutes[:2]) == joined([joined(minutes[:1]), minutes[1]])  # type: ignore[list-item]
    found = spans(INTERVALS["5m"], [0, 5 * MINUTE, 10 * MINUTE], minutes, before=None)
    assert [(span.open_ms, span.next_ms, span.close, span.candle and span.candle.trades) for span in found] == [
        (0, 5 * MINUTE, 12, 2),
        (5 * MINUTE, 10 * MINUTE, 12, None),
        (10 * MINUTE, 15 * MINUTE, 9, 1),
    ]
    assert spans(INTERVALS["1m"], [0], [], before=None) == []
    assert spans(INTERVALS["1m"], [0], [], before=Ticks(7))[0].close == 7
    assert joined([]) is None


@pytest.mark.parametrize(
    ("name", "begin", "following"),
    [
        ("1m", "2026-02-11 13:47", "2026-02-11 13:48"),
        ("15m", "2026-02-11 13:45", "2026-02-11 14:00"),
        ("4h", "2026-02-11 12:00", "2026-02-11 16:00"),
        ("1d", "2026-02-11 00:00", "2026-02-12 00:00"),
        ("1w", "2026-02-09 00:00", "2026-02-16 00:00"),
        ("1M", "2026-02-01 00:00", "2026-03-01 00:00"),
    ],
)
def test_where_intervals_begin(name: str, begin: str, following: str) -> None:
    moment, *bounds = (
        int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
        for text in ("2026-02-11 13:47:31", begin, following)
    )
    assert [INTERVALS[name].begin(moment), INTERVALS[name].following(bounds[0])] == bounds
