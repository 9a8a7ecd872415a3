"""Answers to `client-flow.md`: from a bot that exists before its key, to a balance that is shown and explained."""

from decimal import Decimal
from typing import Any

from tests.e2e.running_demo import Answer, until
from tests.e2e.seed_balance_issues import Step
from tests.e2e.seed_reading import document
from tests.e2e.seed_stage import SPREAD_BOTS, Stage, above_zero, keys
from tests.e2e.seed_transcript import table

NEW_BOT = "SHARP-VB-Coinstore"
#: connector as it was typed, the bot's value, the rule that matches them
CASES = (
    ("coinstore", "coinstore", "name"),
    ("Coinstore", "coinstore", "name"),
    ("Coinstore", "Coinstore", "name"),
    ("coinstore", "Coinstore", "name"),
    ("COINSTORE", "coinstore", "name"),
    ("coinstore", "COINSTORE", "name"),
    ("CoinStore", "cOINsTORE", "name"),
    ("  Coinstore ", " coinstore  ", "name"),
    ("Main Key", "main key", "name"),
    ("Main Key", "Coinstore", "only connector at that exchange"),
)


def select_connector(stage: Stage, _: str) -> str:
    stage.get(
        "/clients/{client_id}/connectors",
        show=lambda body: [one["name"] for one in body["connectors"]],
        client_id=stage.client_id,
    )
    stage.get(
        "/exchanges",
        show=lambda body: {
            one["id"]: one["life"]["state"] for one in body["exchanges"] if one["certification"] != "none"
        },
        note="those that are proved here",
    )
    _leave_only_the_client(stage)
    return (
        "The dropdown offers the client's connectors first, then the exchanges. Those that ccxt has and nobody has"
        " proved here come after them. BitMart is marked as closing."
        " A bot there starts in the sandbox only.\n\n"
        "To walk on from the beginning, the demo's bots are stopped here and its connector is removed."
    )


def _leave_only_the_client(stage: Stage) -> None:
    for name in SPREAD_BOTS:
        bot_id = stage.bot_id(name)
        assert stage.demo.call("POST", f"/bots/{bot_id}/stop").status == 200

        def stopped(bot_id: str = bot_id) -> bool | None:
            return stage.demo.get(f"/bots/{bot_id}")["state"]["code"] == "stopped" or None

        until(stopped, within_s=90, what=f"{name} stopped")
    path = f"/clients/{stage.client_id}/connectors/{stage.connector_id}"
    assert stage.demo.call("DELETE", path).status == 200


def create_bot(stage: Stage, _: str) -> str:
    body = document("client-flow.md").body()
    assert sorted(body) == ["account", "bot_type", "connector", "name", "pair"]
    shown = ("name", "account", "connector", "pair", "bot_type", "config", "market_verified", "status")
    answer = stage.ask(
        "POST",
        "/bots/create",
        body,
        show=lambda made: {**keys(*shown)(made), "state": keys("code", "text")(made["state"])},
    )
    assert answer.status == 201, answer
    assert {name: answer.body[name] for name in body} == body
    started = stage.ask("POST", "/bots/{bot_id}/start", bot_id=answer.body["id"])
    assert (started.status, started.body["code"]) == (409, "strategy.unavailable")
    return (
        "Accepted with exactly these five fields, also before its key exists. A `volume` bot is stored and shown; "
        "to start it is refused in words, since this version has no strategy for it."
    )


def stored_bot(stage: Stage, _: str) -> str:
    statement = f"SELECT name, connector, status FROM bots WHERE name = '{NEW_BOT}'"
    columns, rows = stage.sql(statement)
    assert rows == [(NEW_BOT, "coinstore", "stopped")]
    return f"In the table `bots`:\n\n{table(columns, rows)}"


def add_key(stage: Stage, _: str) -> str:
    answer = _add(stage, "Coinstore")
    assert answer.status == 201, answer
    assert (answer.body["name"], answer.body["status"]) == ("coinstore", "ok")
    return "The key was read with at once; it never comes back, and `host_label` says that it is the sandbox."


def _add(stage: Stage, name: str) -> Any:
    key = stage.new_key()
    given = {"api_key": key["api_key"], "secret": key["secret"]}
    body = {"name": name, **given, "base_url": f"{stage.sandbox_address}/api"}
    shown = keys("name", "exchange", "key_last4", "host_label", "status", "finding")
    path = "/clients/{client_id}/connectors"
    answer = stage.demo.call("POST", path.format(client_id=stage.client_id), body)
    sent = {**body, "base_url": "http://<sandbox>/api"}
    stage.note_answer("POST", path, sent, answer, shown)
    return answer


def stored_name(stage: Stage, _: str) -> str:
    columns, rows = stage.sql("SELECT name, exchange FROM connectors WHERE deleted_at IS NULL")
    assert rows == [("coinstore", "coinstore")]
    again = stage.connect("COINSTORE", stage.new_key())
    assert (again.status, again.body["code"]) == (409, "connector.exists")
    stage.note_answer("POST", "/clients/{client_id}/connectors", {"name": "COINSTORE", "api_key": "..."}, again)
    return f"In lower case, whatever was typed, so that no second one differs by case only:\n\n{table(columns, rows)}"


def matches(stage: Stage, _: str) -> str:
    show = keys("connector", "looked_up", "match")
    body = stage.get("/bots/{bot_id}/balance-debug", show=show, bot_id=stage.bot_id(NEW_BOT))
    assert (body["match"]["matched"], body["match"]["rule"]) == (True, "name")
    return "It does, in any letter case; a table further down has the cases."


def load_bots(stage: Stage, _: str) -> str:
    show = keys("name", "connector", "status")
    body = stage.get("/bots?account=client_sharp", show=lambda body: [show(one) for one in body["bots"]])
    assert {one["name"] for one in body["bots"]} == {*SPREAD_BOTS, NEW_BOT}
    other_case = stage.get("/bots?account=CLIENT_SHARP", show=lambda body: [one["name"] for one in body["bots"]])
    assert [one["id"] for one in other_case["bots"]] == [one["id"] for one in body["bots"]]
    return "The account is found in any letter case too."


def balance_of_each(stage: Stage, _: str) -> str:
    for name in (*SPREAD_BOTS, NEW_BOT):
        body = stage.get(
            "/bots/{bot_id}/balance-and-volume",
            show=keys("pair", "status", "available", "locked"),
            bot_id=stage.bot_id(name),
        )
        assert body["status"] == "ok"
        assert above_zero(body["available"])
    return "All three are stopped, and all three have their balance. Nothing is locked: a true zero, read just now."


def balance(stage: Stage, _: str) -> str:
    body = stage.get("/bots/{bot_id}/balance-and-volume", bot_id=stage.bot_id(NEW_BOT))
    assert (body["status"], body["finding"]) == ("ok", None)
    assert above_zero(body["available"])
    return "Each number with its time. This bot never traded, so its volume is a true zero."


def connector_of_bot(stage: Stage, _: str) -> str:
    body = stage.get("/bots/{bot_id}", show=keys("account", "connector", "exchange"), bot_id=stage.bot_id(NEW_BOT))
    assert body["connector"] == "coinstore"
    return ""


def synced(stage: Stage, _: str) -> str:
    def show(body: Any) -> Any:
        return {
            "connectors_in_storage": [one["name"] for one in body["connectors_in_storage"]],
            "sessions": [one["key"] for one in body["sessions"]],
        }

    body = stage.get("/bots/{bot_id}/balance-debug", show=show, bot_id=stage.bot_id(NEW_BOT))
    assert show(body) == {"connectors_in_storage": ["coinstore"], "sessions": ["coinstore"]}
    return "Each connector in storage has its live session, under its name in lower case."


def found(stage: Stage, _: str) -> str:
    shown = keys("available", "locked", "volume")
    body = stage.get(
        "/bots/{bot_id}/balance-and-volume",
        show=lambda body: {**shown(body), "volume": body["volume"]["total"]},
        bot_id=stage.bot_id(NEW_BOT),
    )
    assert set(body["available"]) == set(body["locked"]) == {"SHARP", "USDT"}
    return ""


def not_found(stage: Stage, _: str) -> str:
    path = f"/clients/{stage.client_id}/connectors/{stage.connector_id}"
    assert stage.demo.call("DELETE", path).status == 200
    stage.note("with the connector removed")
    shown = keys("code", "title", "cause", "fix")
    body = stage.get(
        "/bots/{bot_id}/balance-and-volume",
        show=lambda body: {**keys("status", "available", "locked")(body), "finding": shown(body["finding"])},
        bot_id=stage.bot_id(NEW_BOT),
    )
    assert (body["status"], body["available"], body["locked"]) == ("unknown", None, None)
    assert body["finding"]["code"] == "connector.missing"
    _add(stage, "coinstore")
    return "An error with its cause and its fix, and no number in its place. The key is then added again."


def _connected(stage: Stage, name: str) -> Answer:
    """Many keys of one user in a row may be asked to slow down: whoever is, tries again."""

    def stored() -> Answer | None:
        answer = stage.connect(name, stage.new_key())
        if answer.status == 201:
            return answer
        assert answer.body["ladder"]["diagnosis"]["code"] == "rate.limited", answer
        return None

    return until(stored, within_s=90, what=f"a key is stored as {name}")


def cases(stage: Stage, _: str) -> str:
    """Each pair of spellings, with a key that is stored under that name."""
    rows = []
    for typed, wanted, rule in CASES:
        _remove_connector(stage)
        stored = _connected(stage, typed)
        bot_path = f"/bots/{stage.bot_id(NEW_BOT)}"
        assert stage.demo.call("PUT", bot_path, {"connector": wanted}).status == 200
        match = stage.demo.get(f"{bot_path}/balance-debug")["match"]
        figures = stage.demo.get(f"{bot_path}/balance-and-volume")
        assert (match["rule"], figures["status"]) == (rule, "ok")
        assert above_zero(figures["available"])
        rows.append((f"`{typed}`", f"`{stored.body['name']}`", f"`{wanted}`", match["rule"], figures["status"]))
    _remove_connector(stage)
    assert stage.connect("coinstore", stage.new_key()).status == 201
    assert stage.demo.call("PUT", f"/bots/{stage.bot_id(NEW_BOT)}", {"connector": "coinstore"}).status == 200
    head = ("connector as typed", "as stored", "the bot's value", "matched by", "balance")
    return f"It does, and so does every other spelling:\n\n{table(head, rows)}"


def _remove_connector(stage: Stage) -> None:
    (one,) = stage.demo.get(f"/clients/{stage.client_id}/connectors")["connectors"]
    assert stage.demo.call("DELETE", f"/clients/{stage.client_id}/connectors/{one['id']}").status == 200


def not_syncing(stage: Stage, text: str) -> str:
    synced(stage, text)
    return "`balance-debug` brings them in step and shows both sides; a key that was just added is live at once."


def missing_for_client(stage: Stage, _: str) -> str:
    body = {"connector": "second-key"}
    answer = stage.ask("PUT", "/bots/{bot_id}", body, bot_id=stage.bot_id(NEW_BOT))
    assert (answer.status, answer.body["code"]) == (400, "connector.unknown")
    return (
        "A bot cannot be pointed at a connector that is not there; removed later, it is `connector.missing` as above."
    )


def keys_empty(stage: Stage, _: str) -> str:
    before = stage.demo.get(f"/clients/{stage.client_id}/connectors")
    for field, given in (("api_key", {"api_key": "  ", "secret": "x"}), ("secret", {"api_key": "x", "secret": ""})):
        body = {"name": "empty", "exchange": "coinstore", **given}
        answer = stage.ask("POST", "/clients/{client_id}/connectors", body, client_id=stage.client_id)
        assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "credentials.empty", field)
    after = stage.demo.get(f"/clients/{stage.client_id}/connectors")
    assert [one["id"] for one in after["connectors"]] == [one["id"] for one in before["connectors"]]
    return "Refused by name, and nothing is stored."


def key_point_case(stage: Stage, _: str) -> str:
    for given in ("Coinstore", "COINSTORE", "coinstore"):
        path, ids = "/bots/{bot_id}", {"bot_id": stage.bot_id(NEW_BOT)}
        assert stage.ask("PUT", path, {"connector": given}, show=keys("connector"), **ids).status == 200
        body = stage.get("/bots/{bot_id}/balance-debug", show=keys("looked_up", "match"), **ids)
        assert body["match"]["rule"] == "name"
    return "The bot keeps what was typed and is looked up in lower case."


def same_balance(stage: Stage, _: str) -> str:
    """The spread bots run again, the new bot stays stopped: one account, one balance."""
    for name in SPREAD_BOTS:
        assert stage.demo.call("POST", f"/bots/{stage.bot_id(name)}/start").status == 200
        stage.until_quoting(stage.bot_id(name))

    def compared() -> bool | None:
        running, stopped = (
            stage.demo.get(f"/bots/{stage.bot_id(name)}/balance-and-volume") for name in (SPREAD_BOTS[0], NEW_BOT)
        )
        if running["as_of"] != stopped["as_of"]:
            return None
        assert running["available"] == stopped["available"]
        assert running["locked"] == stopped["locked"]
        return all(Decimal(amount) > 0 for amount in running["locked"].values()) or None

    until(compared, within_s=90, what="one read that both bots show")
    for name in (SPREAD_BOTS[0], NEW_BOT):
        stage.get(
            "/bots/{bot_id}/balance-and-volume",
            show=keys("available", "locked"),
            when=lambda body: above_zero(body["locked"]),
            note=name,
            bot_id=stage.bot_id(name),
        )
    return "To the last digit: the demo's bots run again, the new one is stopped, and all show one read of one account."


def debug(stage: Stage, _: str) -> str:
    def show(body: Any) -> Any:
        return {
            **keys("connector", "looked_up", "connectors_in_storage")(body),
            "sessions": [keys("key", "exchange", "host_label", "last_finding")(one) for one in body["sessions"]],
            **keys("match", "last_read_error", "diagnosis")(body),
        }

    stored = ("name", "exchange", "key_last4")
    body = stage.get(
        "/bots/{bot_id}/balance-debug",
        show=lambda body: {
            **show(body),
            "connectors_in_storage": [keys(*stored)(one) for one in body["connectors_in_storage"]],
        },
        bot_id=stage.bot_id(NEW_BOT),
    )
    assert body["match"]["matched"]
    assert body["last_read_error"] is None
    return ""


def shown_by_debug(*names: str) -> Any:
    def step(stage: Stage, _: str) -> str:
        body = stage.demo.get(f"/bots/{stage.bot_id(NEW_BOT)}/balance-debug")
        assert all(body[name] not in (None, [], "") for name in names)
        return f"{' and '.join(f'`{name}`' for name in names)} of the answer above."

    return step


STEPS: tuple[Step, ...] = (
    ('1. **Admin selects connector** (e.g., "coinstore", "bitmart") from dropdown in UI', select_connector),
    ("2. **Frontend sends** `POST /bots/create` with:", create_bot),
    ('3. **Backend stores** bot in `bots` table with `connector = "coinstore"`', stored_bot),
    ("- Admin adds API keys via `/clients/{client_id}/connectors` endpoint", add_key),
    ('- Stored in `connectors` table with `name = "coinstore"` (or "Coinstore", case may vary)', stored_name),
    ("- **Critical**: Bot's `connector` field must match connector's `name` field (case-insensitive)", matches),
    ("- Calls `GET /bots?account=client_sharp`", load_bots),
    ("- Calls `GET /bots/{bot_id}/balance-and-volume`", balance_of_each),
    ("GET /bots/{bot_id}/balance-and-volume", balance),
    ('Get bot.connector value (e.g., "coinstore")', connector_of_bot),
    ("Call sync_connectors_to_exchange_manager(bot.account)", synced),
    ("- Return Available | Locked | Volume", found),
    ("- Return error: \"Exchange 'coinstore' not found\"", not_found),
    ('- Lookup uses `bot.connector.lower()` = `"coinstore"` ✅ Should work!', cases),
    ("- Connectors might not be syncing to exchange_manager at all", not_syncing),
    ("- Or connector doesn't exist in database for this client", missing_for_client),
    ("- Or API keys are missing/empty", keys_empty),
    ("2. **Connector name** in database must match (case-insensitive)", key_point_case),
    ("5. **Multiple bots** with same API key show same balance ✅", same_balance),
    ("GET /bots/{bot_id}/balance-debug", debug),
    ("- Bot's connector value", shown_by_debug("connector")),
    ("- Connectors in database (with their names)", shown_by_debug("connectors_in_storage")),
    ("- Connectors in exchange_manager (after sync)", shown_by_debug("sessions")),
    ("- Whether they match", shown_by_debug("match")),
    ("- Diagnosis summary", shown_by_debug("diagnosis")),
)
