"""Limits over time: when they halt a bot, and what ends that."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, market, view
from tests.unit.core.risk_factories import BASIS, after_trades, assessed, later, traded
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import ScopeKind
from trading_bridge.core.risk import Caps, Stance, halted, review
from trading_bridge.core.risk.assess import caps
from trading_bridge.core.risk.drawdown import Step
from trading_bridge.core.risk.limits import CLIENT_LIMITS, Limits
from trading_bridge.core.risk.refusals import asking_again, refused, resting
from trading_bridge.core.risk.scope_loss import scope_loss_exceeded
from trading_bridge.core.risk.state import Halt, RiskState

BUY, SELL = Side.BUY, Side.SELL
FREE = Caps(order=Decimal(10**9), band=Decimal(10**9))


def wish(side: Side, price: int, amount: int = 100_000) -> Wanted:
    return Wanted(side=side, price=Ticks(price), amount=Lots(amount))


def quotes(*wanted: Wanted) -> Decision:
    return Decision(reason=Reason(code="quoting"), wanted=wanted)


# -- execution loss, fees


def test_execution_loss_halts_until_a_person_resumes() -> None:
    """20 of a worth of 1,000 is allowed."""
    fills = [traded(BUY, "0.0266", "10000"), traded(SELL, "0.0246", "9990")]
    assert assessed(after_trades(*fills)).state.halt is None
    state = assessed(after_trades(*fills, traded(SELL, "0.0246", "10"))).state
    assert state.halt is not None
    assert (state.halt.code, state.halt.until) == ("limit.execution_loss", None)
    assert state.halt.parameters == {"loss": "20", "allowed": "20"}
    again = assessed(state, now=later(86_400 * 30)).state
    assert again.halt == state.halt, "time alone forgives nothing"
    resumed = assessed(state.resumed()).state
    assert resumed.halt is None
    assert resumed.position == state.position


def test_fees_halt_until_a_person_resumes() -> None:
    assert assessed(after_trades(traded(fee="19.99"))).state.halt is None
    paid = after_trades(traded(fee="19.99"), traded(BUY, fee="0.01"))
    state = assessed(paid, limits=Limits(execution_loss_share=Decimal(1))).state
    assert state.halt is not None
    assert (state.halt.code, state.halt.until) == ("limit.fees", None)


def test_what_bots_lose_together_halts_each_of_them() -> None:
    limits = replace(CLIENT_LIMITS, execution_loss_quote=Decimal(50))
    assert scope_loss_exceeded(Decimal("49.9"), limits, ScopeKind.CLIENT) is None
    assert scope_loss_exceeded(Decimal(10**9), CLIENT_LIMITS, ScopeKind.CLIENT) is None, "no limit was set"
    found = scope_loss_exceeded(Decimal(50), limits, ScopeKind.CLIENT)
    assert found is not None
    assert (found.code, found.parameters["together"]) == ("limit.execution_loss", "client")


# -- drawdown


@pytest.mark.parametrize(
    ("mid", "step"),
    [
        ("0.0257", Step.NONE),
        ("0.0237", Step.NONE),
        ("0.0236", Step.WIDEN),
        ("0.0226", Step.SHRINK),
        ("0.0206", Step.BID_ONLY),
        ("0.0176", Step.HOLD),
    ],
)
def test_a_drawdown_of_the_own_net_position_has_steps(mid: str, step: Step) -> None:
    """10,000 bought at 0.0256 with a worth of 1,000; its minute is over."""
    bought = assessed(after_trades(traded(BUY, "0.0256", "10000")), now=later(60)).state
    found = assessed(bought, mid=mid, now=later(61))
    assert found.step is step
    assert (found.state.halt is not None) is (step is Step.HOLD)
    if found.state.halt is not None:
        assert (found.state.halt.code, found.state.halt.until) == ("limit.drawdown", None)


def test_closing_at_a_loss_does_not_make_a_drawdown_forgotten() -> None:
    state = after_trades(traded(BUY, "0.0256", "10000"), traded(SELL, "0.0206", "10000"))
    found = assessed(state, mid="0.0206", limits=Limits(execution_loss_share=Decimal(1)))
    assert (found.counters.net_loss, found.step) == (50, Step.BID_ONLY)


def test_a_short_position_loses_when_the_price_rises() -> None:
    sold = assessed(after_trades(traded(SELL, "0.0256", "10000")), now=later(60)).state
    assert assessed(sold, mid="0.0276", now=later(61)).step is Step.WIDEN


def test_wider_quotes_stand_twice_as_far_from_the_mid() -> None:
    """Its mid is 25,600 ticks."""
    stance = Stance(caps=FREE, position=Decimal(0), step=Step.WIDEN)
    verdict = review(quotes(wish(BUY, 25_590), wish(SELL, 25_611)), view(), Limits(), stance)
    assert verdict.wanted == (wish(BUY, 25_580), wish(SELL, 25_622))
    assert [note.code for note in verdict.notes] == ["limit.drawdown_step"]
    assert verdict.notes[0].parameters == {"step": "widen"}


def test_smaller_quotes_are_half_as_large_and_still_wider() -> None:
    stance = Stance(caps=FREE, position=Decimal(0), step=Step.SHRINK)
    verdict = review(quotes(wish(BUY, 25_590, 100_001)), view(), Limits(), stance)
    assert verdict.wanted == (wish(BUY, 25_580, 50_000),)


def test_bids_alone_stand_inside_the_band() -> None:
    stance = Stance(caps=FREE, position=Decimal(0), step=Step.BID_ONLY)
    both = quotes(wish(BUY, 25_590), wish(SELL, 25_610))
    assert review(both, view(), Limits(), stance).wanted == (wish(BUY, 25_580, 50_000),)
    full = replace(stance, caps=replace(FREE, band=Decimal(0)))
    assert review(both, view(), Limits(), full).wanted == ()


# -- shock


@pytest.mark.parametrize(("mid", "low", "high"), [("0.0230", "0.0230", "0.0256"), ("0.0282", "0.0256", "0.0282")])
def test_fault_M4_a_price_shock_keeps_quotes_out_for_the_cool_down(mid: str, low: str, high: str) -> None:
    state = assessed(RiskState(basis=BASIS), mid=mid, low=low, high=high).state
    assert state.halt is not None
    assert (state.halt.code, state.halt.until) == ("limit.shock", later(300))
    assert halted(state.halt).wanted == ()
    assert assessed(state, now=later(299)).state.halt is not None
    assert assessed(state, now=later(300)).state.halt is None, "a calm market after the cool-down"
    assert assessed(state, mid=mid, low=low, high=high, now=later(300)).state.halt is not None, "one that is not"


def test_fault_M1_a_ten_fold_jump_is_a_shock() -> None:
    state = assessed(RiskState(basis=BASIS), mid="0.256", low="0.0256", high="0.256").state
    assert state.halt is not None
    assert state.halt.parameters["bps"] == "90000"


def test_a_move_below_the_limit_is_none() -> None:
    assert assessed(RiskState(basis=BASIS), mid="0.02305", low="0.02305", high="0.0256").state.halt is None


def test_a_halt_that_needs_a_person_is_not_shortened_by_a_shock() -> None:
    loss = Halt(code="limit.fees", since=NOW)
    state = RiskState(basis=BASIS, halt=loss)
    assert assessed(state, mid="0.01", low="0.01", high="0.0256").state.halt is loss


# -- refusals


def test_fault_X2_who_is_refused_too_often_for_one_cause_stops_asking() -> None:
    state = RiskState()
    for _ in range(9):
        state = refused(state, "order.refused", Limits(), NOW)
    assert state.halt is None
    other = refused(state, "order.precision", Limits(), NOW)
    assert other.halt is None, "another cause is counted anew"
    state = refused(state, "order.refused", Limits(), NOW)
    assert state.halt is not None
    assert state.halt.parameters == {"count": "10", "cause": "order.refused"}
    assert halted(state.halt).wanted is None, "what the exchange took stays"
    assert asking_again(state) == RiskState()


def test_fault_X2_each_refusal_is_followed_by_a_longer_pause() -> None:
    state, pauses = RiskState(), []
    for _ in range(7):
        state = refused(state, "order.refused", Limits(), NOW, {"symbol": "SHARP/USDT"})
        found = resting(state, NOW)
        assert found is not None
        assert (found.code, found.parameters) == ("order.refused", {"symbol": "SHARP/USDT"})
        pauses.append(next(second for second in range(100) if resting(state, NOW + timedelta(seconds=second)) is None))
    assert pauses == [2, 5, 15, 30, 60, 60, 60]
    assert resting(state, NOW - timedelta(seconds=1)) is None, "the wall clock was set back"
    assert resting(asking_again(state), NOW) is None


def test_an_accepted_order_ends_no_other_halt() -> None:
    loss = Halt(code="limit.fees", since=NOW)
    assert asking_again(RiskState(halt=loss)).halt is loss


# -- sizes and the band


def test_fault_O1_an_order_a_thousand_times_too_large_is_cut_to_its_share() -> None:
    stance = Stance(caps=caps(Decimal(1_000), Limits()), position=Decimal(0))
    verdict = review(quotes(wish(BUY, 25_590, 1_000 * 195_389)), view(), Limits(max_inventory_share=Decimal(1)), stance)
    (cut,) = verdict.wanted or ()
    assert market().cost(cut.price, cut.amount) <= 300
    assert [note.code for note in verdict.notes] == ["risk.notional", "limit.inventory"]


def test_the_band_cuts_what_goes_further_and_passes_what_comes_back() -> None:
    """25,000 are held of 30,000 that the band allows at this price."""
    stance = Stance(caps=replace(FREE, band=Decimal("0.0256") * 30_000), position=Decimal(25_000))
    verdict = review(quotes(wish(BUY, 25_600, 800_000), wish(SELL, 25_610, 5_000_000)), view(), Limits(), stance)
    assert verdict.wanted == (wish(BUY, 25_600, 500_000), wish(SELL, 25_610, 5_000_000))
    assert [note.code for note in verdict.notes] == ["limit.inventory"]


@pytest.mark.parametrize("position", [30_000, 45_000])
def test_fault_O1_a_band_below_what_is_held_stops_new_risk_and_says_so(position: int) -> None:
    stance = Stance(caps=replace(FREE, band=Decimal("0.0256") * 30_000), position=Decimal(position))
    verdict = review(quotes(wish(BUY, 25_600), wish(SELL, 25_610)), view(), Limits(), stance)
    assert verdict.wanted == (wish(SELL, 25_610),)
    assert verdict.notes[0].code == "limit.inventory"


def test_the_band_counts_orders_of_one_side_together() -> None:
    stance = Stance(caps=replace(FREE, band=Decimal("0.0256") * 3_000), position=Decimal(0))
    verdict = review(quotes(wish(BUY, 25_600, 200_000), wish(BUY, 25_600, 200_000)), view(), Limits(), stance)
    assert verdict.wanted == (wish(BUY, 25_600, 200_000), wish(BUY, 25_600, 100_000))
