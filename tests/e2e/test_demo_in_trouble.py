"""What a demo says and does when its key, its exchange or its process goes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.running_demo import RunningDemo, start_demo, until
from tests.e2e.shown import BOTS, EXCHANGES, at_rest, figures, open_orders, positive
from tests.e2e.taker import with_trades

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]


def test_a_revoked_key_is_told_with_its_cause_and_no_zero_appears(own_demo: RunningDemo) -> None:
    demo = own_demo
    bot_id = demo.bots()[BOTS[0]]
    (key,) = demo.sandbox("GET", "/keys?account=client_sharp")["keys"]
    with at_rest(demo):
        demo.sandbox("POST", "/keys/revoke", {"api_key": key["api_key"]})
    body = until(
        lambda: body if (body := figures(demo, bot_id))["status"] != "ok" else None,
        within_s=90,
        what="the read is not ok any more",
    )
    assert body["finding"]["fix"]
    assert body["finding"]["code"] in ("credentials.rejected", "signature.refused", "permission.refused")
    for shown in (body["available"], body["locked"]):
        assert shown is None or positive(shown)
    state = until(
        lambda: s if (s := demo.get(f"/bots/{bot_id}")["state"])["code"] == "blocked" else None,
        within_s=90,
        what="the bot says that it is blocked",
    )
    assert state["finding"]["code"] == body["finding"]["code"]


def test_books_come_by_websocket_and_polls_take_over_when_it_is_cut(own_demo: RunningDemo) -> None:
    demo = own_demo
    bot_id = demo.bots()[BOTS[0]]

    def told() -> list[str]:
        findings = demo.get("/api/findings")["findings"]
        return [str(one["subject"]["id"]) for one in findings if one["finding"]["code"] == "stream.broken"]

    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=90, what="it trades")
    until(lambda: not told() or None, within_s=30, what="books come by websocket")
    demo.sandbox("POST", "/faults", {"kind": "dropped", "endpoint": "/api/s/ws", "seconds": 10})
    markets = until(lambda: told() or None, within_s=30, what="the cut is told")
    assert {market.split()[0] for market in markets} == {"coinstore"}
    assert demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading"
    until(lambda: not told() or None, within_s=60, what="books come by websocket again")
    assert demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading"


def test_the_server_dies_and_the_next_start_continues(tmp_path: Path) -> None:
    demo = start_demo(tmp_path / "data")
    try:
        bot_id = demo.bots()[BOTS[0]]
        with_trades(demo, BOTS[0])
        password = demo.password
        demo.kill()
        assert demo.sandbox("GET", "/status")["flow"] == "running"
        again = start_demo(tmp_path / "data")
        try:
            assert again.password == password
            assert again.bots()[BOTS[0]] == bot_id
            until(
                lambda: again.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None,
                within_s=90,
                what="it trades again",
            )
            for exchange in EXCHANGES:
                creates = again.sandbox("GET", "/creates?account=client_sharp", exchange=exchange)["creates"]
                ids = [create["client_order_id"] for create in creates if create["outcome"] == "accepted"]
                assert len(ids) == len(set(ids)) > 0
            assert again.interrupt() == 0
        finally:
            again.end()
    finally:
        demo.end()


def test_it_ends_without_an_order_and_goes_on_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    for _ in range(2):
        demo = start_demo(folder, "--for", "10")
        try:
            assert demo.process.wait(60) == 0
            assert demo.lines[-1] == "Stopped; no order is left"
        finally:
            demo.end()
    moved = json.loads((folder / "sandbox" / "process.json").read_text())["port"]
    with socket.create_server(("127.0.0.1", moved)):
        demo = start_demo(folder)
        try:
            for name in BOTS:
                bot_id = demo.bots()[name]
                until(
                    lambda bot_id=bot_id: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None,
                    within_s=90,
                    what=f"{name} trades with its sandbox on another port",
                )
        finally:
            demo.end()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--port", "99999"), "65535"),
        (("--state", "/proc/nowhere"), "/proc/nowhere"),
    ],
)
def test_a_start_that_cannot_be_says_so_in_one_line(options: tuple[str, str], said: str, tmp_path: Path) -> None:
    state = () if "--state" in options else ("--state", str(tmp_path / "data"))
    command = [sys.executable, "-m", "trading_bridge.cli.main", "demo", *options, *state]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data" / "sandbox").exists()


def test_a_second_key_of_the_same_account_leaves_the_orders_of_the_first_alone(own_demo: RunningDemo) -> None:
    demo = own_demo
    known = demo.connectors()["coinstore"]
    key = demo.sandbox("POST", "/keys", {"account": "client_sharp", "permissions": ["read", "trade"]})
    body = {"name": "spare", "exchange": "coinstore", "api_key": key["api_key"], "secret": key["secret"]}
    answer = demo.call("POST", f"/clients/{known['client_id']}/connectors", {**body, "base_url": known["base_url"]})
    assert answer.status == 201, answer
    bot_id = demo.bots()[BOTS[0]]
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=90, what="it trades")
    seen = [bool(open_orders(demo, "SHARP")) for _ in range(40) if time.sleep(0.25) is None]
    assert sum(seen) > 30, seen


def test_an_exchange_that_hangs_is_not_shown_as_trading(own_demo: RunningDemo) -> None:
    demo = own_demo
    bot_id = demo.bots()[BOTS[0]]
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=90, what="it trades")
    pid = json.loads((demo.state / "sandbox" / "process.json").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        state = until(
            lambda: s if (s := demo.get(f"/bots/{bot_id}")["state"])["code"] == "blocked" else None,
            within_s=90,
            what="the bot says that it waits",
        )
        assert state["finding"]["fix"]
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=90, what="it goes on")
