"""What `trading-bridge doctor` looks at: the installation, every connector with its bots, and bots without one."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Protocol

from trading_bridge.accounts.host import is_sandbox
from trading_bridge.accounts.life import life_finding
from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Connector, Credentials, connector_key
from trading_bridge.core.egress import SeenAddress
from trading_bridge.core.finding import Finding, RecordedFinding, Severity, SubjectKind
from trading_bridge.diagnosis.doctor import Draft
from trading_bridge.diagnosis.ladder import Ladder
from trading_bridge.diagnosis.outside import Outside, Target, repeat
from trading_bridge.errors import InvalidInput
from trading_bridge.exchanges.hosts import Hosts
from trading_bridge.services.meaning import connector_of
from trading_bridge.storage.secrets import Undecryptable
from trading_bridge.storage.unit_of_work import UnitOfWork

#: accounts that are examined at once
AT_ONCE = 4
#: for the calls that name a market, where no bot does
_ANY_MARKET = "BTCUSDT"
_NAMES_SHOWN = 8


class Examiner(Protocol):
    async def examine_draft(self, draft: Draft, bots: Sequence[Bot] = ()) -> Ladder: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What storage holds for a connector."""

    credentials: Credentials | None = field(repr=False)
    #: why there are none, where it is not that none were entered
    missing: Finding | None
    #: a proxy is stored that cannot be read, so nothing may be asked: it would be asked directly
    proxy_lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    connectors: tuple[Connector, ...]
    bots: tuple[Bot, ...]
    #: ids of the clients that exist
    clients: frozenset[str]
    keys: Mapping[str, Key]  # connector_id -> its key
    addresses: tuple[SeenAddress, ...]
    findings: tuple[RecordedFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    connector: Connector
    bots: tuple[Bot, ...]
    ladder: Ladder
    #: the diagnosis as the server has recorded it; None: it has not
    recorded: RecordedFinding | None
    target: Target
    #: the exchange closes, or has closed; None: it lives on
    ends: Finding | None = None
    #: failing calls once more; empty unless asked for
    outside: tuple[Outside, ...] = ()

    @property
    def well(self) -> bool:
        """An exchange that closes leaves its sandbox as it is."""
        lives = self.ends is None or is_sandbox(self.connector.base_url)
        return lives and self.ladder.passed and self.ladder.diagnosis is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Homeless:
    """A bot without a connector that could be examined."""

    bot: Bot
    finding: Finding


async def read(uow: UnitOfWork, clock: Clock) -> Stored:
    connectors = await uow.connectors.list()
    bots = await uow.bots.all()
    of_bots = sorted({bot.client_id for bot in bots})
    return Stored(
        connectors=connectors,
        bots=bots,
        clients=frozenset([one for one in of_bots if await uow.clients.get(one) is not None]),
        keys={connector.id: await _key(uow, connector, clock) for connector in connectors},
        addresses=await uow.egress.all(),
        findings=await uow.findings.open(),
    )


def narrowed(stored: Stored, bot: str | None, connector: str | None) -> Stored:
    """Only what was asked for, by id or name in any letter case; raises InvalidInput with names that are near."""
    if bot is None and connector is None:
        return stored
    bots = () if bot is None else tuple(one for one in stored.bots if _named(bot, one.id, one.name))
    connectors = () if connector is None else tuple(c for c in stored.connectors if _named(connector, c.id, c.name))
    if bot is not None and not bots:
        raise _unknown("bot", bot, [one.name for one in stored.bots])
    if connector is not None and not connectors:
        raise _unknown("connector", connector, [one.name for one in stored.connectors])
    homes, _ = housed(stored)
    wanted = {one.id for one in connectors}
    served = {one.id for one in bots} | {one.id for home in wanted for one in homes.get(home, ())}
    wanted |= {home for home, residents in homes.items() if any(one.id in served for one in residents)}
    return replace(
        stored,
        # a bot whose connector has gone is told which ones its client has
        bots=tuple(one for one in stored.bots if one.id in served),
        connectors=tuple(one for one in stored.connectors if one.id in wanted),
    )


def housed(stored: Stored) -> tuple[Mapping[str, tuple[Bot, ...]], tuple[tuple[Bot, str], ...]]:
    """Connector's id to its bots, and bots without one, with the code of why."""
    homes: dict[str, tuple[Bot, ...]] = {}
    homeless: list[tuple[Bot, str]] = []
    of_client: dict[str, list[Connector]] = defaultdict(list)
    for connector in stored.connectors:
        of_client[connector.client_id].append(connector)
    for bot in stored.bots:
        existing = of_client[bot.client_id]
        home = connector_of(bot.connector, existing)
        if bot.client_id not in stored.clients:
            homeless.append((bot, "bot.client_missing"))
        elif home is not None:
            homes[home.id] = (*homes.get(home.id, ()), bot)
        else:
            several = any(one.exchange == connector_key(bot.connector) for one in existing)
            homeless.append((bot, "connector.ambiguous" if several else "connector.missing"))
    return homes, tuple(homeless)


async def examine(
    everything: Stored, wanted: Stored, examiner: Examiner, clock: Clock, *, outside: Hosts | None
) -> tuple[tuple[Examined, ...], tuple[Homeless, ...]]:
    """`everything` says what the bots of `wanted` could mean. `outside`: where failing calls may go once more; None:
    they are not repeated."""
    homes, homeless = housed(everything)
    asked = {bot.id for bot in wanted.bots}
    turns, at_once = defaultdict[str, asyncio.Lock](asyncio.Lock), asyncio.Semaphore(AT_ONCE)

    async def one(connector: Connector) -> Examined:
        key = everything.keys[connector.id]
        account = connector.id if key.credentials is None else key.credentials.api_key
        bots = tuple(bot for bot in homes.get(connector.id, ()) if bot.id in asked)
        async with turns[account], at_once:  # one ladder an account at a time
            return await _examined(connector, key, bots, everything.findings, examiner, clock, outside=outside)

    examined = await asyncio.gather(*(one(connector) for connector in wanted.connectors))
    return tuple(examined), tuple(
        Homeless(bot=bot, finding=_homeless(bot, code, everything.connectors, clock))
        for bot, code in homeless
        if bot.id in asked
    )


async def _key(uow: UnitOfWork, connector: Connector, clock: Clock) -> Key:
    lost = await uow.connectors.proxy_lost(connector.id)
    try:
        return Key(credentials=await uow.connectors.credentials(connector.id), missing=None, proxy_lost=lost)
    except Undecryptable:
        finding = _finding("credentials.undecryptable", clock, connector=connector.name)
        return Key(credentials=None, missing=finding, proxy_lost=lost)


async def _examined(
    connector: Connector,
    key: Key,
    bots: tuple[Bot, ...],
    findings: Iterable[RecordedFinding],
    examiner: Examiner,
    clock: Clock,
    *,
    outside: Hosts | None,
) -> Examined:
    target = _target(connector, key, bots)
    ladder = await examiner.examine_draft(draft_of(connector, key), bots)
    return Examined(
        connector=connector,
        bots=bots,
        ladder=ladder,
        recorded=_recorded(connector, ladder, findings),
        target=target,
        ends=life_finding(connector.exchange, connector.base_url, clock.now()),
        outside=() if outside is None or key.proxy_lost else await repeat(ladder.steps, target, clock, outside.why_not),
    )


def draft_of(connector: Connector, key: Key) -> Draft:
    return Draft(
        exchange=connector.exchange,
        credentials=key.credentials,
        base_url=connector.base_url,
        proxy_url=connector.proxy_url,
        ipv4_only=connector.ipv4_only,
        timeout_s=connector.timeout_s,
        missing=key.missing,
        proxy_lost=key.proxy_lost,
    )


def _target(connector: Connector, key: Key, bots: tuple[Bot, ...]) -> Target:
    return Target(
        exchange=connector.exchange,
        api_key=None if key.credentials is None else key.credentials.api_key,
        secret=None if key.credentials is None else key.credentials.secret,
        base_url=connector.base_url,
        proxy_url=connector.proxy_url,
        ipv4_only=connector.ipv4_only,
        market=bots[0].symbol.replace("/", "") if bots else _ANY_MARKET,
    )


def _recorded(connector: Connector, ladder: Ladder, findings: Iterable[RecordedFinding]) -> RecordedFinding | None:
    if ladder.diagnosis is None:
        return None
    same = (
        one
        for one in findings
        if one.subject.kind is SubjectKind.CONNECTOR
        and one.subject.id == connector.id
        and one.finding.code == ladder.diagnosis.code
    )
    return next(same, None)


def _homeless(bot: Bot, code: str, connectors: Iterable[Connector], clock: Clock) -> Finding:
    existing = sorted(one.name for one in connectors if one.client_id == bot.client_id)
    return _finding(code, clock, connector=bot.connector, account=bot.account, existing=", ".join(existing) or "none")


def _finding(code: str, clock: Clock, **parameters: str) -> Finding:
    return Finding(code=code, severity=Severity.CRITICAL, since=clock.now(), parameters=parameters)


def _named(wanted: str, ident: str, name: str) -> bool:
    return wanted.strip() == ident or wanted.strip().casefold() == name.strip().casefold()


def _unknown(what: str, wanted: str, names: list[str]) -> InvalidInput:
    """Names that are near first; a few others help as well."""
    by_key = {name.casefold(): name for name in names}
    close = [by_key[one] for one in get_close_matches(wanted.strip().casefold(), by_key, n=3, cutoff=0.5)]
    shown = close or sorted(by_key.values())[:_NAMES_SHOWN]
    there_is = f"Near it: {', '.join(close)}." if close else f"There is: {', '.join(shown) or 'none'}."
    return InvalidInput(f"{what}.not_found", f"there is no {what} {wanted.strip()!r}. {there_is}", field=what)
