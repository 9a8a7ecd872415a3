"""How an amount is told."""

from decimal import Decimal


def readable(amount: Decimal) -> str:
    """Every digit that counts: no exponent, no trailing zeros, no negative zero."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
