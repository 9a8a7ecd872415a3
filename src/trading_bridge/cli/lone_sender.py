"""What may send for one client while no server does: the lease, the journal, the client's live accounts and the limits,
as a server has them, and no bot runs."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from trading_bridge import __version__
from trading_bridge.accounts.account import Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.app import SHARD
from trading_bridge.clock import Clock, Entropy, within
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Connector
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.errors import Conflict
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.execution.executor import Executor
from trading_bridge.execution.field_check import FieldCheck
from trading_bridge.runner.restraint_words import restraining
from trading_bridge.runner.restraints import Restraints
from trading_bridge.runner.risk_book import RiskBook
from trading_bridge.runner.stall import StallWatch
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_group import Under
from trading_bridge.storage.lease import Lease

#: until the account may trade: what an earlier process left there is booked, taken over or cancelled first
RECOVERS_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.2
_DECISION_ID_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneSender:
    """Of one bot, which no list shows."""

    account: Account
    check: FieldCheck
    #: why nothing may be sent now; None: it may
    barred: Finding | None


@asynccontextmanager
async def lone_sender(
    database: Database,
    connector: Connector,
    bot: Bot,
    *,
    http: HttpSessions,
    clock: Clock,
    entropy: Entropy,
    holder: str | None = None,
) -> AsyncIterator[LoneSender | Finding]:
    """`database` is open. A finding says why the account cannot send; raises Conflict where a server has the lease."""
    holder = holder or f"{socket.gethostname()}:{os.getpid()} (certify)"
    lease = await database.acquire(SHARD, holder=holder, build=__version__)
    if not isinstance(lease, Lease):
        raise Conflict("lease.held", f"{lease.holder} sends for this database until {lease.expires_at.isoformat()}")
    async with asyncio.TaskGroup() as group:
        renewing = group.create_task(lease.run())
        parts = _Parts(database, lease, connector, bot, http, clock, entropy)
        writing = group.create_task(parts.journal.run())
        started = asyncio.Event()
        tasks = [group.create_task(parts.manager.run(started))]
        try:
            await started.wait()
            await parts.restraints.load()
            tasks += [group.create_task(parts.stall.run()), group.create_task(parts.restraints.run())]
            yield await parts.ready()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await parts.manager.close()
            parts.journal.close()
            await writing
            renewing.cancel()
    await lease.release()


class _Parts:
    def __init__(
        self,
        database: Database,
        lease: Lease,
        connector: Connector,
        bot: Bot,
        http: HttpSessions,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database, self._lease, self._clock, self._entropy = database, lease, clock, entropy
        self._connector, self._bot = connector, bot
        self.journal = Journal(database, Under(shard=SHARD, epoch=lease.epoch))
        self.risk = RiskBook(database, self.journal, clock)
        self.restraints = Restraints(database=database, clock=clock, entropy=entropy)
        self.manager = ExchangeManager(
            database=database,
            journal=self.journal,
            http=http,
            clock=clock,
            on_fill=lambda bot_id, fill: self.risk.filled(bot_id),
            on_bot_change=lambda _: None,
            on_connector_change=lambda _: None,
            only=connector.account,
        )
        self.stall = StallWatch(
            clock, lambda: (account.tracker for account in self.manager.accounts()), self.manager.stepped
        )
        self.executor = Executor(
            journal=self.journal,
            clock=clock,
            entropy=entropy,
            installation_id=database.installation_id,
            shard=SHARD,
            epoch=lease.epoch,
            gate=self._gate,
            own_orders=self.manager.own_orders,
            scope_limits=self.risk.scope_limits,
        )

    async def ready(self) -> LoneSender | Finding:
        """Once the account has recovered, as at a start."""
        account = self.manager.account(self._connector.id)
        if isinstance(account, Finding):
            return account
        if not await within(self._clock, RECOVERS_WITHIN_S, self._recovered(account)):
            obstacle = account.recovering or next(account.findings(), None)
            return self._found("account.recovering", {}) if obstacle is None else account.explain(obstacle)
        await self.executor.load(self._database)
        await self.risk.ready(self._bot, self._connector.id, account.healed)
        halt = self.risk.halted(self._bot)
        withheld = account.withheld_in(self._bot.symbol)
        for bar in (halt, self._gate(self._bot.id)):
            if bar is not None and withheld is None:
                withheld = self._found(bar.code, dict(bar.parameters))
        check = FieldCheck(
            bot=self._bot,
            account=account,
            executor=self.executor,
            journal=self.journal,
            clock=self._clock,
            limits=self.risk.limits(self._bot),
            decision_id=self._entropy.token(_DECISION_ID_LENGTH),
            may_act=lambda: self._lease.barred(self._clock.monotonic()) is None,
        )
        return LoneSender(account=account, check=check, barred=withheld)

    async def _recovered(self, account: Account) -> None:
        while account.recovering_in(self._bot.symbol) is not None:
            await self._clock.sleep(_LOOK_EVERY_S)

    def _gate(self, bot_id: str) -> Reason | None:
        """As for a bot of the client in that market."""
        restraint = self.restraints.of(
            bot_id=bot_id,
            client_id=self._bot.client_id,
            exchange=self._connector.exchange,
            symbol=self._bot.symbol,
        )
        if restraint is not None:
            found = restraining(restraint)
            return Reason(code=found.code, parameters=found.parameters)
        return self._lease.barred(self._clock.monotonic()) or self.stall.barred(bot_id)

    def _found(self, code: str, parameters: dict[str, str]) -> Finding:
        told = {"connector": self._connector.name, **parameters}
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=told)
