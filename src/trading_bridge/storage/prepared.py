"""A statement for many rows as text and converters, made once: SQLAlchemy would work them out anew for each row."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update
from sqlalchemy.exc import StatementError

Convert = Callable[[Any], object]


class Prepared:
    def __init__(self, statement: Insert | Update, names: Sequence[str]) -> None:
        """`names` are the statement's parameters, in the order in which the rows hold them."""
        self._statement = statement
        self._names = tuple(names)
        self._made: dict[str, tuple[str, tuple[tuple[int, Convert | None], ...]]] = {}  # dialect -> text, parameters

    def run(self, connection: Connection, rows: Iterable[Sequence[object]]) -> None:
        """Raises StatementError where a value cannot be stored, as SQLAlchemy itself does."""
        text, parameters = self._for(connection.dialect)
        try:
            converted = [
                tuple([row[place] if convert is None else convert(row[place]) for place, convert in parameters])
                for row in rows
            ]
        except (AttributeError, TypeError, ValueError) as error:
            raise StatementError(str(error), text, None, error) from error
        connection.exec_driver_sql(text, converted)

    def _for(self, dialect: Dialect) -> tuple[str, tuple[tuple[int, Convert | None], ...]]:
        made = self._made.get(dialect.name)
        if made is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names))
            assert compiled.positiontup is not None, "both drivers take parameters by their place"
            parameters = tuple(
                (self._names.index(name), compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in compiled.positiontup
            )
            made = self._made[dialect.name] = (compiled.string, parameters)
        return made
