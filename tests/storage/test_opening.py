"""A database is brought to this version's schema at start, or refused in plain words and left alone."""

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from tests.storage.conftest import KEY, make
from trading_bridge.clock import CountingEntropy, ManualClock, SystemEntropy
from trading_bridge.errors import SettingsError
from trading_bridge.storage.database import Database
from trading_bridge.storage.migrate import drift, migrate, revisions
from trading_bridge.storage.postgresql import Postgresql
from trading_bridge.storage.tables import metadata


@pytest.fixture
def url(bare_url: str) -> str:
    return bare_url


@pytest.fixture
def postgresql_url(bare_postgresql_url: str) -> str:
    return bare_postgresql_url


async def test_migrations_make_exactly_the_tables(database: Database) -> None:
    assert await database.transact(drift) == []


async def test_drift_is_seen(database: Database) -> None:
    def changed(connection: Connection) -> list[object]:
        connection.execute(text("DROP INDEX ix_bots_symbol"))
        connection.execute(text("ALTER TABLE bots ADD COLUMN surprise VARCHAR"))
        return drift(connection)

    assert len(await database.transact(changed)) == 2


async def test_the_seeds_questions_are_answered(database: Database) -> None:
    for question in (
        "SELECT id, name, status, connector, bot_type FROM bots WHERE status = 'running';",
        "SELECT * FROM trade_logs ORDER BY created_at DESC LIMIT 10;",
    ):
        assert await database.transact(lambda c, q=question: c.execute(text(q)).all()) == []


async def test_a_second_start_finds_what_the_first_left(url: str) -> None:
    first = Database(url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await first.open()
    async with first.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
    await first.close()
    second = Database(url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await second.open()
    async with second.unit_of_work(read_only=True) as uow:
        assert await uow.clients.get(client.id) == client
    assert second.installation_id == first.installation_id
    assert len(second.installation_id) == 5
    await second.close()


async def test_two_databases_are_two_installations(tmp_path: Path) -> None:
    ids = []
    for name in ("a", "b"):
        database = Database(
            f"sqlite:///{tmp_path}/{name}.db", secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy()
        )
        await database.open()
        ids.append(database.installation_id)
        await database.close()
    assert ids[0] != ids[1]


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    await _prepare(url, "UPDATE alembic_version SET version_num = '9999'")
    await _refused(url, "storage.newer")
    await _prepare_raw(url, f"UPDATE alembic_version SET version_num = '{revisions()[-1]}'")
    database = make(url)
    await database.open()
    await database.close()


async def test_a_database_with_a_missing_table_is_refused(url: str) -> None:
    await _prepare(url, "DROP TABLE balance_snapshots")
    await _refused(url, "storage.incomplete")


async def test_a_database_with_a_missing_column_is_refused(url: str) -> None:
    await _prepare(url, "ALTER TABLE bots DROP COLUMN bot_type")
    await _refused(url, "storage.incomplete")


async def test_a_database_whose_version_was_never_written_is_refused(url: str) -> None:
    await _prepare(url, "DELETE FROM alembic_version")
    await _refused(url, "storage.incomplete")


async def test_a_database_whose_tables_are_ahead_of_its_version_is_refused_and_left_alone(url: str) -> None:
    await _prepare(url, f"UPDATE alembic_version SET version_num = '{revisions()[-2]}'")
    before = await _tables(url)
    with pytest.raises(SettingsError, match="a migration of it was interrupted: restore a backup") as raised:
        await make(url).open()
    assert raised.value.code == "storage.incomplete"
    assert await _tables(url) == before


async def test_a_database_of_another_program_is_refused_and_left_alone(url: str) -> None:
    await _prepare_raw(url, "CREATE TABLE customers (id INTEGER)")
    await _refused(url, "storage.foreign")
    assert await _tables(url) == {"customers"}


async def test_fault_S9_an_interrupted_migration_leaves_nothing(url: str) -> None:
    class Interruption(Exception):
        pass

    def interrupted(connection: Connection) -> None:
        migrate(connection)
        assert "orders" in inspect(connection).get_table_names()
        raise Interruption

    database = make(url)
    with pytest.raises(Interruption):
        await database.transact(interrupted)
    assert await database.transact(lambda connection: inspect(connection).get_table_names()) == []
    await database.open()
    await database.close()


async def test_two_servers_that_start_at_once_on_postgresql_migrate_once(postgresql_url: str) -> None:
    databases = [make(postgresql_url) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in databases))
    assert len({database.installation_id for database in databases}) == 1
    for database in databases:
        await database.close()


async def test_migrating_prints_nothing_and_configures_no_logging(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    def configuration() -> list[object]:
        root, alembic = logging.getLogger(), logging.getLogger("alembic")
        return [root.level, list(root.handlers), alembic.level, list(alembic.handlers), alembic.disabled]

    before = configuration()
    database = make(url)
    await database.open()
    await database.close()
    assert configuration() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address",
    ["", "nonsense", "mysql://u:hunter2@localhost/x", "sqlite://", "sqlite:///:memory:", "postgresql://h/d?surprise=1"],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as raised:
        make(address)
    assert raised.value.code == "settings.database_url"
    assert raised.value.field == "DATABASE_URL"
    assert "hunter2" not in raised.value.message


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_addresses_as_hosting_platforms_give_them_are_accepted(scheme: str) -> None:
    make(f"{scheme}://user:hunter2@host:5432/name?sslmode=require&channel_binding=prefer")


async def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(SettingsError) as raised:
        await make("postgres://user:hunter2@127.0.0.1:1/name").open()
    assert raised.value.code == "storage.unreachable"
    assert "127.0.0.1:1" in raised.value.message
    assert "hunter2" not in raised.value.message


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but dear to somebody\n" * 100)
    before = path.read_bytes()
    with pytest.raises(SettingsError) as raised:
        await make(f"sqlite:///{path}").open()
    assert raised.value.code == "storage.unreachable"
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        await make("sqlite:////proc/nowhere/storage.db").open()
    assert raised.value.code == "storage.unreachable"


async def test_a_server_that_answers_before_the_disk_does_not_do_so_for_us(postgresql_url: str) -> None:
    name = postgresql_url.rpartition("/")[2]
    careless = f'ALTER DATABASE "{name}" SET synchronous_commit = off'
    await _prepare_raw(postgresql_url, careless)
    database = make(postgresql_url)
    await database.open()
    asked = text("SELECT current_setting('synchronous_commit')")
    assert await database.transact(lambda c: c.execute(asked).scalar_one()) == "on"
    await database.transact(lambda c: c.execute(text(f'ALTER DATABASE "{name}" RESET synchronous_commit')))
    await database.close()


def test_every_amount_and_time_has_its_type() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert type(column.type).__name__ not in {"Numeric", "Float", "DateTime"}, f"{table.name}.{column.name}"


def test_the_address_that_people_see_has_no_password() -> None:
    from sqlalchemy import make_url

    assert "hunter2" not in Postgresql(make_url("postgres://user:hunter2@host/name")).label


async def _prepare(url: str, statement: str) -> None:
    database = make(url)
    await database.open()
    await database.transact(lambda connection: connection.execute(text(statement)))
    await database.close()


async def _prepare_raw(url: str, statement: str) -> None:
    database = Database(url, secret_keys=[KEY], clock=ManualClock(), entropy=CountingEntropy())
    await database.transact(lambda connection: connection.execute(text(statement)))
    await database.close()


async def _tables(url: str) -> set[str]:
    database = make(url)
    tables = await database.transact(lambda connection: inspect(connection).get_table_names())
    await database.close()
    return set(tables)


async def _refused(url: str, code: str) -> None:
    with pytest.raises(SettingsError) as raised:
        await make(url).open()
    assert raised.value.code == code
