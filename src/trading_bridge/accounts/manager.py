"""The exchange manager: connectors in storage -> live accounts, kept in step without a restart."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.balance_reader import BalanceReader, GoodRead
from trading_bridge.accounts.host import host_label
from trading_bridge.accounts.order_tracker import OrderTracker, fills_known_until
from trading_bridge.accounts.route import Route, RouteKey
from trading_bridge.accounts.supervision import supervised
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Connector, account_key, connector_key
from trading_bridge.core.finding import PLATFORM, Finding, Held, Severity, Subject, SubjectKind
from trading_bridge.core.known import Known, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order
from trading_bridge.core.trade import Trade
from trading_bridge.errors import NotReady, TradingBridgeError
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.session import CallRecord, HttpSessions, Session
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreBalances, Written

#: the connectors table is looked at this often, besides each time that a service says it changed
SYNC_EVERY_S = 5.0
#: a snapshot of the balances is stored at most this often
SNAPSHOT_EVERY_S = 10.0
#: that the exchange accepts a key is stored at most this often
SUCCESS_EVERY_S = 60.0
#: a task that has run so long since its bug is well again
CRASH_SHOWN_S = 120.0
#: a page that shows a market keeps its poller going this long
WATCH_FOR_S = 30.0

_log = get_logger("manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which connector a bot's `connector` value means."""

    connector_id: str | None
    #: `name`, `only connector at that exchange`, or None
    rule: str | None
    finding: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    key: str
    connector_id: str
    exchange: str
    host_label: str | None
    as_of: datetime | None
    #: the exchange's id of the answer that the balance came from
    request_id: str | None
    finding: Finding | None
    calls: tuple[CallRecord, ...]


class ExchangeManager:
    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        http: HttpSessions,
        clock: Clock,
        on_fill: Callable[[str, Trade], None],
        on_bot_change: Callable[[str], None],
        on_connector_change: Callable[[str], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._http = http
        self._clock = clock
        self._on_fill = on_fill
        self._on_bot_change = on_bot_change
        self._on_connector_change = on_connector_change
        self._connectors: dict[str, dict[str, Connector]] = {}  # account key -> connector name -> connector
        self._accounts: dict[str, Account] = {}  # connector_id -> live account
        self._broken: dict[str, Finding] = {}  # connector_id -> why it has no session
        self._unserved: dict[str, Connector] = {}  # connector_id -> the broken connector as it was then
        self._routes: dict[RouteKey, Route] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}  # connector_id -> its account's task
        self._snapshots: dict[str, float] = {}  # connector_id -> monotonic time of the last stored snapshot
        self._accepted: dict[str, float] = {}  # connector_id -> monotonic time of the last stored success of its key
        self._exchange_accounts: dict[str, str] = {}  # connector_id -> the exchange's own account id, as stored
        self._reads: set[asyncio.Task[None]] = set()
        self._syncing = asyncio.Lock()
        #: connector_id without a session -> bot_id with live orders there -> until when its fills are known
        self._owing: dict[str, dict[str, datetime]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._crashes: dict[str, tuple[float, Finding]] = {}  # task -> monotonic time, its last bug

    async def run(self, started: asyncio.Event) -> None:
        """Owns every task of accounts and feeds; its owner cancels it."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            async with self._database.unit_of_work(read_only=True) as uow:
                live = await uow.orders.live()
            for connector_id in {order.connector_id for order in live}:
                self._owing[connector_id] = _owed(order for order in live if order.connector_id == connector_id)
            await self.sync()
            started.set()
            while True:
                await self._clock.sleep(SYNC_EVERY_S)
                try:
                    await self.sync()
                except NotReady as error:
                    _log.warning("connectors not read", error=error.message)

    async def sync(self, account: str | None = None) -> None:
        """Makes the live accounts equal to the connectors table, for one client or for all."""
        async with self._syncing:
            async with self._database.unit_of_work(read_only=True) as uow:
                stored = await uow.connectors.list(None)
            scope = None if account is None else account_key(account)
            wanted = {c.id: c for c in stored if scope is None or account_key(c.account) == scope}
            served = [account.connector for account in self._accounts.values()] + list(self._unserved.values())
            for known in served:
                if scope is not None and account_key(known.account) != scope:
                    continue
                now = wanted.get(known.id)
                if now is None or now.version != known.version:
                    await self._end(known.id)
            by_account: dict[str, dict[str, Connector]] = {}
            for connector in stored:
                by_account.setdefault(account_key(connector.account), {})[connector_key(connector.name)] = connector
            self._connectors = by_account
            for connector in wanted.values():
                if connector.id not in self._accounts and connector.id not in self._broken:
                    await self._begin(connector)

    def match(self, account: str, connector: str) -> Match:
        """A bot's connector matches a name first, else the one connector at that exchange; letter case is free."""
        connectors = self._connectors.get(account_key(account), {})
        wanted = connector_key(connector)
        if wanted in connectors:
            return Match(connector_id=connectors[wanted].id, rule="name", finding=None)
        at_exchange = [c for c in connectors.values() if c.exchange == wanted]
        if len(at_exchange) == 1:
            return Match(connector_id=at_exchange[0].id, rule="only connector at that exchange", finding=None)
        finding = Finding(
            code="connector.missing" if not at_exchange else "connector.ambiguous",
            severity=Severity.WARNING,
            since=self._clock.now(),
            parameters={
                "connector": connector,
                "account": account,
                "existing": ", ".join(sorted(connectors)) or "none",
            },
        )
        return Match(connector_id=None, rule=None, finding=finding)

    def account(self, connector_id: str) -> Account | Finding:
        """The live account, or why there is none."""
        live = self._accounts.get(connector_id)
        if live is not None:
            return live
        broken = self._broken.get(connector_id)
        if broken is not None:
            return broken
        return Finding(code="connector.not_synced", severity=Severity.WARNING, since=self._clock.now())

    def complete_as_of(self, bot: Bot) -> tuple[datetime, Finding | None]:
        """Until when every fill of the bot is known, and what is in the way."""
        match = self.match(bot.account, bot.connector)
        account = match.finding if match.connector_id is None else self.account(match.connector_id)
        if isinstance(account, Account):
            failure = account.tracker.failure
            return account.tracker.complete_as_of(bot.id), None if failure is None else account.explain(failure)
        owing = [bots[bot.id] for bots in self._owing.values() if bot.id in bots]
        return min(owing, default=self._clock.now()), account

    def owes(self, bot_id: str) -> bool:
        """Whether orders of the bot were live when the last session that followed them ended, or at the start."""
        return any(bot_id in bots for bots in self._owing.values())

    def accounts(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    def routes(self) -> tuple[RouteKey, ...]:
        """The ways to exchanges that sessions go by."""
        return tuple({account.route.key: None for account in self._accounts.values()})

    def subjects(self, bot: Bot) -> tuple[Subject, ...]:
        """What a bot rests on, the widest first: its exchange, its connector, its market."""
        match = self.match(bot.account, bot.connector)
        if match.connector_id is None:
            return ()
        connector = _of_connector(match.connector_id)
        account = self._accounts.get(match.connector_id)
        if account is None:
            return (connector,)
        return account.route.subject, connector, account.route.market(bot.symbol)

    def findings(self) -> Iterator[Held]:
        """What is wrong now with connectors, with ways to exchanges, with markets, and with the platform's tasks."""
        for crashed_at, finding in self._crashes.values():
            if self._clock.monotonic() - crashed_at < CRASH_SHOWN_S:
                yield Held(subject=PLATFORM, finding=finding)
        for route in self._routes.values():
            for subject, finding in route.findings():
                yield Held(subject=subject, finding=finding)
        for connector_id, finding in self._broken.items():
            yield Held(subject=_of_connector(connector_id), finding=finding)
        for connector_id, account in self._accounts.items():
            for finding in account.findings():
                yield Held(subject=_of_connector(connector_id), finding=finding, rests_on=(account.route.subject,))

    async def balances(self, connector_id: str, *, max_age_s: float = 5.0, force: bool = False) -> Known[Balances]:
        """What is known of the balance, after a shared read when the last attempt is older than `max_age_s`."""
        account = self.account(connector_id)
        if isinstance(account, Finding):
            return Unknown(finding=account)
        return await account.reader.read(max_age_s=max_age_s, force=force)

    async def market(self, connector_id: str, symbol: str) -> Known[Market | None]:
        """A value of None: the exchange answered and does not list the pair."""
        account = self.account(connector_id)
        if isinstance(account, Finding):
            return Unknown(finding=account)
        return await account.route.rules.market(symbol)

    def watch(self, connector_id: str, symbol: str) -> None:
        account = self.account(connector_id)
        if isinstance(account, Account):
            account.route.feed(symbol).want(WATCH_FOR_S)

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]:
        """The last hour at 1 s, oldest first; empty: nothing was polled."""
        account = self.account(connector_id)
        return account.route.feed(symbol).mids() if isinstance(account, Account) else ()

    def sessions(self, account: str) -> tuple[SessionFacts, ...]:
        """The client's live sessions, by name."""
        found: list[SessionFacts] = []
        for name, connector in sorted(self._connectors.get(account_key(account), {}).items()):
            live = self._accounts.get(connector.id)
            if live is None:
                continue
            good = live.reader.good
            evidence = None if good is None else good.evidence
            found.append(
                SessionFacts(
                    key=name,
                    connector_id=connector.id,
                    exchange=connector.exchange,
                    host_label=host_label(connector.base_url),
                    as_of=None if good is None else good.as_of,
                    request_id=None if evidence is None else evidence.request_id,
                    finding=live.reader.failure,
                    calls=tuple(live.session.calls),
                )
            )
        return tuple(found)

    def connectors(self, account: str) -> Mapping[str, Connector]:
        """Connector name -> connector, as storage had them at the last look."""
        return self._connectors.get(account_key(account), {})

    async def close(self) -> None:
        for connector_id in tuple(self._accounts):
            await self._end(connector_id)
        for read in tuple(self._reads):
            read.cancel()
        for route in self._routes.values():
            await route.public.close()

    async def _begin(self, connector: Connector) -> None:
        info = exchange_info(connector.exchange)
        if info is None:
            self._break(connector, "exchange.unknown", {"exchange": connector.exchange})
            return
        async with self._database.unit_of_work(read_only=True) as uow:
            try:
                credentials = await uow.connectors.credentials(connector.id)
            except TradingBridgeError as error:
                self._break(connector, error.code, {"connector": connector.name})
                return
            snapshot = await uow.balances.last(connector.id)
            live = await uow.orders.live(connector_id=connector.id)
            booked = [(order, await uow.trades.booked(order.client_order_id)) for order in live]
            since = () if snapshot is None else await uow.trades.of_connector(connector.id, after=snapshot[1])
        if credentials is None:
            self._break(connector, "credentials.empty", {"connector": connector.name})
            return
        route = self._route(connector)
        session = Session(
            info=info,
            credentials=credentials,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            clock=self._clock,
            http=self._http,
            address_limiter=route.address_limiter,
            markets_of=route.public,
        )
        tracker = OrderTracker(
            exchange=connector.exchange,
            connector_id=connector.id,
            session=session,
            rules=route.rules,
            journal=self._journal,
            clock=self._clock,
            signature_window=timedelta(seconds=info.signature_window_s),
            on_fill=lambda bot_id, fill: self._filled(connector.id, bot_id, fill),
            on_change=self._on_bot_change,
        )
        tracker.adopt(booked)
        reader = BalanceReader(
            session,
            self._clock,
            self._spawn,
            on_read=lambda good: self._read_well(connector, good),
            on_change=lambda: self._on_connector_change(connector.id),
            explain=lambda finding: self._explain(connector.id, finding),
        )
        if snapshot is not None:
            reader.restore(*snapshot)
            for fill in since:
                reader.filled(fill.trade)
        if connector.exchange_account is not None:
            self._exchange_accounts[connector.id] = connector.exchange_account
        account = Account(
            connector=connector,
            route=route,
            session=session,
            reader=reader,
            tracker=tracker,
            installation_id=self._database.installation_id,
            clock=self._clock,
            is_anothers=lambda client_order_id: self._is_followed_beside(connector.id, client_order_id),
        )
        self._accounts[connector.id] = account
        self._owing.pop(connector.id, None)
        self._tasks[connector.id] = self._start(f"account {connector.name}", account.run)
        _log.info("session started", account=connector.account, connector=connector.name, exchange=connector.exchange)

    def _explain(self, connector_id: str, finding: Finding) -> Finding:
        account = self._accounts.get(connector_id)
        return finding if account is None else account.explain(finding)

    def _filled(self, connector_id: str, bot_id: str, fill: Trade) -> None:
        """Every session of the exchange account reads a balance that this fill moved."""
        self._on_fill(bot_id, fill)
        for one_id, account in self._accounts.items():
            if one_id == connector_id or self._same_account(one_id, fill):
                account.reader.filled(fill)

    def _same_account(self, connector_id: str, fill: Trade) -> bool:
        return fill.exchange_account is not None and self._exchange_accounts.get(connector_id) == fill.exchange_account

    def _is_followed_beside(self, connector_id: str, client_order_id: str) -> bool:
        others = (one for one in self._accounts.values() if one.connector.id != connector_id)
        return any((order := one.tracker.order(client_order_id)) is not None and order.live for one in others)

    async def _end(self, connector_id: str) -> None:
        self._broken.pop(connector_id, None)
        self._unserved.pop(connector_id, None)
        account = self._accounts.pop(connector_id, None)
        if account is not None:
            account.closed = True
            self._owing[connector_id] = _owed(account.tracker.live())
        task = self._tasks.pop(connector_id, None)
        self._exchange_accounts.pop(connector_id, None)
        self._accepted.pop(connector_id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if account is not None:
            await account.session.close()
            _log.info("session ended", account=account.connector.account, connector=account.connector.name)

    def _break(self, connector: Connector, code: str, parameters: Mapping[str, str]) -> None:
        self._unserved[connector.id] = connector
        self._broken[connector.id] = Finding(
            code=code, severity=Severity.CRITICAL, since=self._clock.now(), parameters=parameters
        )

    def _route(self, connector: Connector) -> Route:
        key = RouteKey(
            exchange=connector.exchange,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
        )
        route = self._routes.get(key)
        if route is None:
            info = exchange_info(connector.exchange)
            assert info is not None
            route = self._routes[key] = Route(key, info, self._http, self._clock, self._spawn, self._start)
        return route

    def _read_well(self, connector: Connector, good: GoodRead) -> None:
        """What a good read leaves in storage: a snapshot now and then, and the account's own id once."""
        live = self._accounts.get(connector.id)
        if live is None or live.connector.version != connector.version:
            return  # read with a key or at a host that is not the connector's any more
        self._snapshot(connector.id, good)
        self._note_success(connector.id, good.as_of)
        told = good.balances.exchange_account
        if told is not None and self._exchange_accounts.get(connector.id) != told:
            self._exchange_accounts[connector.id] = told
            self._spawn(self._learn(connector.id, told))

    def _note_success(self, connector_id: str, at: datetime) -> None:
        now = self._clock.monotonic()
        if now - self._accepted.get(connector_id, -SUCCESS_EVERY_S) < SUCCESS_EVERY_S:
            return
        self._accepted[connector_id] = now
        self._spawn(self._store_success(connector_id, at))

    async def _store_success(self, connector_id: str, at: datetime) -> None:
        try:
            async with self._database.unit_of_work() as uow:
                await uow.connectors.key_succeeded(connector_id, at)
        except NotReady as error:
            _log.warning("success of a key not stored", error=error.message)

    async def _learn(self, connector_id: str, exchange_account: str) -> None:
        async with self._database.unit_of_work() as uow:
            await uow.connectors.set_exchange_account(connector_id, exchange_account)

    def _snapshot(self, connector_id: str, good: GoodRead) -> None:
        now = self._clock.monotonic()
        last = self._snapshots.get(connector_id)
        if last is not None and now - last < SNAPSHOT_EVERY_S:
            return
        self._snapshots[connector_id] = now
        row = StoreBalances(connector_id=connector_id, balances=good.balances, as_of=good.as_of)
        self._journal.write(row).add_done_callback(_heard)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """A shared read: a bug in it reaches those who wait for it, and nobody else."""
        task = asyncio.create_task(coroutine)
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return task

    def _start(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        assert self._group is not None, "the manager runs before anybody asks it for more"
        return self._group.create_task(supervised(name, work, self._clock, self.crashed))

    def crashed(self, finding: Finding) -> None:
        """A task of the platform was ended by a bug, and starts again."""
        self._crashes[finding.parameters["task"]] = (self._clock.monotonic(), finding)


def _owed(live: Iterable[Order]) -> dict[str, datetime]:
    """bot_id -> until when its fills are known."""
    by_bot: dict[str, list[Order]] = {}
    for order in live:
        by_bot.setdefault(order.bot_id, []).append(order)
    return {bot_id: fills_known_until(orders) for bot_id, orders in by_bot.items()}


def _of_connector(connector_id: str) -> Subject:
    return Subject(kind=SubjectKind.CONNECTOR, id=connector_id)


def _heard(writing: "asyncio.Future[tuple[Written, ...]]") -> None:
    """The next snapshot makes up for one that could not be stored."""
    if not writing.cancelled() and (error := writing.exception()) is not None:
        _log.warning("balance not stored", error=str(error))
