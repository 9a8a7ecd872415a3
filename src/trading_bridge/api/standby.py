"""What answers on the port of a server: a notice while another one trades on the same database, then the API."""

from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trading_bridge.api.call import answer
from trading_bridge.api.problems import problem
from trading_bridge.storage.lease import Occupied

#: when it is worth asking again, in seconds
RETRY_AFTER_S = 2
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Retry-After": str(RETRY_AFTER_S)}


class Front:
    """Until `open` nothing is served but whether the process lives, and for whom it waits."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._occupied: Occupied | None = None

    def waits_for(self, occupied: Occupied) -> None:
        self._occupied = occupied

    def open(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._notice(scope["path"])(scope, receive, send)

    def _notice(self, path: str) -> Response:
        bare = path.removeprefix("/api")
        if bare == "/health":
            return answer({"status": "starting" if self._occupied is None else "standby"})
        code, words = self._obstacle()
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, code, words, headers=_HEADERS)

    def _obstacle(self) -> tuple[str, str]:
        held = self._occupied
        if held is None:
            return "not.ready", "The server is starting."
        build = "" if held.build is None else f" (version {held.build})"
        until = held.expires_at.isoformat(timespec="seconds")
        return (
            "lease.held",
            f"This server stands by: {held.holder}{build} trades on this database, by a lease until {until} that it"
            " renews. This one takes over once it is released or has expired.",
        )
