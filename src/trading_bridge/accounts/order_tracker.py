"""Own orders of one connector: what storage recorded, moved forward by what the exchange says, never by silence."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.tracked import LONG_AGO, Tracked, limit_price, own_in_book, promised, spendable
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balance
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderReport, OrderState, Side, next_state
from trading_bridge.core.outcome import Answered
from trading_bridge.core.trade import Trade
from trading_bridge.core.view import Standing
from trading_bridge.errors import NotReady
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreFill, UpdateOrder, Written

#: beyond the signature window, before an order that nobody knows counts as absent (faults N3)
READ_LAG = timedelta(seconds=10)
#: a commit that is not too slow to be sent, and the request's own time limit
SEND_ENDS_WITHIN_S = 30.0
#: an ended order stays known this long, because a book read before its end still shows it
REMEMBER_ENDED_S = 10.0

_log = get_logger("orders")


class OrderTracker:
    def __init__(
        self,
        *,
        exchange: str,
        connector_id: str,
        session: Session,
        rules: Rules,
        journal: Journal,
        clock: Clock,
        signature_window: timedelta,
        on_fill: Callable[[str, Trade], None],
        on_change: Callable[[str], None],
    ) -> None:
        self._exchange = exchange
        self._connector_id = connector_id
        self._session = session
        self._rules = rules
        self._journal = journal
        self._clock = clock
        self._signature_window = signature_window
        self._on_fill = on_fill
        self._on_change = on_change
        self._orders: dict[str, Tracked] = {}  # client_order_id -> Tracked
        self._confirmed_at: datetime | None = None
        #: monotonic time of the last event that moved money: an acknowledgement, an end, a fill
        self.moved_at = LONG_AGO
        #: why the last look at the exchange failed; None: it did not
        self.failure: Finding | None = None
        self._work = asyncio.Event()

    def adopt(self, orders: Iterable[tuple[Order, Decimal]]) -> None:
        """Orders that storage holds as live at start, each with the sum of its stored fills."""
        for order, booked in orders:
            state = OrderState.UNRESOLVED if order.exchange_order_id is None else order.state
            adopted = replace(order, state=state)
            self._orders[order.client_order_id] = Tracked(
                order=adopted,
                stored=adopted,
                opened=LONG_AGO,
                acknowledged=None if state is OrderState.UNRESOLVED else LONG_AGO,
                booked=booked,
            )
        self._work.set()

    def opened(self, order: Order) -> None:
        """An intent is on its way to storage: it counts as live from here."""
        self._orders[order.client_order_id] = Tracked(
            order=order, stored=order, opened=self._clock.monotonic(), acknowledged=None
        )
        self._work.set()

    def forget(self, client_order_id: str) -> None:
        """The intent never reached storage, so nothing was sent."""
        del self._orders[client_order_id]

    async def record(
        self,
        client_order_id: str,
        state: OrderState,
        *,
        exchange_order_id: str | None = None,
        refusal_code: str | None = None,
        refusal_text: str | None = None,
    ) -> None:
        """What the answer to a request said about an order; returns when storage has it, or cannot take it now: then
        `sync` writes it. Never an end that may owe fills: those come from `confirm` and `sync`, with their fills, in
        one transaction."""
        tracked = self._orders[client_order_id]
        order = tracked.order
        now = self._clock.monotonic()
        tracked.order = replace(
            order,
            state=next_state(order.state, state),
            exchange_order_id=exchange_order_id or order.exchange_order_id,
            refusal_code=refusal_code or order.refusal_code,
            refusal_text=refusal_text or order.refusal_text,
        )
        if tracked.order.exchange_order_id is not None and tracked.acknowledged is None:
            tracked.acknowledged = now
            self.moved_at = now
        if not tracked.order.live and tracked.ended is None:
            tracked.ended = now
            self.moved_at = now
        self._work.set()
        failed = await self._book(tracked, ())
        if failed is not None:
            self._fail(failed)

    def order(self, client_order_id: str) -> Order | None:
        """None: it ended a while ago."""
        tracked = self._orders.get(client_order_id)
        return None if tracked is None else tracked.order

    def live(self, bot_id: str | None = None) -> tuple[Order, ...]:
        return tuple(
            tracked.order
            for tracked in self._orders.values()
            if tracked.order.live and (bot_id is None or tracked.order.bot_id == bot_id)
        )

    def standing(self, bot_id: str, market: Market) -> tuple[Standing, ...]:
        """The bot's live orders in its market, oldest first."""
        return tuple(_standing(order, market) for order in self.live(bot_id) if order.symbol == market.symbol)

    def standing_of_all(self, market: Market) -> tuple[Standing, ...]:
        """Live orders of every bot of the account in this market."""
        return tuple(_standing(order, market) for order in self.live() if order.symbol == market.symbol)

    def own_in_book(self, market: Market, began: float, ended: float) -> tuple[tuple[Side, Ticks, Lots], ...]:
        return own_in_book(self._orders.values(), market, began, ended)

    def promised(self, side: Side, market: Market, since: float | None) -> Decimal:
        return promised(self._orders.values(), side, market, since)

    def spendable(self, side: Side, market: Market, read: Balance, since: float | None) -> Decimal:
        return spendable(self._orders.values(), side, market, read, since)

    def complete_as_of(self, bot_id: str) -> datetime:
        """The latest time up to which every fill of the bot is surely known."""
        unsettled = [t.order for t in self._orders.values() if t.order.bot_id == bot_id and not t.settled]
        if not unsettled:
            return self._clock.now()
        begun = fills_known_until(unsettled)
        return begun if self._confirmed_at is None else max(begun, self._confirmed_at)

    def unsettled(self) -> bool:
        return any(not tracked.settled for tracked in self._orders.values())

    async def wait_for_work(self) -> None:
        """Returns when an order is live or owes its fills."""
        self._forget_ended()
        while not self.unsettled():
            self._work.clear()
            await self._work.wait()

    async def confirm(self, client_order_id: str) -> Finding | None:
        """Asks for one order's own report and books its fills: what a cancel's answer alone does not tell (faults X5).
        None: the exchange answered, or the order ended a while ago."""
        tracked = self._orders.get(client_order_id)
        if tracked is None:
            return None
        found = await self._asked(tracked, self._clock.now())
        if isinstance(found, Finding):
            return found
        return await self._apply(tracked, found)

    async def sync(self) -> None:
        """One look at the exchange: open orders, then each order that is missing there, then the fills owed."""
        began, began_at = self._clock.monotonic(), self._clock.now()
        listed = await self._session.open_orders()
        if not isinstance(listed, Answered):
            self._fail(listed.finding)
            return
        by_exchange_id = {report.exchange_order_id: report for report in listed.value}
        by_client_id = {report.client_order_id: report for report in listed.value if report.client_order_id is not None}
        for tracked in tuple(self._orders.values()):
            if tracked.settled or self._under_way(tracked):
                continue
            found = by_client_id.get(tracked.order.client_order_id) or by_exchange_id.get(
                tracked.order.exchange_order_id or ""
            )
            if found is None and tracked.order.live:
                if tracked.acknowledged is not None and tracked.acknowledged >= began:
                    continue
                asked = await self._asked(tracked, began_at)
                if isinstance(asked, Finding):
                    self._fail(asked)
                    return
                found = asked
            failed = await self._apply(tracked, found)
            if failed is not None:
                self._fail(failed)
                return
        self.failure = None
        self._confirmed_at = began_at
        self._forget_ended()

    def _under_way(self, tracked: Tracked) -> bool:
        """Its send will say what became of it; one that says nothing for so long was ended by a bug."""
        return (
            tracked.order.state is OrderState.PENDING_NEW
            and self._clock.monotonic() - tracked.opened < SEND_ENDS_WITHIN_S
        )

    async def _asked(self, tracked: Tracked, began_at: datetime) -> OrderReport | Finding | None:
        """An order that is missing from the open ones is not thereby ended: its own report decides."""
        rules = await self._rules.market(tracked.order.symbol)
        if isinstance(rules, Unknown):
            return rules.finding
        order = tracked.order
        market = rules.value or self._rules.once(order.symbol)
        if market is None:
            return None
        if order.exchange_order_id is not None:
            answer = await self._session.order_report(market, exchange_order_id=order.exchange_order_id)
        else:
            answer = await self._session.order_report(market, client_order_id=order.client_order_id)
        if not isinstance(answer, Answered):
            return answer.finding
        if answer.value is None and order.exchange_order_id is None and self._window_closed(order, began_at):
            strangers = await self._trades_of_nobody(market, order)
            if isinstance(strangers, Finding):
                return strangers
            if not strangers:
                _log.info("order proved absent", client_order_id=order.client_order_id)
                await self.record(order.client_order_id, OrderState.ABSENT)
                self._on_change(order.bot_id)
        return answer.value

    def _window_closed(self, order: Order, began_at: datetime) -> bool:
        signed_at = order.signed_at or order.decided_at
        return began_at > signed_at + self._signature_window + READ_LAG

    async def _trades_of_nobody(self, market: Market, order: Order) -> bool | Finding:
        """Whether a trade since the request may be this order's: on its side, and of no order with another id."""
        answer = await self._session.my_trades(market)
        if not isinstance(answer, Answered):
            return answer.finding
        known = {tracked.order.exchange_order_id for tracked in self._orders.values()}
        since = (order.signed_at or order.decided_at) - timedelta(seconds=2)
        unknown = {
            trade.exchange_order_id: None
            for trade in answer.value
            if trade.exchange_time >= since and trade.side is order.side and trade.exchange_order_id not in known
        }
        for exchange_order_id in unknown:
            report = await self._session.order_report(market, exchange_order_id=exchange_order_id)
            if not isinstance(report, Answered):
                return report.finding
            if report.value is None or report.value.client_order_id in (None, order.client_order_id):
                return True
        return False

    async def _apply(self, tracked: Tracked, report: OrderReport | None) -> Finding | None:
        """Moves an order forward and books its fills; state and fills reach storage in one transaction."""
        before = tracked.order
        if report is not None:
            state = before.state if report.state is None else next_state(before.state, report.state)
            if report.filled > before.filled:
                tracked.learnt.append((self._clock.monotonic(), before.remaining))
            moved = replace(
                before,
                state=state,
                exchange_order_id=report.exchange_order_id,
                filled=max(before.filled, report.filled),
            )
            if moved != before:
                tracked.order = moved
            if tracked.acknowledged is None:
                tracked.acknowledged = self._clock.monotonic()
            if not tracked.order.live and tracked.ended is None:
                tracked.ended = self._clock.monotonic()
        if tracked.order is before and not tracked.owed and not tracked.unwritten:
            return None
        fills: tuple[Trade, ...] = ()
        if tracked.owed:
            rules = await self._rules.market(before.symbol)
            market = None if isinstance(rules, Unknown) else rules.value or self._rules.once(before.symbol)
            if market is None:
                return None
            answer = await self._session.my_trades(market, exchange_order_id=tracked.order.exchange_order_id)
            if not isinstance(answer, Answered):
                return answer.finding
            fills = tuple(t for t in answer.value if t.exchange_order_id == tracked.order.exchange_order_id)
        failed = await self._book(tracked, fills)
        self.moved_at = self._clock.monotonic()
        self._on_change(before.bot_id)
        return failed

    async def _book(self, tracked: Tracked, fills: tuple[Trade, ...]) -> Finding | None:
        """Writes an order and its fills in one transaction; why that is not possible now. Whoever waits may be
        cancelled: what was handed to the journal is counted all the same."""
        order = tracked.order
        total = max(sum((fill.amount for fill in fills), Decimal(0)), tracked.booked)
        complete = total >= order.filled
        stored = order if complete else replace(order, state=OrderState.PARTIALLY_FILLED)
        rows = [
            StoreFill(
                trade=fill,
                exchange=self._exchange,
                connector_id=self._connector_id,
                bot_id=order.bot_id,
                client_order_id=order.client_order_id,
            )
            for fill in fills
        ]
        writing = self._journal.write(*rows, _update(stored))
        try:
            await asyncio.shield(writing)
        except NotReady as error:
            return Finding(
                code=error.code,
                severity=Severity.CRITICAL,
                since=self._clock.now(),
                parameters={"detail": error.message},
            )
        except asyncio.CancelledError:
            writing.add_done_callback(partial(self._booked, tracked, order, fills, total))
            raise
        self._booked(tracked, order, fills, total, writing)
        return None

    def _booked(
        self,
        tracked: Tracked,
        order: Order,
        fills: tuple[Trade, ...],
        total: Decimal,
        writing: "asyncio.Future[tuple[Written, ...]]",
    ) -> None:
        if writing.cancelled() or writing.exception() is not None:
            return
        tracked.stored = order
        tracked.booked = max(total, tracked.booked)
        for fill, result in zip(fills, writing.result(), strict=False):
            if not result.duplicate:
                self._on_fill(order.bot_id, fill)

    def _fail(self, finding: Finding) -> None:
        """The same cause keeps the time since when it holds."""
        same = self.failure is not None and self.failure.code == finding.code
        self.failure = replace(finding, since=self.failure.since) if same and self.failure is not None else finding

    def _forget_ended(self) -> None:
        now = self._clock.monotonic()
        for client_order_id, tracked in tuple(self._orders.items()):
            if tracked.settled and tracked.ended is not None and now - tracked.ended > REMEMBER_ENDED_S:
                del self._orders[client_order_id]


def fills_known_until(unsettled: Iterable[Order]) -> datetime:
    """An ended order is stored with its fills, so only these may have more: none before the first was signed."""
    return min(order.signed_at or order.decided_at for order in unsettled)


def _standing(order: Order, market: Market) -> Standing:
    return Standing(
        client_order_id=order.client_order_id,
        exchange_order_id=order.exchange_order_id,
        side=order.side,
        price=market.ticks_down(limit_price(order)),
        remaining=market.lots_up(order.remaining),
        state=order.state,
    )


def _update(order: Order) -> UpdateOrder:
    return UpdateOrder(
        client_order_id=order.client_order_id,
        state=order.state,
        exchange_order_id=order.exchange_order_id,
        filled=order.filled,
        refusal_code=order.refusal_code,
        refusal_text=order.refusal_text,
    )
