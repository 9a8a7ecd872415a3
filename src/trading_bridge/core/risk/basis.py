"""What a bot's shares are of, and what it has left of its budget."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.bot import Budget
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import Basis, RiskState


def based(state: RiskState, budget: Budget | None, held: Purse, price: Decimal, now: datetime) -> RiskState:
    """With its basis: `held`, what the account has in all, is taken once, and only by a bot without a budget; as long
    as that is nothing it is not taken. A budget that was edited is valued anew, and what was traded before stays
    counted against it."""
    before = state.basis
    if before is not None and before.budget == budget:
        return state
    if budget is None:
        if held.worth(price) <= 0:
            return state
        return replace(state, basis=Basis(held=held, price=price, at=now, budget=None))
    basis = Basis(held=Purse(base=budget.base, quote=budget.quote), price=price, at=now, budget=budget)
    first = before is None or before.budget is None
    return replace(state, basis=basis, moved_before_budget=state.moved if first else state.moved_before_budget)


def purse_of(state: RiskState, budget: Budget | None) -> Purse | None:
    """The budget, moved by the bot's own fills since it was set; None: the bot has none."""
    if budget is None:
        return None
    if state.basis is None or state.basis.budget is None:
        return Purse(base=budget.base, quote=budget.quote)
    return Purse(
        base=exact_sum(budget.base, state.moved.base, -state.moved_before_budget.base),
        quote=exact_sum(budget.quote, state.moved.quote, -state.moved_before_budget.quote),
    )


def with_transfers(state: RiskState, transferred: Purse) -> RiskState:
    """`transferred`: the sum of labelled transfers since the basis was taken. One that is a budget does not move."""
    basis = state.basis
    if basis is None or basis.budget is not None or basis.transferred == transferred:
        return state
    return replace(state, basis=replace(basis, transferred=transferred))
