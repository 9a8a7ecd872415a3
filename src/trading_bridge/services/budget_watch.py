"""Budgets against what their exchange accounts hold, while bots run: money leaves, and people change budgets."""

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace

from trading_bridge.clock import Clock, within
from trading_bridge.core.finding import Finding, Held, Subject, SubjectKind
from trading_bridge.core.known import Ok
from trading_bridge.errors import NotReady
from trading_bridge.logs import get_logger
from trading_bridge.services import budgets
from trading_bridge.services.ports import ExchangeManager
from trading_bridge.storage.database import Database

#: looks are so far apart; after money has moved the next one comes at once
LOOK_EVERY_S = 30.0
#: so many in a row must see it: a fill reaches the balance and the budget at different times
LOOKS = 2
#: and are so far apart
AGAIN_S = 6.0

_log = get_logger("budgets")


class BudgetWatch:
    def __init__(self, database: Database, manager: ExchangeManager, clock: Clock) -> None:
        self._database = database
        self._manager = manager
        self._clock = clock
        self._seen: dict[str, tuple[int, Finding]] = {}  # connector_id -> looks in a row, what they saw
        self._moved = asyncio.Event()

    def funds_moved(self) -> None:
        """Money came to an account, or left it."""
        self._moved.set()

    def findings(self) -> Iterator[Held]:
        for connector_id, (looks, finding) in self._seen.items():
            if looks >= LOOKS:
                yield Held(subject=Subject(kind=SubjectKind.CONNECTOR, id=connector_id), finding=finding)

    async def run(self) -> None:
        """Its owner cancels it."""
        while True:
            self._moved.clear()
            try:
                await self.look()
            except NotReady as error:
                _log.warning("budgets not read", error=error.message)
            unsure = any(looks < LOOKS for looks, _ in self._seen.values())
            await within(self._clock, AGAIN_S if unsure else LOOK_EVERY_S, self._moved.wait())

    async def look(self) -> None:
        """What is not known, or is not of now, changes nothing."""
        async with self._database.unit_of_work(read_only=True) as uow:
            sharing = await budgets.sharing(uow)
            shares = {connector_id: await budgets.shares(uow, bots) for connector_id, bots in sharing.items()}
        for connector_id in set(self._seen) - set(shares):
            del self._seen[connector_id]
        for connector_id, of in shares.items():
            known = await self._manager.balances(connector_id, max_age_s=math.inf)
            if isinstance(known, Ok):
                self._note(connector_id, budgets.excess(of, known.value, self._clock.now()))

    def _note(self, connector_id: str, finding: Finding | None) -> None:
        if finding is None:
            self._seen.pop(connector_id, None)
            return
        looks, before = self._seen.get(connector_id, (0, finding))
        self._seen[connector_id] = looks + 1, replace(finding, since=before.since)
