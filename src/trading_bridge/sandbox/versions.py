"""The tables of a sandbox's file: made in a new one, brought up to date in an older one."""

import sqlite3

from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.candles import Candle, with_trade
from trading_bridge.sandbox.rows import candle_row, read_trade
from trading_bridge.sandbox.schema import PUT_CANDLE, SCHEMA, SCHEMA_VERSION, SECOND_VERSION


def prepare(database: sqlite3.Connection, label: str) -> None:
    """Raises `SettingsError` where a later version wrote it."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        database.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    elif version == 1:
        _second(database)
    elif version != SCHEMA_VERSION:
        raise SettingsError("sandbox.version", f"{label} was written by another version of the sandbox ({version})")


def _second(database: sqlite3.Connection) -> None:
    """Whole or not at all."""
    database.executescript(f"BEGIN; {SECOND_VERSION}")
    candles: dict[str, Candle] = {}
    for row in database.execute("SELECT * FROM trades ORDER BY match_id"):
        trade = read_trade(row)
        candle = candles[trade.symbol] = with_trade(candles.get(trade.symbol), trade)
        database.execute(PUT_CANDLE, candle_row(candle))
    database.execute("PRAGMA user_version = 2")
    database.execute("COMMIT")
