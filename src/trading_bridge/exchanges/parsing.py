"""What stands in an answer, as a value of ours or an error; never a default in its place."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from trading_bridge.core.order import Side

ZERO = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """An answer lacks what it must have, or has it in a form that is not known."""


def required(value: Any, name: str) -> Decimal:
    """A number that must be there; zero counts."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Unreadable(f"{name} is {value!r}, expected a number as text")
    try:
        number = Decimal(value if isinstance(value, int) or "." not in value else _trimmed(value))
    except InvalidOperation:
        raise Unreadable(f"{name} is {value!r}, expected a number") from None
    if not number.is_finite():
        raise Unreadable(f"{name} is {value!r}, expected a number")
    return number if number else ZERO


def optional(value: Any, name: str) -> Decimal | None:
    """A number that may be missing; zero counts."""
    return None if value is None else required(value, name)


def optional_nonzero(value: Any, name: str) -> Decimal | None:
    """A number that may be missing, where the exchange writes zero for "none"."""
    number = optional(value, name)
    return None if number == ZERO else number


def side(word: Any) -> Side:
    if word not in ("buy", "sell"):
        raise Unreadable(f"side is {word!r}, expected buy or sell")
    return Side(word)


def text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is {value!r}, expected text")
    return value


def moment(milliseconds: Any) -> datetime:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        raise Unreadable(f"time is {milliseconds!r}, expected milliseconds")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def ordinal(word: str) -> int:
    """0: it is no number."""
    return int(word) if word.isdecimal() else 0


def _trimmed(word: str) -> str:
    """Without the zeros that pad a fraction to 18 decimals; an exponent stays as it is."""
    return word.rstrip("0").rstrip(".") if word.replace(".", "", 1).isdecimal() else word
