"""The review of a decision against the limits."""

from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.order import Side
from trading_bridge.core.risk.assess import Stance
from trading_bridge.core.risk.collar import outside_collar
from trading_bridge.core.risk.drawdown import Step, eased
from trading_bridge.core.risk.inventory import within_band
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.notional import within_notional
from trading_bridge.core.view import MarketView


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    wanted: tuple[Wanted, ...] | None
    #: what a limit trimmed or refused
    notes: tuple[Reason, ...] = ()


def review(decision: Decision, view: MarketView, limits: Limits, stance: Stance | None = None) -> Verdict:
    """Each wanted order passed, trimmed or refused, each with its reason; nothing is ever enlarged. Without a stance
    only what needs no worth is looked at: no order of such a bot leaves, its worth is taken with its first view."""
    if decision.wanted is None:
        return Verdict(wanted=None)
    wanted, notes = decision.wanted, list[Reason]()
    if stance is not None and stance.step is not Step.NONE:
        wanted, note = eased(wanted, view, stance.step)
        if note is not None:
            notes.append(note)
    largest = limits.max_order_notional if stance is None else stance.caps.order
    passed: list[Wanted] = []
    for wish in wanted:
        left, notes_of_it = _passed(wish, view, limits, largest, stance, passed)
        notes += notes_of_it
        if left is not None:
            passed.append(left)
    return Verdict(wanted=tuple(passed), notes=tuple(notes))


def _passed(
    wish: Wanted, view: MarketView, limits: Limits, largest: Decimal, stance: Stance | None, passed: list[Wanted]
) -> tuple[Wanted | None, tuple[Reason, ...]]:
    """`passed`: the orders before it, which may all be filled."""
    refusal = outside_collar(wish, view, limits.collar_bps)
    if refusal is not None:
        return None, (refusal,)
    left, too_large = within_notional(wish, view.market, largest)
    notes = () if too_large is None else (too_large,)
    if left is None or stance is None:
        return left, notes
    position = stance.position
    for other in passed:
        if other.side is wish.side:
            amount = view.market.amount(other.amount)
            position += amount if wish.side is Side.BUY else -amount
    left, beyond = within_band(left, view.market, position, stance.caps.band)
    return left, notes if beyond is None else (*notes, beyond)
