"""What an account must hold by all that is known: each fill counts once, over any number of starts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, balances, fill
from trading_bridge.accounts.ledger import COUNTED_FOR_S, Ledger, Seen, totals_of
from trading_bridge.clock import ManualClock
from trading_bridge.core.conservation import Books
from trading_bridge.core.order import Side

SOLD = fill(side=Side.SELL, amount=Decimal(50), cost=Decimal(1), fee=None)


def opened(clock: ManualClock) -> Ledger:
    ledger = Ledger(clock)
    held = totals_of(balances(SHARP="100"))
    seen = Seen(
        connector_id="c", started=0.0, as_of=NOW - timedelta(minutes=5), totals=held, complete=True, traded=None
    )
    ledger.open({"SHARP": frozenset({Decimal(100)})}, seen)
    return ledger


def started_with(clock: ManualClock, books: Books | None) -> Ledger:
    """A process that finds these books, and in storage the fill of about their time."""
    assert books is not None
    ledger = Ledger(clock)
    ledger.restore(books, clock.now(), [SOLD], [])
    return ledger


def test_a_fill_in_stored_books_counts_once_however_often_it_is_started() -> None:
    clock = ManualClock()
    first = opened(clock)
    first.filled(SOLD)
    second = started_with(clock, first.books())
    third = started_with(clock, second.books())
    stored = third.books()
    assert stored is not None
    assert stored.totals["SHARP"] == 50


async def test_what_earlier_books_had_counted_is_forgotten_after_a_while() -> None:
    clock = ManualClock()
    first = opened(clock)
    first.filled(SOLD)
    second = started_with(clock, first.books())
    await clock.advance(COUNTED_FOR_S + 1)
    second.forget(None)
    stored = second.books()
    assert stored is not None
    assert stored.counted == frozenset()


@pytest.mark.parametrize(
    ("steps_s", "sharp", "told_before"),
    [((-98,), 50, False), ((-98,), 50, True), ((98, -98), 100, False), ((98,), 100, False), ((-98, 98), 100, False)],
    ids=["it was ahead", "told before", "it goes ahead for a while", "it goes ahead", "it goes back for a while"],
)
def test_fault_T1_books_that_a_clock_ahead_opened_are_no_younger_once_it_is_put_right(
    steps_s: tuple[int, ...], sharp: int, told_before: bool
) -> None:
    ledger = opened(ManualClock())
    assert ledger.opened_at is not None
    sold = replace(SOLD, exchange_time=ledger.opened_at - timedelta(seconds=40))
    if told_before:
        ledger.filled(sold)
    for step_s in steps_s:
        ledger.stepped(timedelta(seconds=step_s))
    if not told_before:
        ledger.filled(sold)
    books = ledger.books()
    assert books is not None
    assert books.totals["SHARP"] == sharp


@pytest.mark.parametrize("in_between", ["the same process", "another one"])
async def test_fault_T2_what_was_counted_while_the_clock_was_ahead_counts_once_after_a_start(in_between: str) -> None:
    """Storage is asked for all that it has since about the time of the books, and that fill has a later one."""
    clock = ManualClock(NOW)
    ledger = opened(clock)
    ledger.filled(SOLD)
    ahead = clock.now()
    clock.step(-488)
    if in_between == "another one":
        books = ledger.books()
        assert books is not None
        ledger = Ledger(clock)
        ledger.restore(books, ahead, [SOLD], [])
    await clock.advance(COUNTED_FOR_S + 1)
    ledger.forget(None)
    stored = started_with(clock, ledger.books()).books()
    assert stored is not None
    assert stored.totals["SHARP"] == 50
    await clock.advance(488)
    ledger.forget(None)
    later = ledger.books()
    assert later is not None
    assert later.counted == frozenset()


TRADED = frozenset({"SHARP", "USDT"})


def answer(traded: frozenset[str] | None = TRADED, **held: str) -> Seen:
    totals = totals_of(balances(**held))
    return Seen(connector_id="c", started=1e9, as_of=NOW, totals=totals, complete=True, traded=traded)


def compared(ledger: Ledger, seen: Seen) -> dict[str, Decimal]:
    """Currency -> what is unexplained of it."""
    found = ledger.differences(ledger.recognised(seen))
    assert found is not None
    return {currency: one for currency, possible in found.items() for one in possible if one != 0}


def test_fault_X12_books_that_began_with_a_wrong_name_go_on_with_the_right_one() -> None:
    ledger = Ledger(ManualClock())
    first = answer(SHARP2="100", USDT="7")
    found = ledger.differences(first)
    assert found is not None
    ledger.open(found, first)
    ledger.filled(SOLD)
    assert compared(ledger, answer(SHARP="50", USDT="8")) == {}
    books = ledger.books()
    assert books is not None
    assert books.totals == {"SHARP": Decimal(50), "USDT": Decimal(8)}


def test_fault_X12_an_answer_with_a_wrong_name_changes_no_books() -> None:
    ledger = opened(ManualClock())
    assert compared(ledger, answer(SHARP2="100")) == {}
    assert compared(ledger, answer(SHARP="100")) == {}


@pytest.mark.parametrize(
    ("seen", "differences"),
    [
        (answer(OLD="60"), {"SHARP": -100, "OLD": 60}),
        (answer(SHARP="40", OLD="60"), {"SHARP": -60, "OLD": 60}),
        (answer(USDT="100"), {"SHARP": -100, "USDT": 100}),
        (answer(None, SHARP2="100"), {"SHARP": -100, "SHARP2": 100}),
    ],
    ids=["another amount", "still there", "markets trade both", "markets unknown"],
)
def test_money_that_moved_is_no_other_name(seen: Seen, differences: dict[str, int]) -> None:
    assert compared(opened(ManualClock()), seen) == differences
