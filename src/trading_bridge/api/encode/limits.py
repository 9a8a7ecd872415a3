"""Limits as JSON."""

from decimal import Decimal

from trading_bridge.api.encode.values import JsonObject, optional_amount
from trading_bridge.core.amount import readable
from trading_bridge.core.risk.state import Halt
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.services.limits import LimitsView


def limits(view: LimitsView) -> JsonObject:
    return {
        "scope": {"kind": view.scope.kind.value, "id": view.scope.id, "name": view.name},
        "limits": [
            {
                "name": one.name,
                "value": _number(one.value),
                "unit": one.known.unit.value,
                "default": _number(one.default),
                "source": one.source.value,
                "text": one.known.text,
            }
            for one in view.limits
        ],
        "counters": [
            {
                "name": one.name,
                "value": optional_amount(one.value),
                "unit": one.unit,
                "limit": optional_amount(one.limit),
                "text": one.text,
            }
            for one in view.counters
        ],
        "halt": None if view.halt is None else _halt(view.halt),
    }


def _halt(halt: Halt) -> JsonObject:
    title = title_of(halt.code, halt.parameters)
    return {
        "code": halt.code,
        "text": f"{title[:1].upper()}{title[1:]}",
        "since": halt.since,
        "until": halt.until,
    }


def _number(value: Decimal | int | None) -> str | None:
    return None if value is None else readable(Decimal(value))
