"""Faults over the control API: fields in, fields out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from trading_bridge.errors import InvalidInput
from trading_bridge.sandbox.addresses import Family
from trading_bridge.sandbox.fault_table import PREFIX
from trading_bridge.sandbox.faults import ActiveFault, Fault, FaultKind, Faults, Form
from trading_bridge.sandbox.rules import plain
from trading_bridge.sandbox.wire.json_in import Fields, Malformed, amount, optional_text, optional_whole, text

E = TypeVar("E", bound=StrEnum)

Json = dict[str, object]


class FaultControl:
    def __init__(self, faults: Faults, endpoints: Collection[str]) -> None:
        """`endpoints` are those of the exchange, below its prefix."""
        self._faults = faults
        self._endpoints = endpoints

    def listed(self, given: Fields) -> Json:
        """Those that are on, oldest first."""
        return {"faults": [self._shown(active) for active in self._faults.active()]}

    def add(self, given: Fields) -> Json:
        fault = fault_of(given)
        if fault.endpoint is not None and not self._exists(fault.endpoint):
            raise InvalidInput("endpoint.unknown", f"there is no endpoint {fault.endpoint}", field="endpoint")
        return {"id": self._faults.add(fault)}

    def clear(self, given: Fields) -> Json:
        """All of them without an `id`."""
        _refuse_others(given, {"id"})
        self._faults.clear(_read("id", optional_whole, given))
        return self.listed(given)

    def _exists(self, endpoint: str) -> bool:
        meant = endpoint.removeprefix(PREFIX).rstrip("/") + "/"
        return any(f"{known}/".startswith(meant) or meant.startswith(f"{known}/") for known in self._endpoints)

    def _shown(self, active: ActiveFault) -> Json:
        fault = active.fault
        given = {name: value for name in _NAMES if (value := getattr(fault, name)) is not None}
        shown = {name: plain(value) if isinstance(value, Decimal) else value for name, value in given.items()}
        return {"id": active.id, **shown, "ends_in_s": self._faults.remaining_s(active)}


def fault_of(given: Fields) -> Fault:
    """Raises `InvalidInput`, naming the field."""
    _refuse_others(given, _NAMES)
    values = {name: _read(name, reader, given) for name, reader in _READERS.items()}
    return Fault(kind=_read("kind", _kind, given), **values)  # type: ignore[arg-type]  # each by its reader


T = TypeVar("T")


def _read(name: str, reader: Callable[[Fields, str], T], given: Fields) -> T:
    try:
        return reader(given, name)
    except Malformed as error:
        raise InvalidInput("request.malformed", str(error) or f"{name} is missing", field=name) from error


def _refuse_others(given: Fields, names: Collection[str]) -> None:
    if unknown := sorted(set(given) - set(names)):
        raise InvalidInput("request.malformed", f"there is no parameter {unknown[0]}", field=unknown[0])


def _kind(given: Fields, name: str) -> FaultKind:
    return _one_of(FaultKind, text(given, name), name)


def _family(given: Fields, name: str) -> Family | None:
    """`all` is both."""
    value = optional_text(given, name)
    return None if value in (None, "all") else _one_of(Family, str(value), name)


def _form(given: Fields, name: str) -> Form | None:
    value = optional_text(given, name)
    return None if value is None else _one_of(Form, value, name)


def _one_of(kind: type[E], value: str, name: str) -> E:
    if value not in set(kind):
        raise Malformed(f"{name} is one of {', '.join(kind)}")
    return kind(value)


def _number(given: Fields, name: str) -> Decimal | None:
    return None if given.get(name) is None else amount(given, name)


def _seconds(given: Fields, name: str) -> float | None:
    value = _number(given, name)
    return None if value is None else float(value)


def _truth(given: Fields, name: str) -> bool | None:
    value = given.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise Malformed(f"{name} is true or false")


_READERS: Mapping[str, Callable[[Fields, str], object]] = {
    "account": optional_text,
    "api_key": optional_text,
    "endpoint": optional_text,
    "family": _family,
    "symbol": optional_text,
    "currency": optional_text,
    "seconds": _seconds,
    "seconds_off": optional_whole,
    "delay_s": _seconds,
    "status": optional_whole,
    "retry_after_s": optional_whole,
    "form": _form,
    "carried_out": _truth,
    "to": optional_text,
    "tick_decimals": optional_whole,
    "lot_decimals": optional_whole,
    "min_amount": _number,
}
_NAMES = tuple(field.name for field in fields(Fault))
