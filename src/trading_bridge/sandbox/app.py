"""The sandbox as one ASGI application, and as a process with its order flow."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from trading_bridge.clock import Clock, Entropy
from trading_bridge.sandbox.control import Control, Flow, StillFlow
from trading_bridge.sandbox.control_faults import FaultControl
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.fault_table import checked
from trading_bridge.sandbox.faults import Faults
from trading_bridge.sandbox.flow.sources import default_flow
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.server import base_address, listening_socket, server_of
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.wire.binance import Binance, BinanceOptions
from trading_bridge.sandbox.wire.binance_faults import PREFIX as BINANCE_PREFIX
from trading_bridge.sandbox.wire.bitmart import Bitmart, BitmartOptions
from trading_bridge.sandbox.wire.bitmart_faults import PREFIX as BITMART_PREFIX
from trading_bridge.sandbox.wire.caller_address import caller_address
from trading_bridge.sandbox.wire.coinstore import Coinstore, CoinstoreOptions
from trading_bridge.sandbox.wire.http import Dialect, DialectApp
from trading_bridge.sandbox.wire.sockets import converse

DATABASE_NAME = "sandbox.db"


def create_faults(engine: Engine, clock: Clock) -> Faults:
    """None is on."""
    return Faults(clock, checked=partial(checked, engine=engine))


def create_app(
    engine: Engine,
    *,
    control_token: str,
    clock: Clock,
    flow: Flow | None = None,
    coinstore: CoinstoreOptions | None = None,
    bitmart: BitmartOptions | None = None,
    binance: BinanceOptions | None = None,
    faults: Faults | None = None,
) -> DialectApp:
    """Coinstore under `/api`, BitMart under `/bitmart`, Binance under `/binance`: one exchange, seen three ways. The
    control API under `/control`, `GET /address`.

    `flow` None: there is none to pause.
    """
    faults = create_faults(engine, clock) if faults is None else faults
    as_coinstore = Coinstore(engine, clock, coinstore, faults)
    as_binance = Binance(engine, clock, binance, faults)
    as_bitmart = Bitmart(engine, clock, bitmart, faults)
    fault_control = FaultControl(faults, as_coinstore.endpoints | as_binance.endpoints | as_bitmart.endpoints)
    control = Control(engine, flow or StillFlow(), fault_control, token=control_token)
    dialects: dict[str, Dialect] = {
        "/api": as_coinstore,
        BITMART_PREFIX: as_bitmart,
        BINANCE_PREFIX: as_binance,
    }
    sockets = {BINANCE_PREFIX: partial(converse, as_binance.converse)}
    return DialectApp({**dialects, "/control": control, "/address": caller_address}, clock, sockets)


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
    binance: BinanceOptions | None = None,
) -> None:
    """Serves until `stop` is set; `listening` is called once with the base address, port 0 being a free one."""
    with closing(Store(state_dir / DATABASE_NAME)) as store, listening_socket(host, port) as listener:
        engine = Engine(store, clock, entropy, markets)
        flow = default_flow(engine, entropy)
        faults = create_faults(engine, clock)
        app = create_app(
            engine,
            control_token=control_token,
            clock=clock,
            flow=flow,
            coinstore=coinstore,
            binance=binance,
            faults=faults,
        )
        server = server_of(app)
        async with asyncio.TaskGroup() as tasks:
            driver = tasks.create_task(flow.run(clock))
            serving = tasks.create_task(server.serve(sockets=[listener]))
            listening(base_address(listener))
            stopped = tasks.create_task(stop.wait())
            await asyncio.wait((stopped, serving), return_when=asyncio.FIRST_COMPLETED)
            faults.clear()  # no answer hangs any more
            server.should_exit = True
            await asyncio.wait((serving,))
            stopped.cancel()
            driver.cancel()
        engine.commit()
