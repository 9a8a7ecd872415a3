"""What every request passes first: one form of its path, who asks, from where, and how much it may send."""

from http import HTTPStatus

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_bridge.api import cookie
from trading_bridge.api.problems import of_error, problem
from trading_bridge.api.rules import BARE, is_open
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.errors import Forbidden, Unauthenticated
from trading_bridge.logs import get_logger
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps

BODY_MAX = 65_536
#: the database is full, locked for too long, or gone
STORAGE_FAILED = (OperationalError, InterfaceError, PoolTimeoutError, ConnectionError)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        b"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
)
_ANSWERS = (*_EVERYWHERE, (b"cache-control", b"no-store"))

_log = get_logger("api")


class Door:
    """A stranger is turned away before a byte of the body is read."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        self._app = app
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] = _canonical(scope["path"])
        api = path.startswith("/api/")
        extra = _ANSWERS if api else _EVERYWHERE
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            await self._pass(scope, path, receive, send_guarded)
        except STORAGE_FAILED as error:
            if started:
                raise
            _log.error("storage failed a request", method=scope["method"], path=path, error=str(error))
            answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, "storage.unreachable", "The database does not answer.")
            await answer(scope, receive, send_guarded)

    async def _pass(self, scope: Scope, path: str, receive: Receive, send: Send) -> None:
        try:
            await self._admit(scope, path)
        except (Unauthenticated, Forbidden) as refusal:
            await of_error(refusal)(scope, receive, send)
            return
        if scope["method"] in _SAFE:
            await self._app(scope, receive, send)
        elif _declared_length(scope) > BODY_MAX:
            more = {"remedy": "Shorten it."}
            answer = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body.too_large", _too_large(), more=more)
            await answer(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), send)

    async def _admit(self, scope: Scope, path: str) -> None:
        """Puts who asks into the scope; raises Unauthenticated or Forbidden."""
        method: str = scope["method"]
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        open_to_all = is_open(method, path)
        if open_to_all:
            if method not in _SAFE and not _from_here(headers, silent=True):
                raise _foreign()
            return
        token, by_cookie = _token(headers)
        if token is None:
            raise Unauthenticated("auth.required", "This needs a signed-in user.", remedy="Sign in and try again.")
        session = self._deps.desk.recall(token) or await auth.current(self._deps, token)
        if by_cookie and method not in _SAFE and not _from_here(headers, silent=False):
            raise _foreign()
        scope["asker"] = Asker(kind=AskerKind.USER, user_id=session.user_id, name=session.email)
        scope["session_token"] = token


def _canonical(path: str) -> str:
    """`/bots/x` -> `/api/bots/x`."""
    first = path[1:].partition("/")[0]
    return f"/api{path}" if first in BARE else path


def _token(headers: list[tuple[bytes, bytes]]) -> tuple[str | None, bool]:
    """The session's token, and whether it came as a cookie, which browsers send by themselves."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() == b"bearer":
                return token.strip().decode("latin-1"), False
    return cookie.read(headers), True


def _from_here(headers: list[tuple[bytes, bytes]], *, silent: bool) -> bool:
    """Whether the page that sends this is ours. `silent` is the verdict on what does not say where it comes from."""
    host = origin = site = None
    for name, value in headers:
        if name == b"host":
            host = value
        elif name == b"origin":
            origin = value
        elif name == b"sec-fetch-site":
            site = value
    if site is not None:
        return site in (b"same-origin", b"none")
    if origin is not None:
        return host is not None and origin.lower() in (b"http://" + host.lower(), b"https://" + host.lower())
    return silent


def _foreign() -> Forbidden:
    return Forbidden(
        "origin.foreign",
        "This request does not come from a page of this server.",
        remedy="Send the token as Authorization: Bearer where no page is involved.",
    )


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else BODY_MAX + 1
    return 0


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > BODY_MAX:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large())
        return message

    return receive_bounded


def _too_large() -> str:
    return f"The body is larger than {BODY_MAX} bytes."
