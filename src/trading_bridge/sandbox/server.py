"""uvicorn as the sandbox needs it: told to stop by its process, and able to break a connection."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.wire.delivery import BREAK
from trading_bridge.sandbox.wire.http import AsgiApp

#: as Binance does: a ping so often, and the connection ends without a pong in this time
PING_S, PONG_S = 20.0, 60.0


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, which sets `stop`."""
        yield


def server_of(app: AsgiApp) -> Server:
    """The dialects write their own Date, from the exchange's clock."""
    return Server(
        uvicorn.Config(
            app,
            http=BreakableProtocol,
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            ws="websockets-sansio",
            ws_ping_interval=PING_S,
            ws_ping_timeout=PONG_S,
        )
    )


class BreakableProtocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, BREAK: transport.close}


def listening_socket(host: str, port: int) -> socket.socket:
    """Bound and listening, so that who is told the address can connect."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return listener
    except OSError as error:
        raise SettingsError(
            "sandbox.port", f"cannot listen on {host}:{port}: {error.strerror}", field="port"
        ) from error


def base_address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
