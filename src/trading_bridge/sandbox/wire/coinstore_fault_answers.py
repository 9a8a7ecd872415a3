"""What Coinstore answers instead of an answer while something is wrong with it.

The reference has no sample of maintenance, of a page in HTML or of an error of the server: these texts are ours.
"""

from http import HTTPStatus

from trading_bridge.sandbox.faults import Fault, FaultKind, Form
from trading_bridge.sandbox.wire.coinstore_answers import failure, ok
from trading_bridge.sandbox.wire.fault_answers import body_instead, front_error, page, status_of
from trading_bridge.sandbox.wire.http import Response

MAINTENANCE = "system maintenance"


def answer_instead(fault: Fault) -> Response | None:
    """None: it does not answer by itself."""
    match fault.kind:
        case FaultKind.MAINTENANCE:
            return _maintenance(fault.form)
        case FaultKind.RATE_LIMITED:
            return _too_many(fault.retry_after_s)
        case FaultKind.SERVER_ERROR:
            return _server_error(status_of(fault, HTTPStatus.INTERNAL_SERVER_ERROR))
    return body_instead(fault)


def _maintenance(form: Form | None) -> Response:
    if form is Form.HTML:
        return page(HTTPStatus.SERVICE_UNAVAILABLE, MAINTENANCE)
    if form is Form.CODE:
        return ok({"message": MAINTENANCE, "code": 503})
    return failure(HTTPStatus.SERVICE_UNAVAILABLE, MAINTENANCE)


def _too_many(retry_after_s: int | None) -> Response:
    answer = failure(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(status=answer.status, body=answer.body, headers=headers)


def _server_error(status: HTTPStatus) -> Response:
    """500 is the exchange's own; the others come from what stands in front of it."""
    return failure(status, "server error") if status is HTTPStatus.INTERNAL_SERVER_ERROR else front_error(status)
