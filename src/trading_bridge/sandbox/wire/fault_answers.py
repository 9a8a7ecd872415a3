"""What faults do at any exchange, whatever it answers: whether a request is carried out, and how its answer travels."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from http import HTTPStatus
from typing import NamedTuple

from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.faults import ActiveFault, Fault, FaultKind
from trading_bridge.sandbox.wire.delivery import Delivery, Wait
from trading_bridge.sandbox.wire.http import Response

#: oldest first
Hits = tuple[ActiveFault, ...]

HUNG_AT_MOST_S = 60.0


class Instead(NamedTuple):
    answer: Response
    #: the request is carried out all the same
    carried_out: bool


def instead(hits: Hits, answers: Callable[[Fault], Response | None]) -> Instead | None:
    """Of the oldest fault that answers by itself, as `answers` tells for the exchange; None: there is none."""
    for active in hits:
        if (answer := answers(active.fault)) is not None:
            return Instead(answer, carried_out=bool(active.fault.carried_out))
    return None


def is_carried_out(hits: Hits) -> bool:
    """False: the connection breaks before the exchange has done anything."""
    late = (FaultKind.HUNG, FaultKind.DROPPED)
    return not any(active.fault.kind in late and active.fault.carried_out is False for active in hits)


def delivery(hits: Hits, now: float) -> Delivery | None:
    """`now` by the monotonic clock; None: at once."""
    waits: list[Wait] = []
    lost = not is_carried_out(hits)
    for active in hits:
        match active.fault.kind:
            case FaultKind.SLOW if active.fault.delay_s is not None:
                waits.append(Wait(active.fault.delay_s, active.cleared))
            case FaultKind.HUNG:
                left_s = HUNG_AT_MOST_S if active.ends_at is None else active.ends_at - now
                waits.append(Wait(min(left_s, HUNG_AT_MOST_S), active.cleared))
            case FaultKind.DROPPED:
                lost = True
    return Delivery(waits=tuple(waits), lost=lost) if waits or lost else None


def knows_no_key(hits: Hits) -> bool:
    return any(active.fault.kind in (FaultKind.KEY_DELETED, FaultKind.SECRET_WRONG) for active in hits)


def refuses(hits: Hits, permission: Permission) -> bool:
    """Whether a good key that may `permission` is told that it may not."""
    missing = FaultKind.TRADE_MISSING if permission is Permission.TRADE else FaultKind.READ_MISSING
    return any(active.fault.kind in (FaultKind.ADDRESS_REFUSED, missing) for active in hits)


def skew_ms(hits: Hits) -> int:
    """The exchange's clock less the true one."""
    return 1000 * sum(active.fault.seconds_off for active in hits if active.fault.seconds_off is not None)


def skewed_date(hits: Hits, now: datetime) -> dict[str, str]:
    """The header of a clock that is wrong; empty: it is right."""
    off_ms = skew_ms(hits)
    return {"date": format_datetime(now + timedelta(milliseconds=off_ms), usegmt=True)} if off_ms else {}


def status_of(fault: Fault, usual: HTTPStatus) -> HTTPStatus:
    return usual if fault.status is None else HTTPStatus(fault.status)


def body_instead(fault: Fault) -> Response | None:
    """An empty body, or a page in HTML, where JSON should be."""
    match fault.kind:
        case FaultKind.EMPTY_BODY:
            return Response(status=status_of(fault, HTTPStatus.OK), body=b"")
        case FaultKind.HTML_BODY:
            return page(status_of(fault, HTTPStatus.OK), "Just a moment...")
    return None


def front_error(status: HTTPStatus) -> Response:
    """Of what stands in front of the exchange."""
    return page(status, f"{status.value} {status.phrase}")


def page(status: HTTPStatus, title: str) -> Response:
    text = escape(title)
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Response(status=status, body=body.encode(), headers={"content-type": "text/html; charset=utf-8"})
