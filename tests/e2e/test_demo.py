"""The main job as its users meet it: a bot that really trades, and true figures about it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running_demo import RunningDemo, start_demo, until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

BOTS = ("SHARP-SB-Coinstore", "ETH-SB-Coinstore")


def figures(demo: RunningDemo, bot_id: str, *, refresh: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = demo.get(f"/bots/{bot_id}/balance-and-volume{'?refresh=true' if refresh else ''}")
    return body


def positive(amounts: dict[str, str]) -> bool:
    return all(Decimal(amount) > 0 for amount in amounts.values())


def test_the_printed_lines_are_what_a_script_can_read(demo: RunningDemo) -> None:
    ready = demo.lines.index("ready")
    assert [line.split(":")[0] for line in demo.lines[ready - 3 : ready]] == ["Address", "E-mail", "Password"]
    assert re.fullmatch(r"[A-Za-z0-9]{20}", demo.password)
    earlier = " ".join(demo.lines[: ready - 3]).lower()
    for word in ("address", "e-mail", "password", "ready"):
        assert word not in earlier
    assert oct((demo.state / "demo.json").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("name", BOTS)
def test_within_a_minute_a_bot_has_available_locked_and_growing_volume(demo: RunningDemo, name: str) -> None:
    bot_id = demo.bots()[name]

    def grown_from(before: Decimal) -> Decimal | None:
        body = figures(demo, bot_id)
        if body["status"] != "ok" or body["volume"]["status"] != "ok":
            return None
        total = Decimal(body["volume"]["total"])
        return total if positive(body["available"]) and positive(body["locked"]) and total > before else None

    first = until(lambda: grown_from(Decimal(0)), within_s=60, what=f"{name} has traded")
    until(lambda: grown_from(first), within_s=60, what=f"the volume of {name} grows")
    state = demo.get(f"/bots/{bot_id}")["state"]
    assert state["code"] == "trading", state


def test_every_number_equals_the_ledger(demo: RunningDemo) -> None:
    """Unpaused, at the sequence number of the answer that a number came from; paused, to the last digit."""
    bot_id = demo.bots()[BOTS[0]]

    def compared() -> bool | None:
        body = figures(demo, bot_id)
        (session,) = demo.get(f"/bots/{bot_id}/balance-debug")["sessions"]
        read = session["last_read"]
        if read["as_of"] != body["as_of"]:
            return None
        ledger = demo.sandbox("GET", f"/ledger?account=client_sharp&until_sequence={read['request_id']}")
        _same(body, ledger["balances"])
        return True

    for _ in range(5):
        until(compared, within_s=20, what="a read and its evidence of one time")

    demo.sandbox("POST", "/flow/pause", {})
    try:

        def settled() -> bool | None:
            body = figures(demo, bot_id, refresh=True)
            ledger = demo.sandbox("GET", "/ledger?account=client_sharp")
            return True if body["status"] == "ok" and _equal(body, ledger["balances"]) else None

        until(settled, within_s=30, what="page, API and ledger agree while the flow is paused")
        _volume_equals_trades(demo, bot_id)
    finally:
        demo.sandbox("POST", "/flow/resume", {})


def _volume_equals_trades(demo: RunningDemo, bot_id: str) -> None:
    traded, cursor = [], ""
    while True:
        page = demo.get(f"/bots/{bot_id}/trades{cursor}")
        traded += page["trades"]
        if page["next"] is None:
            break
        cursor = f"?cursor={page['next']}"
    volume = figures(demo, bot_id)["volume"]
    assert volume["trades"] == len(traded)
    assert Decimal(volume["total"]) == sum((Decimal(trade["cost"]) for trade in traded), Decimal(0))


def _equal(body: dict[str, Any], ledger: dict[str, dict[str, str]]) -> bool:
    return all(
        Decimal(body[ours][currency]) == Decimal(ledger[currency][theirs])
        for ours, theirs in (("available", "free"), ("locked", "used"))
        for currency in body["available"]
    )


def _same(body: dict[str, Any], ledger: dict[str, dict[str, str]]) -> None:
    assert _equal(body, ledger), (body, ledger)


def test_free_and_used_are_deposits_plus_trades_minus_fees(demo: RunningDemo) -> None:
    ledger = demo.sandbox("GET", "/ledger?account=client_sharp")
    sums: dict[str, Decimal] = {}
    for entry in ledger["entries"]:
        sums[entry["currency"]] = sums.get(entry["currency"], Decimal(0)) + Decimal(entry["amount"])
    for currency, held in ledger["balances"].items():
        assert Decimal(held["free"]) + Decimal(held["used"]) == sums[currency]


def test_the_chart_has_mids_own_orders_and_fills(demo: RunningDemo) -> None:
    bot_id = demo.bots()[BOTS[0]]

    def drawn() -> dict[str, Any] | None:
        chart: dict[str, Any] = demo.get(f"/bots/{bot_id}/chart")
        return chart if len(chart["mids"]) > 5 and chart["orders"] and chart["fills"] else None

    chart = until(drawn, within_s=60, what="a chart with everything")
    assert chart["mids"] == sorted(chart["mids"], key=lambda point: point[0])


def test_stop_cancels_every_order_and_a_stopped_bot_still_shows_its_balance(demo: RunningDemo) -> None:
    bot_id = demo.bots()[BOTS[1]]
    assert demo.call("POST", f"/bots/{bot_id}/stop").status == 200
    until(
        lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "stopped" or None, within_s=20, what="the bot stopped"
    )
    assert not _open_orders(demo, "ETH")
    body = figures(demo, bot_id, refresh=True)
    other = figures(demo, demo.bots()[BOTS[0]])
    assert body["status"] == "ok"
    assert Decimal(body["available"]["ETH"]) > 0
    assert body["available"]["USDT"] == other["available"]["USDT"] or body["as_of"] != other["as_of"]
    assert demo.call("POST", f"/bots/{bot_id}/start").status == 200


def _open_orders(demo: RunningDemo, base: str) -> list[Any]:
    orders = demo.sandbox("GET", "/orders?account=client_sharp")["orders"]
    return [order for order in orders if order["symbol"].startswith(base) and order["state"] in _OPEN]


_OPEN = ("new", "partially_filled", "pending_new", "pending_cancel")


def test_a_revoked_key_is_told_with_its_cause_and_no_zero_appears(own_demo: RunningDemo) -> None:
    demo = own_demo
    bot_id = demo.bots()[BOTS[0]]

    def locked() -> bool | None:
        body = figures(demo, bot_id)
        return True if body["status"] == "ok" and positive(body["locked"]) else None

    until(locked, within_s=30, what="orders stand and the balance shows it")
    (key,) = demo.sandbox("GET", "/keys?account=client_sharp")["keys"]
    demo.sandbox("POST", "/keys/revoke", {"api_key": key["api_key"]})
    body = until(
        lambda: body if (body := figures(demo, bot_id))["status"] != "ok" else None,
        within_s=15,
        what="the read is not ok any more",
    )
    assert body["finding"]["fix"]
    assert body["finding"]["code"] in ("credentials.rejected", "signature.refused", "permission.refused")
    for shown in (body["available"], body["locked"]):
        assert shown is None or positive(shown)
    state = until(
        lambda: s if (s := demo.get(f"/bots/{bot_id}")["state"])["code"] == "blocked" else None,
        within_s=15,
        what="the bot says that it is blocked",
    )
    assert state["finding"]["code"] == body["finding"]["code"]


def test_the_server_dies_and_the_next_start_continues(tmp_path: Path) -> None:
    demo = start_demo(tmp_path / "data")
    try:
        bot_id = demo.bots()[BOTS[0]]
        until(lambda: figures(demo, bot_id)["volume"]["trades"] or None, within_s=60, what="the bot has traded")
        password = demo.password
        demo.kill()
        assert demo.sandbox("GET", "/status")["flow"] == "running"
        again = start_demo(tmp_path / "data")
        try:
            assert again.password == password
            assert again.bots()[BOTS[0]] == bot_id
            until(
                lambda: again.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None,
                within_s=30,
                what="it trades again",
            )
            creates = again.sandbox("GET", "/creates?account=client_sharp")["creates"]
            ids = [create["client_order_id"] for create in creates if create["outcome"] == "accepted"]
            assert len(ids) == len(set(ids))
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
            bot_id = demo.bots()[BOTS[0]]
            until(
                lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None,
                within_s=30,
                what="it trades with its sandbox on another port",
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
    client = demo.get("/clients")["clients"][0]["id"]
    (known,) = demo.get(f"/clients/{client}/connectors")["connectors"]
    key = demo.sandbox("POST", "/keys", {"account": "client_sharp", "permissions": ["read", "trade"]})
    body = {"name": "spare", "exchange": "coinstore", "api_key": key["api_key"], "secret": key["secret"]}
    answer = demo.call("POST", f"/clients/{client}/connectors", {**body, "base_url": known["base_url"]})
    assert answer.status == 201, answer
    bot_id = demo.bots()[BOTS[0]]
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=30, what="it trades")
    seen = [bool(_open_orders(demo, "SHARP")) for _ in range(40) if time.sleep(0.25) is None]
    assert sum(seen) > 30, seen


def test_an_exchange_that_hangs_is_not_shown_as_trading(own_demo: RunningDemo) -> None:
    demo = own_demo
    bot_id = demo.bots()[BOTS[0]]
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=30, what="it trades")
    pid = json.loads((demo.state / "sandbox" / "process.json").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        state = until(
            lambda: s if (s := demo.get(f"/bots/{bot_id}")["state"])["code"] == "blocked" else None,
            within_s=8,
            what="the bot says that it waits",
        )
        assert state["finding"]["fix"]
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "trading" or None, within_s=40, what="it goes on")
