"""The one writer of the money tables: rows go in, futures come back, and one commit serves all that wait."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError, StatementError

from trading_bridge.errors import NotReady, OutcomeUnknown, StorageRefused, TradingBridgeError
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import is_duplicate, is_passing, is_rows_fault
from trading_bridge.storage.journal_group import Changes, FillKey, Group, Standing, Under, fill_key
from trading_bridge.storage.journal_memory import Doubtful, Remembered
from trading_bridge.storage.journal_rows import (
    OpenIntent,
    Row,
    StoreBalances,
    StoreDecision,
    StoreFill,
    StoreRisk,
    StoreTransfer,
    UpdateOrder,
    Written,
)
from trading_bridge.storage.journal_tables import is_stored, load, store

__all__ = [
    "Journal",
    "OpenIntent",
    "Row",
    "StoreBalances",
    "StoreDecision",
    "StoreFill",
    "StoreRisk",
    "StoreTransfer",
    "UpdateOrder",
    "Written",
]

#: rows that may wait: some seconds of the busiest platform; more are refused at once
QUEUE_ROWS = 20_000
#: rows in one transaction
GROUP_ROWS = 1_000
#: turns of the event loop in which more rows may join, about a millisecond of a busy platform
GATHER_TURNS = 8
#: nobody waits longer than this for others
GATHER_MAX_S = 0.002
#: a transaction that the database took back, or whose connection broke, is tried so often in all
ATTEMPTS = 3

Outcome = tuple[Written, ...] | TradingBridgeError


class Unanswered(Exception):
    """A commit may have come through, and nobody could be asked."""


@dataclass(slots=True)
class _Call:
    rows: tuple[Row, ...]
    done: "asyncio.Future[tuple[Written, ...]]"

    def answer(self, outcome: Outcome) -> None:
        """Nobody may wait any more: what was handed over is written all the same."""
        if self.done.done():
            return
        if isinstance(outcome, TradingBridgeError):
            self.done.set_exception(outcome)
        else:
            self.done.set_result(outcome)


@dataclass(slots=True)
class _Attempt:
    """What one transaction did, known before its commit is."""

    outcomes: list[Outcome]
    changes: Changes


class Journal:
    def __init__(self, database: Database, under: Under | None = None) -> None:
        """`under` None: rows count whoever has the lease."""
        self._database = database
        self._under = under
        self._remembered = Remembered()
        self._queue: deque[_Call] = deque()
        self._queued_rows = 0
        self._work = asyncio.Event()
        self._closed = False
        #: fills of commits whose outcome nobody knows: who brings one again is told of it as of a new one
        self._untold: set[FillKey] = set()
        #: calls in the last commit, and how long it took
        self._last_calls = 0
        self._last_s = 0.0
        #: monotonic time since when rows wait, or were lost; None: the last commit took all there were
        self._untaken_since: float | None = None

    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        """Done after the commit. The rows of one call stand or fall together, and come after those of earlier calls.

        Raises, through the future: StorageRefused where the rows are to blame (`lease.lost`, `order.duplicate`,
        `order.unknown`, `bot.unknown`, ...), NotReady where the storage is: then nothing that depends on them may
        be sent; OutcomeUnknown, which is one, where they may be stored all the same.
        """
        call = _Call(rows, asyncio.get_running_loop().create_future())
        if self._closed:
            call.answer(NotReady("storage.closed", "the journal is closed"))
        elif self._queued_rows + len(rows) > QUEUE_ROWS:
            call.answer(NotReady("storage.slow", f"{self._queued_rows} rows wait for the storage already"))
        else:
            self._queue.append(call)
            self._queued_rows += len(rows)
            self._work.set()
            if self._untaken_since is None:
                self._untaken_since = self._database.clock.monotonic()
        return call.done

    def without_storage_s(self) -> float:
        """How long the storage has taken nothing of what it was given; 0: nothing waits."""
        return 0.0 if self._untaken_since is None else self._database.clock.monotonic() - self._untaken_since

    def close(self) -> None:
        """Takes no more rows; `run` writes those that wait, and ends."""
        self._closed = True
        self._work.set()

    async def run(self) -> None:
        """The writer, one for each journal."""
        clock = self._database.clock
        try:
            while True:
                await self._work.wait()
                if self._queue:
                    await self._let_others_join()
                    group, began = self._next_group(), clock.monotonic()
                    await self._commit(group)
                    self._last_calls, self._last_s = len(group), clock.monotonic() - began
                elif self._closed:
                    return
                else:
                    self._work.clear()
        finally:
            self._closed = True
            for call in self._queue:
                call.answer(NotReady("storage.closed", "the journal ended before it wrote this"))
            self._queue.clear()

    async def _let_others_join(self) -> None:
        """A commit costs as much as dozens of rows. Callers whom the last one released are about to come back: where
        fewer wait, they get as long as it took; and then each turn of the event loop that brings more is followed by
        another."""
        if len(self._queue) < self._last_calls:
            await self._database.clock.sleep(min(self._last_s, GATHER_MAX_S))
        for _ in range(GATHER_TURNS):
            calls = len(self._queue)
            await self._database.clock.sleep(0)
            if len(self._queue) == calls:
                return

    def _next_group(self) -> list[_Call]:
        group = [self._queue.popleft()]
        rows = len(group[0].rows)
        while self._queue and rows + len(self._queue[0].rows) <= GROUP_ROWS:
            group.append(self._queue.popleft())
            rows += len(group[-1].rows)
        self._queued_rows -= rows
        return group

    async def _commit(self, calls: list[_Call]) -> None:
        """A commit that has begun is waited for, also when the writer is cancelled."""
        writing = asyncio.create_task(self._write_and_answer(calls))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise

    async def _write_and_answer(self, calls: list[_Call]) -> None:
        unknown = NotReady("storage.unwritable", "the journal ended, the outcome is not known")
        outcomes: Sequence[Outcome] = [unknown] * len(calls)
        try:
            outcomes = await self._write([call.rows for call in calls])
        finally:
            if not all(isinstance(outcome, NotReady) for outcome in outcomes):
                self._untaken_since = self._database.clock.monotonic() if self._queue else None
            for call, outcome in zip(calls, outcomes, strict=True):
                self._note_fills(call.rows, outcome)
                call.answer(outcome)

    def _note_fills(self, rows: Sequence[Row], outcome: Outcome) -> None:
        if isinstance(outcome, OutcomeUnknown):
            self._untold |= {fill_key(row) for row in rows if isinstance(row, StoreFill)}
        elif self._untold and not isinstance(outcome, TradingBridgeError):
            self._untold -= {fill_key(row) for row in rows if isinstance(row, StoreFill)}

    async def _write(self, calls: Sequence[Sequence[Row]]) -> list[Outcome]:
        """All in one transaction; where one row spoils it, each call in its own."""
        try:
            return await self._transaction(calls, checked=False)
        except StatementError as error:
            if not is_rows_fault(error):
                return [_unwritable(error)] * len(calls)
        except (SQLAlchemyError, OSError, Doubtful, Unanswered) as error:
            return [_unwritable(error)] * len(calls)
        return [await self._write_alone(rows) for rows in calls]

    async def _write_alone(self, rows: Sequence[Row]) -> Outcome:
        try:
            return (await self._transaction([rows], checked=True))[0]
        except StatementError as error:
            if is_rows_fault(error):
                return StorageRefused("storage.refused", f"the database refused the rows: {error.orig}")
            return _unwritable(error)
        except (SQLAlchemyError, OSError, Doubtful, Unanswered) as error:
            return _unwritable(error)

    async def _transaction(self, calls: Sequence[Sequence[Row]], *, checked: bool) -> list[Outcome]:
        """Tried again where the database took it back; where its commit was not answered, first asks whether it is
        there (faults S3), so that an order is never stored, and never reported, twice."""
        unanswered: _Attempt | None = None
        for left in reversed(range(ATTEMPTS)):
            attempt: _Attempt | None = None
            remembered = self._remembered.take()

            def work(connection: Connection, known: Mapping[str, Standing] = remembered) -> _Attempt:
                nonlocal attempt
                attempt = self._attempt(connection, calls, checked=checked, remembered=known)
                return attempt

            try:
                if unanswered is not None and await self._came_through(unanswered):
                    return unanswered.outcomes
                committed = await self._database.transact(work)
                if self._database.exclusive:
                    self._remembered.keep(remembered, committed.changes)
                return committed.outcomes
            except Doubtful as error:
                if not left and unanswered is not None:
                    raise Unanswered(str(error)) from error
                if not left:
                    raise
            except (SQLAlchemyError, OSError) as error:
                duplicate = isinstance(error, StatementError) and is_duplicate(error)
                passing = is_passing(error)
                if left and (passing or (duplicate and (checked or unanswered is not None))):
                    unanswered = attempt or unanswered
                elif not duplicate and (unanswered is not None or (passing and attempt is not None)):
                    raise Unanswered(str(getattr(error, "orig", None) or error)) from error
                else:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _came_through(self, attempt: _Attempt) -> bool:
        changes = attempt.changes
        return await self._database.transact(lambda connection: is_stored(connection, changes))

    def _attempt(
        self,
        connection: Connection,
        calls: Sequence[Sequence[Row]],
        *,
        checked: bool,
        remembered: Mapping[str, Standing],
    ) -> _Attempt:
        stored = load(
            connection,
            [row for rows in calls for row in rows],
            checked=checked,
            remembered=remembered,
            under=self._under,
        )
        group = Group(stored, self._under, self._untold)
        outcomes = [_taken(group, rows) for rows in calls]
        store(connection, stored, group.changes, self._database.clock.now())
        return _Attempt(outcomes, group.changes)


def _taken(group: Group, rows: Sequence[Row]) -> Outcome:
    try:
        return group.take(rows)
    except StorageRefused as refused:
        return refused


def _unwritable(error: Exception) -> NotReady:
    cause = getattr(error, "orig", None) or error
    kind = OutcomeUnknown if isinstance(error, Unanswered) else NotReady
    return kind("storage.unwritable", f"the storage cannot be written: {cause}")
