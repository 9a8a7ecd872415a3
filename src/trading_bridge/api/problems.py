"""Every error as RFC 9457 problem details; what people sent is never repeated in one."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from trading_bridge.api.call import to_json
from trading_bridge.api.encode.findings import finding
from trading_bridge.api.encode.ladder import ladder
from trading_bridge.errors import Blocked, TooMany, TradingBridgeError, Unauthenticated
from trading_bridge.services.connectors import CheckFailed

MEDIA_TYPE = "application/problem+json"

_CODES = {
    HTTPStatus.BAD_REQUEST: "request.malformed",
    HTTPStatus.NOT_FOUND: "route.not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method.not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body.too_large",
}
_SEE_DESCRIPTION = "See /api/openapi.json for what is expected."
_WORDS_MAX = 120


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`more` holds field, remedy, errors, finding, as far as there are any."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
    }
    body.update({key: value for key, value in (more or {}).items() if value is not None})
    return Response(to_json(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def of_error(error: TradingBridgeError) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    found = finding(error.finding) if isinstance(error, Blocked) else None
    remedy = error.remedy or (found["fix"] if found is not None else None)
    more = {"field": error.field, "remedy": remedy, "finding": found}
    if isinstance(error, CheckFailed):
        more["ladder"] = ladder(error.ladder)
    return problem(error.status, error.code, error.message, more=more, headers=headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(TradingBridgeError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TradingBridgeError)
    return of_error(error)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": _field(found["loc"]), "message": str(found["msg"])[:_WORDS_MAX]} for found in error.errors()[:20]
    ]
    first = errors[0]
    named = f"{first['field']}: " if first["field"] else ""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "request.malformed",
        f"{named}{first['message']}.",
        more={"field": first["field"], "remedy": _SEE_DESCRIPTION, "errors": errors},
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, "request.refused")
    more = {"remedy": _SEE_DESCRIPTION}
    return problem(status, code, error.detail or status.phrase, more=more, headers=error.headers)


async def _bug(request: Request, error: Exception) -> Response:
    """The server logs the error itself; the answer says nothing of it."""
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal.error",
        "A fault in the platform stopped this request.",
        more={"remedy": "Try again; if it repeats, report it with the time."},
    )


def _field(location: tuple[int | str, ...]) -> str | None:
    """`("body", "config", "spread_bps")` -> `config.spread_bps`; None: the body as a whole."""
    path = [str(part) for part in location[1:] if isinstance(part, str)]
    name = ".".join(path)
    return name[:_WORDS_MAX] if name and name.isprintable() else None
