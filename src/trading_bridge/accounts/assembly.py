"""Making a live account of a connector: what storage remembers of it, and its parts put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.all_funds import AllFunds
from trading_bridge.accounts.balance_reader import BalanceReader, GoodRead
from trading_bridge.accounts.connector_table import ConnectorTable
from trading_bridge.accounts.foreign import Foreign
from trading_bridge.accounts.listing import ListingSession
from trading_bridge.accounts.live_accounts import LiveAccounts
from trading_bridge.accounts.order_feed import OrderFeed
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.own_trades import OwnTrades
from trading_bridge.accounts.reconciliation import Reconciliation
from trading_bridge.accounts.route import Route
from trading_bridge.accounts.shelf import Shelf
from trading_bridge.accounts.single_flight import Spawn
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.client import Connector, Credentials, Strangers
from trading_bridge.core.fill import Fill
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order
from trading_bridge.core.trade import Trade
from trading_bridge.errors import TradingBridgeError
from trading_bridge.exchanges.order_stream import OrderStream
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What storage has of a connector before its session begins."""

    credentials: Credentials
    #: the last stored balance and when it was read; None: never
    snapshot: tuple[Balances, datetime] | None
    #: live orders, each with the sum of its stored fills
    live: tuple[tuple[Order, Decimal], ...]
    #: fills that were stored after the balance was read
    since: tuple[Fill, ...]
    strangers: Strangers


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Who hears what happens on an account."""

    #: connector_id, bot_id (None: the fill is of no bot), the stored fill
    filled: Callable[[str, str | None, Trade], None]
    #: a balance that was believed
    read_well: Callable[[Connector, GoodRead], None]
    #: connector_id; what a person has to answer for, by code
    alarmed: Callable[[str, Mapping[str, Finding]], None]
    #: bot_id
    bot_changed: Callable[[str], None]
    #: connector_id
    connector_changed: Callable[[str], None]


async def remembered(database: Database, connector: Connector, clock: Clock) -> Remembered | Finding:
    """A finding says why there can be no session."""
    async with database.unit_of_work(read_only=True) as uow:
        try:
            credentials = await uow.connectors.credentials(connector.id)
        except TradingBridgeError as error:
            return broken(error.code, {"connector": connector.name}, clock)
        if credentials is None:
            return broken("credentials.empty", {"connector": connector.name}, clock)
        snapshot = await uow.balances.last(connector.id)
        live = await uow.orders.live(connector_id=connector.id)
        sums = await uow.trades.booked_of_live(connector.id)
        return Remembered(
            credentials=credentials,
            snapshot=snapshot,
            live=tuple((order, sums.get(order.client_order_id, Decimal(0))) for order in live),
            since=() if snapshot is None else await uow.trades.of_connector(connector.id, after=snapshot[1]),
            strangers=await uow.connectors.strangers(connector.id),
        )


def broken(code: str, parameters: Mapping[str, str], clock: Clock) -> Finding:
    """Why a connector has no session."""
    return Finding(code=code, severity=Severity.CRITICAL, since=clock.now(), parameters=parameters)


class Assembly:
    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        http: HttpSessions,
        clock: Clock,
        spawn: Spawn[None],
        table: ConnectorTable,
        live: LiveAccounts,
        funds: AllFunds,
        hearing: Hearing,
    ) -> None:
        self._database = database
        self._journal = journal
        self._http = http
        self._clock = clock
        self._spawn = spawn
        self._table = table
        self._live = live
        self._funds = funds
        self._hearing = hearing

    def account(self, connector: Connector, known: Remembered, route: Route) -> tuple[Account, Reconciliation]:
        """Nothing of it runs yet, and nobody finds it among the live ones."""
        session = ListingSession(
            info=route.info,
            credentials=known.credentials,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            clock=self._clock,
            http=self._http,
            limiters=route.limiters,
            timeout_s=connector.timeout_s,
            markets_of=route.public,
        )
        shelf = Shelf(self._database, connector)
        tracker = OrderTracker(
            exchange=connector.exchange,
            connector_id=connector.id,
            session=session,
            rules=route.rules,
            journal=self._journal,
            clock=self._clock,
            signature_window=timedelta(seconds=route.info.signature_window_s),
            on_fill=lambda bot_id, fill: self._hearing.filled(connector.id, bot_id, fill),
            on_corrected=lambda was, fill: self._funds.corrected(connector.id, was, fill),
            on_change=self._hearing.bot_changed,
            find=shelf.find,
        )
        tracker.adopt(known.live)
        session.follows = lambda: {*self._table.symbols(connector.id), *(one.symbol for one in tracker.live())}
        foreign = Foreign(
            connector=connector,
            installation_id=self._database.installation_id,
            strangers=known.strangers,
            clock=self._clock,
            on_alarm=lambda alarms: self._hearing.alarmed(connector.id, alarms),
        )
        trades = OwnTrades(
            connector=connector,
            session=session,
            rules=route.rules,
            tracker=tracker,
            foreign=foreign,
            shelf=shelf,
            journal=self._journal,
            clock=self._clock,
            is_anothers=lambda client_order_id: self._live.is_followed_beside(connector.id, client_order_id),
            on_fill=lambda bot_id, fill: self._hearing.filled(connector.id, bot_id, fill),
        )
        reconciliation = Reconciliation(
            connector=connector,
            session=session,
            tracker=tracker,
            trades=trades,
            foreign=foreign,
            shelf=shelf,
            clock=self._clock,
            symbols=lambda: self._table.symbols(connector.id),
            wanted=lambda order: self._table.is_wanted(order, connector.id),
            is_anothers=lambda client_order_id: self._live.is_followed_beside(connector.id, client_order_id),
            cancel=lambda client_order_id: account.cancel(client_order_id),
            cancel_unknown=lambda symbol, order_id: account.cancel_at_exchange(symbol, order_id),
        )
        session.on_listed = reconciliation.heard
        stream = self._stream(connector, known, route, session)
        feed = None
        if stream is not None:
            feed = OrderFeed(
                stream=stream,
                tracker=tracker,
                clock=self._clock,
                connector=connector.name,
                wanted=lambda: bool(session.follows()),
                look=lambda symbols: account.look(symbols),
                is_anothers=lambda client_order_id: self._live.is_followed_beside(connector.id, client_order_id),
            )
        account = Account(
            connector=connector,
            route=route,
            session=session,
            reader=self._reader(connector, known, session),
            tracker=tracker,
            clock=self._clock,
            reconciliation=reconciliation,
            feed=feed,
            beside=lambda: self._live.beside(connector.id),
            sharing=lambda: self._live.sharing(route),
        )
        return account, reconciliation

    def _stream(
        self, connector: Connector, known: Remembered, route: Route, session: ListingSession
    ) -> OrderStream | None:
        """None: own orders are polled alone."""
        info = route.info
        if info.streaming is None or not info.features.get("private_stream", False) or not self._http.websockets:
            return None
        return OrderStream(
            info=info,
            session=session,
            credentials=known.credentials,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            clock=self._clock,
            http=self._http,
            timeout_s=connector.timeout_s,
        )

    def _reader(self, connector: Connector, known: Remembered, session: ListingSession) -> BalanceReader:
        reader = BalanceReader(
            session,
            self._clock,
            self._spawn,
            on_read=lambda good: self._hearing.read_well(connector, good),
            on_change=lambda: self._hearing.connector_changed(connector.id),
            explain=lambda finding: self._live.explain(connector.id, finding),
            withdrew=lambda gone: self._funds.withdrew(connector.id, gone),
            meant=lambda: self._meant(connector.id),
        )
        if known.snapshot is not None:
            reader.restore(*known.snapshot)
        for fill in known.since:
            reader.filled(fill.trade)
        return reader

    def _meant(self, connector_id: str) -> frozenset[str]:
        """Currencies that bots trade on the exchange account, by whichever of its keys."""
        keys = (connector_id, *(one.connector.id for one in self._live.beside(connector_id)))
        return frozenset(code for key in keys for symbol in self._table.symbols(key) for code in symbol.split("/"))
