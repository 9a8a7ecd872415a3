"""The doctor as an operator runs it: the real command, beside a running demo and after its end."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running_demo import RunningDemo, until
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.client import Credentials
from trading_bridge.storage.read_only import ReadOnlyDatabase

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

COINSTORE = ("--connector", "coinstore")


@dataclass(frozen=True)
class Ended:
    code: int
    said: str
    complained: str

    @property
    def document(self) -> Any:
        return json.loads(self.said)


def doctor(state: Path, *options: str, **environment: str) -> Ended:
    """In a terminal of 80 columns, as far as a pipe is one."""
    run = subprocess.run(
        [sys.executable, "-m", "trading_bridge.cli.main", "doctor", "--state", str(state), "--port", "1", *options],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "80", **environment},
    )
    return Ended(run.returncode, run.stdout, run.stderr)


def key_of(state: Path) -> Credentials:
    """The demo's key at its exchange, opened as the server does."""

    async def opened() -> Credentials:
        keys = (state / "secret.key").read_text().split()
        database = ReadOnlyDatabase(
            f"sqlite:///{state}/trading-bridge.sqlite3", secret_keys=keys, clock=SystemClock(), entropy=SystemEntropy()
        )
        async with database.unit_of_work() as uow:
            (connector,) = [one for one in await uow.connectors.list() if one.name == "coinstore"]
            credentials = await uow.connectors.credentials(connector.id)
        await database.close()
        assert credentials is not None
        return credentials

    return asyncio.run(opened())


def test_beside_a_running_server_all_is_well(demo: RunningDemo) -> None:
    ended = doctor(demo.state)
    assert ended.code == 0, ended
    assert "All is well." in ended.said
    assert ended.complained == ""
    assert "\x1b" not in ended.said
    assert max(len(line) for line in ended.said.splitlines()) <= 80
    told = doctor(demo.state, "--json", "--bot", "sharp-sb-coinstore").document
    assert told["well"]
    assert [bot["name"] for bot in told["connectors"][0]["bots"]] == ["SHARP-SB-Coinstore"]
    assert demo.process.poll() is None


def test_a_bot_that_does_not_exist_ends_with_2_and_names_near_it(demo: RunningDemo) -> None:
    ended = doctor(demo.state, "--bot", "SHARP-SB-Coinstor")
    assert (ended.code, ended.said) == (2, "")
    assert ended.complained.splitlines() == [
        "trading-bridge: there is no bot 'SHARP-SB-Coinstor'."
        " Near it: SHARP-SB-Coinstore, ETH-SB-Coinstore, SHARP-SB-Binance."
    ]


@pytest.mark.parametrize(
    ("fault", "code", "rung"),
    [("trade_missing", "permission.trade_missing", "trade_permission"), ("key_deleted", "credentials.rejected", None)],
)
def test_a_key_that_is_refused_is_shown_outside_and_as_a_bundle(
    own_demo: RunningDemo, fault: str, code: str, rung: str | None
) -> None:
    credentials = key_of(own_demo.state)
    own_demo.sandbox("POST", "/faults", {"kind": fault})

    def diagnosed() -> Ended | None:
        ended = doctor(own_demo.state, *COINSTORE, "--json", "--outside")
        return ended if ended.code == 1 else None

    ended = until(diagnosed, within_s=90, what=code)
    (connector,) = ended.document["connectors"]
    assert connector["ladder"]["diagnosis"]["code"] == code
    assert connector["outside"]
    for again in connector["outside"]:
        assert again["same"] is True
        assert rung is None or again["rungs"] == [rung]
        # as a person pastes it: the exchange says the same to curl
        run = subprocess.run(again["curl"], shell=True, capture_output=True, text=True, timeout=30)
        assert run.returncode == 0, run
        head, _, body = run.stdout.replace("\r\n", "\n").partition("\n\n")
        assert head.split(" ")[1] == str(again["http_status"])
        assert str(json.loads(body)["code"]) == again["code"]
    tables, bundle = (doctor(own_demo.state, *COINSTORE, how) for how in ("--outside", "--bundle"))
    assert (tables.code, bundle.code) == (1, 1)
    assert f"[{code}]" in tables.said
    assert "curl -sS" in tables.said
    assert bundle.said.startswith(f"Exchange        coinstore\nHost            {connector['base_url']}\n")
    assert f"ends in {credentials.api_key[-4:]}" in bundle.said
    assert credentials.api_key not in bundle.said
    for told in (ended, tables, bundle):
        assert credentials.secret not in told.said + told.complained


def test_after_the_servers_end_the_rest_still_runs(own_demo: RunningDemo) -> None:
    own_demo.interrupt()
    before = (own_demo.state / "trading-bridge.sqlite3").stat().st_mtime_ns
    ended = doctor(own_demo.state, "--json")
    assert ended.code == 1
    told = ended.document
    failed = {check["check"] for check in told["installation"] if check["finding"]}
    assert failed == {"Server"}
    assert told["connectors"][0]["ladder"]["diagnosis"]["code"] == "exchange.unreachable"
    assert (own_demo.state / "trading-bridge.sqlite3").stat().st_mtime_ns == before


def test_without_anything_nothing_is_made(tmp_path: Path) -> None:
    ended = doctor(tmp_path / "none")
    assert ended.code == 1
    for code in ("secret_keys.missing", "database.missing", "runner.down"):
        assert f"[{code}]" in ended.said
    assert os.listdir(tmp_path) == []


def test_settings_that_cannot_be_used_are_a_finding(tmp_path: Path) -> None:
    ended = doctor(tmp_path, TRADING_BRIDGE_LOG_LEVEL="LOUD")
    assert ended.code == 1
    assert "TRADING_BRIDGE_LOG_LEVEL" in ended.said
