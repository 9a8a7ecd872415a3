"""One send, in the order of design section 4; nothing here ever sends the same order twice."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.accounts.account import Account
from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.amount import readable
from trading_bridge.core.bot import Bot
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderState, OrderType, Side, TimeInForce, client_order_id
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.core.reconcile import Plan, crossed_by
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import OpenIntent

#: a decision older than this when it would be signed is dropped (faults N7)
DECISION_AGE_MAX = timedelta(seconds=5)
RANDOM_PART = 12
#: answers that say, or may say, that our copy of the market's rules is old (faults X14)
_RULES_CHANGED = frozenset(
    {"order.precision", "order.too_small", "market.unknown", "market.halted", "exchange.unrecognised"}
)

_log = get_logger("executor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A plan and what it needs to be carried out."""

    bot: Bot
    account: Account
    market: Market
    plan: Plan
    decision_id: str
    decided_at: datetime


@dataclass(slots=True, kw_only=True)
class Applied:
    """What became of a plan."""

    placed: int = 0
    canceled: int = 0
    #: what was planned and not sent, each with its reason
    withheld: list[Reason] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    #: calls that failed otherwise
    failed: list[Finding] = field(default_factory=list)


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
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._entropy = entropy
        self._installation_id = installation_id
        self._shard = shard
        self._epoch = epoch
        #: bot_id -> why nothing may be sent for it now
        self._gate = gate
        self._in_flight: set[asyncio.Task[None]] = set()

    async def apply(self, work: Work) -> Applied:
        """Cancels first, then places on the sides where nothing of ours is under way any more."""
        applied = Applied()
        if work.plan.cancel:
            ids = [own.client_order_id for own in work.plan.cancel]
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
        await work.account.session.grant(CallKind.CREATE)
        blocked = self._blocked(work, wish)
        if blocked is not None:
            applied.withheld.append(blocked)
            return
        signed_at = self._clock.now()
        order = self._intent(work, wish, signed_at)
        tracker.opened(order)  # from here every other send counts it: nothing was awaited since `_blocked` looked
        try:
            await self._journal.write(OpenIntent(order=order, shard=self._shard))
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
                applied.refused.append(finding)
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

    def _blocked(self, work: Work, wish: Wanted) -> Reason | None:
        """An own order that is still there forbids a new one on its side, and one that it would trade with."""
        live = work.account.tracker.standing(work.bot.id, work.market)
        under_way = {own.client_order_id for own in work.plan.cancel}
        if any(own.side is wish.side and (own.client_order_id in under_way or not own.settled) for own in live):
            return Reason(code="order.under_way", parameters={"side": wish.side.value})
        own = crossed_by(wish, work.account.tracker.standing_of_all(work.market))
        if own is not None:
            return Reason(
                code="self_trade.withheld",
                parameters={"side": wish.side.value, "price": f"{work.market.price(wish.price):f}"},
            )
        return self._unaffordable(work, wish)

    def _unaffordable(self, work: Work, wish: Wanted) -> Reason | None:
        """Bots of one account decide on the same balance: who comes second sees here what the first one promised."""
        market, buys = work.market, wish.side is Side.BUY
        has = work.account.spendable(wish.side, market)
        needs = market.cost(wish.price, wish.amount) if buys else market.amount(wish.amount)
        if has is None:
            return Reason(code="balance.unknown")
        if needs <= has:
            return None
        currency = market.quote if buys else market.base
        return Reason(
            code="balance.insufficient",
            parameters={"side": wish.side.value, "currency": currency, "has": readable(has), "needs": readable(needs)},
        )

    def _barred(self, work: Work, signed_at: datetime) -> Reason | None:
        """Between the durable intent and the send: nothing is awaited. The decision's age is judged by the signed time,
        and by the time at which a slow commit ended."""
        age = max(signed_at, self._clock.now()) - work.decided_at
        if age > DECISION_AGE_MAX:
            return Reason(code="decision.too_old", parameters={"age_s": f"{age.total_seconds():.1f}"})
        if work.account.closed:
            return Reason(code="account.recovering", parameters={"connector": work.account.connector.name})
        return self._gate(work.bot.id)

    def _storage_finding(self, refusal: StorageRefused | NotReady) -> Finding:
        return Finding(
            code=refusal.code,
            severity=Severity.CRITICAL,
            since=self._clock.now(),
            parameters={"detail": refusal.message},
        )
