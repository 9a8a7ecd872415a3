"""The list of bots as bytes that are made once per change: only ages differ from answer to answer."""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from trading_bridge.accounts.volume import VolumeRead
from trading_bridge.api.call import to_json
from trading_bridge.api.encode.bots import bot as encode_bot
from trading_bridge.api.encode.figures import without_age
from trading_bridge.api.encode.values import age_seconds
from trading_bridge.api.events import Hub
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Unknown
from trading_bridge.core.user import Asker
from trading_bridge.services import bots
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import BotFacts, facts
from trading_bridge.services.figures import of_pair
from trading_bridge.services.reads import balances_of

#: what nobody told of (a clock that passed a limit, a change by another process) shows after this
RECHECK_S = 1.0
#: different lists (client, page, with or without balances) that are kept
KEPT = 64


@dataclass(slots=True)
class _Row:
    """One bot, encoded from what it was encoded from."""

    facts: BotFacts
    volume: VolumeRead | None
    head: bytes
    #: up to the age, which is the last value of a row; empty without balances
    balance: bytes = b""


@dataclass(slots=True)
class _View:
    """One list. `pieces` is the answer with a hole for an age at each odd place."""

    rows: list[_Row] = field(default_factory=list)
    next: str | None = None
    #: connector_id -> what its rows were encoded from
    known: dict[str, Known[Balances]] = field(default_factory=dict)
    #: the connector whose age belongs in each hole; None: it has none
    holes: list[str | None] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    version: int = -1
    checked: float = -math.inf
    making: asyncio.Lock = field(default_factory=asyncio.Lock)


_Key = tuple[str | None, str | None, bool]


class BotsList:
    def __init__(self, deps: Deps, hub: Hub) -> None:
        self._deps = deps
        self._hub = hub
        self._views: OrderedDict[_Key, _View] = OrderedDict()

    async def body(self, asker: Asker, *, account: str | None, cursor: str | None, with_balance: bool) -> bytes:
        """`{"bots": [...], "next": ...}`, never older than the last change that was told."""
        key = (account, cursor, with_balance)
        view = self._views.get(key)
        if view is None:
            view = _View()
        if self._outdated(view):
            async with view.making:
                if self._outdated(view):
                    await self._remake(asker, view, key)
            self._keep(key, view)
        if not with_balance:
            return view.pieces[0]
        await self._look_at_balances(view)
        now = self._deps.clock.now()
        ages = {connector_id: _age(known, now) for connector_id, known in view.known.items()}
        pieces = view.pieces.copy()
        pieces[1::2] = [b"null" if hole is None else ages[hole] for hole in view.holes]
        return b"".join(pieces)

    def _outdated(self, view: _View) -> bool:
        return view.version != self._hub.version or self._deps.clock.monotonic() - view.checked >= RECHECK_S

    def _keep(self, key: _Key, view: _View) -> None:
        self._views[key] = view
        self._views.move_to_end(key)
        if len(self._views) > KEPT:
            self._views.popitem(last=False)

    async def _remake(self, asker: Asker, view: _View, key: _Key) -> None:
        account, cursor, with_balance = key
        version = self._hub.version
        page = await bots.page(asker, self._deps, account=account, cursor=cursor)
        known: dict[str, Known[Balances]] = {}
        found = [facts(self._deps, bot) for bot in page.items]
        if with_balance:
            wanted = {one.connector_id for one in found if one.connector_id is not None}
            known = await balances_of(self._deps, wanted)
        before = {row.facts.bot.id: row for row in view.rows}
        rows = [self._row(one, before.get(one.bot.id), view.known, known, with_balance) for one in found]
        view.rows, view.known, view.next = rows, known, page.next
        _assemble(view, with_balance)
        view.version, view.checked = version, self._deps.clock.monotonic()

    def _row(
        self,
        one: BotFacts,
        before: _Row | None,
        known_before: dict[str, Known[Balances]],
        known: dict[str, Known[Balances]],
        with_balance: bool,
    ) -> _Row:
        """The row of before, where nothing that it shows has changed."""
        head = before.head if before is not None and before.facts == one else to_json(encode_bot(one))[:-1]
        if not with_balance:
            return _Row(facts=one, volume=None, head=head)
        volume = self._deps.volumes.of(one.bot)
        same = (
            before is not None
            and before.facts.bot == one.bot
            and one.connector_id is not None
            and before.facts.connector_id == one.connector_id
            and known_before.get(one.connector_id) == known[one.connector_id]
            and before.volume == volume
        )
        if same and before is not None:
            return _Row(facts=one, volume=volume, head=head, balance=before.balance)
        balances = _unmatched(one, self._deps) if one.connector_id is None else known[one.connector_id]
        return _Row(facts=one, volume=volume, head=head, balance=_balance(one.bot, balances, volume))

    async def _look_at_balances(self, view: _View) -> None:
        """What the manager knows at this moment, without a request: a read since then shows at once."""
        manager, changed = self._deps.manager, False
        for connector_id, before in view.known.items():
            if isinstance(before, Unknown):
                continue  # it may never have been read; asking would wait
            known = await manager.balances(connector_id, max_age_s=math.inf)
            if known == before:
                continue
            view.known[connector_id] = known
            changed = True
            for row in view.rows:
                if row.facts.connector_id == connector_id and row.volume is not None:
                    row.balance = _balance(row.facts.bot, known, row.volume)
        if changed:
            _assemble(view, with_balance=True)


def _assemble(view: _View, with_balance: bool) -> None:
    end = b'],"next":' + (b"null" if view.next is None else b'"' + view.next.encode() + b'"') + b"}"
    if not with_balance:
        view.pieces = [b'{"bots":[' + b",".join(row.head + b"}" for row in view.rows) + end]
        view.holes = []
        return
    pieces, opening = [], b'{"bots":['
    for row in view.rows:
        pieces += [opening + row.head + b',"balance_and_volume":' + row.balance, b""]
        opening = b"}},"
    view.pieces = [*pieces, b"}}" + end if view.rows else opening + end]
    view.holes = [_hole(row, view.known) for row in view.rows]


def _hole(row: _Row, known: dict[str, Known[Balances]]) -> str | None:
    connector_id = row.facts.connector_id
    if connector_id is None or isinstance(of_pair(known[connector_id], row.facts.bot.symbol), Unknown):
        return None
    return connector_id


def _balance(bot: Bot, known: Known[Balances], volume: VolumeRead) -> bytes:
    return to_json(without_age(bot, of_pair(known, bot.symbol), volume))[:-1] + b',"age_seconds":'


def _age(known: Known[Balances], now: datetime) -> bytes:
    return b"null" if isinstance(known, Unknown) else b"%.1f" % age_seconds(known.as_of, now)


def _unmatched(one: BotFacts, deps: Deps) -> Unknown:
    match = deps.manager.match(one.bot.account, one.bot.connector)
    since = deps.clock.now()
    return Unknown(finding=match.finding or Finding(code="connector.missing", severity=Severity.WARNING, since=since))
