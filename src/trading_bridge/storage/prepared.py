"""Statements as text and converters, made once: SQLAlchemy would work them out anew for each row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import StatementError

Row = Sequence[object]
#: what the driver takes for a value; None: the value as it is
Converter = Callable[[Any], object] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    #: for each of the statement's parameters: its place in a row, and its converter
    parameters: tuple[tuple[int, Converter], ...]

    def bound(self, rows: Sequence[Row]) -> list[tuple[object, ...]]:
        """Column by column: a row costs no turn of a loop of its own."""
        columns = tuple(zip(*rows, strict=True))
        taken = [
            columns[place] if convert is None else _converted(columns[place], convert)
            for place, convert in self.parameters
        ]
        return list(zip(*taken, strict=True))


def _converted(column: tuple[object, ...], convert: Callable[[Any], object]) -> Iterable[object]:
    """Rows of one commit often have the very same value, such as its time."""
    if len(set(map(id, column))) == 1:
        return (convert(column[0]),) * len(column)
    return map(convert, column)


class _Statement:
    def __init__(self, statement: Insert | Update | Select[Any], names: Sequence[str]) -> None:
        """`names` are the statement's parameters, in the order in which the rows hold their values."""
        self._statement = statement
        self._names = tuple(names)
        self._compiled: dict[str, _Compiled] = {}  # dialect -> the statement in it

    def _for(self, dialect: Dialect) -> _Compiled:
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = self._compile(dialect)
        return known

    def _compile(self, dialect: Dialect) -> _Compiled:
        keys = None if isinstance(self._statement, Select) else list(self._names)
        compiled = self._statement.compile(dialect=dialect, column_keys=keys)
        names = compiled.positiontup
        assert names is not None, "both drivers take parameters by their place"
        return _Compiled(
            text=compiled.string,
            parameters=tuple(
                (self._names.index(name), compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in names
            ),
        )


class Prepared(_Statement):
    def __init__(self, statement: Insert | Update, names: Sequence[str]) -> None:
        super().__init__(statement, names)

    def run(self, connection: Connection, rows: Sequence[Row]) -> int | None:
        """For one row or more: how many it wrote; None: the driver does not count them. Raises StatementError where a
        value cannot be stored, as SQLAlchemy itself does."""
        compiled = self._for(connection.dialect)
        try:
            parameters = compiled.bound(rows)
        except (AttributeError, TypeError, ValueError) as error:
            raise StatementError(str(error), compiled.text, None, error) from error
        written = connection.exec_driver_sql(compiled.text, parameters).rowcount
        return None if written < 0 else written


class PreparedNumber(_Statement):
    """One number by one number."""

    def __init__(self, statement: Select[int], name: str) -> None:
        super().__init__(statement, (name,))

    def of(self, connection: Connection, which: int) -> int | None:
        """None: there is no such row."""
        found: int | None = connection.exec_driver_sql(self._for(connection.dialect).text, (which,)).scalar()
        return found
