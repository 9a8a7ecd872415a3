"""Databases on a PostgreSQL server for tests: `TEST_DATABASE_URL`, or one on this machine."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest


@contextmanager
def own_database(prefix: str) -> Iterator[str]:
    """The address of a database of this process's own; skips the test without a server."""
    server = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    name = f"{prefix}_{os.getpid()}"
    try:
        asyncio.run(execute(server, f'CREATE DATABASE "{name}"'))
    except (OSError, asyncpg.PostgresError) as error:
        pytest.skip(f"no PostgreSQL: {error}")
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    asyncio.run(execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def execute(address: str, statements: str) -> None:
    connection = await asyncpg.connect(address, timeout=60)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
