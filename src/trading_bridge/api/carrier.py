"""What carries HTTP to the application: a socket, or function calls where a whole platform runs in one process."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from trading_bridge.errors import SettingsError

#: how long the last answers may take once the server ends
LINGER_S = 2


class Carrier(Protocol):
    #: where people open it
    address: str

    async def serve(self, app: ASGIApp) -> None:
        """Until `hang_up`, or until it is cancelled."""
        ...

    def hang_up(self) -> None:
        """No new request is taken; those under way get a moment."""
        ...

    def close(self) -> None: ...


class SocketCarrier:
    """uvicorn on a TCP port, which is taken at once, so that two servers cannot both believe they have it."""

    def __init__(self, host: str, port: int) -> None:
        """Raises SettingsError."""
        self._listening = _listen(host, port)
        self._server: _Server | None = None
        self._hung_up = False
        self.address = f"http://{host}:{self._listening.getsockname()[1]}"

    async def serve(self, app: ASGIApp) -> None:
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",  # the pages are told by server-sent events
                proxy_headers=False,  # an address that a stranger writes is not the stranger's address
                timeout_graceful_shutdown=LINGER_S,
            )
        )
        self._server.should_exit = self._hung_up
        await self._server.serve(sockets=[self._listening])

    def hang_up(self) -> None:
        self._hung_up = True
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        self._listening.close()


class InProcessCarrier:
    """Whoever holds it calls `app` itself; None: nobody is served."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.app: ASGIApp | None = None
        self._hung_up = asyncio.Event()

    async def serve(self, app: ASGIApp) -> None:
        self.app = app
        try:
            await self._hung_up.wait()
        finally:
            self.app = None

    def hang_up(self) -> None:
        self._hung_up.set()

    def close(self) -> None:
        self.app = None


class _Server(uvicorn.Server):
    """Leaves the process's signals to the command that runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise SettingsError(
            "settings.port",
            f"PORT: {host}:{port} cannot be listened on ({error.strerror}); choose another port",
        ) from None
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return listening
