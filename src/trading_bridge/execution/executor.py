"""One send, in the order of design section 4; nothing here ever sends the same order twice."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order, OrderState, OrderType, TimeInForce, client_order_id
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.core.restraint import Scope
from trading_bridge.core.risk.limits import ScopeLimits
from trading_bridge.errors import NotReady, OutcomeUnknown, StorageRefused
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.execution.endings import WOULD_TAKE, Endings
from trading_bridge.execution.holder import with_holder
from trading_bridge.execution.pace import WINDOW_S
from trading_bridge.execution.screening import Screening, default_limits, unknown_worth
from trading_bridge.execution.work import Applied, Work
from trading_bridge.logs import get_logger
from trading_bridge.storage.database import Database
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import OpenIntent

__all__ = ["Applied", "Executor", "Work"]

#: a decision older than this when it would be signed is dropped (faults N7)
DECISION_AGE_MAX = timedelta(seconds=5)
RANDOM_PART = 12
LOAD_EVERY_S = 1.0
#: answers that say, or may say, that our copy of the market's rules is old (faults X14)
_RULES_CHANGED = frozenset(
    {"order.precision", "order.too_small", "market.unknown", "market.halted", "market.no_api", "exchange.unrecognised"}
)

_log = get_logger("executor")


class Executor:
    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        entropy: Entropy,
        installation_id: str,
        shard: int,
        epoch: int,
        gate: Callable[[str], Reason | None],
        own_orders: OwnOrders | None = None,
        scope_limits: Callable[[Scope], ScopeLimits] = default_limits,
        worth: Callable[[str], Decimal | None] = unknown_worth,
    ) -> None:
        """`own_orders` None: the accounts that it sends for are all there are. `worth`: in quote, what the shares in a
        bot's limits are of."""
        self._journal = journal
        self._clock = clock
        self._entropy = entropy
        self._installation_id = installation_id
        self._shard = shard
        self._epoch = epoch
        #: bot_id -> why nothing may be sent for it now
        self._gate = gate
        self._endings = Endings(clock)
        self._screening = Screening(own_orders or OwnOrders(), clock, scope_limits=scope_limits, worth=worth)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._numbers = count()  # of the sends under the epoch

    async def load(self, database: Database) -> None:
        """What an earlier process sent within the last minute, before anything is sent: waits for storage as long as
        it takes."""
        while True:
            try:
                async with database.unit_of_work(read_only=True) as uow:
                    sent = await uow.sent.since(self._clock.now() - timedelta(seconds=WINDOW_S))
            except FAILURES as error:
                _log.warning("orders of the last minute not read", error=str(error))
                await self._clock.sleep(LOAD_EVERY_S)
            else:
                self._screening.pace.restore(sent)
                return

    def recall(self, bot_id: str, account: Account, strokes: tuple[datetime, ...]) -> None:
        """At the bot's first cycle since the start: what stands, and when people cancelled orders of it before."""
        if not self._endings.knows(bot_id):
            self._endings.recall(bot_id, account.tracker.live(bot_id), strokes)

    def strokes(self, bot_id: str) -> tuple[datetime, ...]:
        """When people cancelled orders of the bot, as far as it still counts."""
        return self._endings.strokes(bot_id)

    async def apply(self, work: Work) -> Applied:
        """Cancels first, then places on the sides where nothing of ours is under way any more."""
        applied = Applied()
        applied.halting = self._endings.look(work.bot.id, work.account.tracker, work.market)
        if applied.halting is not None:
            applied.withheld.append(applied.halting)
            work = replace(work, plan=replace(work.plan, place=()))
        plan = self._screening.plan(work, applied)
        if plan is not work.plan:
            work = replace(work, plan=plan)
        if work.plan.cancel:
            ids = [own.client_order_id for own in work.plan.cancel]
            for order_id in ids:
                self._screening.pace.canceled(work.bot)
                self._endings.asked(work.bot.id, order_id)
            for finding in await asyncio.gather(*(work.account.cancel(order_id) for order_id in ids)):
                if finding is None:
                    applied.canceled += 1
                else:
                    applied.failed.append(finding)
        if work.plan.place:
            sends = [self._begin(work, wish, applied) for wish in work.plan.place]
            await asyncio.wait(sends)
            for send in sends:
                send.result()
        return applied

    async def drain(self) -> None:
        """Waits until no send is under way."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)

    def _begin(self, work: Work, wish: Wanted, applied: Applied) -> "asyncio.Task[None]":
        """A task of its own: a caller that is stopped does not take the bookkeeping of a send with it (faults R3)."""
        task = asyncio.create_task(self._send(work, wish, applied))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        return task

    async def _send(self, work: Work, wish: Wanted, applied: Applied) -> None:
        tracker = work.account.tracker
        await work.account.session.grant(CallKind.CREATE, "create_order")
        if work.account.closed:
            applied.withheld.append(_replaced(work))
            return
        posted = self._endings.repriced(work.bot.id, wish, work.market)
        if isinstance(posted, Reason):
            applied.withheld.append(posted)
            return
        clear = self._screening.cleared(work, posted)
        if clear.note is not None:
            (applied.withheld if clear.wish is None else applied.repriced).append(clear.note)
        if clear.wish is None:
            return
        if work.fresh_until is not None and self._clock.monotonic() > work.fresh_until:
            applied.withheld.append(_too_old(self._clock.now() - work.decided_at))
            return
        signed_at = self._clock.now()
        barred = self._barred(work, signed_at)
        if barred is not None:  # also where the lease is renewed before storage has the intent: it is signed now
            applied.withheld.append(barred)
            return
        order = self._intent(work, clear.wish, signed_at)
        tracker.opened(order)  # from here every other send counts it: nothing was awaited since `cleared` looked
        self._screening.opened(work.bot, order)
        self._endings.sent(order)
        try:
            await self._journal.write(OpenIntent(order=order, shard=self._shard))
        except OutcomeUnknown as lost:
            tracker.withdrawn(order.client_order_id)
            applied.failed.append(self._storage_finding(lost))
            return
        except (StorageRefused, NotReady) as refusal:
            tracker.forget(order.client_order_id)
            applied.failed.append(self._storage_finding(refusal))
            return
        barred = self._barred(work, signed_at)
        if barred is not None:
            await tracker.record(order.client_order_id, OrderState.NOT_SENT)
            applied.withheld.append(barred)
            return
        outcome = await work.account.session.create_order(work.market, order)
        if not isinstance(outcome, Answered) and outcome.finding.code in _RULES_CHANGED:
            work.account.route.rules.expire()
        match outcome:
            case Answered(value=exchange_order_id):
                applied.placed += 1
                await tracker.record(order.client_order_id, OrderState.NEW, exchange_order_id=exchange_order_id)
            case Refused(finding=finding):
                if finding.code == WOULD_TAKE:
                    self._endings.would_have_taken(order)
                else:
                    applied.refused.append(with_holder(finding, work.account, work.market, order.side))
                said = finding.evidence
                await tracker.record(
                    order.client_order_id,
                    OrderState.REJECTED,
                    refusal_code=finding.code if said is None else said.exchange_code or finding.code,
                    refusal_text=None if said is None else said.exchange_text,
                )
            case NotSent(finding=finding):
                applied.failed.append(finding)
                await tracker.record(order.client_order_id, OrderState.NOT_SENT)
            case Unresolved(finding=finding):
                applied.failed.append(finding)
                _log.warning(
                    "order unresolved",
                    bot=work.bot.id,
                    client_order_id=order.client_order_id,
                    cause=finding.code,
                )
                await tracker.record(order.client_order_id, OrderState.UNRESOLVED)

    def _intent(self, work: Work, wish: Wanted, signed_at: datetime) -> Order:
        return Order(
            client_order_id=client_order_id(
                installation_id=self._installation_id,
                epoch=self._epoch,
                number=next(self._numbers),
                random_part=self._entropy.token(RANDOM_PART),
            ),
            exchange_order_id=None,
            bot_id=work.bot.id,
            connector_id=work.account.connector.id,
            symbol=work.market.symbol,
            side=wish.side,
            type=OrderType.LIMIT,
            price=work.market.price(wish.price),
            amount=work.market.amount(wish.amount),
            filled=Decimal(0),
            time_in_force=TimeInForce.GTC,
            post_only=wish.post_only,
            state=OrderState.PENDING_NEW,
            epoch=self._epoch,
            decision_id=work.decision_id,
            decided_at=work.decided_at,
            signed_at=signed_at,
        )

    def _barred(self, work: Work, signed_at: datetime) -> Reason | None:
        """When it is signed, and again between the durable intent and the send: nothing is awaited. The decision's age
        is judged by the signed time, and by the time at which a slow commit ended."""
        age = max(signed_at, self._clock.now()) - work.decided_at
        if age > DECISION_AGE_MAX:
            return _too_old(age)
        if work.account.closed:
            return _replaced(work)
        withheld = work.account.withheld_in(work.market.symbol)
        if withheld is not None:
            return Reason(code=withheld.code, parameters=withheld.parameters)
        return self._gate(work.bot.id)

    def _storage_finding(self, refusal: StorageRefused | NotReady) -> Finding:
        return Finding(
            code=refusal.code,
            severity=Severity.CRITICAL,
            since=self._clock.now(),
            parameters={"detail": refusal.message},
        )


def _too_old(age: timedelta) -> Reason:
    return Reason(code="decision.too_old", parameters={"age_s": f"{age.total_seconds():.1f}"})


def _replaced(work: Work) -> Reason:
    """Another session has taken the account's place, or none has."""
    return Reason(code="account.recovering", parameters={"connector": work.account.connector.name})
