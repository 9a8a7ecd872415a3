"""The installation itself: settings, keys, database, server, disk, clock. A function each; none changes anything."""

import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import aiohttp

from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.ladder import Ladder, Rung, StepOutcome
from trading_bridge.errors import SettingsError
from trading_bridge.redaction import scrubbed
from trading_bridge.settings import Settings
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.read_only import ReadOnlyDatabase
from trading_bridge.storage.secrets import Secrets, Undecryptable, key_file
from trading_bridge.storage.unit_of_work import UnitOfWork

DISK_LOW_BYTES = 500_000_000
HEALTH_WITHIN_S = 3.0
KEY_FILE = "secret.key"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    #: what was looked at, in a word or two
    name: str
    #: SKIPPED: it could not be looked at
    outcome: StepOutcome
    #: what was seen
    sentence: str
    #: None unless it failed
    finding: Finding | None = None


def settings_readable(load: Callable[[], T], now: datetime, name: str = "Settings") -> tuple[T | None, Check]:
    """What `load` makes of them; None where it raises SettingsError."""
    try:
        loaded = load()
    except SettingsError as error:
        return None, _failed(name, error.message, "settings.invalid", now, detail=error.message)
    return loaded, _passed(name, "every value can be used")


def secret_keys(settings: Settings, now: datetime) -> tuple[tuple[str, ...], Check]:
    """The keys, from the settings or the key file, which is not made here."""
    name, file = "Secret keys", settings.state_dir / KEY_FILE
    try:
        if settings.secret_keys is not None:
            given = settings.secret_keys.get_secret_value().split(",")
            keys, place = tuple(key.strip() for key in given if key.strip()), "TRADING_BRIDGE_SECRET_KEYS"
        elif file.exists():
            keys, place = key_file(file)[0], str(file)
        else:
            told = f"TRADING_BRIDGE_SECRET_KEYS is not set, and there is no {file}"
            return (), _failed(name, told, "secret_keys.missing", now)
        Secrets(keys)
    except (SettingsError, OSError) as error:
        return (), _failed(name, str(error), "settings.invalid", now, detail=str(error))
    return keys, _passed(name, f"{len(keys)} in {place}")


async def database_there(database: ReadOnlyDatabase, now: datetime) -> Check:
    """It exists, answers, and has the schema of this version."""
    name, where = "Database", database.label
    try:
        if database.missing():
            return _failed(name, f"there is no {where}", "database.missing", now)
        have, need = await database.revisions()
    except FAILURES as error:
        return unreachable(name, error, now)
    if have is None:
        return _failed(name, f"{where} is empty", "database.missing", now)
    if have != need:
        told = f"{where} is at revision {have}, this version needs {need}"
        return _failed(name, told, "database.behind", now, have=have, need=need)
    return _passed(name, f"{where} is at revision {have}")


async def credentials_open(uow: UnitOfWork, connectors: Iterable[Connector], now: datetime) -> tuple[Check, ...]:
    """One that says that every stored key opens, or one for each that does not."""
    name, failed, opened = "Exchange keys", [], 0
    for connector in connectors:
        try:
            opened += await uow.connectors.credentials(connector.id) is not None
        except Undecryptable as error:
            whose = f"{connector.name} of {connector.account}"
            told = f"{whose}: {error.message}"
            failed.append(_failed(name, told, "credentials.undecryptable", now, connector=whose))
    return tuple(failed) or (_passed(name, f"{opened} stored, each can be decrypted"),)


async def runner_alive(
    database: ReadOnlyDatabase | None, address: str, answers: Callable[[str], Awaitable[bool]], now: datetime
) -> Check:
    """Who holds the database's file, else whether anybody `answers` at the address where a server should."""
    holder = None if database is None else database.server()
    if holder is not None:
        return _passed("Server", f"process {holder} holds the database")
    if await answers(address):
        return _passed("Server", f"{address} answers")
    told = f"no process holds the database, and nothing answers at {address}"
    return _failed("Server", told, "runner.down", now, stage="platform")


def disk_space(folder: Path, now: datetime, free_bytes: Callable[[Path], int] | None = None) -> Check:
    """Of the folder, or of what it will be made in; `free_bytes` None: as the system says."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = free_bytes(there) if free_bytes is not None else shutil.disk_usage(there).free
    free_mb = free // 1_000_000
    told = f"{free_mb} MB free at {there}"
    if free < DISK_LOW_BYTES:
        return _failed("Disk", told, "disk.low", now, free_mb=str(free_mb), path=str(there))
    return _passed("Disk", told)


def clock_right(ladders: Sequence[Ladder]) -> Check:
    """As the exchanges' answers told it."""
    steps = [step for ladder in ladders for step in ladder.steps if step.rung is Rung.CLOCK]
    for step in steps:
        if step.finding is not None:
            return Check(name="Clock", outcome=StepOutcome.FAIL, sentence=step.detail, finding=step.finding)
    for step in steps:
        if step.outcome is StepOutcome.PASS:
            return _passed("Clock", step.detail)
    return Check(name="Clock", outcome=StepOutcome.SKIPPED, sentence="no exchange told the time")


def unreachable(name: str, error: Exception, now: datetime) -> Check:
    """The driver's own words; SQLAlchemy's carry statements and links."""
    detail = scrubbed(" ".join(str(getattr(error, "orig", None) or error).split())) or type(error).__name__
    return _failed(name, detail, "database.unreachable", now, detail=detail)


async def answers_health(address: str) -> bool:
    """Whether a server of ours listens there."""
    timeout = aiohttp.ClientTimeout(total=HEALTH_WITHIN_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{address}/health") as answer:
            return answer.status == 200 and (await answer.json(content_type=None)) == {"status": "ok"}
    except (aiohttp.ClientError, OSError, ValueError):
        return False


def own_address(settings: Settings) -> str:
    """Where the server of these settings is reached from this host."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared only
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _passed(name: str, sentence: str) -> Check:
    return Check(name=name, outcome=StepOutcome.PASS, sentence=sentence)


def _failed(name: str, sentence: str, code: str, now: datetime, **parameters: str) -> Check:
    finding = Finding(code=code, severity=Severity.CRITICAL, since=now, parameters=parameters)
    return Check(name=name, outcome=StepOutcome.FAIL, sentence=sentence, finding=finding)
