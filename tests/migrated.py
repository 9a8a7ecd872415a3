"""SQLite files at this version's schema, made once for a process and laid down for each test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url

from trading_bridge.clock import Clock
from trading_bridge.storage.migrate import migrate
from trading_bridge.storage.sqlite import Sqlite


def lay_migrated(path: Path) -> None:
    """A database without an installation, where there is none yet: whoever opens it has nothing to migrate."""
    if not path.exists():
        path.write_bytes(_migrated())


def without_threads(path: Path, clock: Clock) -> Sqlite:
    """Migrated: each statement is whole within a step of the event loop."""
    lay_migrated(path)
    return Sqlite(make_url(f"sqlite:///{path}"), clock, inline=True)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        return path.read_bytes()
