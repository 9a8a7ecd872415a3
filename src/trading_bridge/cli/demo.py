"""`trading-bridge demo`: the whole product on one machine, against its own exchange."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from trading_bridge.app import Platform, calm_collector, run
from trading_bridge.cli.demo_seed import seed, start_bots
from trading_bridge.cli.demo_state import HOSTS, demo_state, save_demo_state
from trading_bridge.cli.sandbox_control import SandboxControl
from trading_bridge.cli.sandbox_process import (
    SandboxProcess,
    end_process,
    known_process,
    start_process,
    wait_until_up,
)
from trading_bridge.cli.signals import stop_on_signals
from trading_bridge.clock import Clock, SystemClock, SystemEntropy, within
from trading_bridge.logs import configure_logs
from trading_bridge.settings import OnStop, Settings


async def run_demo(folder: Path, port: int, for_seconds: float | None) -> None:
    clock, entropy = SystemClock(), SystemEntropy()
    asked = stop_on_signals()
    state = demo_state(folder, entropy)
    with (folder / "server.log").open("a", buffering=1) as log:
        configure_logs(json=False, stream=log)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
            exchange, control, is_ours = await _sandbox(http, folder / "sandbox", state.sandbox_token, clock)
            settings = Settings(
                database_url=f"sqlite:///{folder / 'trading-bridge.sqlite3'}",
                port=port,
                host="127.0.0.1",
                state_dir=folder,
                secret_keys=None,
                admin_email=state.email,
                admin_password=SecretStr(state.password),
                on_stop=OnStop.CANCEL,
                egress_url=f"{exchange.address}/address",
                allow_private_hosts=HOSTS,
            )

            async def main(platform: Platform) -> None:
                calm_collector()
                _say("Bots: a client, its connectors and three bots on their markets")
                await seed(platform, control, exchange.address)
                if not state.bots_started:
                    await start_bots(platform)
                    save_demo_state(folder, replace(state, bots_started=True))
                _say(f"Address: {platform.address}")
                _say(f"E-mail: {state.email}")
                _say(f"Password: {state.password}")
                _say("ready")
                await _until(asked, clock, for_seconds)
                _say("Stopping: every order is cancelled and confirmed")

            ended = False
            try:
                left = await run(settings, main, clock=clock, entropy=entropy)
                ended = True
            finally:
                if ended or is_ours:
                    await end_process(exchange, folder / "sandbox", clock)
            _say(f"Stopped; {len(left)} orders left" if left else "Stopped; no order is left")


async def _sandbox(
    http: aiohttp.ClientSession, folder: Path, token: str, clock: Clock
) -> tuple[SandboxProcess, SandboxControl, bool]:
    """The one that still runs, or a new one on the same books; whether it was started here."""
    known = known_process(folder)
    if known is not None:
        control = SandboxControl(http, known.address, token)
        if await control.answers():
            _say("Sandbox exchanges: the running ones are used")
            return known, control, False
    _say("Sandbox exchanges: starting, each with a synthetic and a recorded market")
    process = start_process(folder, token, None if known is None else known.port)
    control = SandboxControl(http, process.address, token)
    await wait_until_up(control, process, folder, clock)
    return process, control, True


async def _until(asked: asyncio.Event, clock: Clock, for_seconds: float | None) -> None:
    if for_seconds is None:
        await asked.wait()
    else:
        await within(clock, for_seconds, asked.wait())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
