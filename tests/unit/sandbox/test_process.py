"""The sandbox as a process: what it answered survives `kill -9`."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.app import PREFIXES, run_sandbox
from trading_bridge.sandbox.venue import DATABASE_NAME, database_names

TOKEN = "process-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

SCRIPT = """
import asyncio, sys
from pathlib import Path
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.sandbox.app import run_sandbox

asyncio.run(run_sandbox(
    Path(sys.argv[1]), 0, control_token=sys.argv[2], clock=SystemClock(), entropy=SystemEntropy(),
    stop=asyncio.Event(), listening=lambda address: print(address, flush=True), apart=sys.argv[3] == "apart",
))
"""


async def post(control: str, path: str, **fields: str) -> dict[str, int]:
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async with session.post(f"{control}{path}", json=fields) as response:
            assert response.status == 200, await response.text()
            return await response.json()


async def deposit(control: str, amount: str) -> dict[str, int]:
    return await post(control, "/deposits", account="alice", currency="USDT", amount=amount)


@asynccontextmanager
async def a_process(folder: Path, exchanges: str) -> AsyncIterator[str]:
    """The address; it ends by `kill -9`."""
    process = subprocess.Popen(  # noqa: ASYNC220 - its start is not waited for
        [sys.executable, "-c", SCRIPT, str(folder), TOKEN, exchanges], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield (await asyncio.get_running_loop().run_in_executor(None, process.stdout.readline)).strip()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.process
async def test_answers_survive_kill_9(tmp_path: Path) -> None:
    async with a_process(tmp_path, "shared") as base:
        await post(f"{base}/control", "/accounts", account="alice")
        answers = [await deposit(f"{base}/control", f"0.{n:018d}") for n in range(1, 40)]
    after = SandboxExchange(tmp_path / DATABASE_NAME)
    assert after.held("alice", "USDT") == (sum(range(1, 40)), 0)
    assert after.engine.sequence >= answers[-1]["sequence"]
    assert [
        t.id for t in after.store.transfers("alice", None, deposits=True, since_ms=0, until_ms=2**62, limit=99)
    ] == list(range(39, 0, -1))


@pytest.mark.process
async def test_exchanges_that_are_apart_survive_kill_9_each_in_its_file(tmp_path: Path) -> None:
    files = database_names(tuple(PREFIXES), apart=True)
    async with a_process(tmp_path, "apart") as base:
        for name in files:
            await post(f"{base}/control/{name}", "/accounts", account="alice")
        for n in range(1, 20):
            for place, name in enumerate(files):
                await deposit(f"{base}/control/{name}", f"0.{n + 100 * place:018d}")
    for place, file in enumerate(files.values()):
        after = SandboxExchange(tmp_path / file)
        assert after.held("alice", "USDT") == (sum(range(1, 20)) + 19 * 100 * place, 0)
    assert len(set(files.values())) == len(PREFIXES)


async def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        run_sandbox(
            tmp_path,
            0,
            control_token=TOKEN,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            stop=stop,
            listening=address.set_result,
        )
    )
    base = await address
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async with session.get(f"{base}/control/status") as response:
            assert response.headers.getall("Date")[1:] == []
            assert (await response.json())["flow"] == "running"
        async with session.get(f"{base}/api/v1/market/depth/ETHUSDT?depth=5") as response:
            assert len((await response.json())["data"]["a"]) == 5  # the book stands from the first moment
    stop.set()
    await running


async def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}"):
            await run_sandbox(
                tmp_path,
                port,
                control_token=TOKEN,
                clock=SystemClock(),
                entropy=SystemEntropy(),
                stop=asyncio.Event(),
                listening=lambda address: None,
            )
