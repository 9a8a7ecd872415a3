"""The doctor command with a doctor that says what it is told to, on real databases and files."""

import io
import json
import os
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from rich.console import Console
from sqlalchemy import text
from typer.testing import CliRunner

from tests.unit.diagnosis.test_bundle import LADDER
from tests.wire_server import WireServer, answers, free_port
from trading_bridge.cli.doctor import Asked, look
from trading_bridge.cli.doctor_json import document
from trading_bridge.cli.doctor_report import Report, bundles, heard
from trading_bridge.cli.doctor_tables import show
from trading_bridge.cli.main import app
from trading_bridge.clock import CountingEntropy, ManualClock, SystemClock
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Evidence, Subject, SubjectKind
from trading_bridge.core.finding import RecordedFinding as Recorded
from trading_bridge.diagnosis.doctor import Draft
from trading_bridge.diagnosis.ladder import Ladder, Rung, Step, StepOutcome
from trading_bridge.diagnosis.outside import Outside
from trading_bridge.errors import InvalidInput
from trading_bridge.storage.database import Database

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
CREDENTIALS = Credentials(api_key="key-of-a-test-1a2b", secret="secret-of-a-test")
HEALTHY = replace(
    LADDER,
    steps=(
        Step(rung=Rung.CREDENTIALS, outcome=StepOutcome.PASS, detail="stored", took_ms=0),
        Step(rung=Rung.CLOCK, outcome=StepOutcome.PASS, detail="this host's clock agrees", took_ms=0),
    ),
    diagnosis=None,
    remaining=(),
)


@dataclass
class ToldDoctor:
    """Says of every connector what it is told to say, and keeps what it was asked."""

    ladder: Ladder = HEALTHY
    asked: list[tuple[Draft, tuple[str, ...]]] = field(default_factory=list)

    async def examine_draft(self, draft: Draft, bots: Sequence[Bot] = ()) -> Ladder:
        self.asked.append((draft, tuple(bot.name for bot in bots)))
        return self.ladder


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that nobody listens at, unless a test's server does."""
    for variable in [name for name in os.environ if name.startswith("TRADING_BRIDGE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("TRADING_BRIDGE_STATE_DIR", str(tmp_path))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """With its server, one client, one connector and two bots, one of them without a connector."""
    (tmp_path / "secret.key").write_text(KEY + "\n")
    made = Database(
        f"sqlite:///{tmp_path}/trading-bridge.sqlite3",
        secret_keys=[KEY],
        clock=ManualClock(),
        entropy=CountingEntropy(),
    )
    await made.open()
    async with made.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
        await uow.connectors.add(
            client_id=client.id,
            name="main",
            exchange="coinstore",
            credentials=CREDENTIALS,
            proxy_url="http://bob:hunter2@10.0.0.8:3128",
            ipv4_only=True,
        )
        for name, connector in (("SHARP-SB", "coinstore"), ("SHARP-VB", "kraken")):
            await uow.bots.add(
                client_id=client.id, name=name, connector=connector, symbol="SHARP/USDT", bot_type="spread", config={}
            )
    yield made
    await made.close()


async def looked(doctor: ToldDoctor | None = None, **asked: Any) -> Report:
    return await look(Asked(**asked), SystemClock(), doctor or ToldDoctor())


def shown(report: Report, width: int, *, outside: bool = False) -> str:
    out = io.StringIO()
    show(report, Console(file=out, width=width, color_system=None), lambda: NOW, outside=outside)
    return out.getvalue()


def codes(report: Report) -> set[str]:
    return {check.finding.code for check in report.checks if check.finding is not None}


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# -- what is looked at


async def test_connectors_are_examined_with_their_bots_and_the_rest_is_named(database: Database) -> None:
    doctor = ToldDoctor()
    report = await looked(doctor)
    ((draft, bots),) = doctor.asked
    assert (draft.exchange, draft.credentials, draft.missing) == ("coinstore", CREDENTIALS, None)
    assert (draft.proxy_url, draft.ipv4_only) == ("http://bob:hunter2@10.0.0.8:3128", True)
    assert bots == ("SHARP-SB",)
    ((homeless,),) = (report.homeless,)
    assert (homeless.bot.name, homeless.finding.code) == ("SHARP-VB", "connector.missing")
    assert homeless.finding.parameters["existing"] == "main"
    assert not report.well
    assert {check.name for check in report.checks} == {
        *("Settings", "Secret keys", "Database", "Exchange keys", "Server", "Disk", "Clock")
    }


async def test_a_bot_whose_client_has_gone_is_named(database: Database) -> None:
    await database.transact(lambda c: c.execute(text("UPDATE clients SET deleted_at = created_at")))
    report = await looked()
    assert {one.finding.code for one in report.homeless} == {"bot.client_missing"}


async def test_a_value_that_means_two_connectors_is_named(database: Database) -> None:
    async with database.unit_of_work() as uow:
        client = await uow.clients.by_account("client_sharp")
        assert client is not None
        await uow.connectors.add(client_id=client.id, name="second", exchange="coinstore", credentials=None)
    report = await looked()
    assert {one.bot.name: one.finding.code for one in report.homeless} == {
        "SHARP-SB": "connector.ambiguous",
        "SHARP-VB": "connector.missing",
    }
    assert len(report.connectors) == 2


@pytest.mark.parametrize("wanted", ["sharp-sb", " SHARP-SB "])
async def test_one_bot(database: Database, wanted: str) -> None:
    doctor = ToldDoctor()
    report = await looked(doctor, bot=wanted)
    assert [bots for _, bots in doctor.asked] == [("SHARP-SB",)]
    assert report.homeless == ()


async def test_one_bot_without_a_connector(database: Database) -> None:
    doctor = ToldDoctor()
    report = await looked(doctor, bot="SHARP-VB")
    assert doctor.asked == []
    assert [one.bot.name for one in report.homeless] == ["SHARP-VB"]
    assert report.homeless[0].finding.parameters["existing"] == "main"


async def test_one_connector(database: Database) -> None:
    doctor = ToldDoctor()
    report = await looked(doctor, connector="MAIN")
    assert [bots for _, bots in doctor.asked] == [("SHARP-SB",)]
    assert report.homeless == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"bot": "SHARP-S"}, "there is no bot 'SHARP-S'. Near it: SHARP-SB"),
        ({"bot": "zzz"}, "there is no bot 'zzz'. There is: SHARP-SB, SHARP-VB."),
        ({"connector": "mian"}, "there is no connector 'mian'. Near it: main."),
    ],
)
async def test_an_unknown_name_is_answered_with_those_near(
    database: Database, asked: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        await looked(**asked)
    assert raised.value.message.startswith(told)


async def test_without_its_key_nothing_is_asked_past_the_proxy(database: Database, tmp_path: Path) -> None:
    (tmp_path / "secret.key").unlink()
    doctor = ToldDoctor()
    report = await looked(doctor)
    ((draft, _),) = doctor.asked
    assert (draft.credentials, draft.proxy_url, draft.proxy_lost) == (None, None, True)
    assert codes(report) >= {"secret_keys.missing", "credentials.undecryptable"}
    assert not (tmp_path / "secret.key").exists()


async def test_without_its_key_a_connector_without_a_proxy_is_asked_what_needs_none(
    database: Database, tmp_path: Path
) -> None:
    await database.transact(lambda c: c.execute(text("UPDATE connectors SET proxy_url = NULL")))
    (tmp_path / "secret.key").write_text(Fernet.generate_key().decode())
    doctor = ToldDoctor()
    await looked(doctor)
    ((draft, _),) = doctor.asked
    assert draft.credentials is None
    assert draft.missing is not None
    assert draft.missing.code == "credentials.undecryptable"


async def test_an_older_database_is_read_as_far_as_it_goes(database: Database) -> None:
    await database.transact(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0000'")))
    report = await looked()
    assert "database.behind" in codes(report)
    assert len(report.connectors) == 1
    await database.transact(lambda c: c.execute(text("ALTER TABLE connectors DROP COLUMN ipv4_only")))
    report = await looked()
    assert codes(report) == {"database.behind"}
    assert report.unread is not None
    assert "revision" in report.unread


async def test_the_server_is_seen_by_its_lock_or_by_its_port(database: Database) -> None:
    assert "runner.down" not in codes(await looked())
    await database.close()
    assert "runner.down" in codes(await looked())
    async with WireServer(answers('{"status":"ok"}')) as server:
        assert "runner.down" not in codes(await looked(port=server.port))


async def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    report = await looked(state=tmp_path / "none")
    assert codes(report) == {"secret_keys.missing", "database.missing", "runner.down"}
    assert report.connectors == ()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["mysql://u:hunter2hunter2@h/x", "nonsense", "postgres://u:hunter2hunter2@127.0.0.1:1/x"]
)
async def test_a_database_that_cannot_be_is_a_finding(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    report = await looked()
    assert codes(report) & {"settings.invalid", "database.unreachable"}
    assert report.unread
    assert "hunter2" not in shown(report, 80)


# -- what is shown


async def failing(database: Database) -> Report:
    report = await looked(ToldDoctor(LADDER), bot="SHARP-SB")
    (one,) = report.connectors
    diagnosis = LADDER.diagnosis
    assert diagnosis is not None
    recorded = Recorded(
        id="f1",
        subject=Subject(kind=SubjectKind.CONNECTOR, id=one.connector.id),
        finding=diagnosis,
        last_seen=NOW,
        count=3,
    )
    return replace(report, connectors=(replace(one, recorded=recorded),))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_every_width_says_everything_and_fits(database: Database, width: int) -> None:
    told = shown(await failing(database), width)
    assert max(len(line) for line in told.splitlines()) <= width
    assert "\x1b" not in told
    said = words(told)
    for part in (
        "main of client_sharp",
        "key ...1a2b",
        "proxy http://bob:***@10.0.0.8:3128, IPv4 only",
        "Bots: SHARP-SB (SHARP/USDT)",
        "FAIL",
        "skipped",
        "[ip.not_allowed]",
        "Do: ",
        "Could also be permission.read_missing",
        "IPv4 203.0.113.7 (seen)",
        "IPv6 2001:db8::7 (configured)",
        "1 thing is wrong.",
    ):
        assert part in said
    assert ("HTTP 200, 1401" in told) is (width >= 110)


async def test_all_is_well(database: Database) -> None:
    report = await looked(bot="SHARP-SB")
    assert report.well
    assert "All is well." in shown(report, 80)
    assert list(bundles(report)) == []


@pytest.mark.parametrize(("base_url", "well"), [(None, False), ("http://127.0.0.1:8100/bitmart", True)])
async def test_an_exchange_that_closes_is_named_with_its_last_day(
    database: Database, base_url: str | None, *, well: bool
) -> None:
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Leaving", account="leaving")
        await uow.connectors.add(
            client_id=client.id, name="last", exchange="bitmart", credentials=CREDENTIALS, base_url=base_url
        )
    report = await look(Asked(connector="last"), ManualClock(NOW), ToldDoctor())
    told = words(shown(report, 80))
    assert "[exchange.closing]" in told
    assert "BitMart is closing" in told
    assert "2027-01-31" in told
    (connector,) = json.loads(document(report, lambda: NOW))["connectors"]
    assert connector["ends"]["code"] == "exchange.closing"
    assert all(one.well for one in report.connectors) is well


async def test_a_bot_without_a_connector_is_shown(database: Database) -> None:
    told = words(shown(await looked(), 80))
    assert "Bot SHARP-VB of client_sharp (SHARP/USDT)" in told
    assert "[connector.missing]" in told


async def test_the_document_has_the_shape_that_the_page_tells(database: Database) -> None:
    told = json.loads(document(await failing(database), lambda: NOW))
    assert set(told) == {*("looked_at", "well", "installation", "unread", "connectors", "bots_without_connector")}
    assert set(told["installation"][0]) == {"check", "outcome", "sentence", "finding"}
    (connector,) = told["connectors"]
    assert set(connector) == {
        *("id", "name", "account", "exchange", "base_url", "key_last4", "bots", "ladder", "ends", "outside", "bundle")
    }
    assert connector["ladder"]["diagnosis"]["code"] == "ip.not_allowed"
    assert connector["ladder"]["started_at"] == "2026-11-21T12:00:00Z"
    assert connector["bundle"].startswith("Exchange        coinstore\nAPI key         ends in 1a2b\nFirst seen")
    assert told["well"] is False
    page = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text()
    for name in (*told, *connector, *told["installation"][0]):
        assert f"`{name}`" in page


async def test_no_way_of_telling_tells_the_secret(database: Database) -> None:
    report = await failing(database)
    for told in (
        shown(report, 80, outside=True),
        document(report, lambda: NOW),
        "".join(bundles(report)),
        repr(report),
    ):
        assert CREDENTIALS.secret not in told
        assert "hunter2" not in told


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (None, ""),
        (Evidence(call="x"), "no answer"),
        (Evidence(call="x", http_status=502), "HTTP 502"),
        (Evidence(call="x", http_status=200, exchange_code="1401", exchange_text="no"), "HTTP 200, 1401 no"),
    ],
)
def test_evidence_in_short(evidence: Evidence | None, told: str) -> None:
    assert heard(evidence) == told


# -- outside


async def test_outside_repeats_what_failed_and_prints_the_command(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    await database.transact(lambda c: c.execute(text("UPDATE connectors SET proxy_url = NULL")))
    async with WireServer(answers('{"code":1401,"message":"Unauthorized"}')) as server:
        address = f"{server.url()}/api"
        await database.transact(
            lambda c: c.execute(text("UPDATE connectors SET base_url = :address"), {"address": address})
        )
        report = await looked(ToldDoctor(LADDER), outside=True, bot="SHARP-SB")
        assert len(server.heads) == 1
    told = words(shown(report, 80, outside=True))
    assert "Signed read: POST /spot/accountList: HTTP 200, 1401 Unauthorized" in told
    assert "the cause is not in it" in told
    assert f"curl -sS -i --max-time 10 -4 --noproxy '*' -X POST {address}/spot/accountList" in told
    assert "Signed at 12:00:00 UTC" in told
    (again,) = json.loads(document(report, lambda: NOW))["connectors"][0]["outside"]
    assert (again["code"], again["same"], again["signed_at"]) == ("1401", True, "2026-11-21T12:00:00Z")
    assert CREDENTIALS.secret not in told + again["curl"]


@pytest.mark.parametrize(("way", "code"), [("base_url", "exchange.unreachable"), ("proxy_url", "proxy.unreachable")])
async def test_outside_sends_nothing_where_the_settings_forbid_it(
    database: Database, tmp_path: Path, way: str, code: str
) -> None:
    async with WireServer(answers('{"code":1401,"message":"Unauthorized"}')) as server:
        ways: dict[str, str | None] = {"base_url": "http://exchange.invalid", "proxy_url": None}
        ways[way] = f"http://localhost:{server.port}"
        async with database.unit_of_work() as uow:
            (connector,) = await uow.connectors.list()
            await uow.connectors.update(
                connector.id, name="main", exchange="coinstore", ipv4_only=True, timeout_s=None, **ways
            )
        report = await looked(ToldDoctor(LADDER), outside=True, bot="SHARP-SB")
        assert (server.connections, server.heads) == (0, [])
        told = words(shown(report, 80, outside=True))
        assert f"[{code}]" in told
        assert "curl" not in told
        (again,) = json.loads(document(report, lambda: NOW))["connectors"][0]["outside"]
        assert (again["finding"]["code"], again["curl"], again["signed_at"]) == (code, None, None)
        (tmp_path / "demo.json").write_text("{}")
        report = await looked(ToldDoctor(LADDER), outside=True, bot="SHARP-SB")
        assert len(server.heads) == 1


async def test_outside_says_when_a_proxys_password_is_left_out(database: Database) -> None:
    report = await failing(database)
    (one,) = report.connectors
    again = Outside(
        rungs=(Rung.SIGNED_READ,), method="POST", endpoint="/spot/accountList", took_ms=1, http_status=407, same=False
    )
    told = words(shown(replace(report, connectors=(replace(one, outside=(again,)),)), 80, outside=True))
    assert "--proxy 'http://bob:***@10.0.0.8:3128'" in told
    assert "password is left out" in told
    assert "Another answer than to this program" in told


async def test_outside_says_when_there_is_nothing_to_repeat(database: Database) -> None:
    report = await looked(bot="SHARP-SB", outside=True)
    assert "Nothing failed that a call could repeat." in shown(report, 80, outside=True)


# -- the command


@pytest.mark.parametrize("options", [[], ["--json"], ["--bundle"], ["--outside"]])
def test_without_anything_it_ends_with_findings(tmp_path: Path, options: list[str]) -> None:
    ended = CliRunner().invoke(app, ["doctor", "--state", str(tmp_path / "none"), *options])
    assert ended.exit_code == 1
    if options == ["--json"]:
        assert json.loads(ended.stdout)["well"] is False


def test_what_cannot_be_an_option_ends_with_2(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["doctor", "--port", "many"]).exit_code == 2
