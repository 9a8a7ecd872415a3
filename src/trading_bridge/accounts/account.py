"""One connector, live: its session, its balance, its orders; recovery is how it starts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading_bridge.accounts.balance_reader import BalanceReader
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.route import Route
from trading_bridge.accounts.slowness import slow
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, Side, is_ours
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import bound, get_logger

SYNC_EVERY_S = 1.0
#: the longest pause between looks at an exchange that refuses or does not answer
SYNC_AFTER_FAILURES_S = 4.0
RECOVER_EVERY_S = 2.0
#: looks that know nothing of an order before its account is doubted
LOOKS_BEFORE_MISSING = 10
#: an answer that stands for several causes, until the doctor has told them apart
CONFLATED = "access.refused"
#: what the doctor finds although every read is answered
_SILENT = frozenset({"permission.trade_missing", "clock.skewed", "ip.not_allowed"})
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
        installation_id: str,
        clock: Clock,
        is_anothers: Callable[[str], bool],
    ) -> None:
        self.connector = connector
        self.route = route
        self.session = session
        self.reader = reader
        self.tracker = tracker
        self._installation_id = installation_id
        self._clock = clock
        #: whether another session of this process follows an order: two keys may open one exchange account
        self._is_anothers = is_anothers
        self._looks = 0
        #: another one has taken its place, or its connector is gone: nothing new may be sent by it
        self.closed = False
        #: what the doctor's last ladder found; None: nothing, or it never ran
        self.diagnosed: Finding | None = None
        self._withdrawn: Finding | None = None
        self._mended_at: datetime | None = None
        #: how often a diagnosis was withdrawn: who waits because of one may go on
        self.healed = 0
        #: a refusal that only the doctor can explain, since every read is answered; None: none
        self.suspicion: Finding | None = None
        #: what still keeps this account from trading after a start; None: it may trade
        self.recovering: Finding | None = Finding(
            code="account.recovering",
            severity=Severity.INFO,
            since=clock.now(),
            parameters={"connector": connector.name},
        )

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
        for failure in (self.reader.failure, self.tracker.failure, self.recovering, self.suspicion, late):
            if failure is not None:
                yield self.explain(failure)
        if self.diagnosed is not None and self.diagnosed.code in _SILENT:
            yield self.diagnosed

    async def run(self) -> None:
        """Recovers, then keeps the orders in step with the exchange; its owner cancels it."""
        with bound(account=self.connector.account, exchange=self.connector.exchange):
            await self._run()

    async def _run(self) -> None:
        while self.recovering is not None:
            await self.recover()
            if self.recovering is not None:
                await self._clock.sleep(RECOVER_EVERY_S)
        failures = 0
        while True:
            await self.tracker.wait_for_work()
            await self.tracker.sync()
            failures = 0 if self.tracker.failure is None else failures + 1
            await self._clock.sleep(min(SYNC_EVERY_S * 2 ** max(0, failures - 1), SYNC_AFTER_FAILURES_S))

    async def recover(self) -> None:
        """One attempt: cancels every live order that carries our installation id, and books what was filled."""
        listed = await self.session.open_orders()
        if not isinstance(listed, Answered):
            self._still(listed.finding)
            return
        ours = [
            report
            for report in listed.value
            if is_ours(report.client_order_id, self._installation_id)
            and not self._is_anothers(report.client_order_id or "")
        ]
        for report in ours:
            failed = await self._cancel(report.symbol, report.exchange_order_id)
            if failed is not None:
                self._still(failed)
                return
        await self.tracker.sync()
        if self.tracker.failure is not None:
            self._still(self.tracker.failure)
            return
        left = [order for order in self.tracker.live() if order.exchange_order_id is not None]
        if left:
            self._looks += 1
            if self._looks >= LOOKS_BEFORE_MISSING:
                self._still(self._finding("account.orders_missing", {"count": str(len(left))}))
        elif not ours:
            self.recovering = None
            _log.info("account recovered", connector=self.connector.name, unresolved=len(self.tracker.live()))

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
        failed = await self._cancel(order.symbol, order.exchange_order_id)
        confirmed = await self.tracker.confirm(client_order_id)
        order = self.tracker.order(client_order_id)
        if order is None or not order.live:
            return None
        return failed or confirmed or self._unaccounted(order)

    def spendable(self, side: Side, market: Market) -> Decimal | None:
        """What a new order of any bot may take at this moment; None: the balance is not known."""
        read = self.reader.good
        held = None if read is None else read.balances.of(market.quote if side is Side.BUY else market.base)
        return None if read is None or held is None else self.tracker.spendable(side, market, held, read.started)

    async def _cancel(self, symbol: str, exchange_order_id: str) -> Finding | None:
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
