"""Column types that keep what Python means: exact amounts, UTC times, closed sets of words."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, Numeric, Row, String, Text
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

E = TypeVar("E", bound=StrEnum)

#: what a query gives; each repository turns it into a core value at once
AnyRow = Row[*tuple[Any, ...]]

#: 64 bits on both databases; SQLite gives row ids to INTEGER keys only
Big = BigInteger().with_variant(Integer(), "sqlite")


class AmountInSql(TypeError):
    """Amounts are text on SQLite: their sums, orders and comparisons there would be wrong."""


def plain(value: Decimal) -> str:
    """Every digit, no exponent."""
    return format(value, "f")


def _refuse(what: object) -> NoReturn:
    raise AmountInSql(f"{what}: amounts are computed and compared in Python, never in SQL")


class Amount(TypeDecorator[Decimal]):
    """An exact decimal: TEXT on SQLite, NUMERIC without limits on PostgreSQL. Use it through `amount_column`."""

    impl = Text
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[Decimal]):
        def operate(self, op: operators.OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            if op in (operators.is_, operators.is_not) and other == (None,):
                return super().operate(op, *other, **kwargs)
            _refuse(op.__name__)

        def reverse_operate(self, op: operators.OperatorType, other: Any, **kwargs: Any) -> ColumnElement[Any]:
            _refuse(op.__name__)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Numeric() if dialect.name == "postgresql" else Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], object] | None:
        if dialect.name == "postgresql":
            return _checked
        return _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None] | None:
        return None if dialect.name == "postgresql" else _from_text


class AmountColumn(Column[Any]):
    """A column of amounts, which no function, ordering or grouping of SQL accepts."""

    inherit_cache = True

    def self_group(self, against: operators.OperatorType | None = None) -> Any:
        if against is None or against in (operators.is_, operators.is_not):
            return super().self_group(against)
        _refuse(against.__name__)

    @property
    def _order_by_label_element(self) -> Any:
        _refuse("order_by")


def amount_column(*, nullable: bool = False) -> AmountColumn:
    return AmountColumn(Amount(), nullable=nullable)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored and read as UTC; on SQLite as text such as `2026-02-09 13:15:00.000000+00:00`, which sorts
    by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        return _aware if dialect.name == "postgresql" else _time_to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _to_utc if dialect.name == "postgresql" else _time_from_text


class Word(TypeDecorator[E]):
    """One of a StrEnum's words, stored as itself; a stored word unknown to this version is an error."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, dialect: Dialect) -> Callable[[E | None], str | None]:
        return _word_to_text

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self.words(value)


def _checked(value: Decimal | None) -> Decimal | None:
    if value is not None and not value.is_finite():
        _refuse_amount(value)
    return value


def _refuse_amount(value: Decimal) -> NoReturn:
    raise ValueError(f"{value} is not an amount")


def _to_text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    if not value.is_finite():
        _refuse_amount(value)
    text = str(value)
    return format(value, "f") if "E" in text else text  # nearly all are without an exponent, and sooner written so


def _from_text(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"a time without a zone: {value.isoformat()}")
    return value


def _time_to_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:  # nearly all are
        _aware(value)
        value = value.astimezone(UTC)
    return _utc_text(value)


@lru_cache(maxsize=64)
def _utc_text(value: datetime) -> str:
    """Rows of one commit, and orders of one decision, have times in common."""
    minute = _minute_text(value.year, value.month, value.day, value.hour, value.minute)
    return "%s:%02d.%06d+00:00" % (minute, value.second, value.microsecond)  # noqa: UP031 - `isoformat` takes twice as long


@lru_cache(maxsize=64)
def _minute_text(year: int, month: int, day: int, hour: int, minute: int) -> str:
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"


def _to_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _time_from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _word_to_text(value: StrEnum | None) -> str | None:
    return None if value is None else str.__str__(value)
