"""What a failure says of the demos and servers that were up: states, last decisions, open findings, end of the log."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

LOG_LINES = 25
DECISIONS = 6

_ORDERS = "SELECT state, count(*) FROM orders WHERE bot_id = ? GROUP BY state"
_TRADES = "SELECT count(*), min(exchange_time), max(exchange_time) FROM trade_logs WHERE bot_id = ?"
_FINDINGS = "SELECT code, subject_kind, parameters, first_seen, resolved_at, count FROM findings WHERE resolved_at IS"
_OPEN = f"{_FINDINGS} NULL ORDER BY first_seen"
_RESOLVED = f"{_FINDINGS} NOT NULL ORDER BY first_seen DESC LIMIT 10"

#: of everything that was started and not ended yet
_stories: dict[object, Callable[[], str]] = {}


def explain(started: object, story: Callable[[], str]) -> None:
    """From now until `over` a failure tells this story."""
    _stories[id(started)] = story


def over(started: object) -> None:
    _stories.pop(id(started), None)


def all_stories() -> str:
    return "\n".join(story() for story in _stories.values())


def stored(database: Path) -> list[str]:
    """Of each bot its last decisions, newest first, its orders and trades; then what is found to be wrong."""
    lines: list[str] = []
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as found:
            for bot_id, name, status in found.execute("SELECT id, name, status FROM bots").fetchall():
                lines.append(f"bot {name} ({bot_id}), wished {status}")
                lines += _decisions(found, bot_id)
                lines.append(f"  orders by state: {_rows(found, _ORDERS, bot_id)}")
                lines.append(f"  trades, first, last: {_rows(found, _TRADES, bot_id)}")
            lines.append(f"open findings: {_rows(found, _OPEN)}")
            lines.append(f"resolved findings: {_rows(found, _RESOLVED)}")
    except sqlite3.Error as error:
        lines.append(f"{database}: {error}")
    return lines


def end_of(log: Path) -> list[str]:
    return log.read_text().splitlines()[-LOG_LINES:] if log.exists() else [f"{log}: none"]


def _decisions(found: sqlite3.Connection, bot_id: str) -> list[str]:
    query = """
        SELECT decided_at, ended_at, cycles, reason, parameters, notes, finding_code, wanted
        FROM decisions WHERE bot_id = ? ORDER BY decided_at DESC LIMIT ?"""
    return [
        f"  {begun[11:23]} to {ended[11:23] if ended else 'now'}, {cycles} cycles: {reason} {parameters}"
        f" notes {[note['code'] for note in json.loads(notes)]} finding {code} wanted {wanted}"
        for begun, ended, cycles, reason, parameters, notes, code, wanted in found.execute(query, (bot_id, DECISIONS))
    ]


def _rows(found: sqlite3.Connection, query: str, *values: str) -> list[tuple[Any, ...]]:
    return found.execute(query, values).fetchall()
