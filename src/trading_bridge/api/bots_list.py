"""The list of bots as bytes that are made once per change: only ages differ from answer to answer."""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from trading_bridge.accounts.volume import VolumeRead
from trading_bridge.api.call import to_json
from trading_bridge.api.encode.bots import bot as encode_bot
from trading_bridge.api.encode.figures import without_age
from trading_bridge.api.events import Hub
from trading_bridge.core.balance import Balances
from trading_bridge.core.finding import Finding, RecordedFinding, Severity
from trading_bridge.core.known import Known, Unknown
from trading_bridge.core.user import Asker
from trading_bridge.errors import InvalidInput
from trading_bridge.services import bots
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import BotFacts, facts
from trading_bridge.services.figures import of_pair, recorded_of
from trading_bridge.services.reads import balances_of

#: what nobody told of (a clock that passed a limit, a change by another process) shows after this
RECHECK_S = 1.0
#: different lists (by their query string) that are kept
KEPT = 64


@dataclass(slots=True)
class _Row:
    """One bot, encoded from what it was encoded from."""

    facts: BotFacts
    volume: VolumeRead | None
    head: bytes
    #: row of the balance's finding
    recorded: RecordedFinding | None = None
    #: up to the age, which is the last value of a row; empty without balances
    balance: bytes = b""


@dataclass(slots=True)
class _View:
    """One list. `pieces` is the answer with a hole for an age at each odd place."""

    wanted: "Wanted"
    rows: list[_Row] = field(default_factory=list)
    next: str | None = None
    #: connector_id -> what its rows were encoded from
    known: dict[str, Known[Balances]] = field(default_factory=dict)
    #: connector_id -> Unix time of its read; unknown ones are not in it
    read_at: dict[str, float] = field(default_factory=dict)
    #: the connector whose age belongs in each hole; None: it has none
    holes: list[str | None] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    version: int = -1
    checked: float = -math.inf
    making: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query string asks for."""

    account: str | None
    cursor: str | None
    with_balance: bool


class BotsList:
    def __init__(self, deps: Deps, hub: Hub) -> None:
        self._deps = deps
        self._hub = hub
        self._views: OrderedDict[bytes, _View] = OrderedDict()

    async def body(self, asker: Asker, query: bytes) -> bytes:
        """`{"bots": [...], "next": ...}`, never older than the last change that was told."""
        view = self._views.get(query)
        if view is None:
            view = _View(_wanted(query))
        if self._outdated(view):
            async with view.making:
                if self._outdated(view):
                    await self._remake(asker, view)
            self._keep(query, view)
        if not view.holes:
            return view.pieces[0]
        now = self._deps.clock.now().timestamp()
        ages: dict[str | None, bytes] = {
            connector_id: b"%.1f" % max(0.0, now - at) for connector_id, at in view.read_at.items()
        }
        ages[None] = b"null"
        pieces = view.pieces.copy()
        pieces[1::2] = [ages[hole] for hole in view.holes]
        return b"".join(pieces)

    def _outdated(self, view: _View) -> bool:
        return view.version != self._hub.version or self._deps.clock.monotonic() - view.checked >= RECHECK_S

    def _keep(self, query: bytes, view: _View) -> None:
        self._views[query] = view
        self._views.move_to_end(query)
        if len(self._views) > KEPT:
            self._views.popitem(last=False)

    async def _remake(self, asker: Asker, view: _View) -> None:
        version, with_balance = self._hub.version, view.wanted.with_balance
        page = await bots.page(asker, self._deps, account=view.wanted.account, cursor=view.wanted.cursor)
        known: dict[str, Known[Balances]] = {}
        found = [facts(self._deps, bot) for bot in page.items]
        if with_balance:
            wanted = {one.connector_id for one in found if one.connector_id is not None}
            known = await balances_of(self._deps, wanted)
        before = {row.facts.bot.id: row for row in view.rows}
        rows = [self._row(one, before.get(one.bot.id), view.known, known, with_balance) for one in found]
        view.rows, view.known, view.next = rows, known, page.next
        _assemble(view)
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
        balances = _unmatched(one, self._deps) if one.connector_id is None else known[one.connector_id]
        pair = of_pair(balances, one.bot)
        recorded = recorded_of(self._deps, one.bot, pair)
        if same and before is not None and before.recorded == recorded:
            return _Row(facts=one, volume=volume, head=head, recorded=recorded, balance=before.balance)
        balance = to_json(without_age(one.bot, pair, recorded, volume))[:-1] + b',"age_seconds":'
        return _Row(facts=one, volume=volume, head=head, recorded=recorded, balance=balance)


def _wanted(query: bytes) -> Wanted:
    given = dict(parse_qsl(query.decode("latin-1"), max_num_fields=20))
    include = given.get("include")
    if include not in (None, "balance"):
        raise InvalidInput(
            "include.unknown",
            "Only `balance` can be included.",
            field="include",
            remedy="Leave it out, or take balance.",
        )
    return Wanted(given.get("account"), given.get("cursor"), include == "balance")


def _assemble(view: _View) -> None:
    end = b'],"next":' + (b"null" if view.next is None else b'"' + view.next.encode() + b'"') + b"}"
    if not view.wanted.with_balance or not view.rows:
        view.pieces = [b'{"bots":[' + b",".join(row.head + b"}" for row in view.rows) + end]
        view.holes = []
        return
    pieces, opening = [], b'{"bots":['
    for row in view.rows:
        pieces += [opening + row.head + b',"balance_and_volume":' + row.balance, b""]
        opening = b"}},"
    view.pieces = [*pieces, b"}}" + end]
    view.holes = [_hole(row, view.known) for row in view.rows]
    view.read_at = {
        connector_id: known.as_of.timestamp()
        for connector_id, known in view.known.items()
        if not isinstance(known, Unknown)
    }


def _hole(row: _Row, known: dict[str, Known[Balances]]) -> str | None:
    connector_id = row.facts.connector_id
    if connector_id is None or isinstance(of_pair(known[connector_id], row.facts.bot), Unknown):
        return None
    return connector_id


def _unmatched(one: BotFacts, deps: Deps) -> Unknown:
    match = deps.manager.match(one.bot.account, one.bot.connector)
    since = deps.clock.now()
    return Unknown(finding=match.finding or Finding(code="connector.missing", severity=Severity.WARNING, since=since))
