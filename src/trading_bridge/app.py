"""The composition root: what exists, in which order it starts, and how it ends."""

import asyncio
import gc
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import chain

from trading_bridge import __version__
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.supervision import supervised
from trading_bridge.accounts.volume import Traded, Volumes
from trading_bridge.api.app import create_api
from trading_bridge.api.carrier import Carrier, SocketCarrier
from trading_bridge.api.events import Hub
from trading_bridge.api.standby import Front
from trading_bridge.bot_types import installed, unusable
from trading_bridge.clock import Clock, Entropy, SystemClock, SystemEntropy, within
from trading_bridge.core.finding import PLATFORM, Finding, Held, RecordedFinding, SubjectKind
from trading_bridge.core.trade import Trade
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.duty import DoctorOnDuty
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.egress_watch import EgressWatch
from trading_bridge.diagnosis.findings import Findings
from trading_bridge.errors import NotReady
from trading_bridge.exchanges.hosts import Hosts
from trading_bridge.exchanges.network import Network, SystemNetwork
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import get_logger
from trading_bridge.runner.runner import Runner
from trading_bridge.runner.stall import StallWatch
from trading_bridge.services import auth
from trading_bridge.services.budget_watch import BudgetWatch
from trading_bridge.services.deps import Deps
from trading_bridge.services.running import obstacle
from trading_bridge.services.sign_in import SignInDesk
from trading_bridge.settings import OnStop, Settings
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_group import Under
from trading_bridge.storage.lease import Lease
from trading_bridge.storage.secrets import key_file

#: one process is one shard; more come with scale-out
SHARD = 0
CANCEL_WITHIN_S = 20.0
#: how often a server that stands by asks for the lease
LOOK_EVERY_S = 1.0

_log = get_logger("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The live parts, for whoever composes more on top (the demo, a test)."""

    deps: Deps
    database: Database
    journal: Journal
    manager: ExchangeManager
    runner: Runner
    #: where people open it
    address: str


async def run(
    settings: Settings,
    main: Callable[[Platform], Awaitable[None]],
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    http: HttpSessions | None = None,
    network: Network | None = None,
    carrier: Carrier | None = None,
    database: Database | None = None,
    holder: str | None = None,
    stop: asyncio.Event | None = None,
) -> tuple[str, ...]:
    """Waits while another server trades on the database, starts everything, awaits `main`, and ends everything. The
    client order ids that remain at exchanges. `stop` ends the wait; `main` looks at it by itself. What is given stands
    in for what the settings name, and is closed at the end; `holder` is what the lease calls this server."""
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    carrier = carrier or SocketCarrier(settings.host, settings.port)
    hosts = Hosts(settings.private_hosts())
    http, network = http or HttpSessions.aiohttp(hosts=hosts), network or SystemNetwork(clock, hosts)
    database = database or Database(
        settings.resolved_database_url(), secret_keys=_keys(settings), clock=clock, entropy=entropy
    )
    try:
        await database.open()
        outside = _Outside(
            clock=clock,
            entropy=entropy,
            http=http,
            network=network,
            carrier=carrier,
            database=database,
            holder=holder or f"{socket.gethostname()}:{os.getpid()}",
        )
        return await _run(settings, main, outside, stop or asyncio.Event())
    finally:
        await http.close()
        await database.close()
        carrier.close()


def calm_collector() -> None:
    """Python's collector looks less often, and never again at what exists by now: at all that the libraries made while
    they were imported, which it would walk through for a tenth of a second at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """What the platform stands on."""

    clock: Clock
    entropy: Entropy
    http: HttpSessions
    network: Network
    carrier: Carrier
    database: Database
    holder: str


async def _run(
    settings: Settings,
    main: Callable[[Platform], Awaitable[None]],
    outside: _Outside,
    stop: asyncio.Event,
) -> tuple[str, ...]:
    """Answers on its port at once; trades under a lease. LeaseLost ends all of it as a crash does. What has to be
    done last is done however it ends; where it ends in order, before whoever waits for the lease has it."""
    front = Front()
    async with AsyncExitStack() as last, asyncio.TaskGroup() as group:
        serving = group.create_task(outside.carrier.serve(front))

        async def hang_up() -> None:
            outside.carrier.hang_up()
            await serving

        lease = await _take_over(outside, front, stop)
        if lease is None:
            await hang_up()
            return ()
        renewing = group.create_task(lease.run())
        left = await _trade(settings, main, outside, lease, front, hang_up, last)
        renewing.cancel()
        await last.aclose()
        await lease.release()
    return left


async def _take_over(outside: _Outside, front: Front, stop: asyncio.Event) -> Lease | None:
    """Stands by until the lease is free; None: asked to end before."""
    waits_for: str | None = None
    while not stop.is_set():
        try:
            found = await outside.database.acquire(SHARD, holder=outside.holder, build=__version__)
        except NotReady as error:
            _log.warning("lease not asked for", error=error.message)
        else:
            if isinstance(found, Lease):
                return found
            front.waits_for(found)
            if found.holder != waits_for:
                waits_for = found.holder
                _log.info("standing by", holder=found.holder, epoch=found.epoch, build=found.build)
        await within(outside.clock, LOOK_EVERY_S, stop.wait())
    return None


async def _trade(
    settings: Settings,
    main: Callable[[Platform], Awaitable[None]],
    outside: _Outside,
    lease: Lease,
    front: Front,
    hang_up: Callable[[], Awaitable[None]],
    last: AsyncExitStack,
) -> tuple[str, ...]:
    """`last` is left what remains to be done once nothing trades any more."""
    clock, entropy, http, database = outside.clock, outside.entropy, outside.http, outside.database
    address = outside.carrier.address
    hub = Hub()
    under = Under(shard=SHARD, epoch=lease.epoch)
    journal = Journal(database, under)

    volumes = Volumes(clock, lambda bot: manager.complete_as_of(bot))

    def booked(bot_id: str, fill: Trade) -> None:
        volumes.add(bot_id, fill)
        runner.risk.filled(bot_id)
        hub.publish("bot", bot_id)

    def moved(_: str) -> None:
        runner.risk.funds_moved()
        budgets.funds_moved()

    manager = ExchangeManager(
        database=database,
        journal=journal,
        http=http,
        clock=clock,
        on_fill=booked,
        on_bot_change=lambda bot_id: hub.publish("bot", bot_id),
        on_connector_change=lambda connector_id: hub.publish("connector", connector_id),
        on_funds_moved=moved,
    )
    stall = StallWatch(clock, lambda: (account.tracker for account in manager.accounts()), manager.stepped)
    runner = Runner(
        database=database,
        journal=journal,
        manager=manager,
        clock=clock,
        entropy=entropy,
        shard=SHARD,
        epoch=lease.epoch,
        on_change=lambda bot_id: hub.publish("bot", bot_id),
        barred=lambda bot_id: lease.barred(clock.monotonic()) or stall.barred(bot_id),
        on_restraint=hub.publish,
        may_start=lambda bot: obstacle(deps, bot),
        notice_step=stall.look,
    )
    last.push_async_callback(runner.restraints.write_last)
    egress = EgressWatch(Egress(settings.egress_url, settings.egress(), http, clock), database, manager.routes, clock)
    doctor = DoctorOnDuty(
        Doctor(http=http, limiters=manager.limiters, network=outside.network, clock=clock, egress=egress.egress),
        clock,
        accounts=manager.accounts,
        bots_of=runner.bots_on,
        on_change=lambda connector_id: hub.publish("connector", connector_id),
    )

    budgets = BudgetWatch(database, manager, clock)

    def found(one: RecordedFinding) -> None:
        hub.publish("finding", one.id)
        if one.subject.kind is SubjectKind.BOT:
            hub.publish("bot", one.subject.id)

    brought = unusable(installed(), clock.now())
    findings = Findings(
        database=database,
        clock=clock,
        entropy=entropy,
        held=lambda: chain(
            manager.findings(),
            runner.findings(),
            egress.findings(),
            budgets.findings(),
            _of_platform(lease, stall, brought),
        ),
        on_change=found,
        under=under,
    )
    deps = Deps(
        database=database,
        manager=manager,
        volumes=volumes,
        runner=runner,
        restraints=runner.restraints,
        findings=findings,
        doctor=doctor,
        clock=clock,
        entropy=entropy,
        publish=hub.publish,
        desk=SignInDesk(clock),
        lease=lease,
        hosts=Hosts(settings.private_hosts()),
    )
    closing = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(journal.run())
        await load_volumes(database, volumes, clock)  # before anything can book a fill
        started = asyncio.Event()
        managing = group.create_task(manager.run(started))
        await started.wait()
        running = group.create_task(runner.run())
        await findings.load()
        await egress.load()
        watching = [
            group.create_task(supervised(name, work, clock, manager.crashed))
            for name, work in (
                ("findings", findings.run),
                ("doctor", doctor.run),
                ("egress", egress.run),
                ("standstill", stall.run),
                ("budgets", budgets.run),
            )
        ]
        await _first_user(settings, deps, address)
        front.open(create_api(deps, hub, obstacle=lambda: "the server is shutting down" if closing.is_set() else None))
        _log.info("serving", address=address, epoch=lease.epoch, installation=database.installation_id)
        await main(
            Platform(deps=deps, database=database, journal=journal, manager=manager, runner=runner, address=address)
        )
        closing.set()
        left = await runner.close(cancel=settings.on_stop is OnStop.CANCEL, timeout_s=CANCEL_WITHIN_S)
        _log.info("orders left at exchanges", count=len(left), client_order_ids=left)
        hub.close()
        await hang_up()
        ending = (running, managing, *watching)
        for task in ending:
            task.cancel()
        await asyncio.wait(ending)
        await doctor.close()
        await manager.close()
        journal.close()
        await writing
    return left


def _of_platform(lease: Lease, stall: StallWatch, brought: Sequence[Finding]) -> Iterator[Held]:
    """What keeps this process from sending, or kept it a moment ago, and the bot types that it could not load."""
    for found in (lease.finding(), stall.finding(), *brought):
        if found is not None:
            yield Held(subject=PLATFORM, finding=found)


async def load_volumes(database: Database, volumes: Volumes, clock: Clock) -> None:
    """The figures start from what storage has."""
    async with database.unit_of_work(read_only=True) as uow:
        days = await uow.totals.of(None)
        recent = await uow.trades.since(None, clock.now() - timedelta(hours=24))
    totals: dict[tuple[str, str], Traded] = {}  # bot_id, quote -> all of it
    today: dict[tuple[str, str], Decimal] = {}
    for day in days:
        key = day.bot_id, day.currency
        totals[key] = totals.get(key, Traded()).joined(day)
        if day.day == clock.now().date():
            today[key] = day.volume
    fills: dict[tuple[str, str], list[Trade]] = {}
    for fill in recent:
        if fill.bot_id is not None:
            fills.setdefault((fill.bot_id, fill.trade.symbol.partition("/")[2]), []).append(fill.trade)
    for (bot_id, quote), total in totals.items():
        known = today.get((bot_id, quote), Decimal(0)), fills.get((bot_id, quote), [])
        volumes.load(bot_id, quote, total, *known)


async def _first_user(settings: Settings, deps: Deps, address: str) -> None:
    if settings.admin_email is not None and settings.admin_password is not None:
        await auth.ensure_admin(deps, email=settings.admin_email, password=settings.admin_password.get_secret_value())
    token = await auth.offer_setup(deps)
    if token is not None:
        _log.warning("no user yet: open this link once to make the first", link=f"{address}/app/setup#token={token}")


def _keys(settings: Settings) -> tuple[str, ...]:
    if settings.secret_keys is not None:
        return tuple(key.strip() for key in settings.secret_keys.get_secret_value().split(",") if key.strip())
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    path = settings.state_dir / "secret.key"
    keys, made = key_file(path)
    if made:
        _log.warning("a key for exchange credentials was made: keep a copy of it", path=str(path))
    return keys
