"""Amounts as they are told, wherever they are told."""

from decimal import Decimal

import pytest

from trading_bridge.core.amount import readable

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
