"""A release of ccxt, or of this program, that has an exchange no more: its connectors are named, all else goes on."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_demo import until
from tests.e2e.running_servers import ACCOUNT, UP_WITHIN_S, Exchange, ServerProcess, Servers, an_exchange, trade

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

KEY = {"api_key": "key-of-a-test", "secret": "secret-of-a-test"}


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path, f"sqlite:///{tmp_path / 'platform.sqlite3'}")
    yield made
    made.end()


def up(servers: Servers, name: str) -> ServerProcess:
    server = servers.start(name, on_stop="cancel")
    until(server.is_ready, within_s=UP_WITHIN_S, what="the server is up")
    return server


def test_a_removed_exchange_is_a_finding_and_no_crash_at_the_start(
    tmp_path: Path, exchange: Exchange, servers: Servers
) -> None:
    server = up(servers, "a")
    bot_id = trade(server, exchange)
    (client,) = server.get("/clients")["clients"]
    path = f"/clients/{client['id']}/connectors"
    gone = server.post(path, {"name": "gone", "exchange": "kraken", "save_anyway": True, **KEY})
    stranded = server.post(
        "/bots/create",
        {"name": "stranded", "account": ACCOUNT, "connector": "coinstore", "pair": "ETH/USDT", "bot_type": "spread"},
    )
    server.send(15)
    assert server.ended(40) == 0
    with sqlite3.connect(tmp_path / "platform.sqlite3") as database:
        database.execute("UPDATE connectors SET exchange = 'removedx' WHERE id = ?", (gone["id"],))
        database.execute("UPDATE bots SET connector = 'gone', status = 'running' WHERE id = ?", (stranded["id"],))
    server = up(servers, "a")
    server.sign_in()
    listed = {one["name"]: one for one in server.get(path)["connectors"]}
    finding = listed["gone"]["finding"]
    assert (finding["code"], finding["parameters"]["exchange"]) == ("exchange.unknown", "removedx")
    assert finding["cause"]
    assert "delete the connector" in finding["fix"]
    told = until(
        lambda: (
            [one for one in server.get("/api/findings")["findings"] if one["finding"]["code"] == "exchange.unknown"]
            or None
        ),
        within_s=30,
        what="the finding is recorded",
    )
    assert told
    assert server.get(f"/bots/{stranded['id']}")["state"]["reason"] == "exchange.unknown"
    until(
        lambda: server.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None,
        within_s=60,
        what="the other bot trades",
    )
    # every page and verb that meets it answers
    for page in ("/exchanges", "/bots", "/api/health/detail", f"/bots/{stranded['id']}/balance-debug"):
        server.get(page)
    assert server.post(f"{path}/{gone['id']}/check")["ladder"]["diagnosis"]["code"] == "exchange.unknown"
    for edit in (KEY, {"key_label": "old"}, {"timeout_s": 9}):
        answer = server.call("PUT", f"{path}/{gone['id']}", edit)
        assert answer.status in (200, 400, 409), (edit, answer)
    refused = server.call("PUT", f"{path}/{gone['id']}", KEY)
    assert (refused.status, refused.body["code"]) == (400, "exchange.unknown")
    server.call("POST", f"/bots/{stranded['id']}/stop")
    assert server.call("DELETE", f"{path}/{gone['id']}").status == 200
