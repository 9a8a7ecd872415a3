"""Level-triggered: storage holds the wished status of each bot, the runner makes it so and says what really happens."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.supervision import supervised
from trading_bridge.clock import Clock, Entropy, within
from trading_bridge.core.bot import Bot, BotState, BotStatus
from trading_bridge.core.decision import Reason, StoredDecision
from trading_bridge.core.finding import PLATFORM, Held, Subject, SubjectKind
from trading_bridge.core.restraint import Hold, KillProgress, Restraint, Scope, StandingOrders
from trading_bridge.errors import NotReady
from trading_bridge.execution.executor import Executor
from trading_bridge.logs import get_logger
from trading_bridge.runner.bot_worker import BotWorker, MayStart
from trading_bridge.runner.cycle import Deps
from trading_bridge.runner.decisions import DecisionLog
from trading_bridge.runner.kills import Killer
from trading_bridge.runner.restraint_words import EVERYTHING, restrained, restraining
from trading_bridge.runner.restraints import PLATFORM_ITSELF, Restraints
from trading_bridge.runner.risk_book import RiskBook
from trading_bridge.runner.self_deals import SelfDeals
from trading_bridge.runner.storage_watch import StorageWatch
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.journal import Journal

LOOK_EVERY_S = 2.0
#: between two looks at whether orders are gone
CONFIRM_EVERY_S = 0.5
#: sends that are under way at the end are waited for this long
DRAIN_S = 5.0
#: what is wrong with the market itself, whichever bot noticed it
_OF_MARKET = frozenset({"market.unknown", "market.halted", "market.no_api"})

_log = get_logger("runner")


class Runner:
    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        manager: ExchangeManager,
        clock: Clock,
        entropy: Entropy,
        shard: int,
        epoch: int,
        on_change: Callable[[str], None],
        barred: Callable[[str], Reason | None] = lambda _: None,
        on_restraint: Callable[[str, str], None] = lambda kind, restraint_id: None,
        may_start: MayStart | None = None,
        notice_step: Callable[[], None] = lambda: None,
    ) -> None:
        """`barred` says why this process may send nothing for a bot now: no lease, or it stood still. `on_restraint` is
        told `kill` or `hold` and the id of what changed. `notice_step` looks whether the wall clock was set."""
        self._database = database
        self._manager = manager
        self._clock = clock
        self._on_change = on_change
        self._barred = barred
        self._on_restraint = on_restraint
        self._may_start = may_start
        self._bots: dict[str, Bot] = {}  # bot_id -> as storage had it at the last look
        self._workers: dict[str, BotWorker] = {}  # bot_id -> its worker
        self._restrained: set[str] = set()  # bots that have not started since they were killed or held
        self._closing = False
        self._awake = asyncio.Event()
        self.risk = RiskBook(database, journal, clock)
        self.executor = Executor(
            journal=journal,
            clock=clock,
            entropy=entropy,
            installation_id=database.installation_id,
            shard=shard,
            epoch=epoch,
            gate=self._gate,
            own_orders=manager.own_orders,
            scope_limits=self.risk.scope_limits,
            worth=self.risk.worth,
        )
        self.restraints = Restraints(database=database, clock=clock, entropy=entropy, on_change=self._restraint_changed)
        self._killer = Killer(
            manager=manager,
            restraints=self.restraints,
            database=database,
            clock=clock,
            bot_of=lambda bot_id: self._bots.get(bot_id),
        )
        self._self_deals = SelfDeals(clock, self.kill, lambda scope: self.restraints.kill_on(scope) is not None)
        manager.on_self_deal = self._self_deals.happened
        self._storage_watch = StorageWatch(journal=journal, manager=manager, clock=clock)
        self._decisions = DecisionLog(journal, entropy, clock)
        self._deps = Deps(
            clock=clock,
            executor=self.executor,
            decisions=self._decisions,
            risk=self.risk,
            own_orders=manager.own_orders,
            notice_step=notice_step,
        )

    def state(self, bot_id: str) -> BotState | None:
        """What really happens; None: nothing runs the bot."""
        bot = self._bots.get(bot_id)
        if bot is not None and bot.status is BotStatus.RUNNING and (restraint := self._restraint(bot)) is not None:
            return restrained(restraint)
        worker = self._workers.get(bot_id)
        return None if worker is None else worker.state

    def kill(self, scope: Scope, reason: str) -> None:
        """By the platform itself: obeyed at once, stored as soon as storage takes it."""
        self.restraints.press(scope, reason, PLATFORM_ITSELF)

    def progress(self, kill_id: str) -> KillProgress | None:
        """How far a kill is; None: it is not in force."""
        return self._killer.progress(kill_id)

    def decision(self, bot_id: str) -> StoredDecision | None:
        """The one that stands, with its numbers of now; None: none was made since the start."""
        return self._decisions.current(bot_id)

    def bots_on(self, connector_id: str) -> tuple[Bot, ...]:
        """Those that run on a connector."""
        bots = [worker.bot for worker in self._workers.values()]
        return tuple(
            bot for bot in bots if self._manager.match(bot.account, bot.connector).connector_id == connector_id
        )

    def findings(self) -> Iterator[Held]:
        """What is wrong now with bots, beside what is wrong with what they rest on."""
        of_all = self.restraints.kill_on(EVERYTHING)
        if of_all is not None:
            yield Held(subject=PLATFORM, finding=restraining(of_all))
        if self.restraints.unreadable is not None:
            yield Held(subject=PLATFORM, finding=self.restraints.unreadable)
        for bot in self._bots.values():
            restraint = self._restraint(bot) if bot.status is BotStatus.RUNNING else None
            if restraint is not None:
                yield Held(subject=_of_bot(bot), finding=restraining(restraint), rests_on=(PLATFORM,))
        yield from self._self_deals.findings()
        for worker in self._workers.values():
            yield from self._findings_of(worker)
        if self._decisions.failure is not None:
            yield Held(subject=PLATFORM, finding=self._decisions.failure)

    def _findings_of(self, worker: BotWorker) -> Iterator[Held]:
        found = tuple(worker.findings())
        if not found:
            return
        on, of_bot = self._manager.subjects(worker.bot), _of_bot(worker.bot)
        of_market = next((subject for subject in on if subject.kind is SubjectKind.MARKET), of_bot)
        for finding in found:
            shared = finding.code.startswith("book.") or finding.code in _OF_MARKET
            yield Held(subject=of_market if shared else of_bot, finding=finding, rests_on=on)

    def wake(self) -> None:
        """The wish in storage changed."""
        self._awake.set()

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        """Whether every order of the bot was confirmed gone within the time."""
        return await within(self._clock, timeout_s, self._cleared(bot_id))

    async def run(self) -> None:
        """Owns the bots' tasks; its owner cancels it after `close`. Nothing runs before kills and holds are known."""
        await self.restraints.load()
        returning = self.restraints.ended_before
        await self.executor.load(self._database)
        async with asyncio.TaskGroup() as group:
            for name, work in (
                ("restraints", self.restraints.run),
                ("kills", self._killer.run),
                ("storage watch", self._storage_watch.run),
            ):
                group.create_task(supervised(name, work, self._clock, self._manager.crashed))
            while True:
                self._awake.clear()  # what is wished while it looks, it looks at again
                self._restrain()
                try:
                    if not self._closing:
                        await self._look(group, returning)
                        returning = ()
                except (NotReady, *FAILURES) as error:
                    _log.warning("wished bots not read", error=str(error))
                self._decisions.retry()  # of bots that have ended nobody else would
                await within(self._clock, LOOK_EVERY_S, self._awake.wait())

    async def close(self, *, cancel: bool, timeout_s: float) -> tuple[str, ...]:
        """Ends creates at once; with `cancel` also every order. What remains, by client order id."""
        self._closing = True
        if cancel:
            for worker in self._workers.values():
                worker.request_stop()
            await within(self._clock, timeout_s, self._all_cleared())
        await within(self._clock, DRAIN_S, self.executor.drain())
        return tuple(order.client_order_id for account in self._manager.accounts() for order in account.tracker.live())

    async def _look(self, group: asyncio.TaskGroup, returning: tuple[Scope, ...]) -> None:
        """`returning`: bots of these scopes start only after the checks of a start."""
        async with self._database.unit_of_work(read_only=True) as uow:
            self._bots = {bot.id: bot for bot in await uow.bots.all()}
        self._restrained |= {bot.id for bot in self._bots.values() if self._is_of(bot, returning)}
        self._restrain()
        for bot_id, worker in tuple(self._workers.items()):
            bot = self._bots.get(bot_id)
            if bot is None or bot.status is not BotStatus.RUNNING:
                worker.request_stop()
            elif not worker.stopping:
                worker.update(bot)
        owing = self._owing()
        for bot in self._bots.values():
            if bot.id in self._workers:
                continue
            restraint = self._restraint(bot)
            if bot.status is BotStatus.RUNNING and restraint is None:
                self._begin(bot, group)
            elif bot.id in owing and (restraint is None or _cancels(restraint) or bot.status is BotStatus.STOPPED):
                self._begin(bot, group).request_stop()

    def _restrain(self) -> None:
        """Workers of bots that a kill or a hold covers end; a kill's orders are cancelled by who carries it out."""
        if self.restraints.empty:
            return
        for worker in self._workers.values():
            restraint = self._restraint(worker.bot)
            wished = self._bots.get(worker.bot.id, worker.bot).status is BotStatus.RUNNING
            if restraint is not None and wished:
                worker.request_stop(keep=not _cancels(restraint))
        for bot in self._bots.values():
            if self._restraint(bot) is not None:
                self._restrained.add(bot.id)

    def _owing(self) -> set[str]:
        """Bots of which orders live, on accounts that know what they have."""
        accounts = [account for account in self._manager.accounts() if account.recovering is None]
        return {order.bot_id for account in accounts for order in account.tracker.live()}

    def _begin(self, bot: Bot, group: asyncio.TaskGroup) -> BotWorker:
        worker = self._workers[bot.id] = BotWorker(
            bot,
            self._manager,
            self._deps,
            self._on_change,
            may_start=self._may_start,
            resumes=bot.id in self._restrained,
        )
        self._restrained.discard(bot.id)
        task = group.create_task(supervised(f"bot {bot.id}", worker.run, self._clock, worker.crashed))
        task.add_done_callback(partial(self._gone, bot.id))
        self._on_change(bot.id)
        return worker

    def _gone(self, bot_id: str, _task: "asyncio.Task[None]") -> None:
        del self._workers[bot_id]
        self._decisions.end(bot_id)
        self._on_change(bot_id)
        self.wake()

    async def _cleared(self, bot_id: str) -> None:
        """Returns once nothing of the bot lives; orders that a hold has left are cancelled by a worker of their own."""
        while True:
            worker = self._workers.get(bot_id)
            if worker is not None:
                await worker.ended()
            if not any(account.tracker.live(bot_id) for account in self._manager.accounts()):
                return
            await self._clock.sleep(CONFIRM_EVERY_S)

    async def _all_cleared(self) -> None:
        """Of the bots that run, and of those that have orders without running."""
        while left := [(account, order) for account in self._manager.accounts() for order in account.tracker.live()]:
            clearing = {bot_id for bot_id, worker in self._workers.items() if not worker.paused}
            alone = [(account, order) for account, order in left if order.bot_id not in clearing]
            await asyncio.gather(*(account.cancel(order.client_order_id) for account, order in alone))
            await self._clock.sleep(CONFIRM_EVERY_S)

    def _gate(self, bot_id: str) -> Reason | None:
        """Why nothing may be sent for the bot now."""
        if self._closing:
            return Reason(code="runner.stopping")
        worker = self._workers.get(bot_id)
        restraint = None if worker is None else self._restraint(worker.bot)
        if restraint is not None:
            finding = restraining(restraint)
            return Reason(code=finding.code, parameters=finding.parameters)
        if worker is None or worker.stopping:
            return Reason(code="bot.stopping")
        return self._barred(bot_id)

    def _restraint(self, bot: Bot) -> Restraint | None:
        if self.restraints.empty:
            return None
        exchange = self._exchange(bot)
        return self.restraints.of(bot_id=bot.id, client_id=bot.client_id, exchange=exchange, symbol=bot.symbol)

    def _is_of(self, bot: Bot, scopes: tuple[Scope, ...]) -> bool:
        exchange = self._exchange(bot) if scopes else None
        return any(
            scope.covers(bot_id=bot.id, client_id=bot.client_id, exchange=exchange, symbol=bot.symbol)
            for scope in scopes
        )

    def _exchange(self, bot: Bot) -> str | None:
        connector_id = self._manager.match(bot.account, bot.connector).connector_id
        connectors = self._manager.connectors(bot.account).values()
        return next((one.exchange for one in connectors if one.id == connector_id), None)

    def _restraint_changed(self, kind: str, restraint_id: str) -> None:
        self._awake.set()
        self._killer.wake()
        self._on_restraint(kind, restraint_id)


def _cancels(restraint: Restraint) -> bool:
    return isinstance(restraint, Hold) and restraint.orders is StandingOrders.CANCEL


def _of_bot(bot: Bot) -> Subject:
    return Subject(kind=SubjectKind.BOT, id=bot.id)
