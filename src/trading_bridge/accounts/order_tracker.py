"""Own orders of one connector: what storage recorded, moved forward by what the exchange says, never by silence."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain

from trading_bridge.accounts.absence import signed
from trading_bridge.accounts.frozen import Frozen
from trading_bridge.accounts.order_index import OrderIndex
from trading_bridge.accounts.order_looks import OrderLooks
from trading_bridge.accounts.order_pushes import OrderPushes
from trading_bridge.accounts.order_recall import FindOrder, OrderRecall, none_stored
from trading_bridge.accounts.order_records import OrderRecords, is_news
from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.tracked import (
    LONG_AGO,
    Tracked,
    Unbooked,
    kept,
    own_in_book,
    promised,
    spendable,
    standing_of,
    unbooked,
)
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balance
from trading_bridge.core.finding import Finding
from trading_bridge.core.lifecycle import CancelAsked, CancelFailed, Filled, Life, ProvedAbsent, Reported, Said, Update
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderReport, OrderState, Side
from trading_bridge.core.outcome import Answered
from trading_bridge.core.trade import Trade
from trading_bridge.core.view import Standing
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal

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
        find: FindOrder = none_stored,
        on_corrected: Callable[[Trade, Trade], None] = lambda was, fill: None,
    ) -> None:
        """`on_corrected` hears a stored fill whose fee the exchange has corrected: as it was, as it is."""
        self._session = session
        self._clock = clock
        self._on_change = on_change
        self._records = OrderRecords(
            exchange=exchange,
            connector_id=connector_id,
            journal=journal,
            clock=clock,
            take=self._take,
            on_fill=on_fill,
            on_corrected=on_corrected,
        )
        self._looks = OrderLooks(session, rules, signature_window)
        self._orders = OrderIndex()
        self._ended_before: tuple[Tracked, ...] = ()  # under the sessions before this one, when it began
        self._frozen = Frozen(clock)
        self._recall = OrderRecall(self._orders, self._looks, find, clock, self._keep, self._take)
        #: what the exchange tells by itself, where it does
        self.pushes = OrderPushes(self._orders, clock, self._take, self._filled)
        self._confirmed_at: datetime | None = None
        #: monotonic time of the last event that moved money: an acknowledgement, an end, a fill
        self.moved_at = LONG_AGO
        #: why the last look at the exchange failed; None: it did not
        self.failure: Finding | None = None
        self._work = asyncio.Event()

    # what is sent and answered

    def adopt(self, orders: Iterable[tuple[Order, Decimal]]) -> None:
        """Orders that storage holds as live at start, each with the sum of its stored fills."""
        for order, booked in orders:
            unlinked = order.exchange_order_id is None
            self._keep(replace(order, state=OrderState.UNRESOLVED) if unlinked else order, booked)
        self._work.set()

    def succeed(self, former: Iterable[Tracked]) -> None:
        """Takes over from the session before it what books may still show: orders that had ended, and what the adopted
        ones had left then."""
        ended: list[Tracked] = []
        for past in former:
            tracked = self._orders.get(past.order.client_order_id)
            if tracked is not None:
                tracked.learnt[:0] = past.learnt
            elif past.ended is not None and self._clock.monotonic() - past.ended <= REMEMBER_ENDED_S:
                ended.append(past)
        self._ended_before = tuple(ended)

    def opened(self, order: Order) -> None:
        """An intent is on its way to storage: it counts as live from here."""
        now = self._clock.monotonic()
        life = Life(order=order, changed_at=now)
        self._add(Tracked(life=life, stored=order, opened=now, followed=now, acknowledged=None, sending=True))
        self._work.set()

    def forget(self, client_order_id: str) -> None:
        """The intent never reached storage, so nothing was sent."""
        self._orders.remove(client_order_id)
        self._frozen.forget(client_order_id)

    def withdrawn(self, client_order_id: str) -> None:
        """Nothing was sent, and whether the intent reached storage is not known (faults S3): `sync` closes it there."""
        tracked = self._orders[client_order_id]
        tracked.sending = False
        self._take(tracked, Said(state=OrderState.NOT_SENT))
        self._work.set()

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
        tracked.sending = False
        said = Said(
            state=state,
            exchange_order_id=exchange_order_id,
            refusal_code=refusal_code,
            refusal_text=refusal_text,
        )
        self._take(tracked, said)
        self._work.set()
        failed = await self._records.write(tracked)
        if failed is not None:
            self._fail(failed)

    def canceling(self, client_order_id: str) -> None:
        """A cancel of it is about to be sent; storage is told, and not waited for."""
        tracked = self._orders.get(client_order_id)
        if tracked is not None:
            tracked.asked_to_end = True
        self._move(client_order_id, CancelAsked(at=self._clock.monotonic()))

    def not_canceled(self, client_order_id: str) -> None:
        """The exchange did not accept the cancel: the order is open as before, and may be cancelled again."""
        self._move(client_order_id, CancelFailed())

    # what is known

    def order(self, client_order_id: str) -> Order | None:
        """None: it ended a while ago."""
        tracked = self._orders.get(client_order_id)
        return None if tracked is None or self._past(tracked) else tracked.order

    def live(self, bot_id: str | None = None) -> tuple[Order, ...]:
        return tuple(
            tracked.order
            for tracked in self._orders.all()
            if tracked.order.live and (bot_id is None or tracked.order.bot_id == bot_id)
        )

    def standing(self, bot_id: str, market: Market) -> tuple[Standing, ...]:
        """The bot's live orders in its market, oldest first."""
        return tuple(
            standing_of(order, market) for order in self._orders.live_in(market.symbol) if order.bot_id == bot_id
        )

    def live_in(self, symbol: str) -> Iterator[Order]:
        """Live orders of every bot of the account in a market, oldest first; nothing may change while it is walked."""
        return self._orders.live_in(symbol)

    def asked_to_end(self, client_order_id: str) -> bool:
        """Whether we asked for its cancel, or do not know it any more."""
        tracked = self._orders.get(client_order_id)
        return tracked is None or tracked.asked_to_end

    def own_in_book(self, market: Market, began: float, ended: float) -> tuple[tuple[Side, Ticks, Lots], ...]:
        return own_in_book(chain(self._orders.of_market(market.symbol), self._before()), market, began, ended)

    def handed_on(self) -> tuple[Tracked, ...]:
        """For the session after this one, as of now: whatever is live or may be in a book."""
        return tuple(
            replace(tracked, learnt=[*tracked.learnt]) for tracked in chain(self._orders.all(), self._before())
        )

    def promised(self, side: Side, market: Market, since: float | None) -> Decimal:
        return promised(self._orders.all(), side, market, since)

    def spendable(self, side: Side, market: Market, read: Balance, since: float | None) -> Decimal:
        return spendable(self._orders.all(), side, market, read, since)

    def unbooked(self, bot_id: str, symbol: str) -> Unbooked:
        """What of the bot's orders in a market has filled, and is not stored yet."""
        return unbooked(self._orders.of_market(symbol), bot_id)

    def complete_as_of(self, bot_id: str) -> datetime:
        """The latest time up to which every fill of the bot is surely known."""
        unsettled = [t.order for t in self._orders.all() if t.order.bot_id == bot_id and not t.settled]
        if not unsettled:
            return self._clock.now()
        begun = fills_known_until(unsettled)
        return begun if self._confirmed_at is None else max(begun, self._confirmed_at)

    def contradictions(self) -> Iterator[tuple[str, Finding]]:
        """Of each bot's frozen orders the oldest that counts as live, and how many there are: bot_id, finding."""
        return self._frozen.findings()

    def unsettled(self) -> bool:
        return any(not tracked.settled for tracked in self._orders.all())

    def unsure(self) -> bool:
        """Whether an order needs looks at today's pace, however well a stream tells: its send had no clear answer, it
        owes fills, storage lacks something of it, or its cancel is not confirmed."""
        return self.failure is not None or self.pushes.unsure(self._under_way)

    # what the exchange says

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
        if tracked is None or tracked.left_alone:
            return None
        began = self._clock.monotonic()
        found = await self._looks.report(tracked.order)
        if isinstance(found, Finding):
            return found
        return await self._apply(tracked, found, began)

    async def sync(self) -> None:
        """One look at the exchange: open orders, then each order that is missing there, then the fills owed."""
        began, began_at = self._clock.monotonic(), self._clock.now()
        listed = await self._session.open_orders()
        if not isinstance(listed, Answered):
            self._fail(listed.finding)
            return
        by_exchange_id = {(report.symbol, report.exchange_order_id): report for report in listed.value}
        by_client_id = {report.client_order_id: report for report in listed.value if report.client_order_id is not None}
        for tracked in tuple(self._orders.all()):
            if tracked.settled or self._under_way(tracked):
                continue
            found = by_client_id.get(tracked.order.client_order_id) or by_exchange_id.get(
                (tracked.order.symbol, tracked.order.exchange_order_id or "")
            )
            failed = await self._look(tracked, found, began, began_at)
            if failed is not None:
                self._fail(failed)
                return
        self.failure = None
        self._confirmed_at = began_at
        self._forget_ended()

    async def met(self, reports: Iterable[OrderReport], began: float) -> tuple[OrderReport, ...]:
        """Takes what a list that was begun then says of orders of ours that this process does not follow any more: one
        that was proved absent, or had ended, and stands after all. Returns the reports of no order of ours."""
        foreign: list[OrderReport] = []
        for report in reports:
            numbered = self._orders.numbered(report.symbol, report.exchange_order_id)
            tracked = self._orders.get(report.client_order_id) or numbered
            if tracked is not None and not self._past(tracked):
                continue
            tracked = tracked or await self._recall.stored(
                report.symbol, report.exchange_order_id, report.client_order_id
            )
            if tracked is None:
                foreign.append(report)
            elif (failed := await self._apply(tracked, report, began)) is not None:
                self._fail(failed)
        return tuple(foreign)

    async def book(self, trades: Iterable[Trade]) -> tuple[Trade, ...]:
        """Stores fills of orders of ours, also of orders that ended long ago; returns those of no order of ours.

        A fill that may be of an order whose exchange id is not known yet, or that storage cannot take now, is neither
        stored nor returned: it is there when the same trades are read again (faults X8)."""
        by_order: dict[tuple[str, str], list[Trade]] = {}
        for trade in trades:
            by_order.setdefault((trade.symbol, trade.exchange_order_id), []).append(trade)
        foreign: list[Trade] = []
        for fills in by_order.values():
            tracked = await self._recall.of_fill(fills[0])
            if tracked is None:
                foreign += fills
            if not isinstance(tracked, Tracked):
                continue
            await self._filled(tracked, tuple(fills))
        return tuple(foreign)

    def _under_way(self, tracked: Tracked) -> bool:
        """Its send will say what became of it; one that says nothing for so long was ended by a bug."""
        return (
            tracked.order.state is OrderState.PENDING_NEW
            and self._clock.monotonic() - tracked.opened < SEND_ENDS_WITHIN_S
        )

    async def _look(
        self, tracked: Tracked, found: OrderReport | None, began: float, began_at: datetime
    ) -> Finding | None:
        """An order that is missing from the open ones is not thereby ended: its own report decides (faults X4)."""
        if found is None and tracked.order.live and not tracked.left_alone:
            if tracked.acknowledged is not None and tracked.acknowledged >= began:
                return None
            age_s, wall = began - tracked.followed, began_at if tracked.opened == LONG_AGO else None
            began = self._clock.monotonic()
            asked = await self._looks.report(tracked.order)
            if isinstance(asked, Finding):
                return asked
            found = asked
            if found is None:
                known = self._orders.exchange_ids(tracked.order.symbol)
                absent = await self._looks.is_absent(tracked.order, wall, age_s, known)
                if isinstance(absent, Finding):
                    return absent
                if absent and self._take(tracked, ProvedAbsent(at=self._clock.monotonic())):
                    _log.info("order proved absent", client_order_id=tracked.order.client_order_id)
        return await self._apply(tracked, found, began)

    async def _apply(self, tracked: Tracked, report: OrderReport | None, began: float) -> Finding | None:
        """Moves an order forward and books its fills; state and fills reach storage in one transaction."""
        was_live = tracked.order.live
        if report is not None:
            now = self._clock.monotonic()
            self._take(tracked, Reported(report=report, began=began, at=now, now=self._clock.now()))
        ended_frozen = was_live and not tracked.order.live and tracked.order.frozen is not None
        if not tracked.owed and not tracked.unwritten:
            return None
        fills: tuple[Trade, ...] = ()
        if tracked.owed or ended_frozen:
            told = await self._looks.fills(tracked.order)
            if not isinstance(told, tuple):
                return told
            fills = told
        return await self._fill(tracked, fills)

    async def _fill(self, tracked: Tracked, fills: tuple[Trade, ...]) -> Finding | None:
        self._take(tracked, Filled(trades=fills, at=self._clock.monotonic(), now=self._clock.now()))
        if not tracked.unwritten and not any(is_news(fill, tracked.life.stored) for fill in fills):
            return None
        failed = await self._records.write(tracked, fills)
        self.moved_at = self._clock.monotonic()
        self._on_change(tracked.order.bot_id)
        return failed

    async def _filled(self, tracked: Tracked, fills: tuple[Trade, ...]) -> None:
        failed = await self._fill(tracked, fills)
        if failed is not None:
            self._fail(failed)

    def _before(self) -> Iterator[Tracked]:
        """Without those that were found again."""
        return (past for past in self._ended_before if self._orders.get(past.order.client_order_id) is None)

    def _keep(self, order: Order, booked: Decimal) -> Tracked:
        tracked = kept(order, booked, self._clock.monotonic())
        self._add(tracked)
        return tracked

    def _add(self, tracked: Tracked) -> None:
        self._orders.add(tracked)
        self._frozen.note(tracked)

    def _take(self, tracked: Tracked, update: Update) -> bool:
        now, before, acknowledged = self._clock.monotonic(), tracked.order, tracked.acknowledged
        if not tracked.take(update, now):
            return False
        after = tracked.order
        if tracked.acknowledged != acknowledged or after.live is not before.live or after.filled != before.filled:
            self.moved_at = now
        self._orders.link(tracked)
        self._frozen.note(tracked)
        return True

    def _move(self, client_order_id: str, update: Update) -> None:
        tracked = self._orders.get(client_order_id)
        if tracked is not None and self._take(tracked, update):
            self._records.note(tracked)
            self._work.set()

    def _fail(self, finding: Finding) -> None:
        """The same cause keeps the time since when it holds."""
        same = self.failure is not None and self.failure.code == finding.code
        self.failure = replace(finding, since=self.failure.since) if same and self.failure is not None else finding

    def _past(self, tracked: Tracked) -> bool:
        ended, now = tracked.ended, self._clock.monotonic()
        if tracked.sending and now - tracked.opened < SEND_ENDS_WITHIN_S:
            return False  # pushed sooner than answered
        return ended is not None and now - ended > REMEMBER_ENDED_S and tracked.settled

    def _forget_ended(self) -> None:
        for tracked in tuple(self._orders.all()):
            if self._past(tracked):
                self.forget(tracked.order.client_order_id)


def fills_known_until(unsettled: Iterable[Order]) -> datetime:
    """An ended order is stored with its fills, so only these may have more: none before the first was signed."""
    return min(signed(order) for order in unsettled)
