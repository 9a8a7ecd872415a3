"""Kills and holds."""

from datetime import datetime

from trading_bridge.api.encode.findings import finding
from trading_bridge.api.encode.values import JsonObject
from trading_bridge.core.restraint import KillState, Scope
from trading_bridge.services.holds import HoldView
from trading_bridge.services.kills import KillView


def kill(view: KillView) -> JsonObject:
    one, progress = view.kill, view.progress
    counted = one.total if progress is None else progress.total
    confirmed = progress.confirmed if progress is not None else counted if one.done_at is not None else None
    return {
        "id": one.id,
        "scope": _scope(one.scope, view.name),
        "reason": one.reason,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "by_hand": one.by_hand,
        "state": one.state.value,
        "total": counted,
        "confirmed": confirmed,
        "text": _progress_text(one.state, counted, confirmed),
        "waits_for": [
            {
                "connector_id": waiting.connector_id,
                "name": view.connectors.get(waiting.connector_id, waiting.connector_id),
                "finding": finding(waiting.finding),
            }
            for waiting in (() if progress is None else progress.waits_for)
        ],
        "done_at": one.done_at,
        "rearmed_at": one.rearmed_at,
        "rearmed_by": one.rearmed_by,
        "rearm_reason": one.rearm_reason,
    }


def hold(view: HoldView, now: datetime) -> JsonObject:
    one = view.hold
    return {
        "id": one.id,
        "scope": _scope(one.scope, view.name),
        "reason": one.reason,
        "orders": one.orders.value,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "state": one.state(now).value,
        "made_by": one.made_by,
        "made_at": one.made_at,
        "lifted_at": one.lifted_at,
        "lifted_by": one.lifted_by,
        "lift_reason": one.lift_reason,
    }


def _scope(scope: Scope, name: str) -> JsonObject:
    return {"kind": scope.kind.value, "id": scope.id, "name": name}


def _progress_text(state: KillState, total: int | None, confirmed: int | None) -> str:
    if total is None:
        return "not counted yet"
    if state is not KillState.DONE and confirmed is not None:
        return f"{confirmed} of {total} confirmed"
    if state is KillState.REARMED and confirmed is None:
        return f"re-armed before all {total} were confirmed"
    return "no order was live" if total == 0 else f"all {total} confirmed gone"
