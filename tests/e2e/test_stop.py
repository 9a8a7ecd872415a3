"""A server that is asked to end: what it does about its orders, what it says, how long it takes (faults R4)."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.running_demo import until
from tests.e2e.running_servers import UP_WITHIN_S, Exchange, ServerProcess, Servers, an_exchange, trade

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

#: the promise of design section 11
EXIT_WITHIN_S = 30.0
#: what a process takes that does nothing any more, on a busy machine; its code tells that it did nothing
AT_ONCE_S = 20.0


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path, f"sqlite:///{tmp_path}/platform.db")
    yield made
    made.end()


def trading(servers: Servers, exchange: Exchange, on_stop: str) -> ServerProcess:
    server = servers.start("server", on_stop=on_stop)
    until(server.is_ready, within_s=UP_WITHIN_S, what="the server is ready")
    trade(server, exchange)
    until(lambda: len(exchange.open_orders()) == 2 or None, within_s=90, what="orders stand on both sides")
    return server


def lease(folder: Path) -> tuple[str | None, str | None]:
    """Holder and expiry, as the file has them."""
    with closing(sqlite3.connect(folder / "platform.db")) as database:
        found: tuple[str | None, str | None] = database.execute("SELECT holder, expires_at FROM leases").fetchone()
    return found


def left(server: ServerProcess) -> str:
    """What its last words say of orders that remain."""
    (line,) = [line for line in server.lines if "orders left at exchanges" in line]
    return line


def test_fault_R4_a_stop_cancels_and_confirms_and_releases_the_lease(
    servers: Servers, exchange: Exchange, tmp_path: Path
) -> None:
    server = trading(servers, exchange, "cancel")
    assert lease(tmp_path)[0] is not None
    server.send(signal.SIGTERM)
    assert server.ended(EXIT_WITHIN_S) == 0
    assert exchange.open_orders() == set()
    assert "count=0" in left(server)
    assert lease(tmp_path) == (None, None)


def test_fault_R4_a_stop_that_keeps_leaves_the_orders_to_the_next_start(
    servers: Servers, exchange: Exchange, tmp_path: Path
) -> None:
    server = trading(servers, exchange, "keep")
    began = time.monotonic()
    server.send(signal.SIGTERM)
    assert server.ended(EXIT_WITHIN_S) == 0
    assert time.monotonic() - began < EXIT_WITHIN_S / 2
    kept = exchange.open_orders()
    assert kept
    for client_order_id in kept:
        assert client_order_id in left(server)
    assert lease(tmp_path) == (None, None)
    following = servers.start("following", on_stop="cancel")
    until(following.is_ready, within_s=UP_WITHIN_S, what="the next one is ready")
    following.send(signal.SIGTERM)
    assert following.ended(EXIT_WITHIN_S) == 0
    assert exchange.open_orders() == set()


def test_fault_R4_a_stop_beside_an_exchange_that_says_nothing_ends_in_time_and_names_what_remains(
    servers: Servers, exchange: Exchange, tmp_path: Path
) -> None:
    server = trading(servers, exchange, "cancel")
    exchange.process.send_signal(signal.SIGSTOP)
    server.send(signal.SIGTERM)
    assert server.ended(EXIT_WITHIN_S) == 0
    exchange.process.send_signal(signal.SIGCONT)
    remain = exchange.open_orders()
    assert all(client_order_id in left(server) for client_order_id in remain)
    assert lease(tmp_path) == (None, None)


def test_fault_R4_a_second_signal_ends_it_at_once_and_loses_nothing(servers: Servers, exchange: Exchange) -> None:
    server = trading(servers, exchange, "cancel")
    exchange.process.send_signal(signal.SIGSTOP)
    server.send(signal.SIGTERM)
    until(lambda: server.call("GET", "/ready").status == 503 or None, within_s=90, what="the first one was heard")
    server.send(signal.SIGTERM)
    assert server.ended(AT_ONCE_S) == -signal.SIGTERM
    exchange.process.send_signal(signal.SIGCONT)
    following = servers.start("following", on_stop="cancel")
    until(following.is_ready, within_s=UP_WITHIN_S, what="the next one is ready")
    until(lambda: len(exchange.open_orders()) == 2 or None, within_s=90, what="it trades again")
    following.send(signal.SIGTERM)
    assert following.ended(EXIT_WITHIN_S) == 0
    assert exchange.open_orders() == set()


BUSY = """
import asyncio, time
from trading_bridge.cli.signals import stop_on_signals

async def main():
    asked = stop_on_signals(1)
    print("up", flush=True)
    await asked.wait()
    time.sleep(60)

asyncio.run(main())
"""


def test_fault_R4_a_process_that_is_too_busy_to_end_is_ended_by_the_system() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(EXIT_WITHIN_S) == -signal.SIGALRM


def test_a_server_that_is_asked_before_it_is_up_ends_too(servers: Servers, tmp_path: Path) -> None:
    server = servers.start("server")
    until(lambda: (tmp_path / "platform.db").exists() or None, within_s=UP_WITHIN_S, what="it starts")
    server.send(signal.SIGTERM)
    assert server.ended(EXIT_WITHIN_S) == 0
