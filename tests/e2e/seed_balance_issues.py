"""Answers to `balance-and-trading-issues.md`: its steps, and those about trading, database and connection."""

import re
from collections.abc import Callable
from typing import Any

from tests.e2e import seed_key_answers as about_keys
from tests.e2e.running_demo import until
from tests.e2e.seed_curl import coinstore_headers, curl_request, send
from tests.e2e.seed_reading import Kind
from tests.e2e.seed_stage import SPREAD_BOTS, Stage, above_zero
from tests.e2e.seed_transcript import answered, table

Step = tuple[str, Callable[[Stage, str], str]]


# -- 3. trading


def why_not_trading(stage: Stage, _: str) -> str:
    for name in SPREAD_BOTS:
        bot_id = stage.bot_id(name)
        body = stage.get(
            "/bots/{bot_id}", show=about_keys.state("code", "text"), when=about_keys.quoting, note=name, bot_id=bot_id
        )
        assert body["state"]["code"] == "trading"
        assert stage.demo.get(f"/bots/{bot_id}/balance-and-volume")["volume"]["trades"] > 0
    return "They trade. A bot that does not says in `state` what blocks it, since when and what to do."


def is_the_runner_running(stage: Stage, _: str) -> str:
    assert stage.get("/ready")["status"] == "ready"
    body = stage.get("/bots/{bot_id}", show=about_keys.state("code"), when=about_keys.quoting, bot_id=stage.bot_id())
    assert body["state"]["code"] == "trading"
    return "Yes. Were it not, `/ready` would answer 503 and the bot's state would be `down`."


def are_bots_picked_up(stage: Stage, _: str) -> str:
    def show(body: Any) -> Any:
        return [{"name": one["name"], "status": one["status"], "state": one["state"]["code"]} for one in body["bots"]]

    def all_trade(body: Any) -> bool:
        return {one["state"]["code"] for one in body["bots"]} == {"trading"}

    body = stage.get("/bots?account=client_sharp", show=show, when=all_trade)
    assert {one["status"] for one in body["bots"]} == {"running"}
    return "Yes: `status` is what is wished, `state` what really happens."


def what_happens_to_an_order(stage: Stage, _: str) -> str:
    assert about_keys.call_of(stage, "create_order")["http_status"] == 200
    bot_id = stage.bot_id(SPREAD_BOTS[1])

    def filled() -> Any:
        orders = stage.demo.get(f"/bots/{bot_id}/orders")["orders"]
        return next((one for one in orders if one["filled"] == one["amount"]), None)

    order = until(filled, within_s=90, what="an order that was filled")
    shown = ("exchange_order_id", "type", "price", "amount", "filled", "post_only", "state", "refusal_code")
    stage.note("GET /bots/{bot_id}/orders   (one that was filled)")
    stage.note(answered(200, {name: order[name] for name in shown}))
    assert (order["state"], order["refusal_code"]) == ("filled", None)
    return "It is stored before it is sent, gets the exchange's id, rests in the book and is filled."


def errors_in_the_logic(stage: Stage, _: str) -> str:
    show = about_keys.state("code", "text", "reason", "finding")
    body = stage.get("/bots/{bot_id}", show=show, when=about_keys.quoting, bot_id=stage.bot_id())
    assert body["state"]["finding"] is None
    return "None: no finding. A fault of the platform's own would show here as `internal.error`."


def marked_running(stage: Stage, text: str) -> str:
    are_bots_picked_up(stage, text)
    return "Yes, in `status`; the statement that follows asks the database itself."


def sql_running_bots(stage: Stage, statement: str) -> str:
    columns, rows = stage.sql(statement)
    assert columns == ["id", "name", "status", "connector", "bot_type"]
    assert [row[1:] for row in sorted(rows, key=lambda row: row[1])] == [
        ("ETH-SB-Coinstore", "running", "coinstore", "spread"),
        ("SHARP-SB-Coinstore", "running", "coinstore", "spread"),
    ]
    shown = table(columns, [("&lt;id>", *row[1:]) for row in sorted(rows, key=lambda row: str(row[1]))])
    return f"Run as it stands on the demo's database, opened read-only:\n\n{shown}"


def any_trades(stage: Stage, _: str) -> str:
    body = stage.get("/bots/{bot_id}/trades", show=_first_trade, bot_id=stage.bot_id())
    assert body["trades"]
    return "Yes; shown is what is known of each."


def _first_trade(body: Any) -> Any:
    one = body["trades"][0]
    return {**one, "side": "<buy or sell>", "fee_currency": "<currency received>"}


def sql_trade_logs(stage: Stage, statement: str) -> str:
    columns, rows = stage.sql(statement)
    place = {name: number for number, name in enumerate(columns)}
    assert 1 <= len(rows) <= 10
    times = [row[place["created_at"]] for row in rows]
    assert times == sorted(times, reverse=True)
    for row in rows:
        assert above_zero({name: row[place[name]] for name in ("price", "amount", "cost")})
        assert row[place["symbol"]] in ("SHARP/USDT", "ETH/USDT")
        assert row[place["connector_id"]] == stage.connector_id
    names = ", ".join(f"`{name}`" for name in columns)
    return f"Run as it stands: the newest own trades, newest first. Columns: {names}."


# -- 4. connection


def can_it_connect(stage: Stage, text: str) -> str:
    def show(body: Any) -> Any:
        (session,) = body["sessions"]
        return {name: session[name] for name in ("key", "exchange", "host_label", "last_read", "last_finding")}

    body = about_keys.debug(stage, show)
    assert body["sessions"][0]["last_finding"] is None
    return "Yes: the session's last read was answered. The host is the sandbox, and every page says so."


def curl_stats(stage: Stage, command: str) -> str:
    request = curl_request(command)
    path = request.path.format(bot_id=stage.bot_id())
    stranger = stage.demo.call(request.method, path, token="")
    assert stranger.status == 401, stranger
    shown = {name: stranger.body[name] for name in ("code", "detail", "remedy")}
    stage.note(f"{request.method} {request.path}   as it stands", answered(401, shown))

    def show(body: Any) -> Any:
        recent = [_first_trade({"trades": body["recent_trades"]}), "..."]
        return {**body, "trades_24h": {"buys": "<count>", "sells": "<count>"}, "recent_trades": recent}

    body = stage.get(request.path, show=show, when=lambda body: above_zero(body["locked"]), bot_id=stage.bot_id())
    assert above_zero(body["available"])
    assert sum(body["trades_24h"].values()) > 0
    assert (body["status"], body["finding"]) == ("ok", None)
    return "Whoever is not signed in sees nothing; with a session the answer has the figures, and no error."


# -- the questions that are asked again


def log_of_the_session(stage: Stage, _: str) -> str:
    line = stage.log("session started", "connector=coinstore")
    stage.note("server.log, last line with `session started`", _steady_line(line))
    about_keys.call_of(stage, "fetch_balance")
    return "That its session started. Single reads are not logged: `balance-debug` has the last 50 with their answers."


def log_of_the_bot(stage: Stage, _: str) -> str:
    stage.until_quoting(stage.bot_id())
    line = stage.log(" state ", f"name={SPREAD_BOTS[0]}", "state=trading")
    stage.note("server.log, last line with `state=trading`", _steady_line(line))
    return "Each change of a bot's state, with its reason; the same is on the bot's page."


def _steady_line(line: str) -> str:
    """Without its time and the bot's id."""
    words = line.split(None, 1)[1]
    return re.sub(r"bot=\w+", "bot=<id>", re.sub(r" {2,}", " ", words))


def which_errors(stage: Stage, text: str) -> str:
    about_keys.error_of_the_fetch(stage, text)
    errors_in_the_logic(stage, text)
    return "None, neither of reading nor of trading."


def works_outside(stage: Stage, text: str) -> str:
    key = stage.new_key()
    command = 'curl -X POST "/api/spot/accountList" -H "X-CS-APIKEY: YOUR_API_KEY" -H "X-CS-SIGN: SIGNATURE"'
    request = curl_request(f'{command} -H "X-CS-EXPIRES: EXPIRES"')
    headers = coinstore_headers(request, key["api_key"], key["secret"], b"{}")
    answer = send("POST", f"{stage.sandbox_address}{request.path}", headers, b"{}")
    shown = {"code": answer.body["code"], "data": "..."}
    stage.note(
        "POST /api/spot/accountList   signed by a few lines of hashlib",
        answered(answer.status, shown),
    )
    assert str(answer.body["code"]) == "0"
    return "Yes: signed without any code of the product, the same key reads the same account."


def network_trouble(stage: Stage, _: str) -> str:
    made = stage.connect("nobody-there", stage.new_key(), base_url="http://127.0.0.1:1/api", save_anyway=True).body
    ids = {"client_id": stage.client_id, "connector_id": made["id"]}
    path = "/clients/{client_id}/connectors/{connector_id}"
    stage.note("a connector whose host nobody listens on")
    checked = stage.ask(
        "POST", f"{path}/check", show=about_keys.finding_of("code", "title", "parameters", "fix"), **ids
    ).body
    assert checked["finding"]["code"] == "exchange.unreachable"
    assert stage.demo.call("DELETE", path.format(**ids)).status == 200
    return "Not here. Where there are, name resolution, connection, TLS and time-out are told apart."


def database_trouble(stage: Stage, text: str) -> str:
    assert stage.get("/ready")["status"] == "ready"
    _, rows = stage.sql("PRAGMA integrity_check")
    stage.note("sqlite3: PRAGMA integrity_check", str(rows[0][0]))
    assert rows == [("ok",)]
    return "No. An order is stored before it is sent, so a database that cannot be written stops orders and says so."


def running_and_trades(stage: Stage, text: str) -> str:
    are_bots_picked_up(stage, text)
    any_trades(stage, text)
    return "Both bots are marked and do run, and their trades are logged."


def reach_from_railway(stage: Stage, text: str) -> str:
    can_it_connect(stage, text)
    return (
        "From this host, yes. On any host the same request answers it, and a refused address or a firewall is a "
        "finding of its own (`ip.not_allowed`, `exchange.unreachable`)."
    )


STEPS: tuple[Step, ...] = (
    ("### **1. Check Railway Logs - What Are The ACTUAL Errors?**", about_keys.actual_errors),
    ("**When balance fetch is called, what error appears in logs?**", about_keys.error_of_the_fetch),
    ("- Is the API call reaching the exchange?", about_keys.does_it_reach),
    ("- What HTTP status code is returned?", about_keys.which_status),
    ("- What error message is in the response?", about_keys.which_message),
    ("- Is it authentication (401/403) or something else?", about_keys.is_it_authentication),
    ("**Are the API keys actually valid?**", about_keys.are_keys_valid),
    ("- Are API keys correct in database?", about_keys.bitmart_keys),
    ("- Is IP whitelist configured? (Railway IP: `54.205.35.75`)", about_keys.bitmart_address),
    ('- Do keys have "spot trading" permissions?', about_keys.bitmart_permissions),
    ("- Are API keys correct in database?", about_keys.coinstore_keys),
    ("- Is IP whitelist configured? (if enabled)", about_keys.coinstore_address),
    ("- Do keys have correct permissions?", about_keys.coinstore_permissions),
    (Kind.CURL, about_keys.curl_bitmart),
    (Kind.CURL, about_keys.curl_coinstore),
    ("**Why aren't bots trading?**", why_not_trading),
    ("- Is `CEXBotRunner` actually running?", is_the_runner_running),
    ("- Are bots being picked up by the runner?", are_bots_picked_up),
    ("- What happens when bot tries to place order?", what_happens_to_an_order),
    ("- Are there any errors in the trading logic?", errors_in_the_logic),
    ('-- Are bots actually marked as "running"?', marked_running),
    (Kind.SQL, sql_running_bots),
    ("-- Are there any trade logs?", any_trades),
    (Kind.SQL, sql_trade_logs),
    ("**Can the backend actually connect to exchanges?**", can_it_connect),
    (Kind.CURL, curl_stats),
    ("1. **What do Railway logs show when balance fetch is called?**", log_of_the_session),
    ("2. **What do Railway logs show when bot tries to trade?**", log_of_the_bot),
    ("- Is the bot runner even running?", is_the_runner_running),
    ("- What errors appear?", which_errors),
    ("3. **Are API keys valid?**", about_keys.are_keys_valid),
    ("- Can you test them directly with curl?", works_outside),
    ("- Do they work outside our system?", works_outside),
    ("4. **Is the exchange connection working?**", can_it_connect),
    ("- Can we reach the exchange APIs?", about_keys.does_it_reach),
    ("- Are there network/firewall issues?", network_trouble),
    ("- ❓ What the actual error messages are (need to check logs)", which_errors),
    ("- ❓ Whether API keys are valid (need to test directly)", about_keys.are_keys_valid),
    ("- ❓ Whether exchange APIs are reachable (need to test)", about_keys.does_it_reach),
    ("- ❓ Whether bot runner is actually executing trades (need to check logs)", any_trades),
    ("- ❓ Whether there are database issues preventing bot execution", database_trouble),
    ("3. **Check bot runner status** - Is it running? Is it picking up bots?", are_bots_picked_up),
    ('4. **Check database** - Are bots marked as "running"? Are there any trade logs?', running_and_trades),
    ("5. **Test exchange connectivity** - Can we reach exchange APIs from Railway?", reach_from_railway),
    ("- What do the logs actually say?", log_of_the_bot),
    ("- Are API keys valid?", about_keys.are_keys_valid),
    ("- Is bot runner working?", is_the_runner_running),
    ("- Can we connect to exchanges?", can_it_connect),
)
