"""Carries out kills: cancels every order of the scope, by id, until the exchange holds none of it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.accounts.supervision import supervised
from trading_bridge.clock import Clock, within
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order, OrderReport, is_of, is_ours
from trading_bridge.core.outcome import Answered
from trading_bridge.core.restraint import Kill, KillProgress, ScopeKind, Waiting
from trading_bridge.logs import get_logger
from trading_bridge.runner.restraints import Restraints
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES

#: between two attempts on what is left
ATTEMPT_EVERY_S = 1.0
#: what carries the program's mark is no order placed by hand, but another installation's
_PROGRAM = "tb"

_log = get_logger("kills")


@dataclass(slots=True)
class _Count:
    """What is known of one kill's orders."""

    #: those that were confirmed before this process began
    earlier: int
    #: those that were live since then, by client order id, else by exchange order id
    seen: set[str] = field(default_factory=set)
    #: connector_id -> orders that no tracker follows and the exchange still showed
    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    #: connector_id -> frozen orders that the exchange does not show any more: it is believed, their record is not
    gone: dict[str, frozenset[str]] = field(default_factory=dict)
    #: connector_id -> why it is not clear
    waits: dict[str, Finding] = field(default_factory=dict)


class Killer:
    def __init__(
        self,
        *,
        manager: ExchangeManager,
        restraints: Restraints,
        database: Database,
        clock: Clock,
        bot_of: Callable[[str], Bot | None],
    ) -> None:
        """`bot_of` an id; None: the bot is not known."""
        self._manager = manager
        self._restraints = restraints
        self._database = database
        self._clock = clock
        self._bot_of = bot_of
        self._counts: dict[str, _Count] = {}  # kill_id -> its count
        self._tasks: dict[str, asyncio.Task[None]] = {}  # kill_id -> who carries it out
        self._awake = asyncio.Event()

    def wake(self) -> None:
        self._awake.set()

    def progress(self, kill_id: str) -> KillProgress | None:
        """As of now; None: it is not in force."""
        kill = next((one for one in self._restraints.kills() if one.id == kill_id), None)
        if kill is None:
            return None
        total, left = self._counted(kill)
        count = self._counts[kill.id]
        waits = tuple(Waiting(connector_id=one, finding=finding) for one, finding in count.waits.items())
        return KillProgress(total=total, confirmed=total - left, waits_for=waits)

    async def run(self) -> None:
        """Owns a task for each kill that is not done; its owner cancels it."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._awake.clear()
                kills = self._restraints.kills()
                for kill in kills:
                    if kill.id in self._tasks:
                        continue
                    if kill.done_at is None or self._counted(kill)[1] > 0:
                        self._begin(kill, group)
                for gone in self._counts.keys() - {kill.id for kill in kills}:
                    del self._counts[gone]
                await within(self._clock, ATTEMPT_EVERY_S, self._awake.wait())

    def _begin(self, kill: Kill, group: asyncio.TaskGroup) -> None:
        def ended(_: "asyncio.Task[None]") -> None:
            del self._tasks[kill.id]

        work = partial(self._carry_out, kill.id)
        task = group.create_task(supervised(f"kill {kill.id}", work, self._clock, self._manager.crashed))
        self._tasks[kill.id] = task
        task.add_done_callback(ended)

    async def _carry_out(self, kill_id: str) -> None:
        """Until it is done, or re-armed."""
        while True:
            kill = next((one for one in self._restraints.kills() if one.id == kill_id), None)
            if kill is None:
                return
            total, _ = self._counted(kill)
            self._restraints.progressed(kill.id, total=total, done_at=None)
            if await self._attempt(kill):
                total, _ = self._counted(kill)
                self._restraints.progressed(kill.id, total=total, done_at=self._clock.now())
                _log.warning("kill done", kill=kill.id, orders=total)
                return
            await self._clock.sleep(ATTEMPT_EVERY_S)

    async def _attempt(self, kill: Kill) -> bool:
        """True: each exchange account of the scope has shown, after the last cancel, that it holds none of it."""
        accounts = [account for account in self._manager.accounts() if self._concerns(kill, account)]
        clear = await asyncio.gather(*(self._clear(kill, account) for account in accounts))
        unserved = self._unserved(kill)
        known = {account.connector.id for account in accounts} | set(unserved)
        waits = self._count(kill).waits
        for gone in waits.keys() - known:
            del waits[gone]
        waits.update(unserved)
        _, left = self._counted(kill)
        return all(clear) and not unserved and left == 0

    async def _clear(self, kill: Kill, account: Account) -> bool:
        count, connector_id = self._count(kill), account.connector.id
        failed = [
            finding
            for finding in await asyncio.gather(
                *(account.cancel(order.client_order_id) for order in self._live(kill, account))
            )
            if finding is not None
        ]
        if failed:
            count.waits[connector_id] = account.explain(failed[0])  # in an outage the list takes as long again to fail
        listed = await account.session.open_orders()
        if not isinstance(listed, Answered):
            count.waits[connector_id] = account.explain(listed.finding)
            return False
        reports = [report for report in listed.value if await self._covers(kill, account, report)]
        keys = frozenset(_key(account, report) for report in reports)
        count.seen |= keys
        count.listed[connector_id] = keys
        frozen = {order.client_order_id for order in self._live(kill, account) if order.frozen is not None}
        count.gone[connector_id] = frozenset(frozen - keys)
        for report in reports:
            # one that the exchange still shows after the trackers' cancels, or that no tracker follows
            refused = await account.cancel_at_exchange(report.symbol, report.exchange_order_id)
            if refused is not None:
                failed.append(refused)
        live = [order for order in self._live(kill, account) if order.frozen is None]
        if not reports and not live:
            count.waits.pop(connector_id, None)
            return True
        left = [order.client_order_id for order in live] or sorted(keys)
        why = failed[0] if failed else self._finding("order.unresolved", {"client_order_id": left[0]})
        count.waits[connector_id] = account.explain(why)
        return False

    async def _covers(self, kill: Kill, account: Account, report: OrderReport) -> bool:
        """Whether an order that the exchange shows is the kill's to cancel."""
        client_order_id = report.client_order_id
        if client_order_id is None or not is_ours(client_order_id, self._database.installation_id):
            followed = any(is_of(own, report) for own in self._live(kill, account))
            return followed or (kill.by_hand and self._placed_by_hand(kill, report))
        if kill.scope.kind is not ScopeKind.BOT:
            return True
        for one in self._manager.accounts():  # two keys may open one exchange account
            if (order := one.tracker.order(client_order_id)) is not None:
                return order.bot_id == kill.scope.id
        return await self._may_be_of(kill.scope.id, client_order_id)

    async def _may_be_of(self, bot_id: str, client_order_id: str) -> bool:
        """Of an order that no session follows; True where storage cannot tell: then nobody watches it."""
        try:
            async with self._database.unit_of_work(read_only=True) as uow:
                found = await uow.orders.bots_of([client_order_id])
        except FAILURES as error:
            _log.warning("order not looked up", client_order_id=client_order_id, error=str(error))
            return True
        return found.get(client_order_id) == bot_id

    def _placed_by_hand(self, kill: Kill, report: OrderReport) -> bool:
        """Of a bot's kill only in its market; another installation's orders never."""
        if report.client_order_id is not None and report.client_order_id.startswith(_PROGRAM):
            return False
        if kill.scope.kind is not ScopeKind.BOT:
            return True
        bot = self._bot_of(kill.scope.id)
        return bot is not None and bot.symbol == report.symbol

    def _unserved(self, kill: Kill) -> dict[str, Finding]:
        """connector_id -> why nobody can ask, of connectors without a session where orders of the scope were live."""
        return {
            connector_id: finding
            for connector_id, bot_ids, finding in self._manager.unserved()
            if any(self._is_of(kill, bot_id) for bot_id in bot_ids)
        }

    def _is_of(self, kill: Kill, bot_id: str) -> bool:
        match kill.scope.kind:
            case ScopeKind.BOT:
                return kill.scope.id == bot_id
            case ScopeKind.CLIENT:
                bot = self._bot_of(bot_id)
                return bot is None or bot.client_id == kill.scope.id
            case _:
                return True

    def _concerns(self, kill: Kill, account: Account) -> bool:
        match kill.scope.kind:
            case ScopeKind.BOT:
                bot = self._bot_of(kill.scope.id)
                if bot is not None and account.connector.client_id == bot.client_id:
                    return True
                return bool(account.tracker.live(kill.scope.id))
            case ScopeKind.CLIENT:
                return account.connector.client_id == kill.scope.id
            case _:
                return True

    def _live(self, kill: Kill, account: Account) -> tuple[Order, ...]:
        return account.tracker.live(kill.scope.id if kill.scope.kind is ScopeKind.BOT else None)

    def _counted(self, kill: Kill) -> tuple[int, int]:
        """Orders of the scope since it was asked for, and how many of them may still live."""
        count = self._counts.get(kill.id)
        live = frozenset(self._all_live(kill))
        if count is None:
            before = 0 if kill.total is None else max(0, kill.total - len(live))
            count = self._counts[kill.id] = _Count(earlier=before)
        count.seen |= live
        left = live.difference(*count.gone.values()).union(*count.listed.values())
        return count.earlier + len(count.seen), len(left)

    def _count(self, kill: Kill) -> _Count:
        self._counted(kill)
        return self._counts[kill.id]

    def _all_live(self, kill: Kill) -> Iterator[str]:
        for account in self._manager.accounts():
            if self._concerns(kill, account):
                yield from (order.client_order_id for order in self._live(kill, account))

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=parameters)


def _key(account: Account, report: OrderReport) -> str:
    """As a tracker counts it, where one follows it."""
    if report.client_order_id is not None:
        return report.client_order_id
    own = (order.client_order_id for order in account.tracker.live() if is_of(order, report))
    return next(own, f"{report.exchange_order_id} in {report.symbol}")
