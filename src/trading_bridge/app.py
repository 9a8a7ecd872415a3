"""The composition root: what exists, in which order it starts, and how it ends."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import chain

import uvicorn

from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.supervision import supervised
from trading_bridge.accounts.volume import Traded, Volumes
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.clock import Clock, Entropy, SystemClock, SystemEntropy
from trading_bridge.core.finding import RecordedFinding, SubjectKind
from trading_bridge.core.trade import Trade
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.duty import DoctorOnDuty
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.egress_watch import EgressWatch
from trading_bridge.diagnosis.findings import Findings
from trading_bridge.errors import SettingsError
from trading_bridge.exchanges.network import Network, SystemNetwork
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import get_logger
from trading_bridge.runner.runner import Runner
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps
from trading_bridge.services.sign_in import SignInDesk
from trading_bridge.settings import OnStop, Settings
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.secrets import key_file

#: one process is one shard; more come with scale-out
SHARD = 0
CANCEL_WITHIN_S = 20.0
#: how long the last answers may take once the server ends
LINGER_S = 2

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
) -> tuple[str, ...]:
    """Starts everything, awaits `main`, and ends everything. The client order ids that remain at exchanges."""
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    listening = _listen(settings)
    http, network = http or HttpSessions.aiohttp(), network or SystemNetwork(clock)
    database = Database(settings.resolved_database_url(), secret_keys=_keys(settings), clock=clock, entropy=entropy)
    try:
        await database.open()
        return await _run(settings, main, clock, entropy, http, network, database, listening)
    finally:
        await http.close()
        await database.close()
        listening.close()


def calm_collector() -> None:
    """Python's collector looks less often, and never again at what exists by now: at all that the libraries made while
    they were imported, which it would walk through for a tenth of a second at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


async def _run(
    settings: Settings,
    main: Callable[[Platform], Awaitable[None]],
    clock: Clock,
    entropy: Entropy,
    http: HttpSessions,
    network: Network,
    database: Database,
    listening: socket.socket,
) -> tuple[str, ...]:
    epoch = await database.take_lease(SHARD)
    hub = Hub()
    journal = Journal(database)

    volumes = Volumes(clock, lambda bot: manager.complete_as_of(bot))

    def booked(bot_id: str, fill: Trade) -> None:
        volumes.add(bot_id, fill)
        hub.publish("bot", bot_id)

    manager = ExchangeManager(
        database=database,
        journal=journal,
        http=http,
        clock=clock,
        on_fill=booked,
        on_bot_change=lambda bot_id: hub.publish("bot", bot_id),
        on_connector_change=lambda connector_id: hub.publish("connector", connector_id),
    )
    runner = Runner(
        database=database,
        journal=journal,
        manager=manager,
        clock=clock,
        entropy=entropy,
        shard=SHARD,
        epoch=epoch,
        on_change=lambda bot_id: hub.publish("bot", bot_id),
    )
    egress = EgressWatch(Egress(settings.egress_url, settings.egress(), http, clock), database, manager.routes, clock)
    doctor = DoctorOnDuty(
        Doctor(http=http, network=network, clock=clock, egress=egress.egress),
        clock,
        accounts=manager.accounts,
        bots_of=runner.bots_on,
        on_change=lambda connector_id: hub.publish("connector", connector_id),
    )

    def found(one: RecordedFinding) -> None:
        hub.publish("finding", one.id)
        if one.subject.kind is SubjectKind.BOT:
            hub.publish("bot", one.subject.id)

    findings = Findings(
        database=database,
        clock=clock,
        entropy=entropy,
        held=lambda: chain(manager.findings(), runner.findings(), egress.findings()),
        on_change=found,
    )
    deps = Deps(
        database=database,
        manager=manager,
        volumes=volumes,
        runner=runner,
        findings=findings,
        doctor=doctor,
        clock=clock,
        entropy=entropy,
        publish=hub.publish,
        desk=SignInDesk(clock),
    )
    closing = asyncio.Event()
    address = f"http://{settings.host}:{listening.getsockname()[1]}"
    server = _Server(
        uvicorn.Config(
            create_api(deps, hub, obstacle=lambda: "the server is shutting down" if closing.is_set() else None),
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,  # an address that a stranger writes is not the stranger's address
            timeout_graceful_shutdown=LINGER_S,
        )
    )
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
            for name, work in (("findings", findings.run), ("doctor", doctor.run), ("egress", egress.run))
        ]
        await _first_user(settings, deps, address)
        serving = group.create_task(server.serve(sockets=[listening]))
        calm_collector()
        _log.info("serving", address=address, epoch=epoch, installation=database.installation_id)
        await main(
            Platform(deps=deps, database=database, journal=journal, manager=manager, runner=runner, address=address)
        )
        closing.set()
        left = await runner.close(cancel=settings.on_stop is OnStop.CANCEL, timeout_s=CANCEL_WITHIN_S)
        _log.info("orders left at exchanges", count=len(left), client_order_ids=left)
        hub.close()
        server.should_exit = True
        await serving
        ending = (running, managing, *watching)
        for task in ending:
            task.cancel()
        await asyncio.wait(ending)
        await doctor.close()
        await manager.close()
        journal.close()
        await writing
    return left


class _Server(uvicorn.Server):
    """Leaves the process's signals to the command that runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


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


def _listen(settings: Settings) -> socket.socket:
    try:
        listening = socket.create_server((settings.host, settings.port), backlog=2048)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return listening
    except OSError as error:
        raise SettingsError(
            "settings.port",
            f"PORT: {settings.host}:{settings.port} cannot be listened on ({error.strerror}); choose another port",
        ) from None


def _keys(settings: Settings) -> tuple[str, ...]:
    if settings.secret_keys is not None:
        return tuple(key.strip() for key in settings.secret_keys.get_secret_value().split(",") if key.strip())
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    path = settings.state_dir / "secret.key"
    keys, made = key_file(path)
    if made:
        _log.warning("a key for exchange credentials was made: keep a copy of it", path=str(path))
    return keys
