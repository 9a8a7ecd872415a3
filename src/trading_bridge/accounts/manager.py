"""The exchange manager: connectors in storage -> live accounts, kept in step without a restart."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.all_funds import AllFunds
from trading_bridge.accounts.assembly import Assembly, Hearing, broken, remembered
from trading_bridge.accounts.balance_reader import GoodRead
from trading_bridge.accounts.browsing import Browsing
from trading_bridge.accounts.connector_table import ConnectorTable, Match
from trading_bridge.accounts.life import life_finding
from trading_bridge.accounts.live_accounts import LiveAccounts
from trading_bridge.accounts.locked import Locked, locked
from trading_bridge.accounts.owing import Owing
from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.accounts.route import RouteKey
from trading_bridge.accounts.routes import Routes
from trading_bridge.accounts.session_facts import SessionFacts, facts_of
from trading_bridge.accounts.session_records import SessionRecords
from trading_bridge.accounts.tasks import Tasks
from trading_bridge.accounts.tracked import kept
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Connector, account_key
from trading_bridge.core.finding import PLATFORM, Finding, Held, Severity, Subject, SubjectKind
from trading_bridge.core.known import Known, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer
from trading_bridge.errors import NotReady
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import usable
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.journal import Journal

#: the connectors table is looked at this often, besides each time that a service says it changed
SYNC_EVERY_S = 5.0
#: a page that shows a market keeps its poller going this long
WATCH_FOR_S = 30.0

_log = get_logger("manager")


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
        on_funds_moved: Callable[[str], None] = lambda _: None,
        only: str | None = None,
    ) -> None:
        """`on_funds_moved` hears a connector whose money moved other than by trading, or was labelled. `only`: the
        client, by its account, whose connectors are live; None: every client's."""
        self._only = only
        self._database = database
        self._clock = clock
        self._on_fill = on_fill
        self._on_connector_change = on_connector_change
        #: told of each fill of which the exchange says that both sides are one account's
        self.on_self_deal: Callable[[Connector, Trade], None] = lambda connector, fill: None
        #: every client's, over all of its accounts
        self.own_orders = OwnOrders()
        self._owned = Tasks(clock)
        #: of every key and address that a session here uses
        self.limiters = Limiters(clock)
        self._routes = Routes(http, self.limiters, clock, self._owned.spawn, self._owned.start)
        self._browsing = Browsing(http, self.limiters, clock, self._owned.spawn)
        self._live = LiveAccounts()
        self._table = ConnectorTable(clock)
        self._owing = Owing()
        self._records = SessionRecords(
            database, journal, clock, self._owned.spawn, books=lambda connector_id: self.funds.books(connector_id)
        )
        self.funds = AllFunds(
            database=database,
            journal=journal,
            clock=clock,
            start=self._owned.start,
            account=self._live.get,
            on_change=on_connector_change,
            on_opened=self._records.snapshot_soon,
            on_moved=on_funds_moved,
        )
        self._assembly = Assembly(
            database=database,
            journal=journal,
            http=http,
            clock=clock,
            spawn=self._owned.spawn,
            table=self._table,
            live=self._live,
            funds=self.funds,
            hearing=Hearing(
                filled=self._filled,
                read_well=self._read_well,
                alarmed=self._alarmed,
                bot_changed=on_bot_change,
                connector_changed=on_connector_change,
            ),
        )
        self._broken: dict[str, Finding] = {}  # connector_id -> why it has no session
        self._unserved: dict[str, Connector] = {}  # connector_id -> the broken connector as it was then
        self._tasks: dict[str, asyncio.Task[None]] = {}  # connector_id -> its account's task
        self._syncing = asyncio.Lock()

    async def run(self, started: asyncio.Event) -> None:
        """Owns every task of accounts and feeds; its owner cancels it."""
        async with asyncio.TaskGroup() as group:
            self._owned.own(group)
            async with self._database.unit_of_work(read_only=True) as uow:
                live = await uow.orders.live()
            for connector_id in sorted({order.connector_id for order in live}):
                self._owing.left(connector_id, (order for order in live if order.connector_id == connector_id))
            await self.sync()
            self._leave_unserved(live)
            started.set()
            while True:
                await self._clock.sleep(SYNC_EVERY_S)
                try:
                    await self.sync()
                except (NotReady, *FAILURES) as error:
                    _log.warning("connectors not read", error=str(error))

    async def sync(self, account: str | None = None) -> None:
        """Makes the live accounts equal to the connectors table, for one client or for all."""
        async with self._syncing:
            async with self._database.unit_of_work(read_only=True) as uow:
                stored, bots = await uow.connectors.list(None), await uow.bots.all()
            account = self._only if account is None else account
            scope = None if account is None else account_key(account)
            wanted = {c.id: c for c in stored if scope is None or account_key(c.account) == scope}
            served = [one.connector for one in self._live.all()] + list(self._unserved.values())
            for known in served:
                if scope is not None and account_key(known.account) != scope:
                    continue
                now = wanted.get(known.id)
                if now is None or now.version != known.version:
                    await self._end(known.id)
            self._table.read(stored, bots)
            for connector in wanted.values():
                if connector.id not in self._live and connector.id not in self._broken:
                    await self._begin(connector)

    async def close(self) -> None:
        for account in self._live.all():
            await self._end(account.connector.id)
        self._owned.close()
        await self._routes.close()
        await self._browsing.close()

    # what is live

    def match(self, account: str, connector: str) -> Match:
        """A bot's connector matches a name first, else the one connector at that exchange; letter case is free."""
        return self._table.match(account, connector)

    def account(self, connector_id: str) -> Account | Finding:
        """The live account, or why there is none."""
        live = self._live.get(connector_id)
        if live is not None:
            return live
        not_synced = Finding(code="connector.not_synced", severity=Severity.WARNING, since=self._clock.now())
        return self._broken.get(connector_id, not_synced)

    def accounts(self) -> tuple[Account, ...]:
        return self._live.all()

    def connectors(self, account: str) -> Mapping[str, Connector]:
        """Connector name -> connector, as storage had them at the last look."""
        return self._table.of_client(account)

    def sessions(self, account: str) -> tuple[SessionFacts, ...]:
        """The client's live sessions, by name."""
        by_name = sorted(self._table.of_client(account).items())
        return tuple(facts_of(name, live) for name, one in by_name if (live := self._live.get(one.id)) is not None)

    def routes(self) -> tuple[RouteKey, ...]:
        """The ways to exchanges that sessions go by."""
        return tuple({account.route.key: None for account in self._live.all()})

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much (faults T2)."""
        self._routes.stepped()
        self.funds.stepped(by)
        for account in self._live.all():
            account.reader.stepped(by)

    # what is known of fills

    def complete_as_of(self, bot: Bot) -> tuple[datetime, Finding | None]:
        """Until when every fill of the bot is known, and what is in the way."""
        match = self.match(bot.account, bot.connector)
        account = match.finding if match.connector_id is None else self.account(match.connector_id)
        if isinstance(account, Account):
            failure = account.tracker.failure
            return account.tracker.complete_as_of(bot.id), None if failure is None else account.explain(failure)
        return self._owing.known_until(bot.id) or self._clock.now(), account

    def owes(self, bot_id: str) -> bool:
        """Whether orders of the bot were live when the last session that followed them ended, or at the start."""
        return self._owing.known_until(bot_id) is not None

    def unserved(self) -> Iterator[tuple[str, frozenset[str], Finding]]:
        """Connectors that no session serves and where orders were live: id, whose bots', why there is no session."""
        for connector_id, bots in self._owing.items():
            account = self.account(connector_id)
            if isinstance(account, Finding):
                yield connector_id, bots, account

    # what is wrong

    def subjects(self, bot: Bot) -> tuple[Subject, ...]:
        """What a bot rests on, the widest first: its exchange, its connector, its market."""
        match = self.match(bot.account, bot.connector)
        if match.connector_id is None:
            return ()
        connector = _of_connector(match.connector_id)
        account = self._live.get(match.connector_id)
        if account is None:
            return (connector,)
        return account.route.subject, connector, account.route.market(bot.symbol)

    def findings(self) -> Iterator[Held]:
        """What is wrong now with connectors, with ways to exchanges, with markets, and with the platform's tasks."""
        for finding in self._owned.findings():
            yield Held(subject=PLATFORM, finding=finding)
        for subject, finding in self._routes.findings():
            yield Held(subject=subject, finding=finding)
        for connector_id, finding in self._broken.items():
            yield Held(subject=_of_connector(connector_id), finding=finding)
        for connector in self._table.all():
            ends = life_finding(connector.exchange, connector.base_url, self._clock.now())
            if ends is not None:
                yield Held(subject=_of_connector(connector.id), finding=ends)
        for connector_id, account in self._live.items():
            for finding in (*account.findings(), *self.funds.findings(connector_id)):
                yield Held(subject=_of_connector(connector_id), finding=finding, rests_on=(account.route.subject,))
            for bot_id, finding in account.tracker.contradictions():
                yield Held(subject=Subject(kind=SubjectKind.BOT, id=bot_id), finding=finding)

    def crashed(self, finding: Finding) -> None:
        """A task of the platform was ended by a bug, and starts again."""
        self._owned.crashed(finding)

    # what readers ask of one connector

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

    def known_market(self, account: str, connector: str, symbol: str) -> Market | None:
        """As its rules were last read; None: they were not, or do not list it. Asks nobody."""
        connector_id = self.match(account, connector).connector_id
        found = None if connector_id is None else self.account(connector_id)
        if not isinstance(found, Account):
            return None
        rules = found.route.rules.known(symbol)
        return None if isinstance(rules, Unknown) else rules.value

    async def markets(self, exchange: str) -> Known[Mapping[str, Market]]:
        """Of any exchange, by symbol, without a key."""
        return await self._browsing.markets(exchange)

    def watch(self, connector_id: str, symbol: str) -> None:
        account = self.account(connector_id)
        if isinstance(account, Account):
            account.route.feed(symbol).want(WATCH_FOR_S)

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]:
        """The last hour at 1 s, oldest first; empty: nothing was polled."""
        account = self.account(connector_id)
        return account.route.feed(symbol).mids() if isinstance(account, Account) else ()

    def locked_by(self, connector_id: str, bot: Bot) -> Mapping[str, Locked] | None:
        """Currency of the bot's pair -> whose orders hold it at the connector's exchange account; None: that is not
        known, since no session follows it, or recovers."""
        account = self._live.get(connector_id)
        if account is None or account.recovering is not None:
            return None
        accounts = (account, *self._live.beside(connector_id))
        ours = [order for one in accounts for order in one.tracker.live()]
        return {
            currency: locked(currency, bot.id, ours, account.foreign_orders()) for currency in bot.symbol.split("/")
        }

    # what happened

    def labelled(self, transfer: Transfer) -> None:
        """A person has said what it was; after the commit."""
        self.funds.labelled(transfer)

    def _filled(self, connector_id: str, bot_id: str | None, fill: Trade) -> None:
        """Every session of the exchange account reads a balance that this fill moved; None: it is of no bot."""
        if bot_id is not None:
            self._on_fill(bot_id, fill)
        if fill.self_deal:
            self.on_self_deal(self._table.get(connector_id), fill)
        self.funds.filled(connector_id, fill)
        for account in self._live.moved_by(connector_id, fill):
            account.reader.filled(fill)

    def _read_well(self, connector: Connector, good: GoodRead) -> None:
        live = self._live.get(connector.id)
        if live is None or live.connector.version != connector.version:
            return  # read with a key or at a host that is not the connector's any more
        if good.started is not None:
            self.funds.saw(connector, good.balances, good.started, good.as_of)
        self._records.read_well(connector.id, good)
        told = good.balances.exchange_account
        if told is not None:
            self._live.opens(connector.id, told)
            self._records.opens(connector, told)

    def _alarmed(self, connector_id: str, alarms: Mapping[str, Finding]) -> None:
        self._on_connector_change(connector_id)
        self._records.alarmed(connector_id, alarms)

    # sessions begin and end

    async def _begin(self, connector: Connector) -> None:
        info = usable(connector.exchange)
        if info is None:
            self._break(connector, broken("exchange.unknown", {"exchange": connector.exchange}, self._clock))
            return
        known = await remembered(self._database, connector, self._clock)
        if isinstance(known, Finding):
            self._break(connector, known)
            return
        account, reconciliation = self._assembly.account(connector, known, self._routes.of(connector, info))
        self._live.add(account)
        self.funds.begin(
            connector, None if known.snapshot is None else known.snapshot[0], book_fills=reconciliation.book_fills
        )
        self.own_orders.follow(account)
        self._owing.followed(connector.id)
        self._tasks[connector.id] = self._owned.start(f"account {connector.name}", account.run)
        _log.info("session started", account=connector.account, connector=connector.name, exchange=connector.exchange)

    async def _end(self, connector_id: str) -> None:
        self._broken.pop(connector_id, None)
        self._unserved.pop(connector_id, None)
        account = self._live.remove(connector_id)
        if account is not None:
            account.closed = True
            self._owing.left(connector_id, account.tracker.live())
            self.own_orders.leave(account.connector, account.tracker.handed_on())
        self._records.ended(connector_id)
        task = self._tasks.pop(connector_id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if account is not None:
            await account.session.close()
            _log.info("session ended", account=account.connector.account, connector=account.connector.name)

    def _leave_unserved(self, live: Iterable[Order]) -> None:
        """Orders of an earlier run whose connector has no session stand as they were."""
        now = self._clock.monotonic()
        for connector in self._unserved.values():
            of_connector = (order for order in live if order.connector_id == connector.id)
            self.own_orders.leave(connector, [kept(order, order.filled, now) for order in of_connector])

    def _break(self, connector: Connector, why: Finding) -> None:
        self._unserved[connector.id] = connector
        self._broken[connector.id] = why


def _of_connector(connector_id: str) -> Subject:
    return Subject(kind=SubjectKind.CONNECTOR, id=connector_id)
