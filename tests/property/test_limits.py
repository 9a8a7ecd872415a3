"""For any fills, prices and limits: nothing passes that a limit forbids, and a restart at any point changes nothing."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOW, market, view
from tests.unit.core.risk_factories import BASIS, traded
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.risk import Stance, halted, review
from trading_bridge.core.risk.assess import Assessed, Moment, assess, caps
from trading_bridge.core.risk.drawdown import Step
from trading_bridge.core.risk.ledger import with_fill
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.state import RiskState, day_of
from trading_bridge.storage.repositories.risk import read, written

shares = st.decimals(min_value=Decimal("0.0001"), max_value=1, places=4)
prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("0.05"), places=6)
amounts = st.decimals(min_value=1, max_value=100_000, places=2)
fees = st.none() | st.decimals(min_value=Decimal("-1"), max_value=5, places=4)
wishes = st.lists(
    st.builds(
        lambda side, price, amount: Wanted(side=side, price=Ticks(price), amount=Lots(amount)),
        st.sampled_from(Side),
        st.integers(20_000, 31_000),
        st.integers(1_000, 10**9),
    ),
    max_size=4,
)
limits = st.builds(
    Limits,
    max_order_share=shares,
    max_inventory_share=shares,
    execution_loss_share=shares,
    fee_share=shares,
    drawdown_hold_share=shares,
    collar_bps=st.integers(1, 5000).map(Decimal),
)
#: seconds that pass, then a fill or none, then the mid
steps = st.lists(
    st.tuples(
        st.integers(0, 4_000),
        st.none() | st.tuples(st.sampled_from(Side), prices, amounts, fees),
        prices,
    ),
    min_size=1,
    max_size=12,
)


@given(
    wanted=wishes,
    rules=limits,
    worth=st.integers(0, 100_000).map(Decimal),
    position=st.integers(-(10**6), 10**6).map(Decimal),
    step=st.sampled_from([Step.NONE, Step.WIDEN, Step.SHRINK, Step.BID_ONLY]),
)
def test_I6_what_passes_is_inside_every_limit_and_never_larger(
    wanted: list[Wanted], rules: Limits, worth: Decimal, position: Decimal, step: Step
) -> None:
    seen, what = view(), market()
    stance = Stance(caps=caps(worth, rules), position=position, step=step)
    verdict = review(Decision(reason=Reason(code="quoting"), wanted=tuple(wanted)), seen, rules, stance)
    passed = verdict.wanted or ()
    assert len(passed) == len(wanted) or verdict.notes
    assert seen.reference is not None
    for order in passed:
        cost = what.cost(order.price, order.amount)
        assert what.allows(order.price, order.amount)
        assert cost <= min(rules.max_order_notional, worth * rules.max_order_share)
        assert abs(what.price(order.price) - seen.reference) * 10_000 <= seen.reference * rules.collar_bps
        assert order.amount <= max(wish.amount for wish in wanted)
    for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
        reached = sign * position
        for order in passed:
            if order.side is side:
                reached += what.amount(order.amount)
                assert reached * what.price(order.price) <= worth * rules.max_inventory_share
    if step is Step.BID_ONLY:
        assert all(order.side is Side.BUY for order in passed)


@given(happens=steps, rules=limits)
def test_I8_after_a_loss_fee_or_position_limit_nothing_is_wanted_until_a_person_resumes(
    happens: list[tuple], rules: Limits
) -> None:
    state, now, hit = RiskState(basis=BASIS), NOW, False
    for found in run(state, now, happens, rules):
        halt = found.state.halt
        assert not hit or halt is not None
        if halt is not None and halt.until is None:
            hit = True
            assert halted(halt).wanted == ()
        elif halt is None:
            worth = BASIS.worth
            assert (
                found.counters.execution_loss <= 0 or found.counters.execution_loss < worth * rules.execution_loss_share
            )
            assert found.counters.fees <= 0 or found.counters.fees < worth * rules.fee_share
            assert found.step is not Step.HOLD


@given(happens=steps, rules=limits, restarts=st.sets(st.integers(0, 11)))
@settings(deadline=None)
def test_a_restart_at_any_point_changes_nothing(happens: list[tuple], rules: Limits, restarts: set[int]) -> None:
    begun = RiskState(basis=BASIS)
    without = list(run(begun, NOW, happens, rules))
    with_restarts = list(run(begun, NOW, happens, rules, restarts))
    assert [one.state for one in with_restarts] == [one.state for one in without]
    assert [one.counters for one in with_restarts] == [one.counters for one in without]


def run(
    state: RiskState, now: datetime, happens: list[tuple], rules: Limits, restarts: Collection[int] = ()
) -> list[Assessed]:
    """What each look found; a restart reads what was written, and has nothing else."""
    looks: list[Assessed] = []
    day = day_of(state.hours, now)
    for number, (seconds, fill, mid) in enumerate(happens):
        now += timedelta(seconds=seconds)
        if number in restarts:
            state = read(written(state))
            day = day_of(state.hours, now)
        if fill is not None:
            side, price, amount, fee = fill
            trade = traded(side, str(price), str(amount), fee=None if fee is None else str(fee), at=now)
            state = with_fill(state, number + 1, trade, now)
        day = day_of(state.hours, now)
        looks.append(assess(state, day, Moment(now=now, mid=mid, low=mid, high=mid), rules))
        state, day = looks[-1].state, looks[-1].day
    return looks


@given(happens=steps, rules=limits)
def test_the_purse_and_the_position_are_the_sums_of_the_fills(happens: list[tuple], rules: Limits) -> None:
    last = run(RiskState(basis=replace(BASIS)), NOW, happens, rules)[-1].state
    fills = [fill for _, fill, _ in happens if fill is not None]
    signed = [(1 if side is Side.BUY else -1, price, amount) for side, price, amount, _ in fills]
    bought = sum((sign * amount for sign, _, amount in signed), Decimal(0))
    paid = sum((sign * price * amount for sign, price, amount in signed), Decimal(0))
    charged = sum((fee for *_, fee in fills if fee is not None), Decimal(0))
    assert last.position == last.moved.base == bought
    assert last.moved.quote == -paid - charged
