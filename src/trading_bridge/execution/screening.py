"""What of a plan may be sent, judged at the moment of the send: nothing is awaited between this and the intent."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.clock import Clock
from trading_bridge.core.amount import readable
from trading_bridge.core.bot import Bot
from trading_bridge.core.crossing import REPRICE_WITHIN_BPS, Cleared, Resting, cleared, meeting, without_churn
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk import at_send
from trading_bridge.core.risk.inventory import within_band
from trading_bridge.core.risk.limits import CLIENT_LIMITS, PLATFORM_LIMITS, Limits, ScopeLimits
from trading_bridge.execution.exposure import Exposure
from trading_bridge.execution.pace import PLATFORM, Pace
from trading_bridge.execution.work import Applied, Work

_SETTLED = (OrderState.NEW, OrderState.PARTIALLY_FILLED)
_DEFAULTS = Limits()
_OF_PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")

_Bounds = tuple[tuple[str, ScopeKind, ScopeLimits], ...]


def default_limits(scope: Scope) -> ScopeLimits:
    return PLATFORM_LIMITS if scope.kind is ScopeKind.PLATFORM else CLIENT_LIMITS


def unknown_worth(bot_id: str) -> None:
    return None


class Screening:
    def __init__(
        self,
        own_orders: OwnOrders,
        clock: Clock,
        *,
        scope_limits: Callable[[Scope], ScopeLimits],
        worth: Callable[[str], Decimal | None],
    ) -> None:
        """`worth`: in quote, what the shares in a bot's limits are of; None: not known yet."""
        self._own_orders = own_orders
        self._scope_limits = scope_limits
        self._worth = worth
        self.pace = Pace(clock)
        self._clients: dict[str, Scope] = {}  # client_id -> its scope
        self._exposure = Exposure(clock, lambda whom: own_orders.of(None if whom == PLATFORM else whom))

    def plan(self, work: Work, applied: Applied) -> Plan:
        """The work's plan without a cancel that would only bring the same order again (one that was repriced behind
        another bot's stays while that one does), and without replacements while they come too fast."""
        plan = work.plan
        if not plan.cancel or not plan.place:
            return plan
        _, others = self._in_market(work)
        if others:
            plan = self._without_churn(work, others, applied)
        replaced = at_send.replaced(plan)
        if not replaced:
            return plan
        bounds = self._bounds(work)
        too_fast = self._too_many_cancels(work, replaced, bounds) or self._too_many_orders(work, bounds)
        if too_fast is None:
            return plan
        applied.withheld.append(too_fast)
        return at_send.without_replacing(plan)

    def cleared(self, work: Work, wish: Wanted) -> Cleared:
        """`wish` as it may be sent now, or why it may not."""
        own, others = self._in_market(work)
        if own and _blocked_by(own, wish.side, work.plan):
            return _withheld(Reason(code="order.under_way", parameters={"side": wish.side.value}))
        clear = cleared(wish, work.market, own=own, others=others, room_bps=REPRICE_WITHIN_BPS)
        if clear.wish is None:
            return clear
        if clear.note is not None and _outside_collar(work, clear.wish):
            return _withheld(meeting(wish, work.market))
        refused = self._beyond(work, clear.wish, own) or self._unaffordable(work, clear.wish)
        return clear if refused is None else _withheld(refused)

    def opened(self, bot: Bot, order: Order) -> None:
        """An intent is on its way; from here every other send counts it."""
        self.pace.ordered(bot)
        self._exposure.opened(order, (bot.client_id, PLATFORM))

    def _in_market(self, work: Work) -> tuple[list[Order], list[Resting]]:
        """The bot's own live orders in the market, and what else of the client rests there, or is on its way."""
        own: list[Order] = []
        others: list[Resting] = []
        for order in self._own_orders.in_market(work.account, work.market.symbol):
            if order.bot_id == work.bot.id:
                own.append(order)
            else:
                others.append(order)
        others.extend(self._own_orders.placed_by_hand(work.account, work.market.symbol))
        return own, others

    def _without_churn(self, work: Work, others: Sequence[Resting], applied: Applied) -> Plan:
        repriced: dict[Wanted, tuple[Wanted, Reason]] = {}
        for wish in work.plan.place:
            clear = cleared(wish, work.market, own=(), others=others, room_bps=REPRICE_WITHIN_BPS)
            if clear.wish is not None and clear.note is not None:
                repriced[wish] = clear.wish, clear.note
        plan, served = without_churn(work.plan, ((wish, behind) for wish, (behind, _) in repriced.items()))
        applied.repriced += [repriced[wish][1] for wish in served]
        return plan

    def _beyond(self, work: Work, wish: Wanted, own: Sequence[Order]) -> Reason | None:
        """The first limit that the order would break, the bot's own before wider ones."""
        market, limits, bounds = work.market, work.limits or _DEFAULTS, self._bounds(work)
        refused = at_send.too_many_open(len(own), limits)
        if refused is None and work.purse is not None:
            refused = at_send.overspent(wish, market, own, work.purse)
        refused = refused or _beyond_band(work, wish, own)
        if refused is not None:
            return refused
        more = market.cost(wish.price, wish.amount)
        worth = self._worth(work.bot.id) if work.purse is None else work.purse.worth(market.price(wish.price))
        if worth is not None:
            live = sum((at_send.notional(order) for order in own), Decimal(0))
            refused = at_send.overexposed(live, more, worth * limits.max_exposure_share, ScopeKind.BOT)
        return refused or self._overexposed(work, more, bounds) or self._too_many_orders(work, bounds)

    def _bounds(self, work: Work) -> _Bounds:
        """Wider than the bot's own: whose, of which kind, and what they are."""
        client_id = work.bot.client_id
        client = self._clients.get(client_id)
        if client is None:
            client = self._clients[client_id] = Scope(kind=ScopeKind.CLIENT, id=client_id)
        return (
            (client_id, ScopeKind.CLIENT, self._scope_limits(client)),
            (PLATFORM, ScopeKind.PLATFORM, self._scope_limits(_OF_PLATFORM)),
        )

    def _overexposed(self, work: Work, more: Decimal, bounds: _Bounds) -> Reason | None:
        for whom, kind, limits in bounds:
            if limits.max_exposure_quote is not None:
                live = self._exposure.of(whom, work.market.quote)
                refused = at_send.overexposed(live, more, limits.max_exposure_quote, kind)
                if refused is not None:
                    return refused
        return None

    def _too_many_orders(self, work: Work, bounds: _Bounds) -> Reason | None:
        own, most = self.pace.orders(work.bot.id), (work.limits or _DEFAULTS).orders_per_minute
        refused = at_send.too_many_orders(own, most, ScopeKind.BOT)
        for whom, kind, limits in bounds:
            refused = refused or at_send.too_many_orders(self.pace.orders(whom), limits.orders_per_minute, kind)
        return refused

    def _too_many_cancels(self, work: Work, more: int, bounds: _Bounds) -> Reason | None:
        own, most = self.pace.cancels(work.bot.id), (work.limits or _DEFAULTS).cancels_per_minute
        refused = at_send.too_many_cancels(own, more, most, ScopeKind.BOT)
        for whom, kind, limits in bounds:
            sent = self.pace.cancels(whom)
            refused = refused or at_send.too_many_cancels(sent, more, limits.cancels_per_minute, kind)
        return refused

    def _unaffordable(self, work: Work, wish: Wanted) -> Reason | None:
        """Bots of one account decide on the same balance: who comes second sees here what the first one promised."""
        market, buys = work.market, wish.side is Side.BUY
        has = work.account.spendable(wish.side, market)
        needs = market.cost(wish.price, wish.amount) if buys else market.amount(wish.amount)
        if has is None:
            return Reason(code="balance.unknown")
        return None if needs <= has else _short(wish.side, market.quote if buys else market.base, has, needs)


def _outside_collar(work: Work, wish: Wanted) -> bool:
    """What was decided lies inside; what was repriced since may not."""
    if work.reference is None:
        return False
    room = work.reference * (work.limits or _DEFAULTS).collar_bps / 10_000
    return abs(work.market.price(wish.price) - work.reference) > room


def _beyond_band(work: Work, wish: Wanted, own: Sequence[Order]) -> Reason | None:
    """What was decided lies inside; what traded since of orders that stood then, and of those that the order replaces,
    is on top of it (faults X6)."""
    if work.stance is None:
        return None
    market, position = work.market, work.stance.position
    sign = 1 if wish.side is Side.BUY else -1
    for stood in (*work.plan.keep, *work.plan.cancel):
        now = work.account.tracker.order(stood.client_order_id) if stood.side is wish.side else None
        if now is not None:
            position += sign * max(Decimal(0), market.amount(stood.remaining) - now.remaining)
    position += sign * sum((order.remaining for order in own if order.side is wish.side), Decimal(0))
    return within_band(wish, market, position, work.stance.caps.band)[1]


def _blocked_by(own: Sequence[Order], side: Side, plan: Plan) -> bool:
    """What is still there, or of which nobody knows how it stands, forbids a new one on its side."""
    being_cancelled = {one.client_order_id for one in plan.cancel}
    return any(
        order.side is side
        and (order.state not in _SETTLED or order.frozen is not None or order.client_order_id in being_cancelled)
        for order in own
    )


def _short(side: Side, currency: str, has: Decimal, needs: Decimal) -> Reason:
    parameters = {"side": side.value, "currency": currency, "has": readable(has), "needs": readable(needs)}
    return Reason(code="balance.insufficient", parameters=parameters)


def _withheld(reason: Reason) -> Cleared:
    return Cleared(wish=None, note=reason)
