"""The sandbox as one ASGI application, and as a process with its order flow."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn

from trading_bridge.clock import Clock, Entropy
from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.control import Control, Flow, StillFlow
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.flow.sources import default_flow
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.wire.coinstore import Coinstore, CoinstoreOptions
from trading_bridge.sandbox.wire.http import DialectApp

DATABASE_NAME = "sandbox.db"


def create_app(
    engine: Engine,
    *,
    control_token: str,
    clock: Clock,
    flow: Flow | None = None,
    coinstore: CoinstoreOptions | None = None,
) -> DialectApp:
    """Coinstore under `/api`, the control API under `/control`; `flow` None: there is none to pause."""
    return DialectApp(
        {
            "/api": Coinstore(engine, clock, coinstore),
            "/control": Control(engine, flow or StillFlow(), token=control_token),
        },
        clock,
    )


async def run_sandbox(
    state_dir: Path,
    port: int,
    *,
    control_token: str,
    clock: Clock,
    entropy: Entropy,
    stop: asyncio.Event,
    listening: Callable[[str], None],
    host: str = "127.0.0.1",
    markets: tuple[MarketRules, ...] = DEFAULT_MARKETS,
    coinstore: CoinstoreOptions | None = None,
) -> None:
    """Serves until `stop` is set; `listening` is called once with the base address, port 0 being a free one."""
    with closing(Store(state_dir / DATABASE_NAME)) as store, _listening_socket(host, port) as listener:
        engine = Engine(store, clock, entropy, markets)
        flow = default_flow(engine, entropy)
        app = create_app(engine, control_token=control_token, clock=clock, flow=flow, coinstore=coinstore)
        # the dialects write their own Date, from the exchange's clock
        server = _Server(
            uvicorn.Config(app, log_config=None, access_log=False, date_header=False, server_header=False, ws="none")
        )
        async with asyncio.TaskGroup() as tasks:
            driver = tasks.create_task(flow.run(clock))
            serving = tasks.create_task(server.serve(sockets=[listener]))
            bound_host, bound_port = listener.getsockname()[:2]
            listening(f"http://{bound_host}:{bound_port}")
            stopped = tasks.create_task(stop.wait())
            await asyncio.wait((stopped, serving), return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await asyncio.wait((serving,))
            stopped.cancel()
            driver.cancel()
        engine.commit()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, which sets `stop`."""
        yield


def _listening_socket(host: str, port: int) -> socket.socket:
    """Bound and listening, so that who is told the address can connect."""
    try:
        listener = socket.create_server((host, port))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return listener
    except OSError as error:
        raise SettingsError(
            "sandbox.port", f"cannot listen on {host}:{port}: {error.strerror}", field="port"
        ) from error
