"""The findings that hold: looked at twice a second, stored when they open, change or are resolved."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.finding import Finding, Held, RecordedFinding, Subject, causes_first
from trading_bridge.core.finding_history import RETURNS_WITHIN, Key, key_of, look
from trading_bridge.errors import NotReady
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal_group import Under

LOOK_EVERY_S = 0.5
#: how often the time and count of one that goes on are stored
STORE_EVERY_S = 30.0
#: so long after a start what held before it goes on although nothing was read yet that says so
GRACE_S = 15.0
ID_LENGTH = 12

_log = get_logger("findings")


class Findings:
    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        entropy: Entropy,
        held: Callable[[], Iterable[Held]],
        on_change: Callable[[RecordedFinding], None],
        under: Under | None = None,
    ) -> None:
        """`held` says what holds now; `on_change` is told of each that opens, returns or is resolved. `under` is the
        lease without which nothing is stored: its next holder has read what was open, and would never resolve more."""
        self._database = database
        self._clock = clock
        self._entropy = entropy
        self._held = held
        self._on_change = on_change
        self._under = under
        self._open: Mapping[Key, RecordedFinding] = {}
        self._resolved: dict[Key, RecordedFinding] = {}
        self._unwritten: dict[str, RecordedFinding] = {}  # id -> its newest state
        self._store_all_at = 0.0
        self._kept: set[Key] = set()  # held when the server ended, and not seen since
        self._kept_until = 0.0
        self._storing = asyncio.Lock()

    async def load(self) -> None:
        """What held when the server ended goes on, or is resolved once there was time to see that it is gone."""
        async with self._database.unit_of_work(read_only=True) as uow:
            stored = await uow.findings.open()
        self._open = {key_of(one.subject, one.finding): one for one in stored}
        self._kept, self._kept_until = set(self._open), self._clock.monotonic() + GRACE_S

    async def run(self) -> None:
        """Looks for ever; its owner cancels it."""
        while True:
            self.look()
            await self.store()
            await self._clock.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        now = self._clock.now()
        held = tuple(self._held())
        self._kept -= {key_of(one.subject, one.finding) for one in held}
        if self._clock.monotonic() >= self._kept_until:
            self._kept.clear()
        seen = look(self._open, self._resolved, held, now, self._new_id, kept=self._kept)
        self._open = seen.open
        self._resolved = {
            key: gone
            for key, gone in self._resolved.items()
            if gone.resolved_at is not None and now - gone.resolved_at <= RETURNS_WITHIN
        }
        for one in seen.resolved:
            self._resolved[key_of(one.subject, one.finding)] = one
        for one in (*seen.opened, *seen.resolved):
            self._unwritten[one.id] = one
            _log.info(
                "finding resolved" if one.resolved_at is not None else "finding",
                code=one.finding.code,
                concerns=one.subject.kind.value,
                id=one.subject.id,
                count=one.count,
            )
            self._on_change(one)

    async def store(self) -> None:
        """What changed since the last time; what storage cannot take now is kept for the next."""
        async with self._storing:
            await self._store()

    async def _store(self) -> None:
        if self._clock.monotonic() >= self._store_all_at:
            self._store_all_at = self._clock.monotonic() + STORE_EVERY_S
            self._unwritten |= {one.id: one for one in self._open.values()}
        writing = dict(self._unwritten)
        if not writing:
            return
        try:
            async with self._database.unit_of_work() as uow:
                if self._under is not None and not await uow.leases.is_held(self._under):
                    return
                await uow.findings.put(tuple(writing.values()))
        except NotReady as error:
            _log.warning("findings not stored", error=error.message)
            return
        self._unwritten = {key: one for key, one in self._unwritten.items() if one is not writing.get(key)}

    def _new_id(self) -> str:
        return self._entropy.token(ID_LENGTH)

    def open(self) -> tuple[RecordedFinding, ...]:
        """Those that hold, what causes others first."""
        return tuple(sorted(self._open.values(), key=causes_first))

    def of(self, subjects: Iterable[Subject], finding: Finding) -> RecordedFinding | None:
        """The row of a finding that holds for one of the subjects."""
        found = (self._open.get(key_of(one, finding)) for one in subjects)
        return next((one for one in found if one is not None), None)

    def noted(self, recorded: RecordedFinding) -> None:
        """An operator has changed its note in storage."""
        key = key_of(recorded.subject, recorded.finding)
        known, gone = self._open.get(key), self._resolved.get(key)
        if known is not None and known.id == recorded.id:
            self._open = {**self._open, key: replace(known, note=recorded.note)}
        if gone is not None and gone.id == recorded.id:
            self._resolved[key] = replace(gone, note=recorded.note)  # should it return
