"""Kills and holds in memory: what a send asks, without waiting for anything."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from trading_bridge.clock import Clock, Entropy, within
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.restraint import Hold, Kill, Restraint, Scope, ScopeKind, StandingOrders
from trading_bridge.core.user import Asker, AskerKind, AuditEntry
from trading_bridge.logs import get_logger
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.unit_of_work import UnitOfWork
from trading_bridge.storage.unreadable import UnreadableRow

#: what another process wrote is obeyed within this
REFRESH_EVERY_S = 1.0
#: a process that ends waits so long for storage to take a kill: longer than a commit on a slow disk
LAST_WRITE_S = 15.0
#: what ended so long before a start may still keep its bots from going on, by the checks of a start
LOOK_BACK = timedelta(days=7)
_ID_LENGTH = 16
PLATFORM_ITSELF = Asker(kind=AskerKind.SYSTEM, user_id=None, name="platform")

_log = get_logger("restraints")


@dataclass(slots=True, eq=False)
class _Press:
    kill_id: str
    asker: Asker
    reason: str
    #: its row of the last attempt, whose commit may have come through; None: none was made
    attempt: AuditEntry | None = None


class Transactions(Protocol):
    """A database, as far as it is needed: the server's own, or one beside it."""

    def unit_of_work(self, *, read_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]: ...


class Restraints:
    def __init__(
        self,
        *,
        database: Transactions,
        clock: Clock,
        entropy: Entropy,
        on_change: Callable[[str, str], None] = lambda kind, restraint_id: None,
    ) -> None:
        """`on_change` is told `kill` or `hold` and the id of what changed."""
        self._database = database
        self._clock = clock
        self._entropy = entropy
        self._on_change = on_change
        self._kills: dict[str, Kill] = {}  # those in force
        self._holds: dict[str, Hold] = {}  # those in force and those planned
        #: why all new orders are held: a kill or hold in force that nobody can read; None: all are read
        self.unreadable: Finding | None = None
        self._presses: list[_Press] = []  # not stored yet, oldest first
        self._unstored: set[str] = set()  # kills whose progress is not stored
        #: ids that changed here since the last look at storage began: what it read of them is old
        self._touched: set[str] = set()
        self._writing = asyncio.Lock()
        #: of kills and holds that ended a while before this process began: it may have missed the return of their bots
        self.ended_before: tuple[Scope, ...] = ()

    def kills(self) -> tuple[Kill, ...]:
        """Those in force, oldest first."""
        return tuple(self._kills.values())

    @property
    def empty(self) -> bool:
        """Nothing forbids anything, now or later."""
        return not self._kills and not self._holds

    def kill_on(self, scope: Scope) -> Kill | None:
        """The one in force on exactly this scope."""
        return next((kill for kill in self._kills.values() if kill.scope == scope), None)

    def of(self, *, bot_id: str, client_id: str, exchange: str | None, symbol: str) -> Restraint | None:
        """What forbids the bot to send now: a kill before a hold, a hold that cancels before one that keeps."""
        if self.empty:
            return None
        for kill in self._kills.values():
            if kill.scope.covers(bot_id=bot_id, client_id=client_id, exchange=exchange, symbol=symbol):
                return kill
        now = self._clock.now()
        found: Hold | None = None
        for hold in self._holds.values():
            if not hold.holds(now):
                continue
            if not hold.scope.covers(bot_id=bot_id, client_id=client_id, exchange=exchange, symbol=symbol):
                continue
            if hold.orders is StandingOrders.CANCEL:
                return hold
            found = found or hold
        return found

    def press(self, scope: Scope, reason: str, asker: Asker, *, by_hand: bool = False) -> Kill:
        """Obeyed from here on, before anybody has stored it (faults O4); pressed twice it is one kill."""
        kill = self.kill_on(scope)
        if kill is None:
            kill = Kill(
                id=self._entropy.token(_ID_LENGTH),
                scope=scope,
                reason=reason,
                asked_by=asker.name,
                asked_at=self._clock.now(),
                by_hand=by_hand,
            )
        elif by_hand and not kill.by_hand:
            kill = replace(kill, by_hand=True, done_at=None)
        self._presses.append(_Press(kill.id, asker, reason))
        self._keep(kill)
        _log.warning("kill pressed", kill=kill.id, scope=scope.kind.value, scope_id=scope.id, by=asker.name)
        return kill

    def withdraw(self, kill_id: str) -> None:
        """It covers nothing that exists, and was not stored."""
        self._presses = [press for press in self._presses if press.kill_id != kill_id]
        self._drop_kill(kill_id)

    def progressed(self, kill_id: str, *, total: int, done_at: datetime | None) -> None:
        """How far a kill is; it is stored at the next write."""
        kill = self._kills.get(kill_id)
        if kill is None or (kill.total == total and (kill.done_at is None) is (done_at is None)):
            return
        self._unstored.add(kill_id)
        self._keep(replace(kill, total=total, done_at=done_at))

    def rearmed(self, kill_id: str) -> None:
        """A person has ended it, and storage has that; whoever has pressed again meanwhile means another one."""
        self._touched.add(kill_id)
        if all(press.kill_id != kill_id for press in self._presses):
            self._drop_kill(kill_id)

    def put(self, hold: Hold) -> None:
        """One that storage has as it is here."""
        self._touched.add(hold.id)
        if hold.lifted_at is None:
            self._holds[hold.id] = hold
        else:
            self._holds.pop(hold.id, None)
        self._on_change("hold", hold.id)

    async def run(self) -> None:
        """Stores what was pressed before anything else, then sees what other processes wrote; never ends."""
        while True:
            await self._clock.sleep(REFRESH_EVERY_S)
            if await self.write():
                await self.refresh()

    async def load(self) -> None:
        """Before anything trades: waits for storage as long as it takes."""
        while not (await self.refresh() and await self._look_back()):
            await self._clock.sleep(REFRESH_EVERY_S)

    async def _look_back(self) -> bool:
        now = self._clock.now()
        try:
            async with self._database.unit_of_work(read_only=True) as uow:
                holds, kills = await uow.holds.over(now), await uow.kills.newest(active=False)
        except FAILURES as error:
            _log.warning("ended kills and holds not read", error=str(error))
            return False
        ended = [(hold.scope, hold.lifted_at or hold.ends_at) for hold in holds]
        ended += [(kill.scope, kill.rearmed_at) for kill in kills]
        self.ended_before = tuple({scope: None for scope, at in ended if at is not None and now - at < LOOK_BACK})
        return True

    async def refresh(self) -> bool:
        """One look at storage; False: it does not answer, and what is known stays in force."""
        self._touched.clear()
        try:
            async with self._database.unit_of_work(read_only=True) as uow:
                kills, damaged_kills = await uow.kills.active_rows()
                holds, damaged_holds = await uow.holds.standing_rows(self._clock.now())
        except FAILURES as error:
            _log.warning("kills and holds not read", error=str(error))
            return False
        fresh = self._touched | self._unstored | {press.kill_id for press in self._presses}
        damaged = damaged_kills + damaged_holds
        self._merge(kills, (*holds, *map(self._widest, damaged)), fresh)
        self.unreadable = self._told(damaged)
        return True

    def _widest(self, row: UnreadableRow) -> Hold:
        """What cannot be read may cover anybody: nothing new is sent by any bot until a person has mended it, and what
        may be a kill takes out what stands too."""
        now, before = self._clock.now(), self._holds.get(row.id)
        since = now if before is None else min(before.starts_at, now)
        return Hold(
            id=row.id,
            scope=Scope(kind=ScopeKind.PLATFORM, id=""),
            reason=f"row {row.id} of {row.table} cannot be read",
            orders=StandingOrders.CANCEL if row.table == "kills" else StandingOrders.KEEP,
            starts_at=since,
            ends_at=None,
            made_by=PLATFORM_ITSELF.name,
            made_at=since,
        )

    def _told(self, rows: Sequence[UnreadableRow]) -> Finding | None:
        if not rows:
            return None
        return Finding(
            code="storage.unreadable_row",
            severity=Severity.CRITICAL,
            since=self._clock.now() if self.unreadable is None else self.unreadable.since,
            parameters={
                "table": rows[0].table,
                "id": ", ".join(row.id for row in rows),
                "detail": rows[0].detail,
            },
        )

    async def write(self) -> bool:
        """Stores what is not stored; False: storage does not take it now, and the next attempt tries again."""
        async with self._writing:
            try:
                while self._presses:
                    await self._store_press(self._presses[0])
                await self._store_progress()
            except FAILURES as error:
                _log.error("kill not stored", error=str(error), presses=len(self._presses))
                return False
            return True

    async def write_last(self) -> None:
        """Before this process ends, and what only its memory has with it: kills that are not stored are stored now, and
        the log names those that storage did not take in time."""
        if not self._presses:
            return
        await within(self._clock, LAST_WRITE_S, self._write_presses())
        for kill in (self._kills[kill_id] for kill_id in dict.fromkeys(press.kill_id for press in self._presses)):
            _log.error(
                "kill lost", kill=kill.id, scope=kill.scope.kind.value, scope_id=kill.scope.id, reason=kill.reason
            )

    async def _write_presses(self) -> None:
        while not await self.write() and self._presses:
            await self._clock.sleep(REFRESH_EVERY_S)

    async def _store_press(self, press: _Press) -> None:
        async with self._database.unit_of_work() as uow:
            standing = await self._write_press(uow, press)
        if press in self._presses:
            self._presses.remove(press)
        if standing.id != press.kill_id:
            self._presses = [
                replace(one, kill_id=standing.id) if one.kill_id == press.kill_id else one for one in self._presses
            ]
            self._drop_kill(press.kill_id)
            self._keep(standing)
        self._touched.add(standing.id)
        if not standing.active and all(one.kill_id != standing.id for one in self._presses):
            self._drop_kill(standing.id)

    async def _write_press(self, uow: UnitOfWork, press: _Press) -> Kill:
        """The kill that is in force on its scope then: another process may have pressed first, or re-armed it. What an
        attempt has stored whose answer was lost (faults S3) is not done again, and may have been re-armed since."""
        kill = self._kills[press.kill_id]
        if press.attempt is not None and await uow.audit.has(press.attempt):
            assert press.attempt.subject_id is not None, "a press names its kill"
            return await uow.kills.get(press.attempt.subject_id) or kill
        stored = await uow.kills.get(kill.id)
        if stored is not None and not stored.active:
            kill, stored = self._pressed_anew(kill, press), None
        stored = stored or await uow.kills.active_on(kill.scope)
        if stored is None:
            await uow.kills.add(replace(kill, total=None, done_at=None))  # that is stored with a row of its own
        else:
            widened = kill.by_hand and not stored.by_hand
            stored = replace(
                stored,
                by_hand=kill.by_hand or stored.by_hand,
                done_at=None if widened else stored.done_at,
            )
            await uow.kills.progressed(stored)
        standing = stored or kill
        details = {
            "scope": kill.scope.kind.value,
            "scope_id": kill.scope.id,
            "reason": press.reason,
            "by_hand": kill.by_hand,
        }
        press.attempt = await uow.audit.record(press.asker, "kill.press", "kill", standing.id, details)
        return standing

    def _pressed_anew(self, ended: Kill, press: _Press) -> Kill:
        return Kill(
            id=self._entropy.token(_ID_LENGTH),
            scope=ended.scope,
            reason=press.reason,
            asked_by=press.asker.name,
            asked_at=self._clock.now(),
            by_hand=ended.by_hand,
        )

    async def _store_progress(self) -> None:
        unstored, self._unstored = self._unstored, set()
        kills = [self._kills[kill_id] for kill_id in sorted(unstored) if kill_id in self._kills]
        if not kills:
            return
        try:
            async with self._database.unit_of_work() as uow:
                for kill in kills:
                    stored = await uow.kills.get(kill.id)
                    await uow.kills.progressed(kill)
                    if kill.done_at is not None and not _says_done(stored, kill):
                        await uow.audit.record(PLATFORM_ITSELF, "kill.done", "kill", kill.id, {"orders": kill.total})
        except FAILURES:
            self._unstored |= unstored
            raise
        self._touched |= unstored

    def _merge(self, kills: tuple[Kill, ...], holds: tuple[Hold, ...], fresh: set[str]) -> None:
        before = (dict(self._kills), dict(self._holds))
        self._kills = {kill.id: self._kills.get(kill.id, kill) if kill.id in fresh else kill for kill in kills}
        for kill_id in fresh & before[0].keys():
            self._kills[kill_id] = before[0][kill_id]
        for kill_id in fresh - before[0].keys():
            self._kills.pop(kill_id, None)
        self._holds = {hold.id: hold for hold in holds if hold.id not in fresh}
        self._holds.update({hold_id: before[1][hold_id] for hold_id in fresh & before[1].keys()})
        for kind, was, now in (("kill", before[0], self._kills), ("hold", before[1], self._holds)):
            for changed in was.keys() ^ now.keys():
                self._on_change(kind, changed)

    def _keep(self, kill: Kill) -> None:
        self._touched.add(kill.id)
        self._kills[kill.id] = kill
        self._on_change("kill", kill.id)

    def _drop_kill(self, kill_id: str) -> None:
        self._kills.pop(kill_id, None)
        self._unstored.discard(kill_id)
        self._on_change("kill", kill_id)


def _says_done(stored: Kill | None, kill: Kill) -> bool:
    """It was stored before, by an attempt whose answer was lost, or was re-armed and stays as it is."""
    return stored is not None and (not stored.active or (stored.done_at, stored.total) == (kill.done_at, kill.total))
