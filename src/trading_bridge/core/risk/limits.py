"""The limits of a bot and the review of a decision against them."""

from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.risk.collar import outside_collar
from trading_bridge.core.risk.notional import within_notional
from trading_bridge.core.view import MarketView


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    #: an order may be priced this far from the reference
    collar_bps: Decimal = Decimal(500)
    #: largest price x amount of one order, in quote
    max_order_notional: Decimal = Decimal(5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    wanted: tuple[Wanted, ...] | None
    #: what a limit trimmed or refused
    notes: tuple[Reason, ...] = ()


def review(decision: Decision, view: MarketView, limits: Limits) -> Verdict:
    """Each wanted order passed, trimmed or refused, each with its reason; nothing is ever enlarged."""
    if decision.wanted is None:
        return Verdict(wanted=None)
    passed: list[Wanted] = []
    notes: list[Reason] = []
    for wish in decision.wanted:
        refusal = outside_collar(wish, view, limits.collar_bps)
        if refusal is not None:
            notes.append(refusal)
            continue
        trimmed, note = within_notional(wish, view.market, limits.max_order_notional)
        if note is not None:
            notes.append(note)
        if trimmed is not None:
            passed.append(trimmed)
    return Verdict(wanted=tuple(passed), notes=tuple(notes))
