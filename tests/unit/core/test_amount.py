"""Amounts as they are told, wherever they are told."""

from decimal import Decimal

import pytest

from trading_bridge.core.amount import plain, readable

LONG = "12345678901234567890123456789.01234567890123456789"


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "0"),
        ("0.00000000", "0"),
        ("-0.00", "0"),
        ("812.40", "812.4"),
        ("-812.40", "-812.4"),
        ("1000", "1000"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        (LONG, LONG),
    ],
)
def test_every_digit_that_counts_and_no_other(amount: str, told: str) -> None:
    assert readable(Decimal(amount)) == told


@pytest.mark.parametrize(
    ("text", "amount"), [("0", "0"), (" 2500.5 ", "2500.5"), ("-1", "-1"), (".5", "0.5"), ("5.", "5"), (LONG, LONG)]
)
def test_people_write_digits_with_a_point(text: str, amount: str) -> None:
    assert plain(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", ".", "1e3", "1E400", "1_000", "1,5", "NaN", "Infinity", "+5", "0x10", "\u0663"])
def test_what_is_written_in_another_way_is_no_amount(text: str) -> None:
    assert plain(text) is None
