"""Pushed books as values: the same as an answer about a book says, whether a row was read before or not."""

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, market
from trading_bridge.core.book import Level
from trading_bridge.exchanges import book_reader, convert
from trading_bridge.exchanges.book_reader import BookReader
from trading_bridge.exchanges.parsing import Unreadable

BIDS = [["0.025", "10"], ["0.024", "7.5", 1], ["0.0239999", "2"]]
ASKS = [["0.026", "100"], ["0.0260001", "3"], ["2.7E-2", "1E+1", -1]]


def answer(bids: list[Any], asks: list[Any]) -> dict[str, Any]:
    return {"bids": bids, "asks": asks}


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        (BIDS, ASKS),
        ([], ASKS),
        (BIDS, []),
        ([["0.024", "1"], ["0.025", "2"]], ASKS),  # not the best first
        ([["0.025", "1"], ["0.025", "2"]], ASKS),  # one price twice
        ([["0.025", "0"], ["0.024", "1"], ["0", "5"]], [["0.026", "0.00001"]]),  # nothing there
    ],
)
def test_a_pushed_book_is_what_an_answer_says(bids: list[Any], asks: list[Any]) -> None:
    polled = convert.book(market(), answer(bids, asks), NOW, 20)
    reader = BookReader(market())
    for _ in range(2):
        assert reader.book(answer(bids, asks), NOW, 20) == polled


def test_doubles_are_read_by_their_shortest_text() -> None:
    book = BookReader(market()).book(answer([[0.025, 0.1 + 0.2]], [[0.026, 10]]), NOW, 20)
    assert book.bids == (
        Level(*convert.book(market(), answer([["0.025", "0.30000000000000004"]], []), NOW, 1).bids[0]),
    )
    assert book.best_ask == market().ticks_up(Decimal("0.026"))


def test_only_so_many_levels_are_read() -> None:
    book = BookReader(market()).book(answer(BIDS, [*ASKS, ["none", "x"]]), NOW, 2)
    assert (len(book.bids), len(book.asks)) == (2, 2)


@pytest.mark.parametrize("row", [["near", "1"], ["0.025", None], [True, "1"], ["NaN", "1"], ["0.025", "inf"]])
def test_what_is_no_number_is_told_each_time(row: list[Any]) -> None:
    reader = BookReader(market())
    for _ in range(2):
        with pytest.raises(Unreadable):
            reader.book(answer([row], []), NOW, 20)


def test_it_knows_no_more_rows_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_reader, "KNOWN_MAX", 5)
    reader = BookReader(market())
    for amount in range(1, 100):
        assert reader.book(answer([["0.025", str(amount)]], []), NOW, 20).bids[0].amount == amount * 100
        assert len(reader._bids) <= 5
        assert len(reader._bids._prices) <= 5
