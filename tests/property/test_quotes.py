"""For any book, balance and setting: never past a balance, never crossing, steps and minimums kept, always a reason."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import book, market, standing, view
from trading_bridge.core.market import Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import reconcile
from trading_bridge.core.strategies.spread import SpreadParameters, decide

prices = st.integers(min_value=2, max_value=10_000_000)
amounts = st.integers(min_value=1, max_value=10**12)
money = st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=8)


@given(
    bid=prices,
    gap=st.integers(min_value=1, max_value=100_000),
    size=amounts,
    spread_bps=st.decimals(min_value=Decimal("0.5"), max_value=2000, places=2),
    amount=st.decimals(min_value=Decimal("0.01"), max_value=1_000_000, places=2),
    base=money,
    quote=money,
)
def test_quotes_keep_every_bound(
    bid: int, gap: int, size: int, spread_bps: Decimal, amount: Decimal, base: Decimal, quote: Decimal
) -> None:
    parameters = SpreadParameters(spread_bps=spread_bps, order_amount_quote=amount)
    crowd = book(bids=((bid, size),), asks=((bid + gap, size),))
    seen = view(book=crowd, spendable_base=base, spendable_quote=quote)
    decision = decide(seen, parameters)
    rules = market()
    assert decision.reason.code
    assert decision == decide(seen, parameters)
    for wish in decision.wanted or ():
        assert rules.allows(wish.price, wish.amount)
        assert rules.cost(wish.price, wish.amount) <= amount
        if wish.side is Side.BUY:
            assert wish.price < bid + gap
            assert rules.cost(wish.price, wish.amount) <= quote
        else:
            assert wish.price > bid
            assert rules.amount(wish.amount) <= base
    sides = [wish.side for wish in decision.wanted or ()]
    assert len(sides) == len(set(sides))


@given(
    own=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 200), st.integers(1, 2000)), max_size=6),
    bid=st.integers(1, 200),
    gap=st.integers(1, 50),
    tolerance=st.integers(0, 20),
)
def test_a_plan_carried_out_leaves_nothing_to_do(
    own: list[tuple[Side, int, int]], bid: int, gap: int, tolerance: int
) -> None:
    live = tuple(standing(side, price, left, name=str(n)) for n, (side, price, left) in enumerate(own))
    parameters = SpreadParameters(spread_bps=Decimal(40))
    crowd = book(bids=((bid * 1000, 10**9),), asks=(((bid + gap) * 1000, 10**9),))
    wanted = decide(view(book=crowd), parameters).wanted or ()
    plan = reconcile(wanted, live, Ticks(tolerance))
    kept = {one.client_order_id for one in plan.keep}
    assert kept.isdisjoint(one.client_order_id for one in plan.cancel)
    assert len(plan.keep) + len(plan.cancel) == len(live)
    after = (*plan.keep, *(standing(w.side, w.price, w.amount, name="new") for w in plan.place))
    again = reconcile(wanted, after, Ticks(tolerance))
    assert again.place == ()
    assert again.cancel == ()
