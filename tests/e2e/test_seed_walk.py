"""The two documents that asked for the product, walked in their order; the transcript is `docs/seed-walk.md`."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import seed_balance_issues, seed_client_flow
from tests.e2e.running_demo import RunningDemo, start_demo, until
from tests.e2e.seed_balance_issues import Step
from tests.e2e.seed_client_flow import CASES
from tests.e2e.seed_reading import Document, Kind, document
from tests.e2e.seed_stage import SPREAD_BOTS, Stage, keep_coinstore_alone, remove_bot
from tests.e2e.seed_transcript import Transcript

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

KEPT = Path(__file__).parents[2] / "docs" / "seed-walk.md"
WALK: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("balance-and-trading-issues.md", seed_balance_issues.STEPS),
    ("client-flow.md", seed_client_flow.STEPS),
)
OPENING = """\
Written by `tests/e2e/test_seed_walk.py` from a running demo; a run that answers otherwise fails. Every request, SQL
statement and question of the two documents in `tests/e2e/seed_documents` is here, in their order, with what the system
answered. Figures, times and ids differ from run to run: `<amount>` is a number other than zero; a zero shows as `0`."""


def places(found: Document, steps: tuple[Step, ...]) -> list[int]:
    """The line of each step; each comes after the one before."""
    lines: list[int] = []
    for quote, _ in steps:
        after = lines[-1] + 1 if lines else 0
        if isinstance(quote, Kind):
            kind = quote
            lines.append(next(item.line for item in found.items() if item.line >= after and item.kind is kind))
        else:
            lines.append(next(n for n in range(after, len(found.lines)) if found.lines[n].strip() == quote))
    return lines


@pytest.mark.parametrize(("name", "steps"), WALK, ids=[name for name, _ in WALK])
def test_nothing_that_a_document_asks_is_left_out(name: str, steps: tuple[Step, ...]) -> None:
    found = document(name)
    left_out = {item.line: item.text for item in found.items()}
    for line in places(found, steps):
        left_out.pop(line, None)
    assert left_out == {}


def test_the_walk(tmp_path: Path) -> None:
    demo = start_demo(tmp_path / "data")
    try:
        keep_coinstore_alone(demo)
        written = walk(Stage(demo))
    finally:
        demo.end()
    kept = KEPT.read_text() if KEPT.exists() else ""
    if written != kept:
        KEPT.write_text(written)
    assert written == kept, "the answers have changed: keep docs/seed-walk.md as it is now if that is meant"


def walk(stage: Stage) -> str:
    transcript = Transcript("A walk through the two documents that asked for this product", OPENING)
    stage.until_trading()
    for name, steps in WALK:
        found = document(name)
        transcript.section(name)
        for (quote, answer), line in zip(steps, places(found, steps), strict=True):
            text = found.item(line, quote).text if isinstance(quote, Kind) else quote
            said = answer(stage, text)
            transcript.step(text, stage.take_notes(), said)
    return transcript.text()


# -- the upper and lower case examples, as rows


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo whose client has neither bots nor connectors."""
    demo = start_demo(tmp_path_factory.mktemp("cases") / "data")
    stage = Stage(demo)
    try:
        keep_coinstore_alone(demo)
        for bot_id in demo.bots().values():
            remove_bot(demo, bot_id)
        assert demo.call("DELETE", f"/clients/{stage.client_id}/connectors/{stage.connector_id}").status == 200
        yield stage
    finally:
        demo.end()


@pytest.fixture
def bot(bare: Stage) -> Iterator[str]:
    """A stopped bot of the five fields, gone afterwards with every connector."""
    made = bare.demo.call("POST", "/bots/create", document("client-flow.md").body())
    assert made.status == 201, made
    yield made.body["id"]
    assert bare.demo.call("DELETE", f"/bots/{made.body['id']}").status == 200
    for one in bare.demo.get(f"/clients/{bare.client_id}/connectors")["connectors"]:
        assert bare.demo.call("DELETE", f"/clients/{bare.client_id}/connectors/{one['id']}").status == 200


@pytest.mark.parametrize(("typed", "wanted", "rule"), CASES)
def test_a_bot_finds_its_connector(bare: Stage, bot: str, typed: str, wanted: str, rule: str) -> None:
    stored = bare.connect(typed, bare.new_key())
    assert (stored.status, stored.body["name"]) == (201, typed.strip().lower())
    changed = bare.demo.call("PUT", f"/bots/{bot}", {"connector": wanted})
    assert (changed.status, changed.body["connector"]) == (200, wanted.strip())
    debug = bare.demo.get(f"/bots/{bot}/balance-debug")
    assert debug["match"]["rule"] == rule
    assert debug["looked_up"] == wanted.strip().lower()
    assert_true_balance(bare.demo.get(f"/bots/{bot}/balance-and-volume"))


def test_a_missing_connector_is_said_and_is_no_zero(bare: Stage, bot: str) -> None:
    assert_unknown(bare, bot, "connector.missing")
    debug = bare.demo.get(f"/bots/{bot}/balance-debug")
    assert (debug["match"]["matched"], debug["connectors_in_storage"], debug["sessions"]) == (False, [], [])
    assert debug["match"]["finding"]["code"] == "connector.missing"


@pytest.mark.parametrize("empty", ["", "   ", "\t\n"])
@pytest.mark.parametrize("field", ["api_key", "secret"])
def test_an_empty_key_is_refused_and_the_balance_stays_unknown(bare: Stage, bot: str, field: str, empty: str) -> None:
    refused = bare.connect("Coinstore", {**bare.new_key(), field: empty})
    assert (refused.status, refused.body["code"], refused.body["field"]) == (400, "credentials.empty", field)
    assert bare.demo.get(f"/clients/{bare.client_id}/connectors")["connectors"] == []
    assert_unknown(bare, bot, "connector.missing")


def test_two_keys_of_one_exchange_must_be_named(bare: Stage, bot: str) -> None:
    for name in ("First", "Second"):
        assert bare.connect(name, bare.new_key()).status == 201
    assert_unknown(bare, bot, "connector.ambiguous")
    assert bare.demo.call("PUT", f"/bots/{bot}", {"connector": "SECOND"}).status == 200
    assert_true_balance(bare.demo.get(f"/bots/{bot}/balance-and-volume"))


def test_a_bot_made_before_its_key_shows_the_balance_once_it_is_added(bare: Stage, bot: str) -> None:
    assert bare.demo.get(f"/bots/{bot}")["market_verified"] is False
    assert_unknown(bare, bot, "connector.missing")
    assert bare.connect("Coinstore", bare.new_key()).status == 201
    path = f"/bots/{bot}/balance-and-volume"
    # many keys of one user in one second: the exchange may ask to slow down once
    read = until(lambda: (body := bare.demo.get(path))["status"] == "ok" and body, within_s=90, what="a read")
    assert_true_balance(read)


def test_bots_on_one_key_show_one_balance_running_or_stopped(demo: RunningDemo) -> None:
    """Two bots that trade and one that never ran; one client, so its market may have several bots."""
    body = document("client-flow.md").body()
    made = demo.call("POST", "/bots/create", body)
    assert made.status == 201, made
    try:
        ids = [*(demo.bots()[name] for name in SPREAD_BOTS), made.body["id"]]

        def one_read() -> list[dict[str, Any]] | None:
            read = [demo.get(f"/bots/{bot_id}/balance-and-volume") for bot_id in ids]
            return read if len({(one["status"], one["as_of"]) for one in read}) == 1 else None

        sharp, eth, stopped = until(one_read, within_s=90, what="one read that all three show")
        assert sharp["status"] == "ok"
        for shown in ("available", "locked"):
            assert stopped[shown] == sharp[shown]
            assert eth[shown]["USDT"] == sharp[shown]["USDT"]
        listed = demo.get("/bots?account=client_sharp")["bots"]
        assert [one["status"] for one in listed if one["id"] in ids] == ["running", "running", "stopped"]
    finally:
        assert demo.call("DELETE", f"/bots/{made.body['id']}").status == 200


def assert_true_balance(body: dict[str, Any]) -> None:
    assert (body["status"], body["finding"]) == ("ok", None)
    assert all(Decimal(amount) > 0 for amount in body["available"].values())


def assert_unknown(stage: Stage, bot_id: str, code: str) -> None:
    body = stage.demo.get(f"/bots/{bot_id}/balance-and-volume")
    assert (body["status"], body["available"], body["locked"], body["as_of"]) == ("unknown", None, None, None)
    assert body["finding"]["code"] == code
    assert body["finding"]["fix"]
