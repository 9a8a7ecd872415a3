"""What a database file holds, read past the platform: by SQLite's own driver, committed rows only."""

import sqlite3
from contextlib import closing
from pathlib import Path

Row = dict[str, object]


def rows_of(path: Path, query: str, *values: object) -> list[Row]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]
