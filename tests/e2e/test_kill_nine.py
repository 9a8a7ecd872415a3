"""The server dies by SIGKILL at random moments under load, also while it starts; nothing is lost or doubled (R1)."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e import explained
from tests.e2e.running_demo import RunningDemo, start_demo, until
from tests.e2e.sandbox_books import books, hold
from tests.e2e.shown import EXCHANGES
from tests.e2e.taker import taking

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]

#: `make crashes` asks for 20
KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("FIRST_SEED", "1"))
#: seconds to the death of a server: from its start, which takes two to four, or from when it was ready
STARTING_S, TRADING_S = (0.5, 4.0), (0.0, 6.0)
#: after which an intent whose request never left is proved absent: signature window, read lag, and a look
RESOLVED_WITHIN_S = 100.0


def test_killed_at_random_moments_nothing_is_lost_doubled_or_left(tmp_path: Path) -> None:
    folder, chance = tmp_path / "data", random.Random(SEED)
    first = last = start_demo(folder)
    try:
        hurry(first)
        with taking(first, every_s=0.2):
            for exchange in EXCHANGES:
                until(
                    lambda exchange=exchange: len(creates(first, exchange)) > 10 or None,
                    within_s=90,
                    what=f"orders at {exchange}",
                )
            first.kill()
            for death in range(KILLS - 1):
                if death % 3 == 2:
                    die_starting(folder, chance.uniform(*STARTING_S))
                else:
                    die_trading(folder, chance.uniform(*TRADING_S))
            last = start_demo(folder)
            until(lambda: quoting(last), within_s=90, what="every bot quotes again")
            until(lambda: resolved(last), within_s=RESOLVED_WITHIN_S, what="no intent is unresolved")
        assert last.interrupt() == 0
        assert last.lines[-1] == "Stopped; no order is left"
    finally:
        for server in (last, first):
            server.end()
    for exchange in EXCHANGES:
        found = books(folder / "sandbox", folder / "trading-bridge.sqlite3", exchange)
        assert len(found.exchange_orders) > 10 + KILLS
        assert found.exchange_fills
        hold(found)


def hurry(demo: RunningDemo) -> None:
    """Each cycle replaces what the market has moved away from: many sends, many cancels."""
    for bot_id in demo.bots().values():
        config = demo.get(f"/bots/{bot_id}")["config"]
        changed = {**config, "refresh_tolerance_bps": "0"}
        assert demo.call("PUT", f"/bots/{bot_id}", {"config": changed}).status == 200


def die_trading(folder: Path, seconds: float) -> None:
    """While it recovers, sends or writes; its exchange lives on."""
    server = start_demo(folder)
    try:
        time.sleep(seconds)
    finally:
        server.kill()
        explained.over(server)


def die_starting(folder: Path, seconds: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "trading_bridge.cli.main", "demo", "--port", "0", "--state", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            time.sleep(seconds)
        finally:
            server.kill()


def creates(demo: RunningDemo, exchange: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = demo.sandbox("GET", "/creates?account=client_sharp", exchange=exchange)["creates"]
    return found


def quoting(demo: RunningDemo) -> bool | None:
    states = [demo.get(f"/bots/{bot_id}")["state"]["code"] for bot_id in demo.bots().values()]
    return True if states == ["trading"] * len(states) else None


def resolved(demo: RunningDemo) -> bool | None:
    states = {
        order["state"] for bot_id in demo.bots().values() for order in demo.get(f"/bots/{bot_id}/orders")["orders"]
    }
    return None if states & {"unresolved"} else True
