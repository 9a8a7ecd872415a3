"""Brings a database to this version's schema at start, or says why it cannot."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import StatementError

from trading_bridge.errors import SettingsError
from trading_bridge.storage.faults import is_schemas_fault
from trading_bridge.storage.tables import metadata

SCRIPTS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
#: any number that is ours: two servers that start at once migrate one after the other
_POSTGRESQL_LOCK = 7_246_011_853
_INTERRUPTED = "a migration of it was interrupted: restore a backup"


def check_origin(connection: Connection) -> tuple[str, ...]:
    """The schema it is at; changes nothing. Raises SettingsError unless it is an empty database, or one that this or an
    earlier version left."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return ()
    if VERSION_TABLE not in tables:
        raise _refused("storage.foreign", f"it holds tables that are not ours, such as {min(tables)!r}")
    found = MigrationContext.configure(connection).get_current_heads()
    known = set(revisions())
    for revision in found:
        if revision not in known:
            raise _refused(
                "storage.newer",
                f"its schema {revision!r} is unknown to this version: it was written by a newer one, or by another"
                " program; start the version that wrote it, or restore a backup",
            )
    if not found and tables != {VERSION_TABLE}:
        raise _refused("storage.incomplete", _INTERRUPTED)
    return found


@cache
def revisions() -> tuple[str, ...]:
    """The schemas that versions of this program have had, oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in scripts]))


def migrate(connection: Connection, to: str = "head") -> None:
    """In the caller's transaction: an interrupted migration leaves the schema as it was."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
    if check_origin(connection) != revisions()[-1:]:
        _upgrade(connection, to)
    if to == "head":
        _check_whole(connection)


def _upgrade(connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except StatementError as error:
        if not is_schemas_fault(error):
            raise
        raise _refused("storage.incomplete", _INTERRUPTED) from error


def revision_of(connection: Connection) -> str | None:
    """What a database is at; None: it is empty, or no version of ours has written it."""
    return ", ".join(MigrationContext.configure(connection).get_current_heads()) or None


def drift(connection: Connection) -> list[object]:
    """What the tables have and the migrated database has not, or the other way round; empty: nothing."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def draft_next(connection: Connection, message: str) -> None:
    """Writes the next migration file, made by comparing an empty database brought to the newest schema."""
    newest = revisions()
    migrate(connection, newest[-1])
    config = _config()
    config.attributes["connection"] = connection
    command.revision(config, message, autogenerate=True, rev_id=f"{len(newest) + 1:04}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _check_whole(connection: Connection) -> None:
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            raise _refused("storage.incomplete", f"its table {table.name!r} is missing: restore a backup")
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        missing = {column.name for column in table.columns} - columns
        if missing:
            raise _refused(
                "storage.incomplete", f"its table {table.name!r} lacks the column {min(missing)!r}: restore a backup"
            )


def _refused(code: str, why: str) -> SettingsError:
    return SettingsError(code, f"the database cannot be used: {why}", field="DATABASE_URL")
