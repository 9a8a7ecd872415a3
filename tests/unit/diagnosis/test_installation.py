"""Each check of the installation, on real files, locks, sockets and databases."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import text

from tests.unit.diagnosis.test_bundle import LADDER
from tests.wire_server import Behaviour, WireServer, answers, closes, free_port
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis import installation
from trading_bridge.diagnosis.installation import (
    DISK_LOW_BYTES,
    Check,
    answers_health,
    clock_right,
    credentials_open,
    database_there,
    disk_space,
    own_address,
    runner_alive,
    secret_keys,
    settings_readable,
)
from trading_bridge.diagnosis.ladder import Ladder, Rung, Step, StepOutcome
from trading_bridge.settings import Settings, load_settings
from trading_bridge.storage.database import Database
from trading_bridge.storage.read_only import ReadOnlyDatabase

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEY = Fernet.generate_key().decode()


def settings_of(folder: Path, **given: object) -> Settings:
    return load_settings(state_dir=folder, **given)


def code_of(check: Check) -> str | None:
    assert (check.finding is not None) is (check.outcome is StepOutcome.FAIL)
    assert check.sentence
    return None if check.finding is None else check.finding.code


# -- settings and keys


def test_settings_that_can_be_used(tmp_path: Path) -> None:
    settings, check = settings_readable(lambda: settings_of(tmp_path), NOW)
    assert settings is not None
    assert code_of(check) is None


def test_settings_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    settings, check = settings_readable(load_settings, NOW)
    assert settings is None
    assert code_of(check) == "settings.invalid"
    assert "PORT" in check.sentence


def test_missing_keys_are_not_made(tmp_path: Path) -> None:
    keys, check = secret_keys(settings_of(tmp_path / "none"), NOW)
    assert (keys, code_of(check)) == ((), "secret_keys.missing")
    assert not (tmp_path / "none").exists()


def test_keys_of_the_file_and_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{KEY}\n")
    keys, check = secret_keys(settings_of(tmp_path), NOW)
    assert (keys, code_of(check)) == ((KEY,), None)
    other = Fernet.generate_key().decode()
    keys, check = secret_keys(settings_of(tmp_path, secret_keys=SecretStr(f"{other}, {KEY}")), NOW)
    assert (keys, code_of(check)) == ((other, KEY), None)
    assert KEY not in check.sentence


@pytest.mark.parametrize("content", ["", "no key at all\n"])
def test_keys_that_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret.key").write_text(content)
    keys, check = secret_keys(settings_of(tmp_path), NOW)
    assert (keys, code_of(check)) == ((), "settings.invalid")


# -- database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/tb.db", secret_keys=[KEY], clock=ManualClock(), entropy=CountingEntropy())
    await made.open()
    yield made
    await made.close()


def looked_at(place: Path | str, *keys: str) -> ReadOnlyDatabase:
    url = place if isinstance(place, str) else f"sqlite:///{place}"
    return ReadOnlyDatabase(url, secret_keys=keys, clock=ManualClock(), entropy=CountingEntropy())


async def test_a_database_of_this_version(database: Database, tmp_path: Path) -> None:
    look = looked_at(tmp_path / "tb.db")
    assert code_of(await database_there(look, NOW)) is None
    await look.close()


async def test_no_database(tmp_path: Path) -> None:
    look = looked_at(tmp_path / "none.db")
    assert code_of(await database_there(look, NOW)) == "database.missing"
    await look.close()
    assert os.listdir(tmp_path) == []


async def test_a_database_of_another_version(database: Database, tmp_path: Path) -> None:
    await database.transact(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0000'")))
    look = looked_at(tmp_path / "tb.db")
    check = await database_there(look, NOW)
    assert code_of(check) == "database.behind"
    assert check.finding is not None
    assert check.finding.parameters["have"] == "0000"
    await look.close()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("dear to somebody\n" * 100)
    look = looked_at(tmp_path / "notes.txt")
    assert code_of(await database_there(look, NOW)) == "database.unreachable"
    await look.close()


async def test_a_server_that_does_not_answer() -> None:
    look = looked_at(f"postgres://user:hunter2hunter2@127.0.0.1:{free_port()}/name")
    check = await database_there(look, NOW)
    assert code_of(check) == "database.unreachable"
    assert "hunter2" not in str(check)
    await look.close()


async def test_keys_that_open_and_keys_that_do_not(database: Database, tmp_path: Path) -> None:
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
        key = Credentials(api_key="key-of-a-test-1a2b", secret="secret-of-a-test")
        stored = await uow.connectors.add(client_id=client.id, name="main", exchange="coinstore", credentials=key)
    for keys, codes in (((KEY,), [None]), ((), ["credentials.undecryptable"])):
        look = looked_at(tmp_path / "tb.db", *keys)
        async with look.unit_of_work() as uow:
            checks = await credentials_open(uow, (stored,), NOW)
        assert [code_of(check) for check in checks] == codes
        assert all("main of client_sharp" in check.sentence for check in checks if check.finding)
        await look.close()


# -- server


async def nobody(address: str) -> bool:
    return False


async def test_a_server_that_holds_the_file(database: Database, tmp_path: Path) -> None:
    look = looked_at(tmp_path / "tb.db")
    if look.server() is None:
        pytest.skip("this system does not tell who holds a lock")
    assert code_of(await runner_alive(look, "http://127.0.0.1:1", nobody, NOW)) is None
    await database.close()
    check = await runner_alive(look, "http://127.0.0.1:1", nobody, NOW)
    assert code_of(check) == "runner.down"
    assert check.finding is not None
    assert check.finding.parameters == {"stage": "platform"}
    await look.close()


async def test_a_server_that_answers() -> None:
    async with WireServer(answers('{"status":"ok"}')) as server:
        assert code_of(await runner_alive(None, server.url(), answers_health, NOW)) is None
        assert server.heads[0].startswith("GET /health ")


@pytest.mark.parametrize("behaviour", [answers("<html>"), answers('{"status":"ok"}', "404 Not Found"), closes])
async def test_what_is_no_server_of_ours(behaviour: Behaviour) -> None:
    async with WireServer(behaviour) as server:
        assert not await answers_health(server.url())


async def test_nobody_there() -> None:
    assert not await answers_health(f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:81"), ("::", "http://[::1]:81"), ("db.example", "http://db.example:81")],
)
def test_where_the_server_is_reached(tmp_path: Path, host: str, address: str) -> None:
    assert own_address(settings_of(tmp_path, host=host, port=81)) == address


# -- disk and clock


def test_disk_space(tmp_path: Path) -> None:
    assert disk_space(tmp_path / "not" / "yet", NOW).sentence.endswith(f"MB free at {tmp_path}")
    assert code_of(disk_space(tmp_path, NOW, lambda _: DISK_LOW_BYTES)) is None
    low = disk_space(tmp_path, NOW, lambda _: DISK_LOW_BYTES - 1)
    assert code_of(low) == "disk.low"
    assert low.finding is not None
    assert low.finding.parameters == {"free_mb": "499", "path": str(tmp_path)}


def with_clock(outcome: StepOutcome, finding: Finding | None = None) -> Ladder:
    step = Step(rung=Rung.CLOCK, outcome=outcome, detail="clocks differ by 42 s", took_ms=1, finding=finding)
    return Ladder(started_at=NOW, took_ms=1, steps=(step,), diagnosis=finding, remaining=(), egress=(), requests=1)


def test_the_clock_is_what_the_ladders_say() -> None:
    skewed = Finding(code="clock.skewed", severity=Severity.CRITICAL, since=NOW, parameters={"offset_s": "42"})
    good = with_clock(StepOutcome.PASS)
    assert code_of(clock_right([LADDER])) is None
    assert clock_right([LADDER]).outcome is StepOutcome.SKIPPED
    assert clock_right([with_clock(StepOutcome.SKIPPED), good]).outcome is StepOutcome.PASS
    assert code_of(clock_right([good, with_clock(StepOutcome.FAIL, skewed)])) == "clock.skewed"


def test_nothing_here_makes_or_takes_anything() -> None:
    """The checks know no class that migrates, leases or locks."""
    assert {"Database", "FileLock", "migrate"}.isdisjoint(vars(installation))
