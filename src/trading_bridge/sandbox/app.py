"""The sandbox as one ASGI application, and as a process with its order flow."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from trading_bridge.clock import Clock, Entropy
from trading_bridge.sandbox.control import Control, Flow, StillFlow
from trading_bridge.sandbox.control_faults import FaultControl
from trading_bridge.sandbox.controls import Controls
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.fault_table import PREFIX as COINSTORE_PREFIX
from trading_bridge.sandbox.faults import Faults
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.server import base_address, listening_socket, server_of
from trading_bridge.sandbox.venue import Venue, create_faults, open_venues
from trading_bridge.sandbox.wire.binance import Binance, BinanceOptions
from trading_bridge.sandbox.wire.binance_faults import PREFIX as BINANCE_PREFIX
from trading_bridge.sandbox.wire.bitmart import Bitmart, BitmartOptions
from trading_bridge.sandbox.wire.bitmart_faults import PREFIX as BITMART_PREFIX
from trading_bridge.sandbox.wire.caller_address import caller_address
from trading_bridge.sandbox.wire.coinstore import Coinstore, CoinstoreOptions
from trading_bridge.sandbox.wire.http import DialectApp
from trading_bridge.sandbox.wire.sockets import converse

#: exchange -> where its dialect answers
PREFIXES = {"coinstore": COINSTORE_PREFIX, "bitmart": BITMART_PREFIX, "binance": BINANCE_PREFIX}


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
    """All dialects on one engine: one exchange, seen three ways.

    `flow` None: there is none to pause.
    """
    faults = create_faults(engine, clock) if faults is None else faults
    venue = Venue(engine=engine, flow=flow or StillFlow(), faults=faults)
    return app_of(
        dict.fromkeys(PREFIXES, venue),
        control_token=control_token,
        clock=clock,
        coinstore=coinstore,
        bitmart=bitmart,
        binance=binance,
    )


def app_of(
    venues: Mapping[str, Venue],
    *,
    control_token: str,
    clock: Clock,
    coinstore: CoinstoreOptions | None = None,
    bitmart: BitmartOptions | None = None,
    binance: BinanceOptions | None = None,
) -> DialectApp:
    """Coinstore under `/api`, BitMart under `/bitmart`, Binance under `/binance`, each on its venue, which may be the
    same. The control API under `/control`, `GET /address`. `venues` by exchange, each of `PREFIXES`."""
    as_coinstore = Coinstore(venues["coinstore"].engine, clock, coinstore, venues["coinstore"].faults)
    as_bitmart = Bitmart(venues["bitmart"].engine, clock, bitmart, venues["bitmart"].faults)
    as_binance = Binance(venues["binance"].engine, clock, binance, venues["binance"].faults)
    endpoints = {
        "coinstore": as_coinstore.endpoints,
        "bitmart": as_bitmart.endpoints,
        "binance": as_binance.endpoints,
    }
    controls = {}
    for name, venue in venues.items():
        seen = frozenset[str]().union(*(endpoints[other] for other in endpoints if venues[other] is venue))
        controls[name] = Control(venue.engine, venue.flow, FaultControl(venue.faults, seen), token=control_token)
    return DialectApp(
        {
            COINSTORE_PREFIX: as_coinstore,
            BITMART_PREFIX: as_bitmart,
            BINANCE_PREFIX: as_binance,
            "/control": Controls(controls, PREFIXES, token=control_token, apart=_are_apart(venues)),
            "/address": caller_address,
        },
        clock,
        {
            COINSTORE_PREFIX: partial(converse, as_coinstore.converse),
            BINANCE_PREFIX: partial(converse, as_binance.converse),
        },
    )


def _are_apart(venues: Mapping[str, Venue]) -> bool:
    return len({id(venue) for venue in venues.values()}) > 1


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
    apart: bool = False,
    coinstore: CoinstoreOptions | None = None,
    binance: BinanceOptions | None = None,
) -> None:
    """Serves until `stop` is set; `listening` is called once with the base address, port 0 being a free one. `apart`:
    each exchange has books, accounts, keys, order flow and faults of its own."""
    opened = open_venues(state_dir, tuple(PREFIXES), apart=apart, clock=clock, entropy=entropy, markets=markets)
    with opened as venues, listening_socket(host, port) as listener:
        app = app_of(venues, control_token=control_token, clock=clock, coinstore=coinstore, binance=binance)
        each = {id(venue): venue for venue in venues.values()}.values()
        server = server_of(app)
        async with asyncio.TaskGroup() as tasks:
            drivers = [tasks.create_task(venue.flow.run(clock)) for venue in each]
            serving = tasks.create_task(server.serve(sockets=[listener]))
            listening(base_address(listener))
            stopped = tasks.create_task(stop.wait())
            await asyncio.wait((stopped, serving), return_when=asyncio.FIRST_COMPLETED)
            for venue in each:
                venue.faults.clear()  # no answer hangs any more
            server.should_exit = True
            await asyncio.wait((serving,))
            stopped.cancel()
            for driver in drivers:
                driver.cancel()
        for venue in each:
            venue.engine.commit()
