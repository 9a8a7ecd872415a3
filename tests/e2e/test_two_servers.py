"""Two servers on one PostgreSQL: one trades, the other stands by; never two senders, as the exchange's record shows."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.relay import a_line_to
from tests.e2e.running_demo import until
from tests.e2e.running_servers import UP_WITHIN_S, Exchange, ServerProcess, Servers, an_exchange, trade
from tests.postgres import own_database
from trading_bridge.storage.postgresql import LEASE_TTL_S

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

#: a machine that is busy with other tests is slower than one that trades
SLACK_S = 60.0


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of its own on the server that the tests use; skips without one."""
    with own_database("tb_servers") as address:
        yield address


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def servers(tmp_path: Path, database_url: str) -> Iterator[Servers]:
    made = Servers(tmp_path, database_url)
    yield made
    made.end()


def trading(exchange: Exchange, more: int = 6) -> None:
    """Until so many more creates have reached the exchange."""
    before = len(exchange.creates())
    until(lambda: len(exchange.creates()) >= before + more or None, within_s=90, what=f"{more} more creates")


def one_sender_at_a_time(exchange: Exchange, holders: int) -> None:
    """Faults I11: within a market the epochs in the exchange's record never decrease; and nothing was sent twice."""
    creates = exchange.creates()
    for symbol in {create.symbol for create in creates}:
        epochs = [create.epoch for create in creates if create.symbol == symbol]
        assert epochs == sorted(epochs), symbol
        assert len(set(epochs)) == holders, symbol
    ids = [create.client_order_id for create in creates]
    assert len(ids) == len(set(ids))


def test_fault_D3_a_deploy_in_overlap_hands_over_by_release_and_keeps_the_orders(
    servers: Servers, exchange: Exchange
) -> None:
    old = servers.start("old")
    until(old.is_ready, within_s=UP_WITHIN_S, what="the old version is ready")
    trade(old, exchange)
    trading(exchange)
    new = servers.start("new")
    until(new.stands_by, within_s=UP_WITHIN_S, what="the new version stands by")
    stands_by(new, old)
    trading(exchange)
    old.send(signal.SIGTERM)
    assert old.ended(60) == 0
    assert any("lease released" in line for line in old.lines), "nobody waits for its end"
    kept = exchange.open_orders()
    assert kept, "a hand-over leaves the orders"
    until(new.is_ready, within_s=LEASE_TTL_S + SLACK_S, what="the new version is ready")
    trading(exchange)
    one_sender_at_a_time(exchange, 2)
    third = servers.start("third")
    until(third.stands_by, within_s=UP_WITHIN_S, what="another one stands by")
    third.send(signal.SIGTERM)
    assert third.ended(60) == 0
    assert new.is_ready()


def test_fault_T3_a_server_that_is_paused_or_killed_is_followed_by_one_that_stands_by(
    servers: Servers, exchange: Exchange
) -> None:
    paused = servers.start("paused")
    until(paused.is_ready, within_s=UP_WITHIN_S, what="the first is ready")
    trade(paused, exchange)
    second = servers.start("second")
    until(second.stands_by, within_s=UP_WITHIN_S, what="the second stands by")
    trading(exchange)
    paused.send(signal.SIGSTOP)
    until(second.is_ready, within_s=LEASE_TTL_S + SLACK_S, what="the second takes over when the lease has expired")
    trading(exchange)
    paused.send(signal.SIGCONT)
    assert paused.ended(60) == 2
    assert "another server has taken over" in paused.lines[-1]
    trading(exchange)
    third = servers.start("third")
    until(third.stands_by, within_s=UP_WITHIN_S, what="the third stands by")
    second.send(signal.SIGKILL)
    until(third.is_ready, within_s=LEASE_TTL_S + SLACK_S, what="the third takes over")
    trading(exchange)
    one_sender_at_a_time(exchange, 3)


def test_fault_D1_a_server_that_is_cut_off_from_its_database_sends_nothing_and_lives(
    servers: Servers, exchange: Exchange, database_url: str
) -> None:
    with a_line_to(database_url) as (line, by_line):
        first = servers.start("first", database_url=by_line)
        until(first.is_ready, within_s=UP_WITHIN_S, what="the first is ready")
        trade(first, exchange)
        trading(exchange)
        line.break_off()
        time.sleep(LEASE_TTL_S)  # the time of a database: nothing here can move it
        sent = len(exchange.creates())
        time.sleep(LEASE_TTL_S / 2)
        assert len(exchange.creates()) == sent
        line.heal()
        trading(exchange)
        one_sender_at_a_time(exchange, 1)
        assert [line for line in first.lines if "task failed" in line] == [], "a database that is away is no bug"
        second = servers.start("second")
        until(second.stands_by, within_s=UP_WITHIN_S, what="the second stands by")
        line.cut()
        until(second.is_ready, within_s=LEASE_TTL_S + SLACK_S, what="the second takes over")
        trading(exchange)
        line.heal()
        assert first.ended(60) == 2
        trading(exchange)
        one_sender_at_a_time(exchange, 2)


def stands_by(server: ServerProcess, behind: ServerProcess) -> None:
    """It says for whom it waits, and does nothing else."""
    ready = server.call("GET", "/ready")
    assert (ready.status, ready.body["code"]) == (503, "lease.held")
    assert f":{behind.pid} " in ready.body["detail"]
    assert "lease until 20" in ready.body["detail"]
    for method, path in (("GET", "/api/bots"), ("POST", "/auth/login"), ("GET", "/app/")):
        refused = server.call(method, path, None if method == "GET" else {})
        assert (refused.status, refused.body["code"]) == (503, "lease.held")
