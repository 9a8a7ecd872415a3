"""What a database error means, told by its own codes, for both databases."""

import sqlite3

import asyncpg
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from trading_bridge.errors import NotReady

#: what is raised where a database cannot be reached, read or written: by its driver, and by a unit of work
FAILURES = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, NotReady)
_SQLITE_DUPLICATE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
#: primary codes
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_POSTGRESQL_DUPLICATE = "23505"
#: classes of PostgreSQL's codes: data exception, integrity constraint violation
_POSTGRESQL_ROW = {"22", "23"}
#: a table, column or other object that exists already, or does not
_POSTGRESQL_SCHEMA = {"42P07", "42701", "42710", "42P01", "42703", "42704"}
#: serialization failure, deadlock
_POSTGRESQL_AGAIN = {"40001", "40P01"}
#: classes: connection exception, insufficient resources, operator intervention
_POSTGRESQL_AWAY = {"08", "53", "57"}


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


def is_schemas_fault(error: StatementError) -> bool:
    """The tables are others than the statement was written for."""
    return _sqlite_code(error) == sqlite3.SQLITE_ERROR or _sqlstate(error) in _POSTGRESQL_SCHEMA


def is_passing(error: Exception) -> bool:
    """The database took the transaction back and would take it again, or the connection broke."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _sqlstate(error) in _POSTGRESQL_AGAIN
    return isinstance(error, ConnectionError)


def is_unreachable(error: Exception) -> bool:
    """The database is full, locked for too long, or gone; nothing is wrong with what it was asked."""
    code = _sqlite_code(error) if isinstance(error, StatementError) else None
    if code is not None:
        return code & 0xFF in _SQLITE_AWAY
    if isinstance(error, DBAPIError):
        away = (_sqlstate(error) or "")[:2] in _POSTGRESQL_AWAY
        return away or error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if isinstance(error, asyncpg.PostgresError):  # before there was a connection
        return str(error.sqlstate)[:2] in _POSTGRESQL_AWAY
    return isinstance(error, PoolTimeoutError | asyncpg.InterfaceError | OSError)


def _sqlite_code(error: StatementError) -> int | None:
    return getattr(error.orig, "sqlite_errorcode", None)


def _sqlstate(error: StatementError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
