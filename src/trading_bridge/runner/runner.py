"""Level-triggered: storage holds the wished status of each bot, the runner makes it so and says what really happens."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.supervision import supervised
from trading_bridge.clock import Clock, Entropy, within
from trading_bridge.core.bot import Bot, BotState
from trading_bridge.core.decision import Reason, StoredDecision
from trading_bridge.core.finding import PLATFORM, Held, Subject, SubjectKind
from trading_bridge.core.risk import Limits
from trading_bridge.errors import NotReady
from trading_bridge.execution.executor import Executor
from trading_bridge.logs import get_logger
from trading_bridge.runner.bot_worker import BotWorker
from trading_bridge.runner.cycle import Deps
from trading_bridge.runner.decisions import DecisionLog
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal

LOOK_EVERY_S = 2.0
#: what is wrong with the market itself, whichever bot noticed it
_OF_MARKET = frozenset({"market.unknown", "market.halted"})

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
    ) -> None:
        self._database = database
        self._manager = manager
        self._clock = clock
        self._on_change = on_change
        self._workers: dict[str, BotWorker] = {}  # bot_id -> its worker
        self._closing = False
        self._awake = asyncio.Event()
        self.executor = Executor(
            journal=journal,
            clock=clock,
            entropy=entropy,
            installation_id=database.installation_id,
            shard=shard,
            epoch=epoch,
            gate=self._gate,
        )
        self._decisions = DecisionLog(journal, entropy, clock)
        self._deps = Deps(clock=clock, executor=self.executor, decisions=self._decisions, limits=Limits())

    def state(self, bot_id: str) -> BotState | None:
        """What really happens; None: nothing runs the bot."""
        worker = self._workers.get(bot_id)
        return None if worker is None else worker.state

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
        for worker in self._workers.values():
            found = tuple(worker.findings())
            if not found:
                continue
            on = self._manager.subjects(worker.bot)
            of_bot = Subject(kind=SubjectKind.BOT, id=worker.bot.id)
            of_market = next((subject for subject in on if subject.kind is SubjectKind.MARKET), of_bot)
            for finding in found:
                shared = finding.code.startswith("book.") or finding.code in _OF_MARKET
                yield Held(subject=of_market if shared else of_bot, finding=finding, rests_on=on)
        if self._decisions.failure is not None:
            yield Held(subject=PLATFORM, finding=self._decisions.failure)

    def wake(self) -> None:
        """The wish in storage changed."""
        self._awake.set()

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        """Whether every order of the bot was confirmed gone within the time."""
        worker = self._workers.get(bot_id)
        if worker is None:
            return True
        return await within(self._clock, timeout_s, worker.ended())

    async def run(self) -> None:
        """Owns the bots' tasks; its owner cancels it after `close`."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._awake.clear()  # what is wished while it looks, it looks at again
                try:
                    if not self._closing:
                        await self._look(group)
                except NotReady as error:
                    _log.warning("wished bots not read", error=error.message)
                self._decisions.retry()  # of bots that have ended nobody else would
                await within(self._clock, LOOK_EVERY_S, self._awake.wait())

    async def close(self, *, cancel: bool, timeout_s: float) -> tuple[str, ...]:
        """Ends creates at once; with `cancel` also every order. What remains, by client order id."""
        self._closing = True
        workers = tuple(self._workers.values())
        if cancel:
            for worker in workers:
                worker.request_stop()
            await within(self._clock, timeout_s, _all_ended(workers))
        await within(self._clock, timeout_s, self.executor.drain())
        return tuple(order.client_order_id for account in self._manager.accounts() for order in account.tracker.live())

    async def _look(self, group: asyncio.TaskGroup) -> None:
        async with self._database.unit_of_work(read_only=True) as uow:
            wished = {bot.id: bot for bot in await uow.bots.running()}
        for bot_id, worker in tuple(self._workers.items()):
            bot = wished.pop(bot_id, None)
            if bot is None:
                worker.request_stop()
            elif worker.stopping:
                continue
            else:
                worker.bot = bot
        for bot in wished.values():
            self._begin(bot, group)

    def _begin(self, bot: Bot, group: asyncio.TaskGroup) -> None:
        worker = self._workers[bot.id] = BotWorker(bot, self._manager, self._deps, self._on_change)
        task = group.create_task(supervised(f"bot {bot.id}", worker.run, self._clock, worker.crashed))
        task.add_done_callback(partial(self._gone, bot.id))
        self._on_change(bot.id)

    def _gone(self, bot_id: str, _task: "asyncio.Task[None]") -> None:
        del self._workers[bot_id]
        self._decisions.end(bot_id)
        self._on_change(bot_id)
        self.wake()

    def _gate(self, bot_id: str) -> Reason | None:
        """Why nothing may be sent for the bot now."""
        if self._closing:
            return Reason(code="runner.stopping")
        worker = self._workers.get(bot_id)
        if worker is None or worker.stopping:
            return Reason(code="bot.stopping")
        return None


async def _all_ended(workers: Iterable[BotWorker]) -> None:
    for worker in workers:
        await worker.ended()
