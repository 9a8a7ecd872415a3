"""What faults make of an account's money, at any exchange."""

from collections.abc import Mapping

from trading_bridge.sandbox.accounts import Purse
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.wire.fault_answers import Hits

_ELSEWHERE = frozenset({FaultKind.OTHER_WALLET, FaultKind.ACCOUNT_MIGRATED})


def faults_of(hits: Hits) -> list[Fault]:
    return [active.fault for active in hits]


def purses_shown(hits: Hits, purses: Mapping[str, Purse]) -> dict[str, Purse]:
    """The spot wallet as a client is told of it."""
    shown = dict(purses)
    for fault in faults_of(hits):
        for currency in [name for name in shown if fault.currency in (None, name)]:
            if fault.kind is FaultKind.CURRENCY_MISSING:
                del shown[currency]
            elif fault.kind is FaultKind.CURRENCY_RENAMED and fault.to is not None:
                shown[fault.to] = shown.pop(currency)
            elif fault.kind in _ELSEWHERE:
                shown[currency] = Purse()
    return shown


def is_elsewhere(hits: Hits, currency: str) -> bool:
    return any(fault.kind in _ELSEWHERE and fault.currency in (None, currency) for fault in faults_of(hits))
