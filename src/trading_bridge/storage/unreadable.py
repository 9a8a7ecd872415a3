"""Rows that nobody can read: left out one by one, and told, so that a damaged row does not take the others with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from trading_bridge.logs import get_logger
from trading_bridge.storage.types import AnyRow

T = TypeVar("T")

#: what column types and core values raise for what this version has not written
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError)

_log = get_logger("storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRow:
    table: str
    id: str
    #: why it could not be read
    detail: str


async def read_each(
    connection: AsyncConnection, wanted: Select[*tuple[Any, ...]], key: Column[str], made: Callable[[AnyRow], T]
) -> tuple[tuple[T, ...], tuple[UnreadableRow, ...]]:
    """What can be read, in the order of `wanted`, and what cannot. `key` names each row of its table."""
    try:
        return tuple([made(row) for row in await connection.execute(wanted)]), ()
    except _UNREADABLE:
        names = (await connection.execute(wanted.with_only_columns(key))).scalars().all()
    read: list[T] = []
    damaged: list[UnreadableRow] = []
    for name in names:
        try:
            found = (await connection.execute(wanted.where(key == name))).one_or_none()
            if found is not None:
                read.append(made(found))
        except _UNREADABLE as error:
            row = UnreadableRow(table=key.table.name, id=name, detail=repr(error))
            _log.debug("row not readable", table=row.table, id=row.id, error=row.detail)
            damaged.append(row)
    return tuple(read), tuple(damaged)
