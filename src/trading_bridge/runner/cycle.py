"""One cycle of one bot: look, decide, check, plan, act. This page is the product's main path."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.market_feed import MarketFeed
from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.accounts.tracked import Unbooked
from trading_bridge.clock import Clock
from trading_bridge.core import risk
from trading_bridge.core.bot import Bot
from trading_bridge.core.decision import Decision, Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import Plan, reconcile
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.core.swift import changed
from trading_bridge.core.view import MarketView, Sources, fresh_for, observe
from trading_bridge.errors import NotReady
from trading_bridge.execution.executor import Applied, Executor, Work
from trading_bridge.runner.decisions import DecisionLog
from trading_bridge.runner.risk_book import RiskBook

#: a balance is read anew after this, and after each own event
BALANCE_AGE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    clock: Clock
    executor: Executor
    decisions: DecisionLog
    risk: RiskBook
    own_orders: OwnOrders
    #: what was read moves with a wall clock that was set, before anything is judged by its age (faults T2)
    notice_step: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    decision_id: str
    decided_at: datetime
    decision: Decision
    applied: Applied
    #: why the bot is halted; None: it is not
    halt: risk.Halt | None = None


async def run_cycle(
    bot: Bot,
    bot_type: BotType,
    parameters: Any,
    account: Account,
    feed: MarketFeed,
    deps: Deps,
    *,
    may_place: bool,
    obstacle: Finding | None = None,
    held_back: tuple[Reason, ...] = (),
) -> Outcome:
    """`may_place` False: after refusals (those of before a start are remembered besides); what stands is kept in step,
    nothing new is asked for. `obstacle` is what the cycle before met when it acted: it is recorded with what is decided
    under it; so is what it held back."""
    try:
        await deps.risk.ready(bot, account.connector.id, account.healed)
        sources = await _look(bot, account, feed, deps)
        decided_at = deps.clock.now()
        fresh_until = deps.clock.monotonic() + fresh_for(sources, decided_at).total_seconds()
        view = observe(sources, bot.symbol, decided_at)
        stance = _stance(bot, view, sources, deps.risk, account.tracker.unbooked(bot.id, bot.symbol))
        await deps.risk.keep(bot.id)
    except NotReady as error:
        return _unready(bot, error, deps)
    deps.executor.recall(bot.id, account, deps.risk.strokes(bot.id))
    limits, halt = deps.risk.limits(bot), deps.risk.halted(bot)
    decision, plan = _decide(view, sources, bot_type, parameters, limits, stance, halt)
    resting = deps.risk.resting(bot.id) if may_place else None
    decision, plan = without_new(decision, plan, _barred(account, halt) or resting)
    market = _market(sources, account, bot.symbol)
    told = decision if decision.finding is not None else replace(decision, finding=obstacle)
    if held_back and decision.wanted:
        told = replace(told, notes=(*told.notes, *held_back))
    decision_id = deps.decisions.record(bot.id, told, decided_at, market)
    outcome = Outcome(decision_id=decision_id, decided_at=decided_at, decision=decision, applied=Applied(), halt=halt)
    if market is None or plan == Plan(keep=plan.keep):
        return outcome
    work = Work(
        bot=bot,
        account=account,
        market=market,
        plan=plan if may_place else replace(plan, place=()),
        decision_id=decision_id,
        decided_at=decided_at,
        fresh_until=fresh_until,
        purse=sources.purse,
        reference=sources.reference,
        limits=limits,
        stance=stance,
    )
    applied = await deps.executor.apply(work)
    deps.risk.struck(bot.id, deps.executor.strokes(bot.id))
    if applied.halting is not None:
        deps.risk.hold(bot.id, applied.halting)
    if applied.refused:
        deps.risk.refused(bot, applied.refused[0].code, applied.refused[0].parameters)
    elif applied.placed:
        deps.risk.accepted(bot.id)
    return replace(outcome, applied=applied, halt=deps.risk.halted(bot))


def decide(
    view: MarketView, bot_type: BotType, parameters: Any, limits: risk.Limits, stance: risk.Stance | None = None
) -> tuple[Decision, Plan]:
    """Pure: the decision with what the limits left of it, and the least that must be done."""
    assert bot_type.decide is not None
    assert bot_type.tolerance is not None
    asked = bot_type.decide(view, parameters)
    verdict = risk.review(asked, view, limits, stance)
    remarks = bot_type.remarks(view, parameters, verdict.wanted) if verdict.wanted is not None else ()
    decision = changed(asked, wanted=verdict.wanted, notes=(*asked.notes, *verdict.notes, *remarks))
    if asked.wanted and not decision.wanted:
        decision = _all_refused(decision, verdict.notes[-1], view.now)
    elif len(_sides(asked)) > len(left := _sides(decision)):
        decision = replace(decision, reason=Reason(code="quoting.one_sided", parameters={"side": left.pop().value}))
    tolerance = Ticks(0) if view.reference is None else bot_type.tolerance(parameters, view.market, view.reference)
    return decision, reconcile(decision.wanted, view.standing, tolerance)


def without_new(decision: Decision, plan: Plan, barred: Finding | None) -> tuple[Decision, Plan]:
    """What is left where nothing new may be asked for: what stands is kept in step."""
    if barred is None or not plan.place:
        return decision, plan
    assert decision.wanted is not None, "orders are placed because they are wanted"
    decision = replace(
        decision,
        reason=Reason(code=barred.code, parameters=barred.parameters),
        wanted=tuple(wish for wish in decision.wanted if wish not in plan.place),
        finding=barred,
    )
    return decision, replace(plan, place=())


def _sides(decision: Decision) -> set[Side]:
    return {wish.side for wish in decision.wanted or ()}


def _all_refused(decision: Decision, why: Reason, now: datetime) -> Decision:
    """Nothing stands because of a limit; where that is one over time, nothing else says so."""
    if why.code != "limit.inventory":
        return replace(decision, reason=why)
    finding = Finding(code=why.code, severity=Severity.WARNING, since=now, parameters=why.parameters)
    return replace(decision, reason=why, finding=finding)


def _decide(
    view: MarketView | Decision,
    sources: Sources,
    bot_type: BotType,
    parameters: Any,
    limits: risk.Limits,
    stance: risk.Stance | None,
    halt: risk.Halt | None,
) -> tuple[Decision, Plan]:
    if halt is not None and halt.pulls:
        view = risk.halted(halt)
    if isinstance(view, Decision):
        return view, reconcile(view.wanted, sources.standing, Ticks(0))
    return decide(view, bot_type, parameters, limits, stance)


def _barred(account: Account, halt: risk.Halt | None) -> Finding | None:
    """Why nothing new may be asked for, while what stands may stay."""
    if halt is not None and not halt.pulls:
        return risk.halted(halt).finding
    return account.skewed


def _stance(
    bot: Bot, view: MarketView | Decision, sources: Sources, book: RiskBook, unbooked: Unbooked
) -> risk.Stance | None:
    if isinstance(view, Decision):
        book.pass_time(bot.id)
        return None
    assert not isinstance(sources.balances, Unknown), "no view without a balance"
    stance = book.look(bot, view, _held(sources, view.market))
    if stance is None or unbooked.bought == unbooked.sold:
        return stance
    return replace(stance, position=stance.position + unbooked.bought - unbooked.sold)


def _held(sources: Sources, market: Market) -> risk.Purse:
    """What the account has in all, in the market's currencies."""
    assert not isinstance(sources.balances, Unknown), "no view without a balance"
    base, quote = (sources.balances.value.of(currency) for currency in (market.base, market.quote))
    nothing = Decimal(0)
    return risk.Purse(base=nothing if base is None else base.total, quote=nothing if quote is None else quote.total)


def _unready(bot: Bot, error: NotReady, deps: Deps) -> Outcome:
    """Limits that cannot be read, or cannot be stored before an order, let nothing be decided."""
    now = deps.clock.now()
    finding = Finding(code=error.code, severity=Severity.CRITICAL, since=now, parameters={"detail": error.message})
    decision = Decision(reason=Reason(code=error.code, parameters=finding.parameters), wanted=None, finding=finding)
    decision_id = deps.decisions.record(bot.id, decision, now, None)
    return Outcome(decision_id=decision_id, decided_at=now, decision=decision, applied=Applied())


async def _look(bot: Bot, account: Account, feed: MarketFeed, deps: Deps) -> Sources:
    rules = await account.route.rules.market(bot.symbol)
    tracker, reader = account.tracker, account.reader
    await feed.polled()
    await reader.read(max_age_s=BALANCE_AGE_S)
    balances = await reader.read_after(tracker.moved_at)
    await deps.risk.caught_up(bot.id)  # nothing is waited for between this and the decision
    deps.notice_step()
    book = feed.book()
    unbooked = tracker.unbooked(bot.id, bot.symbol)
    sources = Sources(
        rules=rules,
        book=book,
        balances=balances,
        promised_base=Decimal(0),
        promised_quote=Decimal(0),
        standing=(),
        own_in_book=(),
        reference=deps.risk.reference(bot.id, deps.clock.now()),
        purse=_left(deps.risk.purse(bot), unbooked),
        volatility=deps.risk.volatility(bot.id),
        bought_at=deps.clock.now() if unbooked.bought > 0 else deps.risk.filled_at(bot.id, Side.BUY),
        sold_at=deps.clock.now() if unbooked.sold > 0 else deps.risk.filled_at(bot.id, Side.SELL),
    )
    market = _market(sources, account, bot.symbol)
    if market is None:
        return sources
    read_began = None if reader.good is None else reader.good.started
    own = () if isinstance(book, Unknown) else deps.own_orders.in_book(account, market, *feed.span)
    return replace(
        sources,
        promised_base=tracker.promised(Side.SELL, market, read_began),
        promised_quote=tracker.promised(Side.BUY, market, read_began),
        standing=tracker.standing(bot.id, market),
        own_in_book=own,
    )


def _left(purse: risk.Purse | None, unbooked: Unbooked) -> risk.Purse | None:
    """Without what has surely left it, though its fills are not told yet; what they brought counts once they are."""
    if purse is None:
        return None
    return risk.Purse(base=purse.base - unbooked.sold, quote=purse.quote - unbooked.paid)


def _market(sources: Sources, account: Account, symbol: str) -> Market | None:
    """Also one that is listed no more: what stands there is to be cancelled."""
    return None if isinstance(sources.rules, Unknown) else sources.rules.value or account.route.rules.once(symbol)
