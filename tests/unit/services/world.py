"""The services' surroundings for tests: real storage on SQLite, and small live parts that do as they are told."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from argon2 import PasswordHasher
from cryptography.fernet import Fernet

from tests.factories import market
from tests.migrated import without_threads
from tests.private_hosts import PRIVATE_TOO
from trading_bridge.accounts.connector_table import Match
from trading_bridge.accounts.locked import Locked
from trading_bridge.accounts.session_facts import SessionFacts
from trading_bridge.accounts.volume import Traded, VolumeRead, VolumeStatus
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.bot import Bot, BotState
from trading_bridge.core.client import Connector, account_key
from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.finding import Finding, RecordedFinding, Severity, Subject, SubjectKind
from trading_bridge.core.known import Known, Ok, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.restraint import KillProgress
from trading_bridge.core.transfer import Transfer
from trading_bridge.diagnosis.doctor import Draft
from trading_bridge.diagnosis.ladder import Ladder, Step
from trading_bridge.runner.restraints import Restraints
from trading_bridge.runner.risk_book import RiskBook
from trading_bridge.services.deps import Deps
from trading_bridge.services.meaning import connector_of
from trading_bridge.services.ports import Publish
from trading_bridge.services.sign_in import SignInDesk
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal


class LiveManager:
    """Connectors as storage has them after `sync`; balances and markets as a test sets them."""

    def __init__(self, clock: ManualClock) -> None:
        self.database: Database | None = None
        self.clock = clock
        self.stored: dict[str, dict[str, Connector]] = {}  # account key -> name -> connector
        self.known: dict[str, Known[Balances]] = {}  # connector_id -> balances
        self.listed: dict[str, Known[Market | None]] = {}  # symbol -> market; others: could not be read
        self.catalogue: dict[str, Known[Mapping[str, Market]]] = {}  # exchange -> its markets
        self.calls: list[tuple[str, bool]] = []  # connector_id, force: reads that would reach the exchange
        self.watched: list[tuple[str, str]] = []
        self.locked: dict[str, Mapping[str, Locked]] = {}  # connector_id -> whose orders hold what
        self.history: tuple[tuple[datetime, Decimal], ...] = ()
        self.failures: dict[str, Finding] = {}
        self.hanging: set[str] = set()
        self.hung = asyncio.Event()
        self.said: list[Transfer] = []

    def labelled(self, transfer: Transfer) -> None:
        self.said.append(transfer)

    async def sync(self, account: str | None = None) -> None:
        assert self.database is not None
        async with self.database.unit_of_work(read_only=True) as uow:
            connectors = await uow.connectors.list()
        self.stored = {}
        for one in connectors:
            self.stored.setdefault(account_key(one.account), {})[one.name] = one

    def connectors(self, account: str) -> Mapping[str, Connector]:
        return self.stored.get(account_key(account), {})

    def match(self, account: str, connector: str) -> Match:
        existing = tuple(self.connectors(account).values())
        meant = connector_of(connector, existing)
        if meant is None:
            parameters = {"connector": connector, "account": account, "existing": "none"}
            return Match(connector_id=None, rule=None, finding=self.finding("connector.missing", parameters))
        rule = "name" if meant.name == connector.strip().lower() else "only connector at that exchange"
        return Match(connector_id=meant.id, rule=rule, finding=None)

    async def balances(self, connector_id: str, *, max_age_s: float = 5.0, force: bool = False) -> Known[Balances]:
        if connector_id in self.hanging and max_age_s != math.inf:
            self.hung.set()
            await self.clock.sleep(3600)
        if force or max_age_s != math.inf:
            self.calls.append((connector_id, force))
        return self.known.get(connector_id) or Unknown(finding=self.finding("connector.not_synced", {}))

    def sessions(self, account: str) -> tuple[SessionFacts, ...]:
        found = []
        for one in self.connectors(account).values():
            known = self.known.get(one.id)
            as_of = None if known is None or isinstance(known, Unknown) else known.as_of
            found.append(
                SessionFacts(
                    key=one.name,
                    connector_id=one.id,
                    exchange=one.exchange,
                    host_label=None,
                    as_of=as_of,
                    request_id=None if as_of is None else "8142",
                    finding=self.failures.get(one.id),
                    calls=(),
                )
            )
        return tuple(found)

    def subjects(self, bot: Bot) -> tuple[Subject, ...]:
        connector_id = self.match(bot.account, bot.connector).connector_id
        return () if connector_id is None else (Subject(kind=SubjectKind.CONNECTOR, id=connector_id),)

    async def market(self, connector_id: str, symbol: str) -> Known[Market | None]:
        return self.listed.get(symbol) or Unknown(finding=self.finding("market.unverified", {"symbol": symbol}))

    def known_market(self, account: str, connector: str, symbol: str) -> Market | None:
        found = self.listed.get(symbol)
        return None if found is None or isinstance(found, Unknown) else found.value

    async def markets(self, exchange: str) -> Known[Mapping[str, Market]]:
        return self.catalogue.get(exchange) or Unknown(finding=self.finding("exchange.unreachable", {"stage": "dns"}))

    def locked_by(self, connector_id: str, bot: Bot) -> Mapping[str, Locked] | None:
        return self.locked.get(connector_id)

    def watch(self, connector_id: str, symbol: str) -> None:
        self.watched.append((connector_id, symbol))

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]:
        return self.history

    def finding(self, code: str, parameters: Mapping[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self.clock.now(), parameters=parameters)

    def hold(self, connector_id: str, **amounts: tuple[str, str]) -> None:
        """Currency -> free, used; read just now."""
        held = {name: Balance(free=Decimal(free), used=Decimal(used)) for name, (free, used) in amounts.items()}
        self.known[connector_id] = Ok(
            value=Balances(wallet="spot", exchange_account="1", by_currency=held, complete=True),
            as_of=self.clock.now(),
        )


class LiveVolumes:
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.reads: dict[str, VolumeRead] = {}

    def of(self, bot: Bot) -> VolumeRead:
        return self.reads.get(bot.id) or self.unknown(bot)

    def unknown(self, bot: Bot) -> VolumeRead:
        return VolumeRead(
            status=VolumeStatus.UNKNOWN,
            since=bot.created_at,
            as_of=None,
            finding=Finding(code="volume.incomplete", severity=Severity.WARNING, since=bot.created_at),
            currency=bot.symbol.partition("/")[2],
            today=None,
            last_24h=None,
            total=None,
            last_24h_traded=None,
        )

    def traded(self, bot_id: str, *, today: str, total: Traded, last_24h: Traded) -> None:
        now = self._clock.now()
        self.reads[bot_id] = VolumeRead(
            status=VolumeStatus.OK,
            since=now,
            as_of=now,
            finding=None,
            currency="USDT",
            today=Decimal(today),
            last_24h=last_24h.volume,
            total=total,
            last_24h_traded=last_24h,
        )


class LiveRunner:
    def __init__(self, risk: RiskBook) -> None:
        self.risk = risk
        self.states: dict[str, BotState] = {}
        self.decisions: dict[str, StoredDecision] = {}
        self.woken = 0
        #: bots whose orders are not confirmed gone
        self.owing: set[str] = set()
        self.progresses: dict[str, KillProgress] = {}

    def state(self, bot_id: str) -> BotState | None:
        return self.states.get(bot_id)

    def decision(self, bot_id: str) -> StoredDecision | None:
        return self.decisions.get(bot_id)

    def wake(self) -> None:
        self.woken += 1

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        return bot_id not in self.owing

    def progress(self, kill_id: str) -> KillProgress | None:
        return self.progresses.get(kill_id)


class LiveFindings:
    """Those that a test says hold."""

    def __init__(self) -> None:
        self.holding: list[RecordedFinding] = []
        self.stored = 0

    def open(self) -> tuple[RecordedFinding, ...]:
        return tuple(self.holding)

    def of(self, subjects: Iterable[Subject], finding: Finding) -> RecordedFinding | None:
        wanted = set(subjects)
        return next((one for one in self.holding if one.subject in wanted and one.finding.code == finding.code), None)

    async def store(self) -> None:
        self.stored += 1

    def noted(self, recorded: RecordedFinding) -> None:
        self.holding = [recorded if one.id == recorded.id else one for one in self.holding]


class LiveDoctor:
    """Finds what a test says."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.diagnosis: Finding | None = None
        self.steps: tuple[Step, ...] = ()
        self.examined: list[str | Draft] = []
        #: False: no connector has a session
        self.serves = True
        self.ladders: dict[str, Ladder] = {}

    async def examine(self, connector_id: str) -> Ladder | None:
        if not self.serves:
            return None
        self.examined.append(connector_id)
        self.ladders[connector_id] = self._ladder()
        return self.ladders[connector_id]

    async def examine_draft(self, draft: Draft) -> Ladder:
        self.examined.append(draft)
        return self._ladder()

    def last(self, connector_id: str) -> Ladder | None:
        return self.ladders.get(connector_id)

    def keep(self, connector_id: str, ladder: Ladder) -> None:
        self.ladders[connector_id] = ladder

    def _ladder(self) -> Ladder:
        return Ladder(
            started_at=self._clock.now(),
            took_ms=84,
            steps=self.steps,
            diagnosis=self.diagnosis,
            remaining=(),
            egress=(),
            requests=6,
        )


@dataclass
class World:
    clock: ManualClock
    database: Database
    manager: LiveManager
    volumes: LiveVolumes
    runner: LiveRunner
    findings: LiveFindings
    doctor: LiveDoctor
    deps: Deps
    #: what pages were told
    told: list[tuple[str, str]] = field(default_factory=list)

    async def audit(self) -> list[str]:
        """Verbs, oldest first."""
        async with self.database.unit_of_work(read_only=True) as uow:
            return [row.verb for row in reversed((await uow.audit.list()).items)]


@asynccontextmanager
async def world(folder: Path, also_tell: Publish = lambda kind, subject_id: None) -> AsyncIterator[World]:
    clock, entropy = ManualClock(), CountingEntropy()
    told: list[tuple[str, str]] = []

    def publish(kind: str, subject_id: str) -> None:
        told.append((kind, subject_id))
        also_tell(kind, subject_id)

    database = Database(
        without_threads(folder / "test.db", clock),
        secret_keys=[Fernet.generate_key().decode()],
        clock=clock,
        entropy=entropy,
    )
    await database.open()
    manager, volumes = LiveManager(clock), LiveVolumes(clock)
    journal = Journal(database)
    writing = asyncio.create_task(journal.run())
    runner = LiveRunner(RiskBook(database, journal, clock))
    findings, doctor = LiveFindings(), LiveDoctor(clock)
    manager.database = database
    manager.listed["SHARP/USDT"] = Ok(value=market(), as_of=clock.now())
    manager.listed["GONE/USDT"] = Ok(value=None, as_of=clock.now())
    deps = Deps(
        database=database,
        manager=manager,
        volumes=volumes,
        runner=runner,
        restraints=Restraints(database=database, clock=clock, entropy=entropy),
        findings=findings,
        doctor=doctor,
        clock=clock,
        entropy=entropy,
        publish=publish,
        desk=SignInDesk(clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        hosts=PRIVATE_TOO,
    )
    try:
        yield World(clock, database, manager, volumes, runner, findings, doctor, deps, told)
    finally:
        journal.close()
        await writing
        await database.close()
