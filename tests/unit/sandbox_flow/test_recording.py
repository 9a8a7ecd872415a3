import pytest

from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.recording import Recording, ethusdt_20240808


@pytest.fixture(scope="module")
def recording() -> Recording:
    return ethusdt_20240808(tick_decimals=2, lot_decimals=4)


def test_values_are_those_of_the_recording(recording: Recording) -> None:
    first = recording.books[0]
    assert first.time_ms == 1723161256000
    assert next(iter(first.bids.items())) == (268311, 20860)
    assert next(iter(first.asks.items())) == (268312, 160392)
    assert len(recording.books) == 650
    assert {len(row.bids) for row in recording.books} == {20}


def test_fills_of_one_time_and_side_are_one_order(recording: Recording) -> None:
    assert len(recording.orders) == 4955
    first = recording.orders[0]
    assert first.time_ms == 1723161255611
    assert first.side is Side.SELL
    assert first.fills[next(iter(first.fills))] >= 20 + 345 + 20


def test_no_recorded_book_is_crossed(recording: Recording) -> None:
    assert all(max(row.bids) < min(row.asks) for row in recording.books)


def test_a_market_too_coarse_for_the_recording_is_refused() -> None:
    with pytest.raises(ValueError, match="finer market"):
        ethusdt_20240808(tick_decimals=1, lot_decimals=4)
