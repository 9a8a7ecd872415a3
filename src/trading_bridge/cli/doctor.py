"""`trading-bridge doctor`: what is wrong and how it is mended, beside a running server or without one."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from trading_bridge.cli.demo_state import HOSTS, is_demo
from trading_bridge.cli.doctor_json import document
from trading_bridge.cli.doctor_look import Examiner, Stored, examine, narrowed, read
from trading_bridge.cli.doctor_report import Report, bundles
from trading_bridge.cli.doctor_tables import show
from trading_bridge.clock import Clock, SystemClock, SystemEntropy
from trading_bridge.core.egress import SeenAddress
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.installation import (
    Check,
    answers_health,
    clock_right,
    credentials_open,
    database_there,
    disk_space,
    own_address,
    runner_alive,
    secret_keys,
    settings_readable,
    unreachable,
)
from trading_bridge.exchanges.hosts import Hosts
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.network import SystemNetwork
from trading_bridge.logs import configure_logs
from trading_bridge.settings import Settings, load_settings
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.read_only import ReadOnlyDatabase

WELL, FINDINGS = 0, 1
#: without a database that can be read there is nothing more to look at
_UNREADABLE = frozenset({"database.missing", "database.unreachable", "settings.invalid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    #: by id or name; None: all
    bot: str | None = None
    connector: str | None = None
    json: bool = False
    outside: bool = False
    bundle: bool = False
    #: before the environment; None: as there
    state: Path | None = None
    port: int | None = None


async def run_doctor(asked: Asked) -> int:
    """The exit code; raises InvalidInput for a bot or connector that does not exist."""
    configure_logs(json=False, level="ERROR")  # what is wrong stands in the report
    clock = SystemClock()
    report = await look(asked, clock)
    if asked.json:
        sys.stdout.write(document(report, clock.now) + "\n")
    elif asked.bundle:
        sys.stdout.write("\n".join(bundles(report)) or "Nothing to report: no connector has a finding.\n")
    else:
        show(report, Console(), clock.now, outside=asked.outside)
    return WELL if report.well else FINDINGS


async def look(asked: Asked, clock: Clock, examiner: Examiner | None = None) -> Report:
    """`examiner` None: the doctor itself, by the network. Raises InvalidInput as `run_doctor`."""
    now = clock.now()
    given = {name: value for name, value in (("state_dir", asked.state), ("port", asked.port)) if value is not None}
    settings, readable = settings_readable(lambda: load_settings(**given), now)
    if settings is None:
        return Report(looked_at=now, checks=(readable,), connectors=(), homeless=(), unread="the settings come first")
    if is_demo(settings.state_dir) and settings.allow_private_hosts is None:
        settings = settings.model_copy(update={"allow_private_hosts": HOSTS})
    keys, keyed = secret_keys(settings, now)
    stored, checks = await _storage(settings, keys, clock)
    checks = (readable, keyed, *checks, disk_space(settings.state_dir, now))
    if stored is None:
        unread = next(check.sentence for check in checks if check.finding is not None and check.name == "Database")
        return Report(looked_at=now, checks=checks, connectors=(), homeless=(), unread=unread)
    wanted = narrowed(stored, asked.bot, asked.connector)
    hosts = Hosts(settings.private_hosts())
    outside = hosts if asked.outside else None
    async with _doctor(settings, stored.addresses, clock, hosts) as doctor:
        connectors, homeless = await examine(stored, wanted, examiner or doctor, clock, outside=outside)
    checks = (*checks, clock_right([one.ladder for one in connectors]))
    return Report(looked_at=now, checks=checks, connectors=connectors, homeless=homeless)


async def _storage(settings: Settings, keys: Sequence[str], clock: Clock) -> tuple[Stored | None, tuple[Check, ...]]:
    """What is stored, None where it cannot be read; and whether database and server are as they should be."""
    now, address = clock.now(), own_address(settings)
    url = settings.resolved_database_url()
    opened, wrong = settings_readable(
        lambda: ReadOnlyDatabase(url, secret_keys=keys, clock=clock, entropy=SystemEntropy()), now, name="Database"
    )
    if opened is None:
        return None, (wrong, await runner_alive(None, address, answers_health, now))
    try:
        there = await database_there(opened, now)
        stored: Stored | None = None
        checks: tuple[Check, ...] = (there,)
        if there.finding is None or there.finding.code not in _UNREADABLE:
            stored, checks = await _read(opened, there, clock, now)
        return stored, (*checks, await runner_alive(opened, address, answers_health, now))
    finally:
        await opened.close()


async def _read(
    database: ReadOnlyDatabase, there: Check, clock: Clock, now: datetime
) -> tuple[Stored | None, tuple[Check, ...]]:
    """As far as it goes: another version's tables may lack what this one asks for."""
    try:
        async with database.unit_of_work() as uow:
            stored = await read(uow, clock)
            return stored, (there, *await credentials_open(uow, stored.connectors, now))
    except FAILURES as error:
        return None, (there,) if there.finding is not None else (unreachable("Database", error, now),)


@asynccontextmanager
async def _doctor(settings: Settings, seen: Sequence[SeenAddress], clock: Clock, hosts: Hosts) -> AsyncIterator[Doctor]:
    http, network = HttpSessions.aiohttp(hosts=hosts), SystemNetwork(clock, hosts)
    try:
        egress = Egress(settings.egress_url, settings.egress(), http, clock)
        egress.load(seen)
        yield Doctor(http=http, limiters=Limiters(clock), network=network, clock=clock, egress=egress)
    finally:
        await http.close()
