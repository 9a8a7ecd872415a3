from decimal import Decimal

import pytest

from tests.factories import NOW, market
from trading_bridge.exchanges.convert import Unreadable, book, optional, optional_nonzero, required


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("171690026.123456789012345678", "171690026.123456789012345678"),
        ("0.00000034", "3.4E-7"),
        ("9.1E-10", "9.1E-10"),
        ("40.900000000000000000", "40.9"),
        ("100", "100"),
        ("100.000", "100"),
        ("1000", "1000"),
        ("0E-18", "0"),
        ("0.000000000000000000", "0"),
        ("-0.001", "-0.001"),
        (0, "0"),
        (11594964764657880, "11594964764657880"),
    ],
)
def test_every_digit_is_kept(value: object, number: str) -> None:
    assert str(required(value, "amount")) == number


@pytest.mark.parametrize("value", [None, "", "many", "NaN", "Infinity", "-inf", "1,5", True, 0.1, [], {}])
def test_what_is_no_number_is_an_error(value: object) -> None:
    with pytest.raises(Unreadable, match="amount"):
        required(value, "amount")


def test_missing_and_zero_are_told_apart() -> None:
    assert optional(None, "fee") is None
    assert optional("0", "fee") == Decimal(0)
    assert optional_nonzero("0.000", "price") is None
    assert optional_nonzero(None, "price") is None
    assert optional_nonzero("0.1", "price") == Decimal("0.1")
    for parse in (optional, optional_nonzero):
        with pytest.raises(Unreadable):
            parse("many", "fee")


def test_a_book_never_looks_better_than_the_exchanges() -> None:
    answer = {"bids": [["0.0255009", "1"], ["0.0255", "1"]], "asks": [["0.0256001", "1"], ["0.025601", "0.009"]]}
    made = book(market(), answer, NOW, 5)
    assert made.bids == ((25500, 200),)
    assert made.asks == ((25601, 100),)
