"""One order's life: words in any order and any number of times, and the words that cannot be true."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, fill, order
from trading_bridge.core.contradiction import Contradiction, Wrong
from trading_bridge.core.lifecycle import (
    READ_LAG_S,
    CancelAsked,
    CancelFailed,
    Doubted,
    Filled,
    Life,
    ProvedAbsent,
    Reported,
    Said,
    Stored,
    Update,
    after,
)
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.trade import Trade

S = OrderState
ID = "1722183748419690"
SENT = Life(order=order(), changed_at=0.0)
UNCLEAR = Life(order=order(state=S.UNRESOLVED), changed_at=0.0)
RESTING = Life(order=order(exchange_order_id=ID, state=S.NEW), changed_at=0.0)


def report(state: OrderState | None = S.NEW, filled: str = "0", *, began: float = 1.0, **changed: Any) -> Reported:
    told = OrderReport(
        exchange_order_id=ID,
        client_order_id=order().client_order_id,
        symbol=order().symbol,
        side=order().side,
        price=order().price,
        amount=order().amount,
        filled=Decimal(filled),
        state=state,
        exchange_time=NOW,
    )
    return Reported(report=replace(told, **changed), began=began, at=began, now=NOW)


def fills(*trades: tuple[str, int], at: float = 1.0, **changed: Any) -> Filled:
    return Filled(trades=tuple(trade(trade_id, amount, **changed) for trade_id, amount in trades), at=at, now=NOW)


def trade(trade_id: str, amount: int, **changed: Any) -> Trade:
    return fill(trade_id=trade_id, amount=Decimal(amount), **changed)


def lived(life: Life, *updates: Update) -> Life:
    for update in updates:
        life = after(life, update)
    return life


def state(life: Life, *updates: Update) -> OrderState:
    return lived(life, *updates).order.state


# -- answers


def test_fault_N2_a_late_answer_is_applied_once() -> None:
    adopted = lived(UNCLEAR, report(S.PARTIALLY_FILLED, "500"))
    late = Said(state=S.NEW, exchange_order_id=ID)
    assert after(adopted, late) == adopted
    assert after(UNCLEAR, late).order.state is S.NEW


def test_fault_N5_the_refusal_of_a_second_delivery_ends_nothing() -> None:
    refused = Said(state=S.REJECTED, refusal_code="3103")
    assert state(UNCLEAR, report(), refused) is S.NEW
    assert state(UNCLEAR, refused) is S.REJECTED


def test_fault_N3_only_the_proof_makes_it_absent_and_the_exchanges_word_revives_it() -> None:
    absent = after(UNCLEAR, ProvedAbsent(at=90.0))
    assert absent.order.state is S.ABSENT
    assert state(absent, Said(state=S.UNRESOLVED)) is S.ABSENT
    assert state(absent, report(S.NEW, began=91.0)) is S.NEW
    assert state(absent, fills(("1", 100))) is S.PARTIALLY_FILLED
    assert state(RESTING, ProvedAbsent(at=90.0)) is S.NEW


@pytest.mark.parametrize("word", [Said(state=S.UNRESOLVED), report(None), Filled(trades=(), at=1.0, now=NOW)])
def test_silence_ends_nothing(word: Update) -> None:
    assert not any(state(life, word) in (S.CANCELED, S.ABSENT, S.FILLED) for life in (SENT, UNCLEAR, RESTING))


# -- cancels


def test_fault_N6_a_cancel_that_overtakes_its_create_closes_nothing() -> None:
    assert after(UNCLEAR, CancelAsked(at=1.0)) is UNCLEAR


def test_fault_X6_a_cancel_under_way_is_live_until_its_end_is_read_and_a_fill_counts_at_once() -> None:
    canceling = lived(RESTING, CancelAsked(at=5.0))
    assert canceling.order.state is S.PENDING_CANCEL
    assert canceling.order.live
    told = lived(canceling, report(S.NEW, began=5.5), fills(("1", 500), at=6.0))
    assert told.order.state is S.PENDING_CANCEL
    assert told.order.remaining == 1500
    assert state(told, report(S.CANCELED, "500", began=6.5)) is S.CANCELED


def test_a_cancel_that_failed_may_be_asked_for_again() -> None:
    assert state(RESTING, CancelAsked(at=5.0), CancelFailed()) is S.NEW
    part = lived(RESTING, fills(("1", 500)), CancelAsked(at=5.0), CancelFailed())
    assert part.order.state is S.PARTIALLY_FILLED


def test_an_accepted_cancel_that_the_exchange_forgot_may_be_asked_for_again() -> None:
    canceling = lived(RESTING, CancelAsked(at=5.0))
    assert state(canceling, report(S.NEW, began=5.0 + READ_LAG_S - 0.1)) is S.PENDING_CANCEL
    assert state(canceling, report(S.NEW, began=5.0 + READ_LAG_S)) is S.NEW


def test_fault_X6_a_cancel_that_is_only_queued_stays_live() -> None:
    queued = lived(RESTING, report(S.PENDING_CANCEL))
    assert queued.order.live
    assert state(queued, report(S.FILLED, "2000", began=2.0)) is S.FILLED


# -- fills


def test_a_fill_after_a_cancel_is_legal() -> None:
    late = lived(RESTING, report(S.CANCELED), fills(("1", 700), at=2.0))
    assert late.order.state is S.CANCELED
    assert late.order.filled == 700
    assert late.order.frozen is None
    assert late.owed


def test_fault_X7_many_partial_fills_sum_exactly() -> None:
    tenths = tuple(fill(trade_id=str(n), amount=Decimal("0.1")) for n in range(3))
    life = lived(RESTING, *(Filled(trades=(one,), at=1.0, now=NOW) for one in tenths))
    assert life.order.filled == Decimal("0.3")
    ended = lived(life, report(S.CANCELED, "0.3", began=2.0))
    assert ended.order.state is S.CANCELED
    assert ended.order.remaining == Decimal("1999.7")


def test_fault_X8_a_fill_counts_once_however_often_and_early_it_comes() -> None:
    first, second = fills(("1", 500)), fills(("2", 1500))
    whole = lived(UNCLEAR, first, first, second, fills(("2", 1500), ("1", 500)))
    assert whole.order.filled == 2000
    assert whole.order.state is S.FILLED
    assert whole.order.exchange_order_id == ID
    assert lived(whole, report(S.FILLED, "2000", began=20.0)).order == whole.order


def test_a_final_state_owes_its_fills_until_storage_has_them() -> None:
    part, rest = trade("1", 500), trade("2", 1500)
    ended = lived(RESTING, report(S.FILLED, "2000"))
    assert ended.owed
    half = lived(ended, fills(("1", 500)), Stored(trades=(part,), new=(part,)))
    assert half.owed
    assert not lived(half, fills(("2", 1500)), Stored(trades=(rest,), new=(rest,))).owed


def test_fills_of_an_earlier_process_are_not_counted_twice() -> None:
    known, new = trade("1", 500), trade("2", 300)
    adopted = Life(
        order=order(exchange_order_id=ID, state=S.PARTIALLY_FILLED, filled=Decimal(500)),
        before=Decimal(500),
        booked=Decimal(500),
        changed_at=0.0,
    )
    again = lived(adopted, fills(("1", 500)), Stored(trades=(known,), new=()))
    assert again.booked == 500
    assert lived(again, fills(("2", 300)), Stored(trades=(new,), new=(new,))).order.filled == 800
    assert lived(adopted, fills(("2", 300)), Stored(trades=(new,), new=(new,))).order.filled == 800


def test_a_fill_whose_commit_was_not_answered_is_stored_though_it_was_not_new() -> None:
    one = trade("1", 500)
    told = lived(RESTING, report(S.PARTIALLY_FILLED, "500"), fills(("1", 500)), Stored(trades=(one,), new=()))
    assert not told.owed


# -- contradictions

FILLED_PART = lived(RESTING, fills(("1", 500), at=1.0))
ENDED = lived(RESTING, report(S.CANCELED, began=1.0))
LATE = 1.0 + READ_LAG_S
TOMORROW = NOW + timedelta(hours=25)

CONTRADICTIONS: list[tuple[Life, Update, Contradiction]] = [
    (RESTING, report(S.FILLED, "2000.01", amount=Decimal(3000)), Contradiction.OVERFILLED),
    (RESTING, fills(("1", 1500), ("2", 501)), Contradiction.OVERFILLED),
    (RESTING, report(S.PARTIALLY_FILLED, "-1"), Contradiction.NEGATIVE),
    (RESTING, report(S.PARTIALLY_FILLED, "1500", amount=Decimal(1000)), Contradiction.NEGATIVE),
    (RESTING, fills(("1", -5)), Contradiction.NEGATIVE),
    (FILLED_PART, report(S.PARTIALLY_FILLED, "400", began=LATE), Contradiction.SHRUNK),
    (FILLED_PART, report(S.CANCELED, "0", began=LATE), Contradiction.SHRUNK),
    (RESTING, report(exchange_order_id="99"), Contradiction.SECOND_EXCHANGE_ID),
    (RESTING, Said(state=S.NEW, exchange_order_id="99"), Contradiction.SECOND_EXCHANGE_ID),
    (RESTING, report(side=Side.SELL), Contradiction.OTHER_SIDE),
    (RESTING, fills(("1", 5), side=Side.SELL), Contradiction.OTHER_SIDE),
    (RESTING, report(exchange_time=TOMORROW), Contradiction.IN_THE_FUTURE),
    (RESTING, fills(("1", 5), exchange_time=TOMORROW), Contradiction.IN_THE_FUTURE),
    (ENDED, report(S.NEW, began=LATE), Contradiction.REOPENED),
    (Life(order=order(state=S.NOT_SENT), changed_at=0.0), report(S.NEW), Contradiction.REOPENED),
    (Life(order=order(state=S.REJECTED), changed_at=0.0), fills(("1", 5)), Contradiction.REOPENED),
    (RESTING, Doubted(wrong=Wrong(code=Contradiction.OVERFILLED, detail="")), Contradiction.OVERFILLED),
]


@pytest.mark.parametrize(("life", "word", "contradiction"), CONTRADICTIONS)
def test_what_cannot_be_true_freezes_the_order_as_live(life: Life, word: Update, contradiction: Contradiction) -> None:
    frozen = after(life, word).order
    assert frozen.frozen == contradiction
    assert frozen.live
    assert 0 <= frozen.filled <= frozen.amount


def test_a_frozen_orders_fills_are_counted_on_and_nothing_else() -> None:
    frozen = lived(RESTING, report(side=Side.SELL))
    assert after(frozen, report(S.CANCELED, began=50.0)) is frozen
    assert after(frozen, Said(state=S.REJECTED)) is frozen
    filled = lived(frozen, fills(("1", 500)))
    assert filled.order.filled == 500
    assert filled.order.state is S.NEW


def test_a_frozen_order_ends_by_the_exchanges_word_after_a_cancel() -> None:
    frozen = lived(RESTING, fills(("1", 1500), ("2", 501)), CancelAsked(at=5.0))
    assert frozen.order.live
    assert after(frozen, report(S.CANCELED, "1", exchange_order_id="99", began=6.0)) is frozen
    ended = lived(frozen, report(S.FILLED, "2001", amount=Decimal(3000), began=6.0)).order
    assert ended.state is S.FILLED
    assert ended.filled == ended.amount
    assert ended.frozen == Contradiction.OVERFILLED


def test_an_answer_that_is_only_old_freezes_nothing() -> None:
    """Read before, or within the exchange's read lag of, what is known."""
    assert after(FILLED_PART, report(S.NEW, began=LATE - 0.1)) is FILLED_PART
    assert after(FILLED_PART, report(S.CANCELED, began=LATE - 0.1)) is FILLED_PART
    assert lived(ENDED, report(S.NEW, began=LATE - 0.1)).order == ENDED.order


def test_a_clock_that_is_an_hour_off_freezes_nothing() -> None:
    assert lived(RESTING, report(exchange_time=NOW + timedelta(hours=1))).order.frozen is None
