from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading_bridge.accounts.mids import MIDS_KEPT, Mids

START = datetime(2026, 1, 1, 12, 30, 15, 123457, tzinfo=UTC)
TICK = Decimal("0.000001")


def filled(count: int) -> Mids:
    mids = Mids()
    for second in range(count):
        mids.add(START + timedelta(seconds=second), 51_200 + second, TICK)
    return mids


def test_a_mid_is_half_of_bid_and_ask_with_its_time_to_the_microsecond():
    mids = Mids()
    mids.add(START, 25_590 + 25_613, TICK)
    assert mids.all() == ((START, Decimal("0.0256015")),)


def test_an_hour_is_kept_oldest_first():
    count = 3 * MIDS_KEPT + 7
    found = filled(count).all()
    assert len(found) == MIDS_KEPT
    assert found[0] == (START + timedelta(seconds=count - MIDS_KEPT), TICK * (51_200 + count - MIDS_KEPT) / 2)
    assert found[-1] == (START + timedelta(seconds=count - 1), TICK * (51_200 + count - 1) / 2)


def test_a_finer_tick_keeps_every_price():
    mids = filled(5)
    before = mids.all()
    mids.add(START + timedelta(seconds=5), 512_050, TICK / 10)
    assert mids.all() == (*before, (START + timedelta(seconds=5), Decimal("0.02560250")))


def test_a_coarser_tick_keeps_the_prices_that_it_can_write():
    mids = filled(21)  # half ticks of 51200 to 51220
    mids.add(START + timedelta(seconds=30), 5_130, TICK * 10)
    assert [price for _, price in mids.all()] == [
        Decimal(text) for text in ("0.0256", "0.025605", "0.02561", "0.02565")
    ]
