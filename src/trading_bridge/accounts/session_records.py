"""What sessions leave in storage: balances now and then, that a key is accepted, the account's own id, strangers."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from trading_bridge.accounts.balance_reader import GoodRead
from trading_bridge.accounts.single_flight import Spawn
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.conservation import Books
from trading_bridge.core.finding import Finding
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreBalances, Written

#: a snapshot of the balances is stored at most this often
SNAPSHOT_EVERY_S = 10.0
#: that the exchange accepts a key is stored at most this often
SUCCESS_EVERY_S = 60.0

_log = get_logger("sessions")


class SessionRecords:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        spawn: Spawn[None],
        books: Callable[[str], Books | None],
    ) -> None:
        """`books` of a connector's exchange account."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._spawn = spawn
        self._books = books
        self._snapshots: dict[str, float] = {}  # connector_id -> monotonic time of the last stored snapshot
        self._accepted: dict[str, float] = {}  # connector_id -> monotonic time of the last stored success of its key
        self._opened: dict[str, str] = {}  # connector_id -> exchange account that storage has been told
        self._untold: dict[str, Mapping[str, Finding]] = {}  # connector_id -> alarms that storage may not have

    def read_well(self, connector_id: str, good: GoodRead) -> None:
        now = self._clock.monotonic()
        if now - self._snapshots.get(connector_id, -SNAPSHOT_EVERY_S) >= SNAPSHOT_EVERY_S:
            self._snapshots[connector_id] = now
            self._write_snapshot(connector_id, good)
        if now - self._accepted.get(connector_id, -SUCCESS_EVERY_S) >= SUCCESS_EVERY_S:
            self._accepted[connector_id] = now
            self._spawn(self._store_success(connector_id, good.as_of))
        if connector_id in self._untold:
            self._spawn(self._store_alarms(connector_id))

    def snapshot_soon(self, connector_id: str) -> None:
        """The next good read is stored, however short ago the last one was."""
        self._snapshots.pop(connector_id, None)

    def ended(self, connector_id: str) -> None:
        """The next session may have another key."""
        self._accepted.pop(connector_id, None)
        self._opened.pop(connector_id, None)
        self._untold.pop(connector_id, None)

    def opens(self, connector: Connector, exchange_account: str) -> None:
        """The exchange has named the account, as it does with each balance: stored where storage has another name, or
        none, and again with the next balance where it could not be."""
        if self._opened.get(connector.id, connector.exchange_account) != exchange_account:
            self._opened[connector.id] = exchange_account
            self._spawn(self._store_account(connector.id, exchange_account))

    def alarmed(self, connector_id: str, alarms: Mapping[str, Finding]) -> None:
        """What a person has to answer for on the account, by code: all of it at each time. Stored again with the next
        balance where it could not be, else nobody could answer."""
        self._untold[connector_id] = alarms
        self._spawn(self._store_alarms(connector_id))

    def _write_snapshot(self, connector_id: str, good: GoodRead) -> None:
        row = StoreBalances(
            connector_id=connector_id,
            balances=good.balances,
            as_of=good.as_of,
            books=self._books(connector_id),
        )
        self._journal.write(row).add_done_callback(_heard)

    async def _store_success(self, connector_id: str, at: datetime) -> None:
        try:
            async with self._database.unit_of_work() as uow:
                await uow.connectors.key_succeeded(connector_id, at)
        except FAILURES as error:
            _log.warning("success of a key not stored", error=str(error))

    async def _store_account(self, connector_id: str, exchange_account: str) -> None:
        try:
            async with self._database.unit_of_work() as uow:
                await uow.connectors.set_exchange_account(connector_id, exchange_account)
        except FAILURES as error:
            _log.warning("exchange account not stored", error=str(error))
            if self._opened.get(connector_id) == exchange_account:
                del self._opened[connector_id]

    async def _store_alarms(self, connector_id: str) -> None:
        alarms = self._untold.pop(connector_id, None)
        if alarms is None:
            return
        try:
            async with self._database.unit_of_work() as uow:
                await uow.connectors.strangers_found(connector_id, alarms)
        except FAILURES as error:
            _log.warning("strangers not stored", error=str(error))
            self._untold.setdefault(connector_id, alarms)


def _heard(writing: "asyncio.Future[tuple[Written, ...]]") -> None:
    """The next snapshot makes up for one that could not be stored."""
    if not writing.cancelled() and (error := writing.exception()) is not None:
        _log.warning("balance not stored", error=str(error))
