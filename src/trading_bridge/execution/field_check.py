"""The one order of a certification: placed by the journaled send, looked up in every way, cancelled, and seen gone."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from trading_bridge.accounts.account import Account
from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.certification import FarOrder, FieldStep, StepResult
from trading_bridge.core.decision import Reason, StoredDecision, Wanted, WantedOrder
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport, OrderState, is_of
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.trade import Trade
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.execution.executor import Applied, Executor
from trading_bridge.execution.work import Work
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreDecision

T = TypeVar("T")

#: a book is young enough to sign by for so long
BOOK_AGE_S = 3.0
#: right after a placement or a cancel an exchange may still tell what was before
TRIES, AGAIN_AFTER_S = 6, 1.0
#: beyond the signature's window, in which an order that nobody answered for may still arrive
SETTLES_WITHIN_S = 30.0
_ENDED = frozenset({OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED})


class FieldCheck:
    def __init__(
        self,
        *,
        bot: Bot,
        account: Account,
        executor: Executor,
        journal: Journal,
        clock: Clock,
        limits: Limits,
        decision_id: str,
        may_act: Callable[[], bool] = lambda: True,
    ) -> None:
        """`bot` is whose the order is: one that no list shows and nothing runs, so that any later start finds it
        unwanted and cancels it. `may_act` False: another process has taken over, and cancels it."""
        self._bot = bot
        self._account = account
        self._executor = executor
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._decision_id = decision_id
        self._may_act = may_act
        self.steps: list[FieldStep] = []

    async def run(self, order: FarOrder) -> None:
        """Each step is in `steps` once it is over, however this ends."""
        try:
            await self._walk(order)
        finally:
            await self._clear()

    async def _walk(self, far: FarOrder) -> None:
        market = await self._market()
        if market is None:
            return
        before = await self._trades(market)
        if before is None:
            return
        order = await self._placed(far, market)
        if order is None:
            return
        await self._looked_up(order, market)
        if await self._gone(order, market):
            await self._compared(order, market, before)

    async def _market(self) -> Market | None:
        known = await self._account.route.rules.market(self._bot.symbol)
        market = None if isinstance(known, Unknown) else known.value
        if market is None:
            unknown = self._finding("market.unknown", {"symbol": self._bot.symbol, "nearest": "none"})
            self._fail("order", "the market's rules could not be read", known.finding or unknown)
        return market

    # it is placed

    async def _placed(self, far: FarOrder, market: Market) -> Order | None:
        """As the exchange took it; None: it did not, or nobody knows."""
        await self._account.reader.read(max_age_s=0)
        fresh_until = self._clock.monotonic() + BOOK_AGE_S
        answer = await self._account.session.order_book(market)
        if not isinstance(answer, Answered):
            self._fail("order", "the book could not be read", answer.finding)
            return None
        if not far.is_far_from(answer.value, market, self._limits):
            moved = self._odd("order", "a market as it was when the order was agreed", "it has moved")
            self._fail("order", "not placed: the market has moved since it was agreed to", moved)
            return None
        applied = await self._apply(far, market, fresh_until)
        if applied is None:
            return None
        standing = [one for one in self._account.tracker.live(self._bot.id) if one.exchange_order_id is not None]
        if applied.placed and standing:
            order = standing[0]
            self._pass("order", f"{order.client_order_id} was taken as {order.exchange_order_id}")
            return order
        self._fail("order", "it was not placed, or nobody knows", self._why(applied))
        return None

    async def _apply(self, far: FarOrder, market: Market, fresh_until: float) -> Applied | None:
        now = self._clock.now()
        decision = StoredDecision(
            id=self._decision_id,
            bot_id=self._bot.id,
            decided_at=now,
            reason=Reason(code="certification.order", parameters={"symbol": market.symbol}),
            wanted=(WantedOrder(side=far.side, price=market.price(far.price), amount=market.amount(far.amount)),),
        )
        try:
            await self._journal.write(StoreDecision(decision=decision))
        except (StorageRefused, NotReady) as refused:
            self._fail("order", "not placed: it could not be stored first", self._stored_not(refused))
            return None
        return await self._executor.apply(
            Work(
                bot=self._bot,
                account=self._account,
                market=market,
                plan=Plan(place=(Wanted(side=far.side, price=far.price, amount=far.amount),)),
                decision_id=decision.id,
                decided_at=now,
                fresh_until=fresh_until,
                reference=far.mid,
                limits=self._limits,
            )
        )

    def _why(self, applied: Applied) -> Finding:
        for found in (*applied.refused, *applied.failed):
            return self._account.explain(found)
        for reason in applied.withheld:
            return self._finding(reason.code, dict(reason.parameters))
        return self._odd("order", "an order that stands", "it was gone at once")

    # it is looked up

    async def _looked_up(self, order: Order, market: Market) -> None:
        session = self._account.session
        by_client = await self._told(
            lambda: session.order_report(market, client_order_id=order.client_order_id), lambda found: found is not None
        )
        self._same("by_client_order_id", by_client, order)
        by_exchange = await self._told(
            lambda: session.order_report(market, exchange_order_id=order.exchange_order_id),
            lambda found: found is not None,
        )
        self._same("by_exchange_id", by_exchange, order)
        listed = await self._told(session.open_orders, lambda rows: _is_among(order, rows))
        if not isinstance(listed, Answered):
            self._fail("open_orders", "they could not be read", listed.finding)
            return
        if not _is_among(order, listed.value):
            missing = self._odd("open_orders", "the order", "it is not among them")
            self._fail("open_orders", "the order is not among them", missing)
        else:
            self._pass("open_orders", f"it is one of {len(listed.value)}")

    def _same(self, name: str, told: Outcome[OrderReport | None], order: Order) -> None:
        """The report is of the order as it was sent, open and unfilled."""
        if not isinstance(told, Answered):
            self._fail(name, "it could not be asked for", told.finding)
            return
        report = told.value
        if report is None:
            self._fail(name, "the exchange does not know it", self._odd(name, "the order", "it is not known"))
            return
        said = {
            "symbol": (report.symbol, order.symbol),
            "side": (report.side, order.side),
            "price": (report.price, order.price),
            "amount": (report.amount, order.amount),
            "filled": (report.filled, order.filled),
            "exchange id": (report.exchange_order_id, order.exchange_order_id),
            "client order id": (report.client_order_id or order.client_order_id, order.client_order_id),
            "state": (report.state, OrderState.NEW),
        }
        wrong = {what: pair for what, pair in said.items() if pair[0] != pair[1]}
        if not wrong:
            self._pass(name, "it stands as it was sent")
            return
        found = ", ".join(f"{what} {pair[0]}" for what, pair in wrong.items())
        expected = ", ".join(f"{what} {pair[1]}" for what, pair in wrong.items())
        self._fail(name, "it is told otherwise than it was sent", self._odd(name, expected, found))

    # it is cancelled

    async def _gone(self, order: Order, market: Market) -> bool:
        failed = await self._account.cancel(order.client_order_id)
        if failed is not None:
            self._fail("cancel", "the exchange did not confirm it", self._account.explain(failed))
            return False
        self._pass("cancel", "the exchange took it, and told how the order ended")
        session = self._account.session
        listed = await self._told(session.open_orders, lambda rows: not _is_among(order, rows))
        report = await self._told(
            lambda: session.order_report(market, exchange_order_id=order.exchange_order_id),
            lambda found: found is None or found.state in _ENDED,
        )
        for answer in (listed, report):
            if not isinstance(answer, Answered):
                self._fail("gone", "it could not be asked for", answer.finding)
                return False
        assert isinstance(listed, Answered)
        assert isinstance(report, Answered)
        if _is_among(order, listed.value):
            self._fail("gone", "it still stands", self._odd("gone", "no such open order", "it is among them"))
            return False
        ended = report.value
        if ended is not None and (ended.filled != 0 or ended.state not in _ENDED):
            found = f"state {ended.state}, filled {ended.filled}"
            self._fail("gone", "it ended otherwise", self._odd("gone", "cancelled and unfilled", found))
            return False
        self._pass("gone", "no open order is it, and nothing of it was filled")
        return True

    async def _trades(self, market: Market) -> frozenset[str] | None:
        """Ids of the newest page, before anything is sent; None: they cannot be read."""
        answer = await self._account.session.my_trades(market)
        if isinstance(answer, Answered):
            return frozenset(one.trade_id for one in answer.value)
        self._fail("trades", "own trades could not be read, so no order was placed", answer.finding)
        return None

    async def _compared(self, order: Order, market: Market, before: frozenset[str]) -> None:
        answer = await self._account.session.my_trades(market)
        if not isinstance(answer, Answered):
            self._fail("trades", "own trades could not be read", answer.finding)
            return
        new: list[Trade] = [one for one in answer.value if one.trade_id not in before]
        ours = [one for one in new if one.exchange_order_id == order.exchange_order_id]
        if ours:
            self._fail("trades", "the order traded", self._odd("trades", "no trade of it", f"{len(ours)} trades"))
            return
        others = f"; {len(new)} came of other orders" if new else ""
        self._pass("trades", f"none came of it{others}")

    async def _clear(self) -> None:
        """Whatever stands, or may stand, is cancelled and seen gone; what is left after that the next start cancels."""
        await self._executor.drain()
        tracker, began = self._account.tracker, self._clock.monotonic()
        window_s = self._account.route.info.signature_window_s + SETTLES_WITHIN_S
        while (left := tracker.live(self._bot.id)) and self._may_act() and self._clock.monotonic() - began < window_s:
            for order in left:
                await self._account.cancel(order.client_order_id)
            if tracker.live(self._bot.id):
                await self._clock.sleep(AGAIN_AFTER_S)
        for order in left:
            told = {"client_order_id": order.client_order_id, "side": order.side.value}
            self._fail("gone", "nobody knows whether it stands", self._finding("order.unresolved", told))

    # words

    async def _told(self, ask: Callable[[], Awaitable[Outcome[T]]], enough: Callable[[T], bool]) -> Outcome[T]:
        """The answer once it says enough, asked a few times, a second apart."""
        for _ in range(TRIES - 1):
            answer = await ask()
            if isinstance(answer, Answered) and enough(answer.value):
                return answer
            await self._clock.sleep(AGAIN_AFTER_S)
        return await ask()

    def _pass(self, name: str, detail: str) -> None:
        self.steps.append(FieldStep(name=name, result=StepResult.PASSED, detail=detail))

    def _fail(self, name: str, detail: str, finding: Finding) -> None:
        self.steps.append(FieldStep(name=name, result=StepResult.FAILED, detail=detail, finding=finding))

    def _odd(self, step: str, expected: str, found: str) -> Finding:
        """The exchange did otherwise than everything here relies on."""
        return self._finding("certification.failed", {"step": step, "expected": expected, "found": found})

    def _stored_not(self, refused: StorageRefused | NotReady) -> Finding:
        return self._finding(refused.code, {"detail": refused.message})

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=parameters)


def _is_among(order: Order, rows: Iterable[OrderReport]) -> bool:
    return any(is_of(order, one) for one in rows)
