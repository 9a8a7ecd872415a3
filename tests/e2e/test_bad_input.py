"""Bad input over HTTP: an answer that names field, reason and remedy; nothing stored, nothing lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.running_demo import Answer, RunningDemo
from tests.e2e.seed_stage import Stage

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

FIVE = {
    "name": "SHARP-VB-Coinstore",
    "account": "client_sharp",
    "connector": "coinstore",
    "pair": "SHARP/USDT",
    "bot_type": "volume",
}
KEY = {"name": "further", "exchange": "coinstore", "api_key": "some-key", "secret": "some-secret"}


@dataclass(frozen=True)
class Bad:
    path: str
    body: dict[str, Any]
    status: int
    code: str
    #: input to blame
    field: str
    #: words of the reason and of the remedy
    reason: str
    remedy: str
    method: str = "POST"


def bot(code: str, field: str, reason: str, remedy: str, status: int = 400, **changed: Any) -> Bad:
    return Bad("/bots/create", {**FIVE, **changed}, status, code, field, reason, remedy)


def config(field: str, reason: str, remedy: str, **given: Any) -> Bad:
    return bot("config.invalid", f"config.{field}", reason, remedy, bot_type="spread", config=given)


def key(code: str, field: str, reason: str, remedy: str, status: int = 400, **changed: Any) -> Bad:
    return Bad("/clients/{client_id}/connectors", {**KEY, **changed}, status, code, field, reason, remedy)


ROWS: dict[str, Bad] = {
    # unknown exchange
    "a key of an unknown exchange": key("exchange.unknown", "exchange", "nosuch", "coinstore", exchange="nosuch"),
    "a key without the memo that its exchange wants": key(
        "credentials.empty", "memo", "empty", "Copy it", exchange="BitMart"
    ),
    "a bot at an unknown exchange": bot(
        "connector.unknown", "connector", "coinstoer", "Did you mean coinstore?", connector="coinstoer"
    ),
    # pair
    "a pair without a slash": bot("pair.malformed", "pair", "SHARPUSDT", "SHARP/USDT", pair="SHARPUSDT"),
    "a pair with a dash": bot("pair.malformed", "pair", "SHARP-USDT", "SHARP/USDT", pair="SHARP-USDT"),
    "a pair of three": bot("pair.malformed", "pair", "BASE/QUOTE", "SHARP/USDT", pair="SHARP/USDT/BTC"),
    "half a pair": bot("pair.malformed", "pair", "BASE/QUOTE", "SHARP/USDT", pair="SHARP/"),
    "an empty pair": bot("pair.malformed", "pair", "The pair is not", "SHARP/USDT", pair="  "),
    "a currency with itself": bot("pair.malformed", "pair", "BASE/QUOTE", "SHARP/USDT", pair="USDT/usdt"),
    "a pair that is known not to be listed": bot(
        "market.unknown", "pair", "does not list DOGE/USDT", "spells", pair="DOGE/USDT"
    ),
    # keys
    "an empty key": key("credentials.empty", "api_key", "empty", "Copy it", api_key=""),
    "a key of white space": key("credentials.empty", "api_key", "empty", "Copy it", api_key=" \t\n"),
    "an empty secret": key("credentials.empty", "secret", "empty", "Copy it", secret=""),
    "white space inside a key": key(
        "credentials.malformed", "api_key", "one word", "Copy it again", api_key="some key"
    ),
    "a line break inside a secret": key(
        "credentials.malformed", "secret", "one word", "Copy it again", secret="some\nsecret"
    ),
    # a name in another case
    "a connector name in another case": key(
        "connector.exists", "name", "letter case", "another name", 409, name="COINSTORE"
    ),
    "a connector name in outer space": key(
        "connector.exists", "name", "letter case", "another name", 409, name=" Coinstore "
    ),
    "an account in another case": Bad(
        "/clients",
        {"name": "x", "account": " CLIENT_sharp"},
        409,
        "client.exists",
        "account",
        "letter case",
        "another account",
    ),
    # configuration
    "a negative spread": config("spread_bps", "greater than or equal to 0.5", "basis points", spread_bps="-5"),
    "no spread": config("spread_bps", "greater than or equal to 0.5", "basis points", spread_bps=0),
    "an absurd spread": config("spread_bps", "less than or equal to 2000", "basis points", spread_bps="1e9"),
    "a spread in words": config("spread_bps", "valid decimal", "basis points", spread_bps="wide"),
    "a spread that is no number": config("spread_bps", "finite", "basis points", spread_bps="NaN"),
    "a negative amount": config("order_amount_quote", "greater than 0", "quote currency", order_amount_quote="-1"),
    "an absurd amount": config(
        "order_amount_quote", "less than or equal to 1000000", "quote", order_amount_quote="1e400"
    ),
    "an endless amount": config("order_amount_quote", "digits", "Round it", order_amount_quote=f"50.{'3' * 60}"),
    "a negative tolerance": config(
        "refresh_tolerance_bps", "greater than or equal to 0", "queue", refresh_tolerance_bps="-1"
    ),
    "a tolerance past the mid": config(
        "refresh_tolerance_bps", "at most half of spread_bps (3)", "queue", spread_bps="6", refresh_tolerance_bps="5"
    ),
    "a setting that does not exist": config("spred_bps", "no setting", "Did you mean spread_bps?", spred_bps="6"),
    "a setting of another type": bot(
        "config.invalid", "config.spread_bps", "no setting", "There are: none", config={"spread_bps": "6"}
    ),
    "an unknown type": bot("bot_type.unknown", "bot_type", "spraed", "Did you mean spread?", bot_type="spraed"),
    # unknown client or account
    "a bot of an unknown account": bot(
        "account.unknown", "account", "client_shrap", "Did you mean client_sharp?", account="client_shrap"
    ),
    "the bots of an unknown account": Bad(
        "/bots?account=nobody", {}, 404, "client.not_found", "account", "nobody", "list of clients", "GET"
    ),
    "a key of an unknown client": Bad(
        "/clients/nobody/connectors", KEY, 404, "client.not_found", "client_id", "nobody", "list of clients"
    ),
    "an unknown client": Bad(
        "/clients/nobody", {"name": "x"}, 404, "client.not_found", "client_id", "nobody", "list of clients", "PUT"
    ),
    "an unknown bot": Bad("/bots/nobody/start", {}, 404, "bot.not_found", "bot_id", "nobody", "list of bots"),
    # a second client on the same market
    "a second client on a market": bot(
        "market.taken", "pair", "only one client may trade a market", "another pair", 409, account="client_second"
    ),
    "the same in other letters": bot(
        "market.taken",
        "pair",
        "SHARP/USDT at coinstore",
        "another pair",
        409,
        account="Client_Second",
        pair="sharp/usdt",
        connector="COINSTORE",
    ),
    # what is no request at all
    "a field that is missing": Bad(
        "/bots/create", {"name": "x"}, 422, "request.malformed", "account", "required", "openapi"
    ),
    "a field that nobody reads": bot("request.malformed", "leverage", "not permitted", "openapi", 422, leverage=10),
    "a number for a name": bot("request.malformed", "name", "string", "openapi", 422, name=7),
}


@pytest.fixture(scope="module")
def stage(demo: RunningDemo) -> Iterator[Stage]:
    """The demo with a second client."""
    made = demo.call("POST", "/clients", {"name": "Second", "account": "client_second"})
    assert made.status == 201, made
    yield Stage(demo)
    assert demo.call("DELETE", f"/clients/{made.body['id']}").status == 200


@pytest.mark.parametrize("bad", ROWS.values(), ids=ROWS.keys())
def test_bad_input_is_answered_and_nothing_is_stored(stage: Stage, bad: Bad) -> None:
    before = everything(stage)
    path = bad.path.format(client_id=stage.client_id)
    answer = stage.demo.call(bad.method, path, bad.body if bad.method != "GET" else None)
    assert_problem(answer, bad.status, bad.code, bad.field)
    assert bad.reason in answer.body["detail"]
    assert bad.remedy in answer.body["remedy"]
    assert everything(stage) == before


@pytest.mark.parametrize("field", ["spread_bps", "order_amount_quote"])
def test_a_bad_change_leaves_a_running_bot_as_it_is(stage: Stage, field: str) -> None:
    demo = stage.demo
    bot_id = demo.bots()["SHARP-SB-Coinstore"]
    before = everything(stage)
    answer = demo.call("PUT", f"/bots/{bot_id}", {"config": {field: "-1"}})
    assert_problem(answer, 400, "config.invalid", f"config.{field}")
    answer = demo.call("PUT", f"/bots/{bot_id}", {"pair": "DOGE/USDT"})
    assert_problem(answer, 400, "market.unknown", "pair")
    answer = demo.call("PUT", f"/bots/{bot_id}", {"name": " ", "config": {"spread_bps": "9"}})
    assert_problem(answer, 400, "name.empty", "name")
    assert everything(stage) == before
    assert demo.get(f"/bots/{bot_id}")["status"] == "running"


def test_a_bad_change_of_a_key_leaves_the_one_that_works(stage: Stage) -> None:
    demo = stage.demo
    path = f"/clients/{stage.client_id}/connectors/{stage.connector_id}"
    before = everything(stage)
    for body, code, field in (
        ({"api_key": "", "secret": "x"}, "credentials.empty", "api_key"),
        ({"api_key": "x", "secret": " "}, "credentials.empty", "secret"),
        ({"api_key": "x"}, "credentials.incomplete", "secret"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url.malformed", "base_url"),
        ({"proxy_url": "10.0.0.8"}, "proxy_url.malformed", "proxy_url"),
    ):
        assert_problem(demo.call("PUT", path, body), 400, code, field)
    assert everything(stage) == before
    checked = demo.call("POST", f"{path}/check")
    assert (checked.status, checked.body["status"]) == (200, "ok")


def test_stray_white_space_around_a_secret_is_stripped(stage: Stage) -> None:
    made = stage.new_key()
    spaced = {"api_key": f"\t {made['api_key']}\n", "secret": f" {made['secret']}\r\n"}
    answer = stage.connect("spaced", spaced)
    try:
        assert (answer.status, answer.body["status"], answer.body["finding"]) == (201, "ok", None)
        assert answer.body["key_last4"] == made["api_key"][-4:]
    finally:
        path = f"/clients/{stage.client_id}/connectors/{answer.body['id']}"
        assert stage.demo.call("DELETE", path).status == 200


def test_no_refusal_repeats_a_secret(stage: Stage) -> None:
    for field in ("api_key", "secret"):
        body = {**KEY, field: "do not repeat me"}
        answer = stage.demo.call("POST", f"/clients/{stage.client_id}/connectors", body)
        assert answer.status == 400
        assert "repeat" not in str(answer.body)


def assert_problem(answer: Answer, status: int, code: str, field: str) -> None:
    """RFC 9457, with what it takes to put it right."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.body
    assert (body["status"], body["code"], body["field"]) == (status, code, field)
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    assert body["remedy"]


def everything(stage: Stage) -> dict[str, Any]:
    """All clients, connectors and bots, without what their running changes, and what was ever done."""
    demo = stage.demo
    clients = demo.get("/clients")["clients"]
    shown = ("id", "name", "exchange", "key_last4", "base_url", "updated_at")
    return {
        "clients": clients,
        "connectors": [
            {name: one[name] for name in shown}
            for client in clients
            for one in demo.get(f"/clients/{client['id']}/connectors")["connectors"]
        ],
        "bots": [
            {name: one[name] for name in one if name not in ("state", "host_label")}
            for one in demo.get("/bots")["bots"]
        ],
        "done": stage.sql("SELECT count(*) FROM audit_log")[1],
    }
