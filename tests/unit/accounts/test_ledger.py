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
    seen = Seen(connector_id="c", started=0.0, as_of=NOW - timedelta(minutes=5), totals=held, complete=True)
    ledger.open({"SHARP": frozenset({Decimal(100)})}, seen)
    return ledger


def started_with(clock: ManualClock, books: Books | None) -> Ledger:
    """A process that finds these books, and in storage the fill of about their time."""
    assert books is not None
    ledger = Ledger(clock)
    ledger.restore(books, [SOLD], [])
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
