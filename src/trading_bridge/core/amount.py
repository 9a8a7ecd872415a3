"""How an amount is told, and how people may write one."""

import re
from decimal import Decimal

_PLAIN = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")


def readable(amount: Decimal) -> str:
    """Every digit that counts: no exponent, no trailing zeros, no negative zero."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain(text: str) -> Decimal | None:
    """In digits with a point, as an amount is told; None: in another way, such as `1e3`, `1_000` or NaN."""
    clean = text.strip()
    return Decimal(clean) if _PLAIN.fullmatch(clean) is not None else None
