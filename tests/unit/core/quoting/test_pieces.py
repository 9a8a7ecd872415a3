"""Each piece of a quote by a table."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, book, market, standing
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.quoting import avellaneda, reference, resting
from trading_bridge.core.quoting.inventory import inventory
from trading_bridge.core.quoting.obligations import Obligations, deepened, report
from trading_bridge.core.quoting.sizing import Room, Size, room_of, sized
from trading_bridge.core.quoting.volatility import FORGOTTEN_AFTER_S, Volatility, in_bps
from trading_bridge.core.quoting.widths import Widths, ladder, steps

D = Decimal
#: one tick is 0.01, one lot is 1
PLAIN = market(tick_size=D("0.01"), lot_size=D(1), min_amount=D(2), min_price=None, min_cost=None)
BOOK = book(bids=((9_900, 30), (9_800, 100)), asks=((10_100, 10), (10_300, 100)))


def test_the_mid_lies_halfway() -> None:
    assert reference.mid(BOOK, PLAIN) == 100


def test_the_micro_price_leans_to_the_side_that_displays_less() -> None:
    assert reference.micro_price(BOOK, PLAIN) == D("100.5")  # 30 bid, 10 asked: the ask gives way first


@pytest.mark.parametrize(
    ("depth", "price"),
    [
        ("1", "100"),  # within the first levels: the mid
        ("1010", "100"),  # exactly the first ask
        ("1000000", "100.52"),  # more than there is: all of it
    ],
)
def test_the_depth_price_is_what_that_much_would_cost(depth: str, price: str) -> None:
    assert reference.depth_price(BOOK, PLAIN, D(depth)).quantize(D("0.01")) == D(price)


@pytest.mark.parametrize(("price", "kept"), [("100", "100"), ("103", "101"), ("90", "99")])
def test_a_band_ends_the_reference(price: str, kept: str) -> None:
    assert reference.banded(D(price), D(100), D(100)) == D(kept)


@pytest.mark.parametrize(
    ("levels", "growth", "further"),
    [(1, 1, [0]), (3, 1, [0, 10, 20]), (4, 2, [0, 10, 30, 70])],
)
def test_levels_stand_further_and_further(levels: int, growth: int, further: list[int]) -> None:
    assert list(steps(levels, D(10), D(growth))) == further


@pytest.mark.parametrize(
    ("bid", "ask", "minimum", "maximum", "becomes"),
    [
        (20, 20, None, None, (20, 20)),
        (20, 40, 40, None, (30, 50)),  # half of what lacks on each side
        (20, 60, None, 20, (10, 30)),  # as they compare
        (20, 20, 10, 30, (20, 20)),
    ],
)
def test_a_spread_ends_at_its_minimum_and_maximum(
    bid: int, ask: int, minimum: int | None, maximum: int | None, becomes: tuple[int, int]
) -> None:
    least, most = (None if one is None else D(one) for one in (minimum, maximum))
    widths = Widths(bid=D(bid), ask=D(ask)).within(least, most)
    assert (widths.bid, widths.ask) == becomes


def test_prices_are_rounded_away_and_never_beyond_the_edge_or_alike() -> None:
    further = steps(3, D("0.1"), D(1))
    bids = ladder(Side.BUY, D("100.005"), D(2), further, Ticks(10_099), PLAIN)
    assert bids == [9_999, 9_998, 9_997]
    assert ladder(Side.BUY, D(105), D(2), further, Ticks(10_099), PLAIN) == [10_099, 10_098, 10_097]
    asks = ladder(Side.SELL, D("100.005"), D(2), further, Ticks(9_901), PLAIN)
    assert asks == [10_002, 10_003, 10_004]
    assert ladder(Side.SELL, D(95), D(2), further, Ticks(9_901), PLAIN) == [9_901, 9_902, 9_903]


@pytest.mark.parametrize(
    ("base", "quote", "lean", "buys", "sells", "sizes"),
    [
        (50, 5_000, 0, 10, 10, (1, 1)),  # half and half, as wanted
        (55, 4_500, "0.5", 5, 15, ("0.75", 1)),
        (70, 3_000, 1, 0, 30, ("0.5", 1)),  # beyond the band
        (45, 5_500, "-0.5", 15, 5, (1, "0.75")),
    ],
)
def test_the_inventory_leaves_room_and_leans_on_sizes(
    base: int, quote: int, lean: object, buys: int, sells: int, sizes: tuple[object, object]
) -> None:
    held = inventory(D(base), D(quote), D(100), target_pct=D(50), band_pct=D(10))
    assert held is not None
    assert held.lean == D(str(lean))
    assert (held.room(Side.BUY, PLAIN), held.room(Side.SELL, PLAIN)) == (buys, sells)
    told = tuple(held.share_of_size(side, D("0.5")) for side in (Side.BUY, Side.SELL))
    assert told == tuple(D(str(one)) for one in sizes)


def test_nothing_held_has_no_share_and_no_band_has_no_room_to_end() -> None:
    assert inventory(D(0), D(0), D(100), D(50), D(10)) is None
    held = inventory(D(1), D(0), D(100), D(50), None)
    assert held is not None
    assert (held.lean, held.room(Side.BUY, PLAIN)) == (0, None)


ROOM = room_of(Side.BUY, PLAIN, D(1_000))
SMALL = Reason(code="order.too_small", parameters={"side": "buy"})


@pytest.mark.parametrize(
    ("asked", "room", "wanted", "notes"),
    [
        ([(100, 4), (50, 4)], ROOM, [(100, 4), (50, 4)], []),
        ([(100_00, 8), (99_00, 8)], ROOM, [(100_00, 8), (99_00, 2)], ["balance.insufficient"]),
        ([(100_00, 9), (99_00, 8), (1, 2)], ROOM, [(100_00, 9)], ["balance.insufficient"]),  # 1 is below the minimum
        ([(100_00, 1)], ROOM, [], ["order.too_small"]),
        ([(100, 9)], room_of(Side.BUY, PLAIN, D(1_000), Lots(5)), [(100, 5)], ["inventory.band"]),
        ([(100, 9)], room_of(Side.BUY, PLAIN, D(1_000), Lots(1)), [], ["inventory.band"]),
        ([(100, 9)], room_of(Side.SELL, PLAIN, D(3)), [(100, 3)], ["balance.insufficient"]),
    ],
)
def test_what_is_asked_is_cut_down_to_what_there_is(
    asked: list[tuple[int, int]], room: Room, wanted: list[tuple[int, int]], notes: list[str]
) -> None:
    found = sized([(Ticks(price), Lots(amount)) for price, amount in asked], room, lambda: SMALL)
    assert [(wish.price, wish.amount) for wish in found.wanted] == wanted
    assert [note.code for note in found.notes] == notes


@pytest.mark.parametrize(
    ("size", "times", "lots"), [(Size(quote=D(1_000)), 1, 10), (Size(quote=D(999)), 2, 19), (Size(base=D(7)), 2, 14)]
)
def test_a_size_is_a_value_or_an_amount_and_rounded_down(size: Size, times: int, lots: int) -> None:
    assert size.lots(Ticks(10_000), PLAIN, D(times)) == lots


@pytest.mark.parametrize(("rested_s", "stays"), [(0, True), (29, True), (30, False), (-1, False)])
def test_an_order_is_young_until_it_has_rested(rested_s: int, stays: bool) -> None:
    own = standing(Side.BUY, 100, 5, opened_at=NOW - timedelta(seconds=rested_s))
    assert resting.young(own, NOW, 30) is stays
    assert not resting.young(standing(Side.BUY, 100, 5), NOW, 30)


@pytest.mark.parametrize(
    ("ago_s", "waits"), [(0, True), (9, True), (10, False), (-3, False)], ids=["now", "just", "over", "clock set"]
)
def test_after_a_fill_its_side_waits(ago_s: int, waits: bool) -> None:
    assert resting.delayed(NOW - timedelta(seconds=ago_s), NOW, 10) is waits
    assert not resting.delayed(None, NOW, 10)


def test_the_orders_of_filled_pairs_hang_nearest_first_while_they_are_near() -> None:
    before, after = NOW - timedelta(seconds=9), NOW - timedelta(seconds=1)
    near, far, off, young = (
        standing(Side.SELL, price, 5, name=str(price), opened_at=at)
        for price, at in ((10_050, before), (10_090, before), (10_200, before), (10_010, after))
    )
    filled_at = NOW - timedelta(seconds=5)
    own = (far, off, near, young)
    assert resting.hanging(own, filled_at, D(100), 5, D(100), PLAIN) == (near, far)
    assert resting.hanging(own, filled_at, D(100), 1, D(100), PLAIN) == (near,)
    assert resting.hanging(own, None, D(100), 5, D(100), PLAIN) == ()
    assert resting.hanging(own, filled_at, D(100), 0, D(100), PLAIN) == ()


@pytest.mark.parametrize(
    ("stays", "depth", "amounts"),
    [
        (0, 1_000, [10, 20]),  # the second is 4 % away and does not count; the first does, and is enough
        (0, 2_000, [20, 20]),
        (500, 2_000, [15, 20]),
        (2_000, 2_000, [10, 20]),
    ],
)
def test_orders_near_enough_are_made_larger_until_the_depth_is_there(
    stays: int, depth: int, amounts: list[int]
) -> None:
    asked = [(Ticks(10_000), Lots(10)), (Ticks(9_600), Lots(20))]
    found = deepened(asked, Side.BUY, D(stays), D(100), D(depth), PLAIN)
    assert [amount for _, amount in found] == amounts


def _wish(side: Side, price: int, amount: int) -> Wanted:
    return Wanted(side=side, price=Ticks(price), amount=Lots(amount))


@pytest.mark.parametrize(
    ("asks", "code", "short"),
    [
        ([_wish(Side.SELL, 10_050, 10)], "obligation.kept", None),
        ([_wish(Side.SELL, 10_070, 10)], "obligation.short", "spread"),
        ([_wish(Side.SELL, 10_050, 9)], "obligation.short", "ask depth"),
        ([], "obligation.short", "spread, ask depth"),
    ],
)
def test_an_agreement_is_kept_or_short_by_what(asks: list[Wanted], code: str, short: str | None) -> None:
    demanded = Obligations(spread_bps=D(100), depth_quote=D(990))
    found = report([_wish(Side.BUY, 9_950, 10), *asks], D(100), demanded, PLAIN)
    assert (found.code, found.parameters.get("short")) == (code, short)


def test_volatility_is_learnt_from_a_minute_of_mids_and_forgotten_after_half_an_hour() -> None:
    seen = Volatility(at=NOW, mid=100.0)
    for second in range(1, 121):
        at = NOW + timedelta(seconds=second)
        seen = seen.after(100.0 * 1.001 ** (second % 2), at)
        assert (seen.bps(1.0) is None) is (second < 60)
    a_second = seen.bps(1.0)
    assert a_second == pytest.approx(10.0, rel=0.001)  # each second moves it by 0.1 %
    assert seen.bps(100.0) == pytest.approx(100.0, rel=0.001)
    assert seen.after(50.0, seen.at) is seen
    assert seen.after(50.0, seen.at - timedelta(hours=1)) is seen
    later = seen.after(50.0, seen.at + timedelta(seconds=FORGOTTEN_AFTER_S + 1))
    assert later.bps(1.0) is None


def test_volatility_goes_on_after_the_clock_was_set() -> None:
    seen = Volatility(at=NOW, mid=100.0, moved=1.0, seconds=10.0, watched_s=90.0)
    moved = seen.stepped(timedelta(hours=-1)).after(100.0, NOW - timedelta(hours=1) + timedelta(seconds=1))
    assert moved.watched_s == 91.0


@pytest.mark.parametrize(
    ("value", "told"),
    [(1.005, "1.00"), (-3.14159, "-3.14"), (float("inf"), "500"), (float("-inf"), "-500"), (1e300, "500.00")],
)
def test_a_statistic_becomes_a_bounded_distance(value: float, told: str) -> None:
    assert in_bps(value, D(500)) == D(told)


def test_the_model_of_the_paper() -> None:
    """Volatility 10 basis points over the horizon, risk aversion 0.01, fills rarer by 5 % a basis point."""
    told = avellaneda.model(excess_orders=2.0, risk_aversion=0.01, volatility_bps=10.0, fill_decay=0.05)
    assert told.shift_bps == pytest.approx(-2.0)
    assert told.spread_bps == pytest.approx(1.0 + 200 * 0.1823215568)
    flat = avellaneda.model(excess_orders=0.0, risk_aversion=0.01, volatility_bps=0.0, fill_decay=0.05)
    assert flat.shift_bps == 0
    assert flat.spread_bps < told.spread_bps
