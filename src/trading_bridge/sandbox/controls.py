"""Everything below `/control`: each exchange by its name, and which there are."""

from collections.abc import Mapping
from dataclasses import replace

from trading_bridge.errors import NotFound
from trading_bridge.sandbox.control import Control
from trading_bridge.sandbox.control_reply import Json, reply
from trading_bridge.sandbox.wire.http import Request, Response


class Controls:
    def __init__(
        self, by_exchange: Mapping[str, Control], prefixes: Mapping[str, str], *, token: str, apart: bool
    ) -> None:
        """`prefixes` of the exchanges' dialects. `apart` False: all of them are one venue, which needs no name."""
        if not token:
            raise ValueError("the control API needs a token")
        self._by_exchange = dict(by_exchange)  # exchange -> control of its venue
        self._prefixes = dict(prefixes)  # exchange -> "/api"
        self._unnamed = None if apart else next(iter(self._by_exchange.values()))
        self._token = token

    def __call__(self, request: Request) -> Response:
        name, _, rest = request.path.removeprefix("/").partition("/")
        if (named := self._by_exchange.get(name)) is not None:
            return named(replace(request, path=f"/{rest}"))
        if self._unnamed is not None and not _asks_which(request):
            return self._unnamed(request)
        return reply(request, self._token, self._which)

    def _which(self, request: Request) -> Json:
        if not _asks_which(request):
            named = ", ".join(f"/control/{name}" for name in self._by_exchange)
            raise NotFound("control.path", f"the exchanges are kept apart: say which one by {named}")
        return {
            "apart": self._unnamed is None,
            "exchanges": [
                {"exchange": name, "path": self._prefixes[name], "control": f"/control/{name}"}
                for name in self._by_exchange
            ],
        }


def _asks_which(request: Request) -> bool:
    return (request.method, request.path) == ("GET", "/exchanges")
