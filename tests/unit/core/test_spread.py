from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.factories import NOW, book, market, standing, view
from trading_bridge.core.decision import Decision
from trading_bridge.core.market import Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.reconcile import reconcile
from trading_bridge.core.strategies.spread import SpreadParameters, decide, first_orders, misfit, remarks
from trading_bridge.core.view import Standing

P = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal(50))


def test_bid_and_ask_lie_the_spread_apart_around_the_mid() -> None:
    decision = decide(view(), P)
    buy, sell = decision.wanted or ()
    assert decision.reason.code == "quoting"
    assert (buy.side, buy.price) == (Side.BUY, 25_548)  # 25600 - 51.2, down
    assert (sell.side, sell.price) == (Side.SELL, 25_652)  # 25600 + 51.2, up
    assert buy.post_only
    assert sell.post_only
    assert market().cost(buy.price, buy.amount) <= 50
    assert market().cost(buy.price, buy.amount) > Decimal("49.99")


def test_a_quote_never_reaches_the_other_side_of_the_book() -> None:
    wide = book(bids=((25_000, 10_000),), asks=((26_200, 10_000),))
    tight = SpreadParameters(
        spread_bps=Decimal("0.5"), order_amount_quote=Decimal(50), refresh_tolerance_bps=Decimal(0)
    )
    narrow = book(bids=((25_600, 10_000),), asks=((25_601, 10_000),))
    for one in (wide, narrow):
        buy, sell = decide(view(book=one), tight).wanted or ()
        assert buy.price < one.asks[0].price
        assert sell.price > one.bids[0].price


def test_a_short_balance_makes_the_quote_smaller_and_says_so() -> None:
    decision = decide(view(spendable_quote=Decimal(20)), P)
    buy, _ = decision.wanted or ()
    assert market().cost(buy.price, buy.amount) <= 20
    assert [note.code for note in decision.notes] == ["balance.insufficient"]


def test_an_empty_balance_leaves_one_side_and_says_which() -> None:
    decision = decide(view(spendable_base=Decimal(0)), P)
    assert [wish.side for wish in decision.wanted or ()] == [Side.BUY]
    assert decision.reason.code == "quoting.one_sided"
    assert decision.notes[0].parameters["currency"] == "SHARP"


def test_no_balance_at_all_is_the_reason() -> None:
    decision = decide(view(spendable_base=Decimal(0), spendable_quote=Decimal(0)), P)
    assert decision.wanted == ()
    assert decision.reason.code == "balance.insufficient"


def test_an_amount_below_the_minimum_is_the_reason() -> None:
    small = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal("0.2"))
    assert decide(view(), small).reason.code == "order.too_small"


def test_a_book_of_one_side_has_no_mid() -> None:
    decision = decide(view(book=book(asks=())), P)
    assert decision.reason.code == "book.one_sided"
    assert decision.wanted == ()


@pytest.mark.parametrize(
    "config",
    [
        {"spread_bps": "-1"},
        {"spread_bps": "1000000"},
        {"order_amount_quote": "0"},
        {"order_amount_quote": "NaN"},
        {"refresh_tolerance_bps": "21"},  # more than half of the spread: the quote could stand beyond the mid
        {"spread": "10"},
    ],
)
def test_absurd_settings_are_refused(config: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SpreadParameters.model_validate({"spread_bps": "40", **config})


# -- what each setting does


def _decided(config: dict[str, object], **seen: object) -> Decision:
    return decide(view(**seen), SpreadParameters.model_validate(config))


def _prices(decision: Decision, side: Side) -> list[int]:
    return [wish.price for wish in decision.wanted or () if wish.side is side]


@pytest.mark.parametrize(
    ("config", "bids", "asks"),
    [
        ({"bid_spread_bps": "100"}, [25_344], [25_652]),
        ({"ask_spread_bps": "100"}, [25_548], [25_856]),
        ({"levels": "3", "level_distance_bps": "10"}, [25_548, 25_523, 25_497], [25_652, 25_677, 25_703]),
        ({"minimum_spread_bps": "200"}, [25_344], [25_856]),
        ({"maximum_spread_bps": "20"}, [25_574], [25_626]),
        ({"fixed_price": "0.026", "reference": "fixed"}, [25_609], [26_052]),  # the bid never reaches others' ask
        ({"fixed_price": "0.026", "reference_band_bps": "100"}, [25_609], [25_792]),
        ({"price_floor": "0.02555"}, [], [25_652]),
        ({"price_ceiling": "0.0256"}, [25_548], []),
    ],
)
def test_where_quotes_stand(config: dict[str, object], bids: list[int], asks: list[int]) -> None:
    decision = _decided(config)
    assert (_prices(decision, Side.BUY), _prices(decision, Side.SELL)) == (bids, asks)


def test_beyond_floor_and_ceiling_nothing_is_placed_and_it_says_so() -> None:
    decision = _decided({"price_floor": "0.03"})
    assert decision.wanted == ()
    assert [decision.reason.code, *(note.code for note in decision.notes)] == ["price.outside_bounds"] * 2


@pytest.mark.parametrize(
    ("config", "cost"),
    [
        ({"order_amount_quote": "100"}, [100]),
        ({"order_amount_base": "4000"}, [Decimal("102.192")]),  # at 0.025548
        ({"order_amount_pct": "1"}, [356]),  # of 1,000,000 at 0.0256 and 10,000
        ({"order_amount_quote": "100", "levels": "2", "level_amount_growth": "2"}, [100, 200]),
    ],
)
def test_how_much_is_quoted(config: dict[str, object], cost: list[Decimal]) -> None:
    decision = _decided(config)
    bids = [market().cost(w.price, w.amount) for w in decision.wanted or () if w.side is Side.BUY]
    assert all(abs(found - wanted) < Decimal("0.001") for found, wanted in zip(bids, cost, strict=True))


LONG = {"held_base": Decimal(1_000_000), "held_quote": Decimal(20_000)}  # 25,600 of 45,600: 56 % base
SKEWED = {"inventory_target_pct": "50", "inventory_band_pct": "10", "levels": 1, "order_amount_quote": "50"}


def test_more_than_the_target_moves_prices_down_and_bids_smaller() -> None:
    plain = _decided(SKEWED, **LONG)
    skewed = _decided(SKEWED | {"inventory_price_skew_bps": "50", "inventory_size_skew": "1"}, **LONG)
    assert _prices(skewed, Side.BUY)[0] < _prices(plain, Side.BUY)[0]
    assert _prices(skewed, Side.SELL)[0] < _prices(plain, Side.SELL)[0]
    (bid, ask), (plain_bid, plain_ask) = skewed.wanted or (), plain.wanted or ()
    assert bid.amount < plain_bid.amount / 2
    assert ask.amount >= plain_ask.amount


def test_beyond_the_band_only_what_leads_back_stands() -> None:
    decision = _decided(SKEWED | {"inventory_band_pct": "5"}, **LONG)
    assert (decision.reason.code, _prices(decision, Side.BUY)) == ("quoting.one_sided", [])
    assert [note.code for note in decision.notes] == ["inventory.band"]


def test_volatility_widens_and_without_it_nothing_is_placed() -> None:
    config: dict[str, object] = {"volatility_factor": "2"}
    unknown = _decided(config)
    assert (unknown.reason.code, unknown.wanted) == ("volatility.unknown", ())
    lively = Volatility(at=NOW, mid=0.0256, moved=1e-6 * 300 / 60, seconds=300.0, watched_s=300.0)  # 10 bps a minute
    assert lively.bps(60.0) == pytest.approx(10.0)
    widened = _decided(config, volatility=lively)
    assert _prices(widened, Side.BUY) == [
        25_523
    ]  # 30 basis points: 20 of the settings, and half of twice what a minute moves


def test_the_model_quotes_around_its_own_reference() -> None:
    calm = Volatility(at=NOW, mid=0.0256, moved=1e-6 * 300 / 60, seconds=300.0, watched_s=300.0)
    config: dict[str, object] = {"model": "avellaneda_stoikov", "inventory_target_pct": "50"}
    even = _decided(config, volatility=calm, held_base=Decimal(1_000_000), held_quote=Decimal(25_600))
    bid, ask = _prices(even, Side.BUY)[0], _prices(even, Side.SELL)[0]
    assert ask - bid == pytest.approx(25_600 * 37.46 / 10_000, abs=2)
    long = _decided(config, volatility=calm, held_base=Decimal(1_000_000), held_quote=Decimal(25_500))
    assert _prices(long, Side.SELL)[0] < ask


# -- what stays


def _aged(side: Side, price: int, amount: int, seconds: int) -> Standing:
    return standing(side, price, amount, opened_at=NOW - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "price", "moves"),
    [(5, 25_500, False), (30, 25_500, True), (5, 25_601, True), (5, 25_548, False)],
    ids=["young", "rested", "passed by the reference", "where it should be"],
)
def test_a_new_order_rests_before_it_is_moved(seconds: int, price: int, moves: bool) -> None:
    own = _aged(Side.BUY, price, 190_000, seconds)
    decision = _decided({"minimum_rest_s": 30}, standing=(own,))
    plan = reconcile(decision.wanted, (own,), Ticks(0))
    assert (plan.cancel == (own,)) is moves
    assert [note.code for note in decision.notes] == (["quote.rests"] if not moves and price != 25_548 else [])
    assert len(_prices(decision, Side.BUY)) == 1


def test_what_stays_is_paid_for_before_anything_new() -> None:
    own = _aged(Side.BUY, 25_500, 190_000, 5)  # 48.45 of 60
    seen: dict[str, object] = {"standing": (own,), "spendable_quote": Decimal(60)}
    decision = _decided({"minimum_rest_s": 30, "levels": 2}, **seen)
    costs = [market().cost(wish.price, wish.amount) for wish in decision.wanted or () if wish.side is Side.BUY]
    assert costs[0] == Decimal("48.45")
    assert len(costs) == 2
    assert sum(costs) <= 60


def test_after_a_fill_its_side_places_nothing_new_and_what_stands_stays() -> None:
    config: dict[str, object] = {"filled_order_delay_s": 10, "levels": 2}
    own = _aged(Side.BUY, 25_400, 190_000, 100)
    filled = _decided(config, standing=(own,), bought_at=NOW - timedelta(seconds=3))
    assert (_prices(filled, Side.BUY), len(_prices(filled, Side.SELL))) == ([25_400], 2)
    assert [note.code for note in filled.notes] == ["fill.delay"]
    later = _decided(config, standing=(own,), bought_at=NOW - timedelta(seconds=10))
    assert len(_prices(later, Side.BUY)) == 2


def test_when_both_sides_wait_after_fills_that_is_the_reason() -> None:
    just = NOW - timedelta(seconds=1)
    decision = _decided({"filled_order_delay_s": 10}, bought_at=just, sold_at=just)
    assert (decision.reason.code, decision.wanted) == ("fill.delay", ())


def test_the_other_half_of_a_filled_pair_hangs_beside_a_new_order() -> None:
    own = _aged(Side.SELL, 25_700, 190_000, 100)
    config: dict[str, object] = {"hanging_orders": 2, "hanging_distance_bps": "60"}
    decision = _decided(config, standing=(own,), bought_at=NOW - timedelta(seconds=50))
    assert _prices(decision, Side.SELL) == [25_700, 25_652]
    assert [note.code for note in decision.notes] == ["quote.hangs"]
    gone = _decided(config | {"hanging_distance_bps": "30"}, standing=(own,), bought_at=NOW - timedelta(seconds=50))
    assert _prices(gone, Side.SELL) == [25_652]


# -- obligations


@pytest.mark.parametrize(
    ("config", "seen", "code"),
    [
        ({"spread_bps": "200", "obligation_spread_bps": "100"}, {}, "obligation.kept"),
        ({"obligation_depth_quote": "2000"}, {}, "obligation.kept"),
        ({"obligation_depth_quote": "2000"}, {"spendable_quote": Decimal(1_000)}, "obligation.short"),
        ({"spread_bps": "400", "levels": 3, "obligation_spread_bps": "50", "obligation_depth_quote": "9000"}, {},
         "obligation.kept"),
        ({"obligation_spread_bps": "50", "price_ceiling": "0.0256"}, {}, "obligation.short"),
    ],
)  # fmt: skip
def test_an_agreement_is_kept_as_far_as_money_and_limits_go(
    config: dict[str, object], seen: dict[str, object], code: str
) -> None:
    chosen = SpreadParameters.model_validate(config)
    decision = decide(view(**seen), chosen)
    (remark,) = remarks(view(**seen), chosen, decision.wanted or ())
    assert remark.code == code, remark


def test_without_an_agreement_nothing_is_remarked() -> None:
    assert remarks(view(), P, decide(view(), P).wanted or ()) == ()


# -- contradictions


@pytest.mark.parametrize(
    ("config", "field", "words"),
    [
        ({"minimum_spread_bps": "50", "maximum_spread_bps": "40"}, "maximum_spread_bps", "50"),
        ({"price_floor": "2", "price_ceiling": "1"}, "price_ceiling", "2"),
        ({"reference": "fixed"}, "reference", "fixed_price"),
        ({"reference": "fixed", "fixed_price": "1", "price_floor": "2"}, "price_floor", "1"),
        ({"reference": "fixed", "fixed_price": "3", "price_ceiling": "2"}, "price_ceiling", "3"),
        ({"reference_band_bps": "10"}, "reference_band_bps", "fixed_price"),
        ({"order_amount_base": "1", "order_amount_pct": "1"}, "order_amount_pct", "order_amount_base"),
        ({"levels": 10, "level_distance_growth": "5"}, "level_distance_growth", "0.0102"),
        ({"levels": 10, "spread_bps": "2000"}, "level_distance_growth", "555.5555"),
        ({"inventory_band_pct": "5"}, "inventory_band_pct", "inventory_target_pct"),
        ({"inventory_target_pct": "5", "inventory_size_skew": "1"}, "inventory_size_skew", "inventory_band_pct"),
        ({"inventory_price_skew_bps": "1"}, "inventory_price_skew_bps", "inventory_band_pct"),
        ({"refresh_tolerance_bps": "21"}, "refresh_tolerance_bps", "20"),
        ({"bid_spread_bps": "1", "refresh_tolerance_bps": "2"}, "refresh_tolerance_bps", "1"),
        ({"levels": 2, "level_distance_bps": "2", "refresh_tolerance_bps": "2"}, "refresh_tolerance_bps", "1"),
        ({"hanging_distance_bps": "2"}, "hanging_distance_bps", "hanging_orders"),
        ({"model": "avellaneda_stoikov"}, "model", "inventory_target_pct"),
        ({"minimum_spread_bps": "50", "obligation_spread_bps": "40"}, "obligation_spread_bps", "50"),
        ({"spread_bps": "500", "obligation_depth_quote": "40"}, "obligation_depth_quote", "400"),
        ({"levels": True}, "levels", "whole"),
        ({"levels": "2.5"}, "levels", "integer"),
        ({"minimum_rest_s": "NaN"}, "minimum_rest_s", "integer"),
        ({"risk_aversion": "NaN"}, "risk_aversion", "finite"),
        ({"price_floor": "1e400"}, "price_floor", "1000000000"),
    ],
)
def test_contradictions_are_refused_by_their_field_with_what_is_possible(
    config: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        SpreadParameters.model_validate(config)
    first = refused.value.errors()[0]
    assert (first["loc"], words in first["msg"]) == ((field,), True), first["msg"]


@pytest.mark.parametrize(
    ("config", "rules", "field"),
    [
        ({"order_amount_quote": "4"}, {"min_cost": Decimal(5)}, "order_amount_quote"),
        ({"order_amount_quote": "5"}, {"min_cost": Decimal(5)}, None),
        ({"order_amount_quote": "4", "order_amount_pct": "5"}, {"min_cost": Decimal(5)}, None),
        ({"order_amount_base": "9"}, {}, "order_amount_base"),
        ({"order_amount_base": "10"}, {"min_cost": Decimal(500)}, None),
        ({"order_amount_base": "0.001"}, {"min_amount": None}, "order_amount_base"),
    ],
)
def test_an_amount_below_the_markets_minimum_does_not_fit_it(
    config: dict[str, object], rules: dict[str, object], field: str | None
) -> None:
    found = misfit(SpreadParameters.model_validate(config), market(**rules))
    assert (None if found is None else found.field) == field


@pytest.mark.parametrize(
    ("config", "price", "buy", "sell"),
    [
        ({"order_amount_quote": "50"}, "0.5", "50", "100"),
        ({"order_amount_quote": "50"}, None, "50", None),
        ({"order_amount_base": "50"}, "0.5", "25", "50"),
        ({"order_amount_pct": "5"}, "0.5", None, None),
    ],
)
def test_what_the_first_orders_need(
    config: dict[str, object], price: str | None, buy: str | None, sell: str | None
) -> None:
    at = None if price is None else Decimal(price)
    found = first_orders(SpreadParameters.model_validate(config), market(), at)
    wanted = tuple(None if one is None else Decimal(one) for one in (buy, sell))
    assert (found.buy, found.sell) == wanted
