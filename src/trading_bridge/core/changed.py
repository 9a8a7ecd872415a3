"""A copy with other values, for the values of an order's way: `dataclasses.replace` takes twice as long."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")

_Write = Callable[[object, object], None]
#: what reads all fields, what writes each, and the latter by name
_Slots = tuple[Callable[[object], tuple[object, ...]], tuple[_Write, ...], dict[str, _Write]]
_KNOWN: dict[type[Any], _Slots] = {}


def changed(value: T, **values: object) -> T:
    """`value` is of a frozen, slotted dataclass of two fields or more, without `__post_init__`; raises TypeError where
    it has no such field."""
    kind = type(value)
    known = _KNOWN.get(kind)
    read, writes, by_name = _learnt(kind) if known is None else known
    made = object.__new__(kind)
    for write, old in zip(writes, read(value), strict=True):
        write(made, old)
    for name, new in values.items():
        if name not in by_name:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
        by_name[name](made, new)
    return made


def _learnt(kind: type[Any]) -> _Slots:
    names = [field.name for field in fields(kind)]
    by_name: dict[str, _Write] = {name: getattr(kind, name).__set__ for name in names}
    _KNOWN[kind] = attrgetter(*names), tuple(by_name.values()), by_name
    return _KNOWN[kind]
