"""The bot types of this installation: our own, and those that installed packages bring by an entry point."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel

from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.core.strategies.spread import SPREAD
from trading_bridge.core.strategies.volume import VOLUME
from trading_bridge.logs import get_logger

#: a package's `[project.entry-points."trading_bridge.bot_types"]` names its types: id = "module:BotType value"
GROUP = "trading_bridge.bot_types"
BUILT_IN: Mapping[str, BotType] = {SPREAD.id: SPREAD, VOLUME.id: VOLUME}

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SHOWN = 200

_log = get_logger("bot_types")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """An entry point that brings no type."""

    #: as the package spells it: `id = module:name`
    entry: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotTypes:
    types: Mapping[str, BotType]
    unusable: tuple[Unusable, ...] = ()


@cache
def installed() -> BotTypes:
    """Looked up once in a process: what is installed later counts from the next start."""
    found = with_plug_ins(entry_points(group=GROUP))
    for one in found.unusable:
        _log.error("bot type not usable", entry=one.entry, why=one.why)
    return found


def bot_types() -> Mapping[str, BotType]:
    """By id."""
    return installed().types


def with_plug_ins(found: Iterable[EntryPoint]) -> BotTypes:
    """Our own types and the usable ones of these, in the order of their names: the same at every start."""
    types, unusable = dict(BUILT_IN), list[Unusable]()
    for entry in sorted(found, key=lambda one: (one.name, one.value)):
        brought = _loaded(entry, types)
        if isinstance(brought, BotType):
            types[brought.id] = brought
        else:
            unusable.append(Unusable(entry=f"{entry.name} = {entry.value}"[:_SHOWN], why=brought[:_SHOWN]))
    return BotTypes(types=types, unusable=tuple(unusable))


def unusable(types: BotTypes, since: datetime) -> tuple[Finding, ...]:
    """What installed packages failed to bring, as findings."""
    return tuple(
        Finding(
            code="bot_type.unusable",
            severity=Severity.WARNING,
            since=since,
            parameters={"entry": one.entry, "why": one.why},
        )
        for one in types.unusable
    )


def _loaded(entry: EntryPoint, known: Mapping[str, BotType]) -> BotType | str:
    """The type, or why there is none."""
    try:
        brought = entry.load()
    except Exception as bug:  # noqa: BLE001 - a boundary: what somebody else's module does when imported is theirs
        _log.error("bot type not importable", entry=str(entry), error=type(bug).__name__, exc_info=bug)
        return f"it cannot be imported ({type(bug).__name__}; the server's log has the place)"
    if not isinstance(brought, BotType):
        return f"it is a {type(brought).__name__}, not a BotType"
    if brought.id != entry.name or _ID.fullmatch(brought.id) is None:
        return f"its id is {brought.id!r}; it must be the entry point's name, of a-z, 0-9 and _"
    if brought.id in known:
        return f"there is another bot type {brought.id}"
    if not (isinstance(brought.parameters, type) and issubclass(brought.parameters, BaseModel)):
        return "its parameters are no pydantic model"
    if brought.decide is not None and brought.tolerance is None:
        return "it decides and has no tolerance"
    return brought
