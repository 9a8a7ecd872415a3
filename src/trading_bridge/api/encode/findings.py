"""Findings as JSON, per reader: what the operator must know and do, and what its client may read."""

from trading_bridge.api.encode.values import JsonObject, evidence
from trading_bridge.core.finding import Finding, RecordedFinding
from trading_bridge.diagnosis.catalogue import describe, effect_of, for_client, row_of, unattended_of
from trading_bridge.services.findings import NamedFinding


def finding(found: Finding, recorded: RecordedFinding | None = None) -> JsonObject:
    """`recorded` None: it has no row (yet)."""
    text, client = describe(found), for_client(found)
    return {
        "code": found.code,
        "severity": found.severity.value,
        "title": text.title,
        "cause": text.cause,
        "fix": text.fix,
        "parameters": dict(found.parameters),
        "evidence": None if found.evidence is None else evidence(found.evidence),
        "since": found.since,
        "effect": effect_of(found).value,
        "for_client": {"text": client.text, "money": client.money, "who_acts": client.who_acts.value},
        "history": None if recorded is None else _history(recorded),
    }


def optional_finding(found: Finding | None, recorded: RecordedFinding | None = None) -> JsonObject | None:
    return None if found is None else finding(found, recorded)


def named(one: NamedFinding) -> JsonObject:
    recorded = one.recorded
    return {
        "id": recorded.id,
        "subject": {
            "kind": recorded.subject.kind.value,
            "id": recorded.subject.id,
            "name": one.name,
            "client_id": one.client_id,
        },
        "finding": finding(recorded.finding, recorded),
        "first_seen": recorded.finding.since,
        "last_seen": recorded.last_seen,
        "count": recorded.count,
        "resolved_at": recorded.resolved_at,
        "note": recorded.note,
        "wakes": row_of(recorded.finding.code).wakes,
        "unattended": unattended_of(recorded.finding),
    }


def _history(recorded: RecordedFinding) -> JsonObject:
    return {
        "id": recorded.id,
        "count": recorded.count,
        "note": recorded.note,
    }
