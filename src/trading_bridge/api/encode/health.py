"""The process in detail as JSON, with words for people."""

from collections.abc import Iterable

from trading_bridge import __version__
from trading_bridge.api.encode.findings import optional_finding
from trading_bridge.api.encode.values import JsonObject
from trading_bridge.services.health import LeftBehind
from trading_bridge.storage.lease import Lease


def detail(lease: Lease | None, left: Iterable[LeftBehind]) -> JsonObject:
    return {
        "version": __version__,
        "lease": None if lease is None else _lease(lease),
        "if_host_dies": [_left(one) for one in left],
    }


def _lease(lease: Lease) -> JsonObject:
    left_s = lease.left_s
    return {
        "shard": lease.shard,
        "epoch": lease.epoch,
        "holder": lease.holder,
        "seconds_left": None if left_s is None else round(left_s, 1),
        "finding": optional_finding(lease.finding()),
    }


def _left(one: LeftBehind) -> JsonObject:
    return {
        "connector_id": one.connector_id,
        "connector": one.connector,
        "account": one.account,
        "exchange": one.exchange,
        "orders": one.orders,
        "unresolved": one.unresolved,
        "dead_mans_switch": one.dead_mans_switch,
        "finding": optional_finding(one.finding),
        "text": _text(one),
    }


def _text(one: LeftBehind) -> str:
    if one.orders is None or one.unresolved is None:
        return "Orders were live here when it was last looked at; how many there are now nobody can see."
    stand = f"{one.orders} {'order stands' if one.orders == 1 else 'orders stand'} at {one.exchange}"
    doubt = "" if not one.unresolved else f", and {one.unresolved} more may"
    if one.dead_mans_switch:
        return f"{stand}{doubt}; its dead man's switch cancels them."
    return f"{stand}{doubt}; it has no dead man's switch: nothing cancels them by itself."
