"""Decisions as JSON."""

from trading_bridge.api.encode.bots import state
from trading_bridge.api.encode.values import JsonObject
from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, StoredDecision
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.services.decisions import BotDecisions


def decisions(found: BotDecisions) -> JsonObject:
    return {
        "current": {
            "state": state(found.facts),
            "decision": None if found.standing is None else _decision(found.standing),
            "open_orders": found.open_orders,
            "last_fill_at": found.last_fill_at,
        },
        "decisions": [_decision(one) for one in found.page.items],
        "next": found.page.next,
    }


def _decision(one: StoredDecision) -> JsonObject:
    wanted = None
    if one.wanted is not None:
        wanted = [
            {"side": each.side.value, "price": readable(each.price), "amount": readable(each.amount)}
            for each in one.wanted
        ]
    return {
        "id": one.id,
        "decided_at": one.decided_at,
        "reason": _reason(one.reason, one.finding_code),
        "notes": [_reason(note) for note in one.notes],
        "finding_code": one.finding_code,
        "wanted": wanted,
        "ended_at": one.ended_at,
        "cycles": one.cycles,
    }


def _reason(reason: Reason, finding_code: str | None = None) -> JsonObject:
    """With the finding that forbade it, where it is another one."""
    title = title_of(reason.code, reason.parameters)
    behind = "" if finding_code is None or finding_code == reason.code else f"; but {title_of(finding_code)}"
    return {"code": reason.code, "text": f"{title[:1].upper()}{title[1:]}{behind}"}
