from datetime import timedelta
from decimal import Decimal

from tests.factories import NOW, bot, fill, finding
from trading_bridge.accounts.volume import Traded, Volumes, VolumeStatus
from trading_bridge.clock import ManualClock
from trading_bridge.core.fill import DayTotals
from trading_bridge.core.order import Side


def volumes(clock: ManualClock) -> Volumes:
    return Volumes(clock, lambda _: (clock.now(), None))


async def test_a_bot_that_never_traded_has_a_true_zero() -> None:
    read = volumes(ManualClock(NOW)).of(bot())
    assert read.status is VolumeStatus.OK
    assert read.today == Decimal(0)
    assert read.total == Traded()
    assert read.since == NOW


async def test_fills_add_up_exactly_by_role_and_side() -> None:
    clock = ManualClock(NOW)
    sums = volumes(clock)
    sums.add("bot1", fill(trade_id="1", cost=Decimal("0.1"), is_maker=True))
    sums.add("bot1", fill(trade_id="2", cost=Decimal("0.2"), is_maker=False, side=Side.SELL))
    sums.add("bot1", fill(trade_id="3", cost=Decimal("0.4"), is_maker=None))
    total = sums.of(bot()).total
    assert total == Traded(
        volume=Decimal("0.7"),
        maker=Decimal("0.1"),
        taker=Decimal("0.2"),
        unknown_role=Decimal("0.4"),
        trades=3,
        buys=2,
        sells=1,
    )


async def test_roles_are_sums_only_where_every_fill_has_one() -> None:
    clock = ManualClock(NOW)
    sums = volumes(clock)
    sums.add("bot1", fill(trade_id="1", cost=Decimal("0.1"), is_maker=None))
    read = sums.of(bot())
    assert read.total is not None
    assert read.total.by_role is None
    day = DayTotals(bot_id="bot1", day=NOW.date(), currency="USDT", volume=Decimal(1), unknown_role=Decimal(1))
    assert Traded().joined(day).by_role is None
    await clock.advance(24 * 3600 + 1)
    later = sums.of(bot()).last_24h_traded
    assert later is not None
    assert later.by_role == (0, 0)


async def test_today_ends_at_midnight_and_the_window_moves_on() -> None:
    clock = ManualClock(NOW + timedelta(hours=23))
    sums = volumes(clock)
    sums.add("bot1", fill(cost=Decimal(5), exchange_time=NOW + timedelta(hours=23)))
    await clock.advance(3600)
    read = sums.of(bot())
    assert (read.today, read.last_24h) == (Decimal(0), Decimal(5))
    sums.add("bot1", fill(trade_id="2", cost=Decimal(3), exchange_time=clock.now()))
    await clock.advance(23.5 * 3600)
    read = sums.of(bot())
    assert (read.today, read.last_24h) == (Decimal(3), Decimal(3))
    assert read.total is not None
    assert read.total.volume == Decimal(8)


async def test_a_bot_whose_pair_changed_has_no_sum_of_two_currencies() -> None:
    sums = volumes(ManualClock(NOW))
    sums.add("bot1", fill(cost=Decimal(5)))
    moved = sums.of(bot(symbol="SHARP/USDC"))
    assert (moved.currency, moved.today, moved.last_24h, moved.total) == ("USDC", 0, 0, Traded())
    sums.add("bot1", fill(trade_id="2", cost=Decimal(3), symbol="SHARP/USDC"))
    for symbol, volume in (("SHARP/USDC", 3), ("SHARP/USDT", 5)):
        read = sums.of(bot(symbol=symbol))
        assert read.total is not None
        assert (read.today, read.last_24h, read.total.volume) == (volume, volume, volume)


async def test_a_fill_of_tomorrow_by_the_exchanges_clock_hides_nothing_of_today() -> None:
    clock = ManualClock(NOW + timedelta(hours=23, minutes=59, seconds=59))
    sums = volumes(clock)
    sums.load("bot1", "USDT", Traded(volume=Decimal(5)), Decimal(5), [])
    sums.add("bot1", fill(cost=Decimal(1), exchange_time=NOW + timedelta(days=1, seconds=1)))
    assert sums.of(bot()).today == 5
    await clock.advance(3)
    assert sums.of(bot()).today == 1


async def test_figures_whose_fills_are_not_confirmed_say_so() -> None:
    clock = ManualClock(NOW)
    late = Volumes(clock, lambda _: (clock.now() - timedelta(seconds=16), finding()))
    assert late.of(bot()).status is VolumeStatus.STALE
    assert late.of(bot()).finding == finding()
    old = Volumes(clock, lambda _: (clock.now() - timedelta(seconds=3601), None)).of(bot())
    assert old.status is VolumeStatus.UNKNOWN
    assert old.today is None
    assert old.total is None
    assert old.finding is not None
