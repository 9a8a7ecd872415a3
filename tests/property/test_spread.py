"""For any book, holdings, own orders and settings: never past a balance or the inventory band, never crossing, never
outside floor and ceiling, steps and minimums kept, always a reason, and the same twice."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.factories import NOW, book, market, standing, view
from trading_bridge.core.market import Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.reconcile import reconcile
from trading_bridge.core.strategies.spread import SPREAD, SpreadParameters, decide, remarks
from trading_bridge.core.view import MarketView, Standing

MARKET = market(min_cost=Decimal(1))


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=Decimal(low), max_value=Decimal(high), places=places)


def maybe(one: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Decimal | None]:
    return st.none() | one


@st.composite
def parameters(draw: st.DrawFn, *, banded: bool = False) -> SpreadParameters:
    """Of those at random, what contradicts itself is left out."""
    chosen: dict[str, object] = {
        "spread_bps": draw(decimals("0.5", "400")),
        "bid_spread_bps": draw(maybe(decimals("0.25", "300"))),
        "ask_spread_bps": draw(maybe(decimals("0.25", "300"))),
        "minimum_spread_bps": draw(maybe(decimals("0.5", "100"))),
        "maximum_spread_bps": draw(maybe(decimals("100", "900"))),
        "fixed_price": draw(maybe(decimals("0.001", "5", 6))),
        "reference": draw(st.sampled_from(["mid", "micro", "depth", "fixed"])),
        "reference_depth_quote": draw(decimals("1", "100000")),
        "reference_band_bps": draw(maybe(decimals("1", "500"))),
        "price_floor": draw(maybe(decimals("0.001", "1", 6))),
        "price_ceiling": draw(maybe(decimals("0.01", "5", 6))),
        "order_amount_quote": draw(decimals("0.5", "5000")),
        "order_amount_base": draw(maybe(decimals("1", "100000"))),
        "order_amount_pct": draw(maybe(decimals("0.01", "50"))),
        "levels": draw(st.integers(1, 10)),
        "level_distance_bps": draw(maybe(decimals("0.1", "100"))),
        "level_distance_growth": draw(decimals("1", "2")),
        "level_amount_growth": draw(decimals("0.1", "3")),
        "inventory_target_pct": draw(maybe(decimals("0", "100"))),
        "inventory_band_pct": draw(maybe(decimals("0.1", "100"))),
        "inventory_price_skew_bps": draw(decimals("0", "300")),
        "inventory_size_skew": draw(decimals("0", "1")),
        "minimum_rest_s": draw(st.sampled_from([0, 5, 60])),
        "filled_order_delay_s": draw(st.sampled_from([0, 5, 60])),
        "hanging_orders": draw(st.integers(0, 5)),
        "volatility_factor": draw(decimals("0", "5")),
        "model": draw(st.sampled_from(["fixed", "avellaneda_stoikov"])),
        "risk_aversion": draw(decimals("0.0001", "10", 4)),
        "fill_decay": draw(decimals("0.0001", "10", 4)),
        "obligation_spread_bps": draw(maybe(decimals("100", "900"))),
        "obligation_depth_quote": draw(maybe(decimals("1", "50000"))),
    }
    if banded:
        chosen |= {
            "inventory_target_pct": draw(decimals("0", "100")),
            "inventory_band_pct": draw(decimals("0.1", "100")),
        }
    if chosen["order_amount_base"] is not None:
        chosen["order_amount_pct"] = None
    if chosen["fixed_price"] is None:
        chosen |= {"reference_band_bps": None, "reference": "mid"}
    if chosen["inventory_target_pct"] is None:
        chosen |= {"inventory_band_pct": None, "model": "fixed"}
    if chosen["inventory_band_pct"] is None:
        chosen |= {"inventory_price_skew_bps": Decimal(0), "inventory_size_skew": Decimal(0)}
    floor, ceiling = chosen["price_floor"], chosen["price_ceiling"]
    if isinstance(floor, Decimal) and isinstance(ceiling, Decimal):
        chosen |= {"price_floor": min(floor, ceiling), "price_ceiling": max(floor, ceiling)}
    if chosen["reference"] == "fixed":
        chosen |= {"price_floor": None, "price_ceiling": None}
    if chosen["obligation_spread_bps"] is None:
        chosen["obligation_depth_quote"] = None
    if chosen["levels"] == 10:
        chosen["level_distance_growth"] = Decimal(1)
    try:
        return SpreadParameters.model_validate(chosen)
    except ValidationError:
        assume(False)
        raise


@st.composite
def views(draw: st.DrawFn) -> MarketView:
    bid = draw(st.integers(20, 2_000_000))
    gap = draw(st.integers(1, 2_000))
    lots = st.integers(1, 10**9)
    crowd = book(
        bids=tuple((max(1, bid - place), draw(lots)) for place in range(draw(st.integers(1, 3)))),
        asks=tuple((bid + gap + place, draw(lots)) for place in range(draw(st.integers(1, 3)))),
    )
    ages = st.sampled_from([None, timedelta(seconds=-5), timedelta(0), timedelta(seconds=7), timedelta(hours=1)])
    own: list[Standing] = []
    for number in range(draw(st.integers(0, 6))):
        side = draw(st.sampled_from(Side))
        price = bid - draw(st.integers(0, 200)) if side is Side.BUY else bid + gap + draw(st.integers(0, 200))
        age = draw(ages)
        left = draw(st.integers(1, 10**6))
        at = None if age is None else NOW - age
        own.append(standing(side, max(1, price), left, name=str(number), opened_at=at))
    held = {side: sum((_needs(one) for one in own if one.side is side), Decimal(0)) for side in Side}
    base = held[Side.SELL] + draw(st.just(Decimal(0)) | decimals("0", "100000000"))
    quote = held[Side.BUY] + draw(st.just(Decimal(0)) | decimals("0", "10000000"))
    moves = draw(st.none() | st.floats(0, 1e4))
    filled = [draw(ages) for _ in range(2)]
    return view(
        market=MARKET,
        book=crowd,
        spendable_base=base,
        spendable_quote=quote,
        held_base=base + draw(st.sampled_from([Decimal(0), Decimal(1_000)])),
        held_quote=quote,
        standing=tuple(own),
        volatility=None
        if moves is None
        else Volatility(at=NOW, mid=1.0, moved=moves, seconds=300.0, watched_s=draw(st.sampled_from([1.0, 600.0]))),
        bought_at=None if filled[0] is None else NOW - filled[0],
        sold_at=None if filled[1] is None else NOW - filled[1],
    )


def _needs(own: Standing) -> Decimal:
    return MARKET.cost(own.price, own.remaining) if own.side is Side.BUY else MARKET.amount(own.remaining)


@settings(max_examples=150, deadline=None)
@given(seen=views(), chosen=parameters())
def test_quotes_keep_every_bound(seen: MarketView, chosen: SpreadParameters) -> None:
    decision = decide(seen, chosen)
    assert decision.reason.code
    assert decision == decide(seen, chosen)
    assert decision.wanted is not None
    best_bid, best_ask = seen.book.best_bid, seen.book.best_ask
    assert best_bid is not None
    assert best_ask is not None
    stood = {(one.side, one.price, one.remaining) for one in seen.standing}
    buys = [wish for wish in decision.wanted if wish.side is Side.BUY]
    sells = [wish for wish in decision.wanted if wish.side is Side.SELL]
    for wish in decision.wanted:
        assert wish.post_only
        assert wish.amount > 0
        price = MARKET.price(wish.price)
        assert chosen.price_floor is None or price >= chosen.price_floor
        assert chosen.price_ceiling is None or price <= chosen.price_ceiling
        if (wish.side, wish.price, wish.amount) not in stood:
            assert MARKET.allows(wish.price, wish.amount)
            assert wish.price < best_ask if wish.side is Side.BUY else wish.price > best_bid
    assert sum(MARKET.cost(wish.price, wish.amount) for wish in buys) <= seen.spendable_quote
    assert sum(MARKET.amount(wish.amount) for wish in sells) <= seen.spendable_base
    if buys and sells:
        assert max(wish.price for wish in buys) < min(wish.price for wish in sells)
    if not buys or not sells:
        assert decision.notes or decision.reason.code not in ("quoting", "quoting.one_sided")
    remarks(seen, chosen, decision.wanted)
    assert SPREAD.tolerance is not None
    plan = reconcile(decision.wanted, seen.standing, SPREAD.tolerance(chosen, MARKET, Decimal("0.0256")))
    assert len(plan.keep) + len(plan.place) <= 2 * (chosen.levels + chosen.hanging_orders) + len(seen.standing)


@settings(max_examples=150, deadline=None)
@given(seen=views(), chosen=parameters(banded=True))
def test_no_fill_of_what_is_wanted_leaves_the_inventory_band(seen: MarketView, chosen: SpreadParameters) -> None:
    target, band = chosen.inventory_target_pct, chosen.inventory_band_pct
    assert target is not None
    assert band is not None
    decision = decide(seen, chosen)
    price = _reference(seen, chosen)
    worth = seen.held_base + seen.held_quote / price
    bought, sold = (
        sum((MARKET.amount(wish.amount) for wish in decision.wanted or () if wish.side is side), Decimal(0))
        for side in (Side.BUY, Side.SELL)
    )
    slack = Decimal("1E-15") * worth
    assert not bought or seen.held_base + bought <= worth * (target + band) / 100 + slack
    assert not sold or seen.held_base - sold >= worth * (target - band) / 100 - slack


def _reference(seen: MarketView, chosen: SpreadParameters) -> Decimal:
    from trading_bridge.core.quoting import reference as of

    found = {
        "micro": lambda: of.micro_price(seen.book, MARKET),
        "depth": lambda: of.depth_price(seen.book, MARKET, chosen.reference_depth_quote),
    }.get(chosen.reference, lambda: of.mid(seen.book, MARKET))()
    return chosen.centre(found)


@given(seen=views(), spread_bps=decimals("0.5", "400"))
def test_an_order_that_is_too_young_is_never_moved_unless_it_must(seen: MarketView, spread_bps: Decimal) -> None:
    chosen = SpreadParameters(spread_bps=spread_bps, minimum_rest_s=60)
    decision = decide(seen, chosen)
    plan = reconcile(decision.wanted, seen.standing, Ticks(0))
    mid = _reference(seen, chosen)
    for own in plan.cancel:
        if own.opened_at is not None and timedelta(0) <= NOW - own.opened_at < timedelta(seconds=60):
            price = MARKET.price(own.price)
            is_past = price >= mid if own.side is Side.BUY else price <= mid
            has_twin = any((kept.side, kept.price) == (own.side, own.price) for kept in plan.keep)
            assert is_past or has_twin or not _covers(seen, own.side)


def _covers(seen: MarketView, side: Side) -> bool:
    """Whether the balance covers all own orders of a side."""
    standing = [own for own in seen.standing if own.side is side]
    if side is Side.BUY:
        return sum(MARKET.cost(own.price, own.remaining) for own in standing) <= seen.spendable_quote
    return sum(MARKET.amount(own.remaining) for own in standing) <= seen.spendable_base
