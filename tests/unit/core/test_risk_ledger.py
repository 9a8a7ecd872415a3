"""What fills make of a bot's position, its purse and its day."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, market
from tests.unit.core.risk_factories import BASIS, MID, after_trades, assessed, later, traded
from trading_bridge.core.bot import Budget
from trading_bridge.core.order import Side
from trading_bridge.core.risk.basis import based, purse_of, with_transfers
from trading_bridge.core.risk.execution_loss import execution_loss, marked
from trading_bridge.core.risk.fees import UNSEEN_RATE, fee_in_quote, worst_of_market
from trading_bridge.core.risk.ledger import with_fill
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import DAY, RiskState, day_of

BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("trades", "position", "entry", "realised"),
    [
        ([traded(BUY, "2", "10")], "10", "20", "0"),
        ([traded(BUY, "2", "10"), traded(BUY, "4", "10")], "20", "60", "0"),
        ([traded(BUY, "2", "10"), traded(SELL, "3", "4")], "6", "12", "4"),
        ([traded(BUY, "2", "10"), traded(SELL, "1", "10")], "0", "0", "-10"),
        ([traded(BUY, "2", "10"), traded(SELL, "3", "15")], "-5", "15", "10"),
        ([traded(SELL, "2", "10")], "-10", "20", "0"),
        ([traded(SELL, "2", "10"), traded(BUY, "1", "4")], "-6", "12", "4"),
        ([traded(SELL, "2", "10"), traded(BUY, "3", "15")], "5", "15", "-10"),
    ],
)
def test_a_position_is_kept_at_average_cost(trades: list[object], position: str, entry: str, realised: str) -> None:
    state = after_trades(*trades)  # type: ignore[arg-type]
    day = day_of(state.hours, NOW)
    assert (state.position, state.entry, day.realised) == (Decimal(position), Decimal(entry), Decimal(realised))


def test_a_fill_that_was_taken_in_changes_nothing() -> None:
    state = after_trades(traded())
    assert with_fill(state, 1, traded(), NOW) is state


def test_the_purse_is_the_budget_moved_by_own_fills_to_the_last_digit() -> None:
    budget = Budget(base=Decimal(10_000), quote=Decimal(500))
    state = based(RiskState(), budget, Purse(base=Decimal(1), quote=Decimal(1)), MID, NOW)
    state = after_trades(
        traded(BUY, "0.025600000000000001", "1000", fee="2", fee_currency="SHARP"),
        traded(SELL, "0.03", "500", fee="0.03", fee_currency="USDT"),
        state=state,
    )
    purse = purse_of(state, budget)
    assert purse == Purse(
        base=Decimal(10_000) + 1_000 - 2 - 500,
        quote=Decimal(500) - Decimal("25.600000000000001000") + 15 - Decimal("0.03"),
    )


def test_an_edited_budget_forgives_nothing_that_was_traded() -> None:
    small, large = (Budget(base=Decimal(0), quote=Decimal(amount)) for amount in (100, 300))
    state = based(RiskState(), small, Purse(base=Decimal(0), quote=Decimal(0)), MID, NOW)
    state = after_trades(traded(BUY, "0.02", "1000"), state=state)
    edited = based(state, large, Purse(base=Decimal(0), quote=Decimal(0)), MID, NOW)
    assert purse_of(edited, large) == Purse(base=Decimal(1_000), quote=Decimal(280))
    assert (edited.position, edited.hours, edited.pending) == (state.position, state.hours, state.pending)


def test_a_first_budget_begins_with_what_it_says() -> None:
    state = after_trades(traded(BUY, "0.02", "1000"))
    budget = Budget(base=Decimal(5), quote=Decimal(100))
    assert purse_of(state, budget) == Purse(base=Decimal(5), quote=Decimal(100))
    begun = based(state, budget, Purse(base=Decimal(0), quote=Decimal(0)), MID, NOW)
    assert purse_of(begun, budget) == Purse(base=Decimal(5), quote=Decimal(100))
    assert begun.position == 1_000


def test_the_basis_of_a_bot_without_budget_is_taken_once_and_moved_by_labelled_transfers_alone() -> None:
    empty, rich = (Purse(base=Decimal(0), quote=Decimal(amount)) for amount in (0, 1_000))
    waiting = based(RiskState(), None, empty, MID, NOW)
    assert waiting.basis is None, "an account with nothing in it is no basis"
    state = based(waiting, None, rich, MID, NOW)
    assert state.basis is not None
    assert state.basis.worth == 1_000
    assert based(state, None, Purse(base=Decimal(0), quote=Decimal(9)), Decimal(2), later(99)) is state
    moved = with_transfers(state, Purse(base=Decimal(10_000), quote=Decimal(-56)))
    assert moved.basis is not None
    assert moved.basis.worth == 1_200
    gone = with_transfers(state, Purse(base=Decimal(0), quote=Decimal(-5_000)))
    assert gone.basis is not None
    assert gone.basis.worth == 0


# -- execution loss


def test_execution_loss_is_measured_against_the_mid_a_minute_later() -> None:
    state = after_trades(traded(BUY, "0.03", "1000", fee="0.05"), traded(SELL, "0.02", "1000"))
    now_at = day_of(state.hours, NOW)
    assert execution_loss(state, now_at, Decimal("0.028")) == Decimal("2") + Decimal("8") + Decimal("0.05")
    assert marked(state, Decimal("0.028"), later(59)) is state, "their minute is not over"
    settled = marked(state, Decimal("0.025"), later(60))
    assert settled.pending == ()
    day = day_of(settled.hours, NOW)
    assert day.slippage == Decimal("5") + Decimal("5")
    assert execution_loss(settled, day, Decimal(77)) == Decimal("10.05"), "the price may do what it likes"


def test_a_token_that_falls_is_no_execution_loss() -> None:
    """Of an issuer's account nothing was traded."""
    state = RiskState(basis=replace(BASIS, held=Purse(base=Decimal(10**9), quote=Decimal(0))))
    found = assessed(state, mid="0.0001", low="0.0001", high="0.0001")
    assert found.state.halt is None
    assert found.counters.execution_loss == found.counters.net_loss == 0


def test_what_is_a_day_old_counts_no_more() -> None:
    state = marked(after_trades(traded(BUY, "0.03", "1000", fee="0.05")), MID, later(60))
    start = state.hours[0].start
    assert day_of(state.hours, start + DAY).fees == 0
    assert day_of(state.hours, later(86_399)).fees == Decimal("0.05"), "all of a day counts"


def test_a_fill_from_the_exchanges_future_is_due_a_minute_after_it_was_seen() -> None:
    state = after_trades(traded(at=later(3_600)))
    assert marked(state, MID, later(60)).pending == ()


def test_the_last_fill_of_each_side_is_remembered_and_never_in_the_future() -> None:
    state = after_trades(traded(BUY), traded(SELL, at=later(-30)), traded(BUY, at=later(-60)))
    assert (state.bought_at, state.sold_at) == (NOW, later(-30))
    assert after_trades(traded(at=later(3_600))).bought_at == NOW
    moved = state.stepped(timedelta(hours=1))
    assert (moved.bought_at, moved.sold_at) == (later(3_600), later(3_570))


# -- fees


def test_fault_X23_a_fee_counts_in_quote_whatever_it_was_paid_in() -> None:
    assert fee_in_quote(traded(BUY, "2", "10", fee="0.5", fee_currency="USDT"), None) == Decimal("0.5")
    assert fee_in_quote(traded(BUY, "2", "10", fee="0.5", fee_currency="SHARP"), None) == Decimal(1)
    assert fee_in_quote(traded(BUY, "2", "10", fee="-0.5", fee_currency="USDT"), None) == Decimal("-0.5"), "a rebate"


@pytest.mark.parametrize(("fee", "currency"), [(None, None), ("1", "CSTR"), ("1", None)])
def test_fault_X23_an_absent_or_foreign_fee_counts_at_the_worst_known_rate(
    fee: str | None, currency: str | None
) -> None:
    unsaid = traded(BUY, "2", "10", fee=fee, fee_currency=currency)
    known = worst_of_market(None, market(maker_fee=Decimal("0.001"), taker_fee=Decimal("0.002")))
    assert fee_in_quote(unsaid, known) == Decimal(20) * Decimal("0.002")
    assert fee_in_quote(unsaid, None) == Decimal(20) * UNSEEN_RATE
    seen = after_trades(traded(BUY, "2", "10", fee="0.2"), unsaid, state=RiskState(worst_fee=known))
    assert seen.worst_fee == Decimal("0.01"), "what was charged once may be charged again"
    assert day_of(seen.hours, NOW).fees == Decimal("0.4")
