"""The doctor's ladder as JSON."""

from trading_bridge.api.encode.findings import optional_finding
from trading_bridge.api.encode.values import JsonObject, evidence
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.diagnosis.ladder import EgressAddress, Ladder, Rung, Step

LABELS = {
    Rung.CREDENTIALS: "Key stored",
    Rung.RESOLVE: "Name resolves",
    Rung.CONNECT: "Host answers",
    Rung.TLS: "TLS",
    Rung.PUBLIC: "Public call",
    Rung.CLOCK: "Clock",
    Rung.EGRESS: "Own addresses",
    Rung.SIGNED_READ: "Signed read",
    Rung.READ_PERMISSION: "Read permission",
    Rung.TRADE_PERMISSION: "Trade permission",
    Rung.WITHDRAW_PERMISSION: "Withdraw permission",
    Rung.MARKET: "Market",
    Rung.BALANCE: "Balance",
}


def ladder(found: Ladder) -> JsonObject:
    return {
        "started_at": found.started_at,
        "took_ms": found.took_ms,
        "requests": found.requests,
        "passed": found.passed,
        "steps": [_step(one) for one in found.steps],
        "diagnosis": optional_finding(found.diagnosis),
        "remaining": [{"code": code, "title": title_of(code)} for code in found.remaining],
        "egress": [_egress(one) for one in found.egress],
    }


def optional_ladder(found: Ladder | None) -> JsonObject | None:
    return None if found is None else ladder(found)


def _step(one: Step) -> JsonObject:
    return {
        "rung": one.rung.value,
        "label": LABELS[one.rung],
        "outcome": one.outcome.value,
        "detail": one.detail,
        "took_ms": one.took_ms,
        "finding": optional_finding(one.finding),
        "evidence": None if one.evidence is None else evidence(one.evidence),
    }


def _egress(one: EgressAddress) -> JsonObject:
    return {
        "family": one.family,
        "address": one.address,
        "source": one.source,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
    }
