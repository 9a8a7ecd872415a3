"""What the two kinds of database have in common."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


class Backend(Protocol):
    #: address for people, without a password
    label: str
    #: how long a lease in it holds without being renewed; None: until its holder's process ends, which `open` proves
    lease_ttl_s: float | None

    async def open(self) -> None:
        """Reaches the database and takes what makes it ours alone, where it must be."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that sees one moment and can change nothing."""
        ...

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that commits at the end of the block, and rolls back when an error leaves it."""
        ...

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """`work` in one transaction of its own, in as few changes of thread or task as the driver allows."""
        ...

    async def leasing(self, work: Callable[[Connection], T]) -> T:
        """As `transact`, by a way that other work cannot keep busy."""
        ...

    async def close(self) -> None: ...
