"""What Coinstore answers instead of an answer while something is wrong with it, and how its answers travel.

The reference has no sample of maintenance, of a page in HTML or of an error of the server: these texts are ours.
"""

from html import escape
from http import HTTPStatus
from typing import NamedTuple

from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.faults import ActiveFault, Fault, FaultKind, Form
from trading_bridge.sandbox.wire.coinstore_answers import failure, ok
from trading_bridge.sandbox.wire.delivery import Delivery, Wait
from trading_bridge.sandbox.wire.http import Response

#: oldest first
Hits = tuple[ActiveFault, ...]

HUNG_AT_MOST_S = 60.0
MAINTENANCE = "system maintenance"


class Instead(NamedTuple):
    answer: Response
    #: the request is carried out all the same
    carried_out: bool


def instead(hits: Hits) -> Instead | None:
    """Of the oldest fault that answers by itself; None: there is none."""
    for active in hits:
        if (answer := _answer(active.fault)) is not None:
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


def _answer(fault: Fault) -> Response | None:
    match fault.kind:
        case FaultKind.MAINTENANCE:
            return _maintenance(fault.form)
        case FaultKind.RATE_LIMITED:
            return _too_many(fault.retry_after_s)
        case FaultKind.SERVER_ERROR:
            return _server_error(_status(fault, HTTPStatus.INTERNAL_SERVER_ERROR))
        case FaultKind.EMPTY_BODY:
            return Response(status=_status(fault, HTTPStatus.OK), body=b"")
        case FaultKind.HTML_BODY:
            return _page(_status(fault, HTTPStatus.OK), "Just a moment...")
    return None


def _status(fault: Fault, usual: HTTPStatus) -> HTTPStatus:
    return usual if fault.status is None else HTTPStatus(fault.status)


def _maintenance(form: Form | None) -> Response:
    if form is Form.HTML:
        return _page(HTTPStatus.SERVICE_UNAVAILABLE, MAINTENANCE)
    if form is Form.CODE:
        return ok({"message": MAINTENANCE, "code": 503})
    return failure(HTTPStatus.SERVICE_UNAVAILABLE, MAINTENANCE)


def _too_many(retry_after_s: int | None) -> Response:
    answer = failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(status=answer.status, body=answer.body, headers=headers)


def _server_error(status: HTTPStatus) -> Response:
    """500 is the exchange's own; the others come from what stands in front of it."""
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return failure(status, "server error")
    return _page(status, f"{status.value} {status.phrase}")


def _page(status: HTTPStatus, title: str) -> Response:
    text = escape(title)
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Response(status=status, body=body.encode(), headers={"content-type": "text/html; charset=utf-8"})
