"""Each test on both databases, each with a database of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import make_url

from tests.migrated import lay_migrated
from tests.postgres import execute, own_database
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Client, Connector, Credentials
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.migrate import VERSION_TABLE, migrate, revisions
from trading_bridge.storage.postgresql import Postgresql
from trading_bridge.storage.tables import metadata

KEY = Fernet.generate_key().decode()
CREDENTIALS = Credentials(api_key="key-of-a-test-1a2b", secret="secret-of-a-test", memo=None)
SHARD = 0
#: what PostgreSQL is told between two tests; files made anew for each of them would take it a second
EMPTIED = "; ".join(
    [
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        f"DELETE FROM {VERSION_TABLE}",
        f"INSERT INTO {VERSION_TABLE} VALUES ('{revisions()[-1]}')",
        *(f"SELECT setval('{name}', 1, false)" for name in ("audit_log_id_seq", "trade_logs_id_seq")),
    ]
)


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """A database of this run's own on the server that the tests use; skips without one."""
    with own_database("tb_test") as address:
        yield address


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    """One more, at this version's schema."""
    with own_database("tb_migrated") as address:
        backend = Postgresql(make_url(address))
        asyncio.run(migrated(backend))
        yield address


@pytest.fixture
async def bare_postgresql_url(postgresql_address: str) -> str:
    """The address of an empty PostgreSQL database."""
    await execute(postgresql_address, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgresql_address


@pytest.fixture
async def postgresql_url(migrated_postgresql: str) -> str:
    """The address of a PostgreSQL database at this version's schema, in which nothing is."""
    await execute(migrated_postgresql, EMPTIED)
    return migrated_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/storage.db"
    address: str = request.getfixturevalue("bare_postgresql_url")
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database at this version's schema, in which nothing is."""
    if request.param == "sqlite":
        lay_migrated(tmp_path / "storage.db")
        return f"sqlite:///{tmp_path}/storage.db"
    address: str = request.getfixturevalue("postgresql_url")
    return address


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def database(url: str, clock: ManualClock) -> AsyncIterator[Database]:
    opened = make(url, clock)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    async with running(database) as made:
        yield made


@dataclass(frozen=True)
class World:
    """A client with a connector and a bot, and the lease under which its orders are made."""

    client: Client
    connector: Connector
    bot: Bot
    epoch: int


@pytest.fixture
async def world(database: Database) -> World:
    return await populate(database)


async def populate(database: Database) -> World:
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
        connector = await uow.connectors.add(
            client_id=client.id, name="Coinstore", exchange="coinstore", credentials=CREDENTIALS
        )
        bot = await uow.bots.add(
            client_id=client.id,
            name="SHARP-SB",
            connector="coinstore",
            symbol="SHARP/USDT",
            bot_type="spread",
            config={"spread_bps": "40"},
        )
    return World(client, connector, bot, await database.take_lease(SHARD))


async def migrated(backend: Postgresql) -> None:
    async with backend.writing() as connection:
        await connection.run_sync(migrate)
    await backend.close()


def make(url: str, clock: ManualClock | None = None, *, keys: tuple[str, ...] = (KEY,)) -> Database:
    return Database(url, secret_keys=keys, clock=clock or ManualClock(), entropy=CountingEntropy())


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(database)
    writer = asyncio.create_task(journal.run())
    yield journal
    journal.close()
    await writer
