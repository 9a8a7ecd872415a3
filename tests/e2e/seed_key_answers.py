"""Answers to `balance-and-trading-issues.md` about errors and keys: what the exchange said, and why."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.e2e.running_demo import Answer, until
from tests.e2e.seed_curl import coinstore_headers, curl_request, send
from tests.e2e.seed_stage import Stage, above_zero, keys
from tests.e2e.seed_transcript import answered, table

RAILWAY_ADDRESS = "54.205.35.75"
#: an exchange account of its own, and the memo of its keys
BITMART = "client_sharp_bitmart"


def debug(stage: Stage, show: Callable[[Any], Any]) -> Any:
    return stage.get("/bots/{bot_id}/balance-debug", show=show, bot_id=stage.bot_id())


def _last_call(body: Any, name: str) -> dict[str, Any] | None:
    (session,) = body["sessions"]
    return next((call for call in reversed(session["calls"]) if call["call"] == name), None)


def call_of(stage: Stage, name: str, *fields: str) -> dict[str, Any]:
    """The newest call of this name in balance-debug, as it ended."""
    path = f"/bots/{stage.bot_id()}/balance-debug"
    call = until(lambda: _last_call(stage.demo.get(path), name), within_s=90, what=f"a call {name}")
    shown = {key: call[key] for key in ("call", *(fields or ("method", "endpoint", "http_status", "exchange_code")))}
    stage.note("GET /bots/{bot_id}/balance-debug   (the newest such call of its session)", answered(200, shown))
    return call


# -- 1. the actual errors


def actual_errors(stage: Stage, _: str) -> str:
    """Five keys that cannot work, each for another reason, and what the product says of each."""
    unbound = {"permissions": ("read", "trade")}
    broken: tuple[tuple[str, dict[str, Any], dict[str, str]], ...] = (
        ("key revoked", unbound, {}),
        ("secret of another key", unbound, {"secret": "0123456789abcdef"}),
        (f"key bound to {RAILWAY_ADDRESS}, called from elsewhere", {"addresses": (RAILWAY_ADDRESS,)}, {}),
        ("key without Read", {"permissions": ("trade",)}, {}),
        ("host that does not answer", unbound, {"base_url": "http://127.0.0.1:1/api"}),
    )
    rows = []
    for number, (what, key_is, connector_is) in enumerate(broken):
        key = stage.new_key(**key_is)
        if what == "key revoked":
            stage.demo.sandbox("POST", "/keys/revoke", {"api_key": key["api_key"]})
        refused = stage.connect(f"broken-{number}", key, **connector_is)
        assert (refused.status, refused.body["code"]) == (409, "connector.check_failed"), refused
        made = stage.connect(f"broken-{number}", key, **connector_is, save_anyway=True)
        assert made.status == 201, made
        path = f"/clients/{stage.client_id}/connectors/{made.body['id']}"
        checked = stage.demo.call("POST", f"{path}/check").body
        assert (checked["status"], checked["balances"]) == ("unknown", None), "a failed read is never a number"
        finding, said = checked["finding"], checked["finding"]["evidence"]
        http = "no answer" if said["http_status"] is None else f"HTTP {said['http_status']}"
        words = "" if said["exchange_code"] is None else f", code {said['exchange_code']}, {said['exchange_text']}"
        rows.append((what, f"{http}{words}", f"`{finding['code']}`", finding["fix"]))
        assert stage.demo.call("DELETE", path).status == 200
    stage.note("POST /clients/{client_id}/connectors/{connector_id}/check   (of five keys that cannot work)")
    head = ("what is wrong", "the exchange", "finding", "what to do")
    said = (
        "Each was refused with the doctor's ladder, and saved only on purpose (`save_anyway`). The error is the"
        " exchange's own, with cause and fix; the balance is `unknown`, never 0."
    )
    return f"{said}\n\n{table(head, rows)}"


def error_of_the_fetch(stage: Stage, _: str) -> str:
    body = debug(stage, keys("last_read_error", "diagnosis"))
    assert body["last_read_error"] is None
    return "None: the read was answered. A read that fails leaves its error here, on the card and in the API."


def does_it_reach(stage: Stage, _: str) -> str:
    assert call_of(stage, "fetch_balance")["http_status"] == 200
    return "Yes: each of a session's last 50 calls is listed with its answer."


def which_status(stage: Stage, _: str) -> str:
    call = call_of(stage, "fetch_balance", "http_status", "exchange_code")
    assert (call["http_status"], call["exchange_code"]) == (200, "0")
    return "HTTP 200, and code 0 inside: Coinstore refuses with HTTP 200 too, so the code decides."


def which_message(stage: Stage, _: str) -> str:
    call = call_of(stage, "fetch_balance", "exchange_text", "finding_code")
    assert call["finding_code"] is None
    return "None. Where there is one, `exchange_text` has it word for word."


def is_it_authentication(stage: Stage, _: str) -> str:
    key = stage.new_key()
    stage.demo.sandbox("POST", "/keys/revoke", {"api_key": key["api_key"]})
    made = stage.connect("revoked", key, save_anyway=True).body
    ids = {"client_id": stage.client_id, "connector_id": made["id"]}
    show = finding_of("code", "cause")
    path = "/clients/{client_id}/connectors/{connector_id}"
    checked = stage.ask("POST", f"{path}/check", show=show, **ids).body
    assert checked["finding"]["code"] == "credentials.rejected"
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    return "There is no error here. With a revoked key it is authentication, and the finding says so."


def quoting(body: Any) -> bool:
    return bool(body["state"]["reason"] == "quoting")


def state(*names: str) -> Callable[[Any], Any]:
    return lambda body: {"state": keys(*names)(body["state"])}


def finding_of(*names: str) -> Callable[[Any], Any]:
    def show(body: Any) -> Any:
        found = body["finding"]
        status = {"status": body["status"]}
        return {**status, "finding": None if found is None else {name: found[name] for name in names}}

    return show


# -- 2. keys


def are_keys_valid(stage: Stage, _: str) -> str:
    path = "/clients/{client_id}/connectors/{connector_id}/check"
    checked = stage.ask(
        "POST", path, show=finding_of("code"), client_id=stage.client_id, connector_id=stage.connector_id
    ).body
    assert (checked["status"], checked["finding"]) == ("ok", None)
    assert above_zero({currency: held["available"] for currency, held in checked["balances"].items()})
    return "Yes: one signed read with this key, now, was answered."


def bitmart_keys(stage: Stage, _: str) -> str:
    body = {"name": "bitmart", "api_key": "any", "secret": "any"}
    answer = stage.ask("POST", "/clients/{client_id}/connectors", body, client_id=stage.client_id)
    assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "credentials.empty", "memo")
    made = _at_bitmart(stage, _bitmart_key(stage))
    assert made.status == 201, made
    stage.note(
        "POST /clients/{client_id}/connectors   (with the memo; at the sandbox, which speaks BitMart's protocol)"
    )
    ids = {"client_id": stage.client_id, "connector_id": made.body["id"]}
    path = "/clients/{client_id}/connectors/{connector_id}"
    checked = stage.ask("POST", f"{path}/check", show=finding_of("code"), **ids).body
    assert checked["status"] == "ok"
    assert above_zero({currency: held["available"] for currency, held in checked["balances"].items()})
    assert made.body["ends"]["code"].startswith("exchange.clos")
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    return (
        "A BitMart key has a third part, its memo. The exchange ends: the connector says until when money can be"
        " withdrawn, its balance is read as long as it answers, and bots start in its sandbox only."
    )


def bitmart_address(stage: Stage, _: str) -> str:
    made = _at_bitmart(stage, _bitmart_key(stage, addresses=(RAILWAY_ADDRESS,)), save_anyway=True).body
    ids = {"client_id": stage.client_id, "connector_id": made["id"]}
    path = "/clients/{client_id}/connectors/{connector_id}"
    stage.note(f"sandbox: a key bound to {RAILWAY_ADDRESS}, used from 127.0.0.1")
    checked = stage.ask("POST", f"{path}/check", show=finding_of("code", "cause"), **ids).body
    assert checked["finding"]["code"] == "ip.not_allowed"
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    return "BitMart says so in its own code (30010), and the finding says which step mends it."


def bitmart_permissions(stage: Stage, _: str) -> str:
    made = _at_bitmart(stage, _bitmart_key(stage, permissions=("read",)), save_anyway=True).body
    ids = {"client_id": stage.client_id, "connector_id": made["id"]}
    path = "/clients/{client_id}/connectors/{connector_id}"
    stage.note("sandbox: a key with Read alone")

    def steps(body: Any) -> Any:
        return {step["rung"]: step["outcome"] for step in body["ladder"]["steps"] if "permission" in step["rung"]}

    checked = stage.ask("POST", f"{path}/check", show=steps, **ids).body
    assert checked["ladder"]["diagnosis"]["code"] == "permission.trade_missing"
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    return "The check asks for each permission by a call that cannot trade, and names the one that is missing."


def _bitmart_key(stage: Stage, permissions: Sequence[str] = ("read", "trade"), addresses: Sequence[str] = ()) -> Any:
    if BITMART not in {
        one["account"] for one in stage.demo.sandbox("GET", "/accounts", exchange="bitmart")["accounts"]
    }:
        stage.demo.sandbox("POST", "/accounts", {"account": BITMART}, exchange="bitmart")
        for currency in ("SHARP", "USDT"):
            body = {"account": BITMART, "currency": currency, "amount": "1000"}
            stage.demo.sandbox("POST", "/deposits", body, exchange="bitmart")
    wanted = {"account": BITMART, "permissions": list(permissions), "addresses": list(addresses)}
    return stage.demo.sandbox("POST", "/keys", wanted, exchange="bitmart")


def _at_bitmart(stage: Stage, key: Any, **more: object) -> Answer:
    at = {"exchange": "bitmart", "memo": BITMART, "base_url": f"{stage.sandbox_address}/bitmart"}
    return stage.connect("bitmart", key, **at, **more)


def coinstore_keys(stage: Stage, _: str) -> str:
    body = stage.get(
        "/clients/{client_id}/connectors",
        show=lambda body: [keys("name", "exchange", "key_last4", "status")(one) for one in body["connectors"]],
        client_id=stage.client_id,
    )
    (one,) = body["connectors"]
    assert one["status"] == "ok"
    return "Stored encrypted and never shown again; four characters tell keys apart, `status` whether one works."


def coinstore_address(stage: Stage, _: str) -> str:
    made = stage.connect("elsewhere", stage.new_key(addresses=(RAILWAY_ADDRESS,)), save_anyway=True).body
    ids = {"client_id": stage.client_id, "connector_id": made["id"]}
    path = "/clients/{client_id}/connectors/{connector_id}"
    stage.note(f"sandbox: a key bound to {RAILWAY_ADDRESS}, used from 127.0.0.1")
    checked = stage.ask("POST", f"{path}/check", show=finding_of("code", "cause", "fix"), **ids).body
    assert checked["finding"]["code"] == "ip.not_allowed"
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    (key,) = _live_keys(stage)
    assert key["addresses"] == []
    return "The demo's own key has no address list. A key with one that lacks this host is told with the fix."


def coinstore_permissions(stage: Stage, _: str) -> str:
    (key,) = _live_keys(stage)
    stage.note(
        "sandbox: GET /control/coinstore/keys?account=client_sharp", answered(200, {"permissions": key["permissions"]})
    )
    assert key["permissions"] == ["read", "trade"]
    assert call_of(stage, "create_order")["exchange_code"] == "0"
    return "Read and trade, as it must be, and no withdraw: an order that the exchange took proves it."


def _live_keys(stage: Stage) -> list[dict[str, Any]]:
    """The key that the demo uses; those of this walk are told apart by their connectors, which are gone."""
    last4 = stage.demo.get(f"/clients/{stage.client_id}/connectors")["connectors"][0]["key_last4"]
    found = stage.demo.sandbox("GET", "/keys?account=client_sharp")["keys"]
    return [key for key in found if key["api_key"].endswith(last4)]


def curl_bitmart(stage: Stage, command: str) -> str:
    """Sent to the sandbox; the command's placeholders but the key stay as they are."""
    request, key = curl_request(command), _bitmart_key(stage)
    url = f"{stage.sandbox_address}/bitmart{request.path}"

    def sent(api_key: str, what: str) -> Answer:
        answer = send(request.method, url, {**request.headers, "X-BM-KEY": api_key}, b"")
        shown = {name: answer.body[name] for name in ("code", "message", "data")}
        stage.note(f"{request.method} {request.path}   {what}", answered(answer.status, shown))
        return answer

    known = sent(key["api_key"], "with a key, SIGNATURE and TIMESTAMP as they stand")
    assert (known.status, known.body["code"]) == (200, 1000)
    unknown = sent("YOUR_API_KEY", "with no key")
    assert (unknown.status, unknown.body["code"]) == (401, 30002)
    return (
        "BitMart's wallet wants the key alone: this command proves neither secret nor memo. The product's check does."
    )


def curl_coinstore(stage: Stage, command: str) -> str:
    """Sent to the sandbox with a signature of its own making."""
    request, key = curl_request(command), stage.new_key()
    url = f"{stage.sandbox_address}{request.path}"

    def sent(body: bytes, signed: bytes, what: str, when: Callable[[Any], bool] = lambda _: True) -> Any:
        def look() -> Any:
            headers = coinstore_headers(request, key["api_key"], key["secret"], signed)
            answer = send(request.method, url, headers, body)
            return answer if when(answer.body) else None

        answer = until(look, within_s=90, what=f"{request.path} as expected")
        shown = answer.body
        if "data" in shown:
            rows = sorted(shown["data"], key=lambda row: (row["currency"], row["typeName"]))
            shown = {**shown, "data": [keys("currency", "typeName", "balance")(row) for row in rows]}
        stage.note(f"{request.method} {request.path}   {what}", answered(answer.status, shown))
        return answer

    bare = sent(b"", b"", "as it stands: no body")
    assert (bare.status, bare.body["code"]) == (400, 400)
    whole = sent(
        b"{}", b"{}", "with the body {}, which the signature covers", lambda body: len(body.get("data") or ()) == 6
    )
    assert (whole.status, str(whole.body["code"])) == (200, "0")
    assert {row["currency"] for row in whole.body["data"]} == {"SHARP", "ETH", "USDT"}
    changed = sent(b"{ }", b"{}", "one byte more than was signed")
    assert (changed.status, changed.body["code"]) == (401, 401)
    return (
        "With a true two-step signature the key works outside the product too. The command lacks the body `{}`, "
        "which Coinstore wants sent and signed."
    )
