"""Drawdown of a bot's own net position, and its steps: further out, smaller, bids alone, nothing."""

from dataclasses import replace
from decimal import Decimal
from enum import IntEnum

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.state import Day, RiskState
from trading_bridge.core.view import MarketView

#: quotes stand so many times as far from the mid
WIDER = 2
#: and have one part of so many
SMALLER = 2


class Step(IntEnum):
    """Each holds with all before it, but `HOLD`, which is a halt."""

    NONE = 0
    WIDEN = 1
    SHRINK = 2
    BID_ONLY = 3
    HOLD = 4


def net_loss(state: RiskState, day: Day, mid: Decimal) -> Decimal:
    """What the bot's own net position has lost against its entry, and closing parts of it within a day; in quote,
    without fees. What the account held before the bot traded is not in it. Below zero: a gain."""
    worth_now = abs(state.position) * mid
    unrealised = worth_now - state.entry if state.position > 0 else state.entry - worth_now
    return -(day.realised + unrealised)


def drawdown_step(loss: Decimal, worth: Decimal, limits: Limits) -> Step:
    if loss <= 0 or loss < worth * limits.drawdown_widen_share:
        return Step.NONE
    if loss >= worth * limits.drawdown_hold_share:
        return Step.HOLD
    if loss >= worth * limits.drawdown_bid_only_share:
        return Step.BID_ONLY
    return Step.SHRINK if loss >= worth * limits.drawdown_shrink_share else Step.WIDEN


def drawdown_halt(loss: Decimal, worth: Decimal, limits: Limits) -> Reason:
    allowed = worth * limits.drawdown_hold_share
    return Reason(code="limit.drawdown", parameters={"loss": readable(loss), "allowed": readable(allowed)})


def eased(wanted: tuple[Wanted, ...], view: MarketView, step: Step) -> tuple[tuple[Wanted, ...], Reason | None]:
    """What is left of a decision on a step below `HOLD`, and the note of it."""
    bid, ask = view.book.best_bid, view.book.best_ask
    if step is Step.NONE or not wanted or bid is None or ask is None:
        return wanted, None
    note = Reason(code="limit.drawdown_step", parameters={"step": step.name.lower()})
    left = [_wider(wish, bid + ask) for wish in wanted if wish.side is Side.BUY or step < Step.BID_ONLY]
    if step >= Step.SHRINK:
        left = [replace(wish, amount=Lots(wish.amount // SMALLER)) for wish in left]
    return tuple(wish for wish in left if view.market.allows(wish.price, wish.amount)), note


def _wider(wish: Wanted, half_ticks: int) -> Wanted:
    """`half_ticks`: the mid, twice. Away from it and onto a whole tick."""
    if wish.side is Side.BUY:
        return replace(wish, price=Ticks((half_ticks - WIDER * (half_ticks - 2 * wish.price)) // 2))
    return replace(wish, price=Ticks(-((-half_ticks - WIDER * (2 * wish.price - half_ticks)) // 2)))
