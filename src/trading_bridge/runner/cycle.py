"""One cycle of one bot: look, decide, check, plan, act. This page is the product's main path."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.market_feed import MarketFeed
from trading_bridge.clock import Clock
from trading_bridge.core import risk
from trading_bridge.core.bot import Bot
from trading_bridge.core.decision import Decision
from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.reconcile import Plan, reconcile
from trading_bridge.core.strategies import BotType
from trading_bridge.core.view import MarketView, Sources, observe, robust_reference
from trading_bridge.execution.executor import Applied, Executor, Work
from trading_bridge.runner.decisions import DecisionLog

#: a balance is read anew after this, and after each own event
BALANCE_AGE_S = 5.0
#: mids whose median is the collar's reference: about a minute
REFERENCE_MIDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    clock: Clock
    executor: Executor
    decisions: DecisionLog
    limits: risk.Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    decision_id: str
    decided_at: datetime
    decision: Decision
    applied: Applied


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
) -> Outcome:
    """`may_place` False: after refusals; what stands is kept in step, nothing new is asked for. `obstacle` is what the
    cycle before met when it acted: it is recorded with what is decided under it."""
    sources = await _look(bot, account, feed, deps.clock)
    decided_at = deps.clock.now()
    view = observe(sources, bot.symbol, decided_at)
    decision, plan = _decide(view, sources, bot_type, parameters, deps.limits)
    market = _market(sources, account, bot.symbol)
    told = decision if decision.finding is not None else replace(decision, finding=obstacle)
    decision_id = deps.decisions.record(bot.id, told, decided_at, market)
    if market is None or plan == Plan(keep=plan.keep):
        return Outcome(decision_id=decision_id, decided_at=decided_at, decision=decision, applied=Applied())
    work = Work(
        bot=bot,
        account=account,
        market=market,
        plan=plan if may_place else replace(plan, place=()),
        decision_id=decision_id,
        decided_at=decided_at,
    )
    applied = await deps.executor.apply(work)
    return Outcome(decision_id=decision_id, decided_at=decided_at, decision=decision, applied=applied)


def decide(view: MarketView, bot_type: BotType, parameters: Any, limits: risk.Limits) -> tuple[Decision, Plan]:
    """Pure: the decision with what the limits left of it, and the least that must be done."""
    assert bot_type.decide is not None
    assert bot_type.tolerance is not None
    asked = bot_type.decide(view, parameters)
    verdict = risk.review(asked, view, limits)
    decision = replace(asked, wanted=verdict.wanted, notes=(*asked.notes, *verdict.notes))
    if asked.wanted and not decision.wanted:
        decision = replace(decision, reason=verdict.notes[0])
    tolerance = Ticks(0) if view.reference is None else bot_type.tolerance(parameters, view.market, view.reference)
    return decision, reconcile(decision.wanted, view.standing, tolerance)


def _decide(
    view: MarketView | Decision, sources: Sources, bot_type: BotType, parameters: Any, limits: risk.Limits
) -> tuple[Decision, Plan]:
    if isinstance(view, Decision):
        return view, reconcile(view.wanted, sources.standing, Ticks(0))
    return decide(view, bot_type, parameters, limits)


async def _look(bot: Bot, account: Account, feed: MarketFeed, clock: Clock) -> Sources:
    rules = await account.route.rules.market(bot.symbol)
    tracker, reader = account.tracker, account.reader
    await reader.read(max_age_s=BALANCE_AGE_S)
    balances = await reader.read_after(tracker.moved_at)
    book = feed.book()
    sources = Sources(
        rules=rules,
        book=book,
        balances=balances,
        promised_base=Decimal(0),
        promised_quote=Decimal(0),
        standing=(),
        own_in_book=(),
        reference=robust_reference(feed.recent_mids(REFERENCE_MIDS)),
    )
    market = _market(sources, account, bot.symbol)
    if market is None:
        return sources
    read_began = None if reader.good is None else reader.good.started
    return replace(
        sources,
        promised_base=tracker.promised(Side.SELL, market, read_began),
        promised_quote=tracker.promised(Side.BUY, market, read_began),
        standing=tracker.standing(bot.id, market),
        own_in_book=() if isinstance(book, Unknown) else tracker.own_in_book(market, *feed.span),
    )


def _market(sources: Sources, account: Account, symbol: str) -> Market | None:
    """Also one that is listed no more: what stands there is to be cancelled."""
    return None if isinstance(sources.rules, Unknown) else sources.rules.value or account.route.rules.once(symbol)
