"""What a database error means, told by its own codes, for both databases."""

import sqlite3

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

_SQLITE_DUPLICATE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_POSTGRESQL_DUPLICATE = "23505"
#: classes of PostgreSQL's codes: data exception, integrity constraint violation
_POSTGRESQL_ROW = {"22", "23"}
#: serialization failure, deadlock
_POSTGRESQL_AGAIN = {"40001", "40P01"}


def is_duplicate(error: StatementError) -> bool:
    """A unique value exists already."""
    return _sqlite_code(error) in _SQLITE_DUPLICATE or _sqlstate(error) == _POSTGRESQL_DUPLICATE


def is_rows_fault(error: StatementError) -> bool:
    """A row is to blame, not the database: without it the others can be written."""
    return (
        isinstance(error, IntegrityError | DataError)
        or not isinstance(error, DBAPIError)  # a value that its column type refuses
        or (_sqlstate(error) or "")[:2] in _POSTGRESQL_ROW
        or isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)
    )


def is_passing(error: Exception) -> bool:
    """The database took the transaction back and would take it again, or the connection broke."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _sqlstate(error) in _POSTGRESQL_AGAIN
    return isinstance(error, ConnectionError)


def _sqlite_code(error: StatementError) -> int | None:
    return getattr(error.orig, "sqlite_errorcode", None)


def _sqlstate(error: StatementError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
