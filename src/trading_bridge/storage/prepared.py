"""A statement for many rows as text and converters, made once: SQLAlchemy would work them out anew for each row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update
from sqlalchemy.exc import StatementError

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    #: the row's values in the order of the statement's parameters
    ordered: Callable[[Row], tuple[object, ...]]
    #: place in that order -> what the driver takes for the value there
    converters: tuple[tuple[int, Callable[[Any], object]], ...]

    def parameters(self, row: Row) -> tuple[object, ...]:
        values = list(self.ordered(row))
        for place, convert in self.converters:
            values[place] = convert(values[place])
        return tuple(values)


class Prepared:
    def __init__(self, statement: Insert | Update, names: Sequence[str]) -> None:
        """`names` are the statement's parameters, two or more, in the order in which the rows hold their values."""
        self._statement = statement
        self._names = tuple(names)
        self._compiled: dict[str, _Compiled] = {}  # dialect -> the statement in it

    def run(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Raises StatementError where a value cannot be stored, as SQLAlchemy itself does."""
        compiled = self._for(connection.dialect)
        try:
            parameters = [compiled.parameters(row) for row in rows]
        except (AttributeError, TypeError, ValueError) as error:
            raise StatementError(str(error), compiled.text, None, error) from error
        connection.exec_driver_sql(compiled.text, parameters)

    def _for(self, dialect: Dialect) -> _Compiled:
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = self._compile(dialect)
        return known

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names))
        names = compiled.positiontup
        assert names is not None, "both drivers take parameters by their place"
        converters = (compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
        return _Compiled(
            text=compiled.string,
            ordered=itemgetter(*(self._names.index(name) for name in names)),
            converters=tuple((place, convert) for place, convert in enumerate(converters) if convert is not None),
        )
