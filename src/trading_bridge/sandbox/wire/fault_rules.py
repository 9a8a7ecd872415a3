"""What faults make of a market's rules, at any exchange."""

from collections.abc import Iterable
from dataclasses import replace

from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.rules import MarketRules

Faulty = Iterable[Fault]


def seen_rules(faults: Faulty, rules: MarketRules) -> MarketRules:
    """The rules that the exchange shows and goes by."""
    for fault in faults:
        if fault.symbol in (None, rules.symbol):
            rules = _changed(fault, rules)
    return rules


def _changed(fault: Fault, rules: MarketRules) -> MarketRules:
    match fault.kind:
        case FaultKind.MARKET_HALTED:
            return replace(rules, open=False)
        case FaultKind.MARKET_RENAMED if fault.to is not None:
            base, _, quote = fault.to.partition("/")
            return replace(rules, base=base, quote=quote)
        case FaultKind.PRECISION_CHANGED:
            ticks, lots = fault.tick_decimals, fault.lot_decimals
            return replace(
                rules,
                tick_decimals=rules.tick_decimals if ticks is None else ticks,
                lot_decimals=rules.lot_decimals if lots is None else lots,
            )
        case FaultKind.MINIMUM_RAISED if fault.min_amount is not None:
            return replace(rules, min_amount=fault.min_amount, min_market_amount=fault.min_amount)
    return rules
