"""The whole platform in one process without sockets: real parts on a sandbox exchange, under a clock that stands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, TypeVar

from cryptography.fernet import Fernet
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from tests.integration.files import Row, rows_of
from tests.integration.wire import Fault, Wire
from tests.migrated import without_threads
from tests.sandbox_exchange import SHARP, SandboxExchange
from trading_bridge.accounts.account import Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.bot import Bot, BotStatus, Budget
from trading_bridge.core.client import Connector, Credentials
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import TransferLabel
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.execution.executor import Applied, Executor, Work
from trading_bridge.runner.runner import Runner
from trading_bridge.runner.stall import StallWatch
from trading_bridge.sandbox.orders import Fill, SandboxOrder
from trading_bridge.sandbox.rules import from_atoms
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.sqlite import Sqlite
from trading_bridge.storage.unit_of_work import UnitOfWork

T = TypeVar("T")

#: a name, so that it may have addresses of both families
HOST = "http://exchange.test"
BASE_URL = f"{HOST}/api"
#: exchange -> its dialect's place at the sandbox
BASE_URLS = {"coinstore": BASE_URL, "binance": f"{HOST}/binance"}
ACCOUNT = "client_sharp"
SHARD = 0
STEP_S = 0.2
KEYS = (Fernet.generate_key().decode(),)
CONFIG = {"spread_bps": "40", "order_amount_quote": "50"}


async def quiet() -> None:
    """Until every task waits for something that does not come by itself; for one task at a time."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    # nothing tells when a loop is idle, nor when the threads of database drivers are
    while loop._ready or any(database.busy for database in FaultyDatabase.opened):  # type: ignore[attr-defined]
        await _a_moment()


async def until(true: Callable[[], bool]) -> None:
    """For what threads do: readers of the database."""
    while not true():  # nor when a thread is done
        await _a_moment()


async def _a_moment() -> None:
    """An idle loop leaves the processor to the threads; what they answer goes on at once."""
    await asyncio.sleep(0 if asyncio.get_running_loop()._ready else 0.001)  # type: ignore[attr-defined]


class FaultyDatabase(Database):
    """The real one; each fault waits for, or fails, one commit of the journal."""

    opened: ClassVar[list["FaultyDatabase"]] = []

    before: list[Fault]
    after: list[Fault]
    #: nothing can be read or written
    down: bool

    async def open(self) -> None:
        await super().open()
        self.before, self.after, self.down = [], [], False
        self.opened.append(self)

    async def close(self) -> None:
        self.opened.remove(self)
        await super().close()

    @asynccontextmanager
    async def unit_of_work(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        self._answer()
        async with super().unit_of_work(read_only=read_only) as uow:
            yield uow

    async def transact(self, work: Callable[[Connection], T]) -> T:
        self._answer()
        if self.before:
            await self.before.pop(0)()
        done = await super().transact(work)
        if self.after:
            await self.after.pop(0)()
        return done

    def _answer(self) -> None:
        if self.down:
            raise OperationalError("any", {}, OSError("the disk is gone"))

    @property
    def busy(self) -> bool:
        """A unit of work is under way, in a thread of the driver."""
        backend = self._backend
        assert isinstance(backend, Sqlite)
        engines = (backend._reader.sync_engine, backend._writer.sync_engine)
        return any(engine.pool.checkedout() for engine in engines)  # type: ignore[attr-defined]


@dataclass
class Server:
    """One life of the platform."""

    clock: ManualClock
    wire: Wire
    http: HttpSessions
    database: FaultyDatabase
    journal: Journal
    manager: ExchangeManager
    runner: Runner
    executor: Executor
    epoch: int
    #: fills as they were told to the volumes
    told: list[tuple[str, Trade]]
    #: why nothing may be sent by `executor`
    barred: list[Reason]
    stall: StallWatch
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """The only one."""
        (account,) = self.manager.accounts()
        return account

    def account_of(self, bot: Bot) -> Account:
        (account,) = [one for one in self.manager.accounts() if one.connector.name == bot.connector]
        return account

    async def market(self, symbol: str = SHARP) -> Market:
        known = await self.account.route.rules.market(symbol)
        market: Market = known.value  # type: ignore[union-attr, assignment]
        return market

    async def work(self, bot: Bot, *place: tuple[Side, int, int], cancel: tuple[str, ...] = ()) -> Work:
        """A plan that a decision of this moment made: side, ticks, lots."""
        account = self.account_of(bot)
        market: Market = (await account.route.rules.market(bot.symbol)).value  # type: ignore[union-attr, assignment]
        await account.reader.read(max_age_s=5.0)
        await quiet()
        standing = account.tracker.standing(bot.id, market)
        return Work(
            bot=bot,
            account=account,
            market=market,
            plan=Plan(
                place=tuple(Wanted(side=side, price=Ticks(price), amount=Lots(lots)) for side, price, lots in place),
                cancel=tuple(own for own in standing if own.client_order_id in cancel),
            ),
            decision_id="decision",
            decided_at=self.clock.now(),
        )

    async def place(self, bot: Bot, *place: tuple[Side, int, int]) -> Applied:
        return await self.executor.apply(await self.work(bot, *place))

    async def placing(
        self, bot: Bot, *place: tuple[Side, int, int], commit: Fault | None = None
    ) -> "asyncio.Task[Applied]":
        """A placement that is under way; `commit` is what its first commit meets."""
        work = await self.work(bot, *place)
        if commit is not None:
            self.database.before = [commit]
        return self.begin(self.executor.apply(work))

    def begin(self, work: Awaitable[T]) -> "asyncio.Task[T]":
        task = asyncio.ensure_future(work)
        self.tasks.append(task)  # type: ignore[arg-type]
        return task  # type: ignore[return-value]

    def live(self, bot: Bot | None = None) -> tuple[Order, ...]:
        return self.account.tracker.live(None if bot is None else bot.id)

    async def kill(self) -> None:
        """As `kill -9`: nothing of it goes on, and the files stay as they are."""
        await quiet()
        self.wire.cut = True
        while tasks := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self.database.close()


class World:
    """An exchange with one client's account, and files that outlive servers."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        self.folder = folder
        self.clock = clock
        self.entropy = CountingEntropy()
        self.exchange = SandboxExchange(folder / "exchange.db", clock=clock)
        self.servers: list[Server] = []
        #: real sockets instead of the wire; None: there are none
        self.sockets: HttpSessions | None = None
        #: exchange -> its dialect's place
        self.base_urls: Mapping[str, str] = BASE_URLS
        #: a test has made one by hand
        self.self_deals_expected = False
        #: a test has left them out of the exchange's answers
        self.unstated_fees_expected = False
        #: what the checks of a start find; None: nothing
        self.obstacle: Finding | None = None
        #: is told when a kill or hold changes
        self.on_restraint: Callable[[str, str], None] = lambda kind, restraint_id: None

    @property
    def path(self) -> Path:
        return self.folder / "platform.db"

    @property
    def server(self) -> Server:
        return self.servers[-1]

    async def open(self, path: Path | None = None, *, keys: tuple[str, ...] = KEYS) -> FaultyDatabase:
        backend = without_threads(path or self.path, self.clock)
        database = FaultyDatabase(backend, secret_keys=keys, clock=self.clock, entropy=self.entropy)
        await database.open()
        return database

    async def start(
        self,
        prepare: Callable[[Wire], None] = lambda _: None,
        *,
        path: Path | None = None,
        keys: tuple[str, ...] = KEYS,
        barred: Callable[[str], Reason | None] = lambda _: None,
    ) -> Server:
        """A new life on the files; accounts recover as far as the exchange, and what `prepare` did, lets them. `barred`
        is the lease's word."""
        database = await self.open(path, keys=keys)
        epoch = await database.take_lease(SHARD)
        wire = Wire(self.exchange, path or self.path)
        prepare(wire)
        journal = Journal(database)
        told: list[tuple[str, Trade]] = []
        by_test: list[Reason] = []
        http = self.sockets or HttpSessions(factory=wire.session)

        def filled(bot_id: str, fill: Trade) -> None:
            told.append((bot_id, fill))
            runner.risk.filled(bot_id)

        manager = ExchangeManager(
            database=database,
            journal=journal,
            http=http,
            clock=self.clock,
            on_fill=filled,
            on_funds_moved=lambda _: runner.risk.funds_moved(),
            on_bot_change=lambda _: None,
            on_connector_change=lambda _: None,
        )
        stall = StallWatch(self.clock, lambda: (account.tracker for account in manager.accounts()), manager.stepped)
        runner = Runner(
            database=database,
            journal=journal,
            manager=manager,
            clock=self.clock,
            entropy=self.entropy,
            shard=SHARD,
            epoch=epoch,
            on_change=lambda _: None,
            may_start=self._checks,
            on_restraint=lambda kind, restraint_id: self.on_restraint(kind, restraint_id),
            barred=lambda bot_id: barred(bot_id) or stall.barred(bot_id),
            notice_step=stall.look,
        )
        executor = Executor(
            journal=journal,
            clock=self.clock,
            entropy=self.entropy,
            installation_id=database.installation_id,
            shard=SHARD,
            epoch=epoch,
            gate=lambda _: by_test[0] if by_test else None,
            own_orders=manager.own_orders,
        )
        server = Server(
            self.clock, wire, http, database, journal, manager, runner, executor, epoch, told, by_test, stall
        )
        self.servers.append(server)
        started = asyncio.Event()
        server.begin(journal.run())
        server.begin(stall.run())
        managing = server.begin(manager.run(started))
        await until(lambda: started.is_set() or managing.done())
        assert started.is_set(), managing.exception()
        await quiet()
        return server

    async def _checks(self, bot: Bot) -> Finding | None:
        return self.obstacle

    async def restart(self) -> Server:
        await self.server.kill()
        return await self.start()

    async def add(
        self,
        name: str = "coinstore",
        *,
        account: str = ACCOUNT,
        credentials: Credentials | None = None,
        exchange: str = "coinstore",
        of: str = "alice",
    ) -> Connector:
        """A connector of a client, with a key of the exchange account `of` that name."""
        if credentials is None:
            key = self.exchange.key(of)
            credentials = Credentials(api_key=key.api_key, secret=key.secret)
        async with self.server.database.unit_of_work() as uow:
            client = await uow.clients.by_account(account) or await uow.clients.add(name=account, account=account)
            return await uow.connectors.add(
                client_id=client.id,
                name=name,
                exchange=exchange,
                credentials=credentials,
                base_url=self.base_urls[exchange],
            )

    async def withdraw(self, currency: str, amount: str) -> None:
        """Money leaves, and a person has said that it was meant to."""
        self.exchange.engine.withdraw("alice", currency, int(Decimal(amount).scaleb(18)))
        account = self.server.account
        for _ in range(20):
            await account.reader.read(max_age_s=0, force=True)
            await self.pass_time(1)
            if account.funds_held is not None:
                break
        async with self.server.database.unit_of_work() as uow:
            found = [one for one, _ in (await uow.transfers.list(unlabelled=True)).items]
            for one in found:
                await uow.transfers.label(one.id, TransferLabel.WITHDRAWAL, None, by="somebody")
        for one in found:
            self.server.manager.labelled(replace(one, label=TransferLabel.WITHDRAWAL))
        assert account.funds_held is None
        await quiet()

    async def bot(
        self,
        name: str = "SHARP-SB",
        *,
        symbol: str = SHARP,
        connector: str = "coinstore",
        config: Mapping[str, object] = CONFIG,
        budget: Budget | None = None,
    ) -> Bot:
        async with self.server.database.unit_of_work() as uow:
            client = await uow.clients.by_account(ACCOUNT)
            assert client is not None
            return await uow.bots.add(
                client_id=client.id,
                name=name,
                connector=connector,
                symbol=symbol,
                bot_type="spread",
                config=config,
                market_verified=True,
                budget=budget,
            )

    async def wish(self, bot: Bot, status: BotStatus) -> None:
        """As the service does; returns when the runner has taken it up."""
        async with self.server.database.unit_of_work() as uow:
            await uow.bots.set_status(bot.id, status)
        runner = self.server.runner
        runner.wake()
        if status is BotStatus.RUNNING:
            await until(lambda: runner.state(bot.id) is not None)
        else:
            await until(lambda: (worker := runner._workers.get(bot.id)) is None or worker.stopping)
        await quiet()

    async def run(self, *bots: Bot) -> None:
        """The runner, and these bots wished running."""
        self.server.begin(self.server.runner.run())
        for bot in bots:
            await self.wish(bot, BotStatus.RUNNING)

    async def pass_time(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        """Time goes on in steps, in each of which everything that can be done is done."""
        for _ in range(round(seconds / STEP_S)):
            await quiet()
            each()
            await self.clock.advance(STEP_S)
        await quiet()

    async def pass_exactly(self, seconds: float) -> None:
        """As `pass_time`, and whatever is done at one moment is over before the next begins: threads make no run
        differ from another."""
        end = self.clock.monotonic() + seconds
        await quiet()
        while (due := self.clock.next_wake) is not None and due <= end:
            await self.clock.advance(due - self.clock.monotonic())
            await quiet()
        await self.clock.advance(end - self.clock.monotonic())
        await quiet()

    async def quoting(self, *bots: Bot) -> None:
        """Until each of the bots has both its orders, at most half a minute."""
        for _ in range(150):
            if all(len([order for order in self.server.live(bot) if order.exchange_order_id]) == 2 for bot in bots):
                return
            await self.pass_time(STEP_S)
        raise AssertionError([self.server.runner.state(bot.id) for bot in bots])

    # what is true

    def orders(self) -> list[Row]:
        """As storage has them, oldest first."""
        return rows_of(self.path, "SELECT * FROM orders ORDER BY created_at, client_order_id")

    def states(self) -> list[str]:
        return [str(row["state"]) for row in self.orders()]

    def fills(self) -> list[Row]:
        return rows_of(self.path, "SELECT * FROM trade_logs ORDER BY id")

    def exchange_orders(self, account: str = "alice") -> list[SandboxOrder]:
        """Every one that there ever was, oldest first; an open one is the engine's own."""
        engine = self.exchange.engine
        found = engine.store.orders(account, before_id=None, limit=10**6)
        return [engine.order(account, order.id) or order for order in reversed(found)]

    def exchange_order(self, order: SandboxOrder) -> SandboxOrder:
        """As it is now."""
        found = self.exchange.engine.order(order.account, order.id)
        assert found is not None
        return found

    def open_orders(self, account: str = "alice") -> list[SandboxOrder]:
        return self.exchange.engine.open_orders(account)

    def exchange_fills(self, account: str = "alice") -> list[Fill]:
        found: list[Fill] = []
        for rules in self.exchange.engine.markets:
            found += self.exchange.engine.store.fills(
                account, rules.symbol, order_id=None, side=None, offset=0, limit=10**6
            )
        return found

    def held(self, currency: str, account: str = "alice") -> Decimal:
        """Free and used, by the exchange's ledger."""
        free, used = self.exchange.held(account, currency)
        return from_atoms(free + used)

    def booked(self, currency: str, start: Decimal) -> Decimal:
        """What storage makes of it: start, plus and minus fills, minus fees."""
        for fill in self.fills():
            base, quote = str(fill["symbol"]).split("/")
            sign = 1 if fill["side"] == "buy" else -1
            if currency == base:
                start += sign * Decimal(str(fill["amount"]))
            if currency == quote:
                start -= sign * Decimal(str(fill["cost"]))
            if currency == fill["fee_currency"]:
                start -= Decimal(str(fill["fee"]))
        return start

    def verify(self) -> None:
        """What holds at every moment (faults I1, I2, I4, I15)."""
        arrivals = [arrival for server in self.servers for arrival in server.wire.arrivals]
        for arrival in arrivals:
            stored = arrival.stored
            assert stored is not None, f"{arrival.client_order_id} reached the exchange before its intent was stored"
            told = (arrival.side, Decimal(arrival.price), Decimal(arrival.amount))
            assert told == (stored["side"], Decimal(str(stored["price"])), Decimal(str(stored["amount"])))
            assert arrival.symbol == str(stored["symbol"]).replace("/", "")
        ids = [arrival.client_order_id for arrival in arrivals]
        assert len(ids) == len(set(ids)), "an id was sent twice"
        made = self.exchange_fills()
        fills = {(exchange, str(fill.id)): fill for fill in made for exchange in ("coinstore", "bitmart")} | {
            ("binance", str(fill.number)): fill
            for fill in made  # of the market
        }
        assert self.self_deals_expected or not any(fill.self_deal for fill in fills.values())
        by_order: dict[str, Decimal] = {}
        for row in self.fills():
            fill = fills[str(row["exchange"]), str(row["trade_id"])]
            assert str(fill.order_id) == row["exchange_order_id"]
            rules = self.exchange.engine.rules(fill.symbol)
            assert Decimal(str(row["amount"])) == rules.amount(fill.lots)
            unstated = self.unstated_fees_expected and row["fee"] is None
            assert unstated or Decimal(str(row["fee"])) == from_atoms(fill.fee)
            client_id = str(row["client_order_id"])
            by_order[client_id] = by_order.get(client_id, Decimal(0)) + rules.amount(fill.lots)
        for order in self.orders():
            filled, amount = Decimal(str(order["filled"])), Decimal(str(order["amount"]))
            assert by_order.get(str(order["client_order_id"]), Decimal(0)) <= filled <= amount


def still_book(world: World, *, bid: int = 25_590, ask: int = 25_610, symbol: str = SHARP) -> None:
    """A deep market that does not move."""
    for step in range(5):
        world.exchange.quote(Side.BUY, bid - 10 * step, 50_000_000, symbol)
        world.exchange.quote(Side.SELL, ask + 10 * step, 50_000_000, symbol)


@asynccontextmanager
async def a_world(folder: Path, exchange: str = "coinstore", **deposits: str) -> AsyncIterator[World]:
    """An exchange account with deposits, a still market, a server with one connector."""
    made = World(folder, ManualClock())
    made.exchange.account("alice", **(deposits or {"USDT": "10000", "SHARP": "1000000"}))
    still_book(made)
    await made.start()
    await made.add(exchange, exchange=exchange)
    await made.server.manager.sync()
    await quiet()
    await made.server.account.reader.read(max_age_s=5.0)
    await made.pass_time(6)  # whoever wants a balance reads it
    try:
        yield made
        made.verify()
    finally:
        for server in made.servers:
            if not server.wire.cut:
                await server.kill()
        made.exchange.store.close()


__all__ = ["OrderState", "Server", "World", "a_world", "quiet", "still_book", "until"]
