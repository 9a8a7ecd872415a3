"""One connector, live: its session, its balance, its orders; recovery is how it starts."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading_bridge.accounts.balance_reader import BalanceReader
from trading_bridge.accounts.order_feed import OrderFeed
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.reconciliation import Reconciliation
from trading_bridge.accounts.route import Route
from trading_bridge.accounts.slowness import slow
from trading_bridge.accounts.tracked import LONG_AGO
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport, Side
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import bound, get_logger

SYNC_EVERY_S = 1.0
#: of an address's calls, the share that looks at open orders may take
LOOKS_SHARE = 0.2
#: the longest pause between looks at an exchange that refuses or does not answer
SYNC_AFTER_FAILURES_S = 4.0
RECOVER_EVERY_S = 2.0
#: an exchange that gave no orders for so long may have changed all of them
AWAY_S = 10.0
#: an answer that stands for several causes, until the doctor has told them apart
CONFLATED = "access.refused"
_SKEWED = "clock.skewed"
#: what the doctor finds although every read is answered
_SILENT = frozenset({"permission.trade_missing", _SKEWED, "ip.not_allowed"})
#: what may be behind an answer that stands for several causes
_ACCESS = frozenset({"ip.not_allowed", "permission.read_missing", "signature.refused", "credentials.rejected"})
_ORDER_CALLS = frozenset({"create_order", "cancel_order"})

_log = get_logger("account")


class Account:
    def __init__(
        self,
        *,
        connector: Connector,
        route: Route,
        session: Session,
        reader: BalanceReader,
        tracker: OrderTracker,
        clock: Clock,
        reconciliation: Reconciliation | None = None,
        feed: OrderFeed | None = None,
        beside: Callable[[], Iterable["Account"]] = tuple,
        sharing: Callable[[], int] = lambda: 1,
    ) -> None:
        """`reconciliation` None: only the orders that the tracker follows are kept in step. `feed` None: own orders are
        polled alone. `beside`: further sessions of the same exchange account. `sharing`: how many accounts leave by its
        way, itself included."""
        self.connector = connector
        self.route = route
        self.session = session
        self.reader = reader
        self.tracker = tracker
        self._clock = clock
        self._reconciliation = reconciliation
        self._feed = feed
        self._beside = beside
        self._sharing = sharing
        #: why the exchange was away so long that it must be compared with storage first; None: it was not
        self._away: Finding | None = None
        #: intents of an earlier process that nobody has answered for yet
        self._inherited = frozenset(one.client_order_id for one in tracker.live() if one.exchange_order_id is None)
        #: another one has taken its place, or its connector is gone: nothing new may be sent by it
        self.closed = False
        #: what the doctor's last ladder found; None: nothing, or it never ran
        self.diagnosed: Finding | None = None
        self._withdrawn: Finding | None = None
        self._mended_at: datetime | None = None
        #: how often a diagnosis was withdrawn: who waits because of one may go on
        self.healed = 0
        #: why new orders of this account are held until money that left is labelled; None: they are not
        self.funds_held: Finding | None = None
        #: a refusal that only the doctor can explain, since every read is answered; None: none
        self.suspicion: Finding | None = None
        #: what still keeps this account from trading after a start; None: it may trade
        self.recovering: Finding | None = Finding(
            code="account.recovering",
            severity=Severity.INFO,
            since=clock.now(),
            parameters={"connector": connector.name},
        )

    @property
    def held(self) -> Finding | None:
        """Why new orders of this account are held until a person answers: an order or trade there is not ours, and
        nobody said that people trade there, or a stored order cannot be read. None: they are not."""
        return (
            None
            if self._reconciliation is None
            else self._reconciliation.foreign.held or self._reconciliation.unreadable
        )

    def withheld_in(self, symbol: str) -> Finding | None:
        """Why no new order may be sent in a market at this moment; None: the account is in nobody's way."""
        return self.held or self.funds_held or self.recovering_in(symbol) or self.skewed

    @property
    def skewed(self) -> Finding | None:
        """While the doctor finds it, no request may be signed that creates something (faults T1)."""
        return self.diagnosed if self.diagnosed is not None and self.diagnosed.code == _SKEWED else None

    def recovering_in(self, symbol: str) -> Finding | None:
        """What keeps new orders from one market after a start, or after the exchange was away: it was not compared with
        storage yet, or an intent of an earlier process may live there that nobody has answered for (faults D2). None:
        nothing; other markets may wait for theirs."""
        obstacle = self.recovering or self._away
        if obstacle is not None or not self._inherited:
            return obstacle
        unresolved = [
            order
            for client_order_id in sorted(self._inherited)
            if (order := self.tracker.order(client_order_id)) is not None
            and order.live
            and order.exchange_order_id is None
        ]
        self._inherited = frozenset(order.client_order_id for order in unresolved)
        return next((self._unaccounted(order) for order in unresolved if order.symbol == symbol), None)

    def explain(self, finding: Finding) -> Finding:
        """The cause as the doctor found it, where the exchange's answer stands for several."""
        found = self.diagnosed or self._withdrawn_for(finding)
        if finding.code != CONFLATED or found is None:
            return finding
        of_order = finding.evidence is not None and finding.evidence.call in _ORDER_CALLS
        if found.code in _ACCESS or (of_order and found.code in _SILENT):
            return replace(found, since=finding.since)
        return finding

    def _withdrawn_for(self, finding: Finding) -> Finding | None:
        """What explained a call that failed before it was mended, and was not made again yet."""
        at = None if finding.evidence is None else finding.evidence.at
        return self._withdrawn if at is not None and self._mended_at is not None and at < self._mended_at else None

    def diagnose(self, finding: Finding | None) -> None:
        """What a ladder found; None: nothing. A cause that still holds keeps its time."""
        before, self.diagnosed, self.suspicion = self.diagnosed, finding, None
        if before is None:
            return
        if finding is None:
            self.healed += before.code in _ACCESS | _SILENT
            self._withdrawn, self._mended_at = before, self._clock.now()
        elif finding.code == before.code:
            self.diagnosed = replace(finding, since=before.since)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with this connector now; one code may come several times."""
        late = slow(self.session.calls, self._clock.now())
        looks = None if self._reconciliation is None else self._reconciliation.failure
        for failure in (
            self.reader.failure,
            self.tracker.failure,
            self.recovering,
            self._away,
            self.suspicion,
            looks,
            late,
        ):
            if failure is not None:
                yield self.explain(failure)
        if self._feed is not None and self._feed.broken is not None and self.tracker.failure is None:
            yield self._feed.broken  # where looks fail as well, their reason is the stream's
        if self._reconciliation is not None:
            yield from self._reconciliation.findings()
        if self.diagnosed is not None and self.diagnosed.code in _SILENT:
            yield self.diagnosed

    async def run(self) -> None:
        """Recovers, then keeps the orders in step with the exchange; its owner cancels it."""
        with bound(account=self.connector.account, exchange=self.connector.exchange):
            await self._run()

    async def _run(self) -> None:
        self.session.recovering = self.recovering is not None
        await self._recovered()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._begin())
            group.create_task(self._follow())
            if self._reconciliation is not None:
                group.create_task(self._reconciliation.run())

    async def _begin(self) -> None:
        """Reads the balance that a first decision needs, before the orders of others fill the address's window; then it
        listens, where the exchange tells by itself."""
        await self.reader.read(max_age_s=0.0)
        self.session.recovering = False
        if self._feed is not None:
            await self._feed.run()

    async def _recovered(self) -> None:
        """Returns once the account may trade."""
        while self.recovering is not None:
            await self.recover()
            if self.recovering is not None:
                await self._clock.sleep(RECOVER_EVERY_S)

    async def _follow(self) -> None:
        """Keeps orders in step; an exchange that comes back is recovered from as a start is (faults X16)."""
        failures, failing_since, looked = 0, self._clock.monotonic(), LONG_AGO
        while True:
            await self._clock.sleep(min(self._pace_s() * 2 ** max(0, failures - 1), SYNC_AFTER_FAILURES_S))
            if not failures:
                await self.tracker.wait_for_work()
                if self._feed is not None:
                    await self._feed.rest(looked)
            looked = self._clock.monotonic()
            await self.tracker.sync()
            if self.tracker.failure is not None:
                failing_since = failing_since if failures else self._clock.monotonic()
                failures += 1
                if self._clock.monotonic() - failing_since >= AWAY_S:
                    self._away = self.tracker.failure
            else:
                failures = 0
                while self._away is not None:
                    self._away = await self._compared()
                    if self._away is not None:
                        await self._clock.sleep(RECOVER_EVERY_S)

    def _pace_s(self) -> float:
        """Between two looks: where many accounts share an address, so slow that books and balances keep their share of
        its calls."""
        return max(
            SYNC_EVERY_S,
            *(
                self._sharing() * rate.weight("fetch_open_orders") * rate.per_s / (rate.calls * LOOKS_SHARE)
                for rate in self.route.info.address_limits
            ),
        )

    def foreign_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        """Open orders in a market, or in all, that are not ours, as of the last look: no own order may meet one."""
        return () if self._reconciliation is None else self._reconciliation.foreign.orders(symbol)

    async def recover(self) -> None:
        """One attempt: books what was filled, takes over what a bot wants, cancels what none does."""
        obstacle = await self._compared()
        if obstacle is not None:
            self._still(obstacle)
            return
        self.recovering = None
        live = self.tracker.live()
        unresolved = sum(1 for order in live if order.exchange_order_id is None)
        _log.info("account recovered", connector=self.connector.name, live=len(live), unresolved=unresolved)

    async def _compared(self) -> Finding | None:
        """One attempt to bring storage and exchange together; why they are not."""
        if self._reconciliation is not None:
            return await self._reconciliation.recover()
        await self.tracker.sync()
        return self.tracker.failure

    async def look(self, symbols: Iterable[str] = ()) -> Finding | None:
        """Reads the open orders, then the own trades since the look before, in these markets, too; why that was not
        possible."""
        await self.tracker.sync()
        if self.tracker.failure is not None or self._reconciliation is None:
            return self.tracker.failure
        return await self._reconciliation.book_fills(symbols)

    async def cancel(self, client_order_id: str) -> Finding | None:
        """Cancels one of our orders and reads how it ended; None: the exchange has said so."""
        order = self.tracker.order(client_order_id)
        failed = None
        if order is not None and order.exchange_order_id is None:
            failed = await self.tracker.confirm(client_order_id)
            order = self.tracker.order(client_order_id)
        if order is None or not order.live:
            return None
        if failed is not None or order.exchange_order_id is None:
            return failed or self._unaccounted(order)
        self.tracker.canceling(client_order_id)
        failed = await self.cancel_at_exchange(order.symbol, order.exchange_order_id)
        if failed is not None:
            self.tracker.not_canceled(client_order_id)
        confirmed = await self.tracker.confirm(client_order_id)
        order = self.tracker.order(client_order_id)
        if order is None or not order.live:
            return None
        return failed or confirmed or self._unaccounted(order)

    def spendable(self, side: Side, market: Market) -> Decimal | None:
        """What a new order of any bot may take at this moment; None: the balance is not known."""
        read = self.reader.good
        held = None if read is None else read.balances.of(market.quote if side is Side.BUY else market.base)
        if read is None or held is None:
            return None
        taken = sum((one.tracker.promised(side, market, read.started) for one in self._beside()), Decimal(0))
        return self.tracker.spendable(side, market, held, read.started) - taken

    async def cancel_at_exchange(self, symbol: str, exchange_order_id: str) -> Finding | None:
        """Cancels an order that need not be ours; None: the exchange took the request."""
        rules = await self.route.rules.market(symbol)
        if isinstance(rules, Unknown):
            return rules.finding
        market = rules.value or self.route.rules.once(symbol)
        if market is None:
            return self._finding("market.unknown", {"symbol": symbol})
        answer = await self.session.cancel_order(market, exchange_order_id)
        return None if isinstance(answer, Answered) else answer.finding

    def _unaccounted(self, order: Order) -> Finding:
        return self._finding("order.unresolved", {"client_order_id": order.client_order_id, "side": order.side.value})

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=parameters)

    def _still(self, finding: Finding) -> None:
        if self.recovering is None or self.recovering.code != finding.code:
            self.recovering = replace(finding, since=self._clock.now())
