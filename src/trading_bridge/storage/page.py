"""A part of a list, and where the next part begins."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Column, Tuple, literal, tuple_

from trading_bridge.errors import InvalidInput

T = TypeVar("T")
K = TypeVar("K", str, int)

PAGE_SIZE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    #: opaque; None: this was the last page
    next: str | None


def after(at: datetime, row_id: str | int) -> str:
    """The cursor behind a row that is sorted by a time and then by its id."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{row_id}"


def compared(time: Column[datetime], row_id: Column[K], cursor: str, to_id: Callable[[str], K]) -> tuple[Tuple, Tuple]:
    """The keys of a list's rows and that of the cursor: `>` for the rows after it in rising order, `<` in falling."""
    at, last_id = position(cursor, to_id)
    return tuple_(time, row_id), tuple_(literal(at, time.type), literal(last_id, row_id.type))


def position(cursor: str, to_id: Callable[[str], K]) -> tuple[datetime, K]:
    """The time and id that `after` was given; raises InvalidInput for anything else."""
    microseconds, _, row_id = cursor.partition("-")
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), to_id(row_id)
    except (ValueError, OverflowError):
        raise InvalidInput("cursor.invalid", "the cursor is not one that this list gave", field="cursor") from None
