"""What a database error means, told by its own codes, for both databases."""

import sqlite3

from sqlalchemy.exc import DBAPIError

_SQLITE_DUPLICATE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_POSTGRESQL_DUPLICATE = "23505"
#: serialization failure, deadlock
_POSTGRESQL_AGAIN = {"40001", "40P01"}


def is_duplicate(error: DBAPIError) -> bool:
    """A unique value exists already."""
    return _sqlite_code(error) in _SQLITE_DUPLICATE or _sqlstate(error) == _POSTGRESQL_DUPLICATE


def is_transient(error: DBAPIError) -> bool:
    """The database took the transaction back and would take it again; or the connection broke, outcome unknown."""
    return error.connection_invalidated or _sqlstate(error) in _POSTGRESQL_AGAIN


def _sqlite_code(error: DBAPIError) -> int | None:
    return getattr(error.orig, "sqlite_errorcode", None)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
