"""Connectors over HTTP: keys go in and never come out."""

import asyncio
import json

import pytest
from sqlalchemy import text

from tests.factories import NOW, balances
from tests.unit.api.conftest import Api
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Stale, Unknown
from trading_bridge.diagnosis.doctor import Draft
from trading_bridge.storage.journal import Journal, StoreBalances

KEY, SECRET = "7f6a-abcd-x9k2", "b31c-very-secret"


def body(**more: object) -> dict[str, object]:
    return {"name": "coinstore", "api_key": KEY, "secret": SECRET, **more}


async def test_a_key_goes_in_and_never_comes_out(api: Api) -> None:
    client_id = await api.make_client()
    proxy = "http://user:proxy-password@10.0.0.8:3128"
    made = await api.client.post(
        f"/clients/{client_id}/connectors",
        body(api_key=f"  {KEY}\n", secret=f"\t{SECRET} ", memo=" memo-word ", proxy_url=proxy),
    )
    assert (made.status, made.json["key_last4"], made.json["has_proxy"]) == (201, "x9k2", True)
    connector_id = made.json["id"]
    async with api.world.database.unit_of_work(read_only=True) as uow:
        stored = await uow.connectors.credentials(connector_id)
    assert stored is not None
    assert (stored.api_key, stored.secret, stored.memo) == (KEY, SECRET, "memo-word")
    bot_id = await api.make_bot()
    answers = [
        made,
        await api.client.get(f"/clients/{client_id}/connectors"),
        await api.client.get(f"/bots/{bot_id}/balance-debug"),
        await api.client.put(f"/clients/{client_id}/connectors/{connector_id}", {"ipv4_only": True}),
    ]
    for answer in answers:
        for word in (KEY, SECRET, "memo-word", "proxy-password"):
            assert word.encode() not in answer.body
    async with api.world.database.unit_of_work(read_only=True) as uow:
        for row in (await uow.audit.list()).items:
            assert not any(word in row.details for word in (KEY, SECRET, "memo-word", "proxy-password"))


async def test_a_key_whose_proxy_cannot_be_read_is_never_tried_without_it(api: Api) -> None:
    client_id = await api.make_client()
    proxied = body(proxy_url="http://10.0.0.8:3128")
    at = f"/clients/{client_id}/connectors"
    at = f"{at}/{(await api.client.post(at, proxied)).json['id']}"
    await api.world.database.transact(lambda c: c.execute(text("UPDATE connectors SET proxy_url = 'gibberish'")))
    api.world.doctor.serves = False
    asked = api.world.doctor.examined
    for change in (None, {"api_key": KEY, "secret": SECRET}, {"api_key": KEY, "secret": SECRET, "proxy_url": ""}):
        asked.clear()
        answer = await (api.client.post(f"{at}/check", {}) if change is None else api.client.put(at, change))
        assert answer.status == 200, answer.body
        assert [isinstance(draft, Draft) and draft.proxy_lost for draft in asked] == [True]
    asked.clear()
    mended = {"api_key": KEY, "secret": SECRET, "proxy_url": "http://10.0.0.9:3128"}
    assert (await api.client.put(at, mended)).status == 200
    assert [isinstance(draft, Draft) and draft.proxy_lost for draft in asked] == [False]


async def test_a_check_of_a_key_without_a_session_says_why_it_has_none(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    api.world.doctor.serves = False
    lost = Finding(code="credentials.undecryptable", severity=Severity.CRITICAL, since=NOW)
    api.world.manager.known[connector_id] = Unknown(finding=lost)
    await api.client.post(f"/clients/{client_id}/connectors/{connector_id}/check", {})
    draft = api.world.doctor.examined[-1]
    assert isinstance(draft, Draft)
    assert draft.missing == lost


async def test_where_only_a_name_is_given_the_exchange_is_that_name(api: Api) -> None:
    client_id = await api.make_client()
    made = await api.client.post(f"/clients/{client_id}/connectors", body(name=" CoinStore "))
    assert (made.json["name"], made.json["exchange"]) == ("coinstore", "coinstore")
    other = await api.client.post(f"/clients/{client_id}/connectors", body(name="Second Key", exchange="COINSTORE"))
    assert (other.json["name"], other.json["exchange"]) == ("second key", "coinstore")
    unnamed = await api.make_client("other")
    made = await api.client.post(
        f"/clients/{unnamed}/connectors", {"exchange": "coinstore", "api_key": KEY, "secret": SECRET}
    )
    assert (made.json["name"], made.json["exchange"]) == ("coinstore", "coinstore")


@pytest.mark.parametrize(("memo", "said"), [(" ", "is empty"), ("two words", "is not one word")])
async def test_a_further_field_is_called_as_the_exchange_calls_it(api: Api, memo: str, said: str) -> None:
    client_id = await api.make_client()
    refused = await api.client.post(f"/clients/{client_id}/connectors", body(name="kucoin", memo=memo))
    assert (refused.status, refused.json["field"]) == (400, "memo")
    assert f"The API passphrase {said}" in str(refused.body)


@pytest.mark.parametrize("name", ["coinstore", "Coinstore", " COINSTORE "])
async def test_a_name_is_unique_in_any_case(api: Api, name: str) -> None:
    client_id = await api.make_client()
    await api.make_connector(client_id, "Coinstore")
    refused = await api.client.post(f"/clients/{client_id}/connectors", body(name=name))
    assert (refused.status, refused.json["field"]) == (409, "name")
    assert len((await api.client.get(f"/clients/{client_id}/connectors")).json["connectors"]) == 1
    assert (await api.client.post(f"/clients/{await api.make_client('other')}/connectors", body())).status == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "nowhere"}, "name"),
        ({"name": "main", "exchange": "nowhere"}, "exchange"),
        ({"name": None}, "exchange"),
        ({"name": "a/b", "exchange": "coinstore"}, "name"),
        ({"name": "x" * 41, "exchange": "coinstore"}, "name"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "  \n"}, "api_key"),
        ({"secret": ""}, "secret"),
        ({"secret": "two words"}, "secret"),
        ({"secret": "line\nbreak"}, "secret"),
        ({"api_key": "k\r\nX-Evil: 1"}, "api_key"),
        ({"secret": "schlüssel"}, "secret"),
        ({"secret": "x" * 513}, "secret"),
        ({"api_key": None}, "api_key"),
        ({"base_url": "127.0.0.1:8802"}, "base_url"),
        ({"base_url": "ftp://host/api"}, "base_url"),
        ({"base_url": "http:///api"}, "base_url"),
        ({"base_url": "http://host:99999/api"}, "base_url"),
        ({"base_url": "http://host:0/api"}, "base_url"),
        ({"base_url": "http://[::1/api"}, "base_url"),
        ({"base_url": "http://user:password@host/api"}, "base_url"),
        ({"base_url": "http://host/api?x=1"}, "base_url"),
        ({"base_url": "http://ho st/api"}, "base_url"),
        ({"base_url": "http://169.254.169.254/latest"}, "base_url"),
        ({"proxy_url": "socks4://host:1080"}, "proxy_url"),
        ({"proxy_url": "socks5h://user:word@[fd00:ec2::254]:1080"}, "proxy_url"),
        ({"proxy_url": "10.0.0.8:3128"}, "proxy_url"),
        ({"proxy_url": "http://"}, "proxy_url"),
        ({"ipv4_only": "maybe"}, "ipv4_only"),
        ({"timeout_s": 1}, "timeout_s"),
        ({"timeout_s": 31}, "timeout_s"),
        ({"timeout_s": -5}, "timeout_s"),
        ({"timeout_s": 2.5}, "timeout_s"),
        ({"timeout_s": "soon"}, "timeout_s"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(api: Api, change: dict[str, object], field: str) -> None:
    client_id = await api.make_client()
    refused = await api.client.post(f"/clients/{client_id}/connectors", body(**change))
    assert (400 <= refused.status < 500, refused.json["field"]) == (True, field), refused.body
    assert refused.json["remedy"]
    assert (await api.client.get(f"/clients/{client_id}/connectors")).json["connectors"] == []


async def test_the_host_is_marked_on_every_page(api: Api) -> None:
    client_id = await api.make_client()
    made = await api.client.post(f"/clients/{client_id}/connectors", body(base_url=" http://127.0.0.1:8802/api/ "))
    assert (made.json["base_url"], made.json["host_label"]) == ("http://127.0.0.1:8802/api", "sandbox")
    bot_id = await api.make_bot()
    assert (await api.client.get(f"/bots/{bot_id}")).json["host_label"] == "sandbox"
    assert (await api.client.get("/bots")).json["bots"][0]["host_label"] == "sandbox"
    changed = await api.client.put(
        f"/clients/{client_id}/connectors/{made.json['id']}", {"base_url": "https://mirror.example/api"}
    )
    assert changed.json["host_label"] == "mirror.example"
    changed = await api.client.put(f"/clients/{client_id}/connectors/{made.json['id']}", {"base_url": ""})
    assert (changed.json["base_url"], changed.json["host_label"]) == (None, None)


async def test_keys_are_rotated_together(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    path = f"/clients/{client_id}/connectors/{connector_id}"
    assert (await api.client.put(path, {"api_key": "new-key-0001"})).json["field"] == "secret"
    assert (await api.client.put(path, {"secret": "new"})).json["field"] == "api_key"
    assert (await api.client.put(path, {"api_key": " ", "secret": "new"})).json["field"] == "api_key"
    async with api.world.database.unit_of_work(read_only=True) as uow:
        kept = await uow.connectors.credentials(connector_id)
    assert kept is not None
    assert kept.api_key == "key-1234567890"
    changed = await api.client.put(path, {"api_key": "new-key-0001", "secret": "new-secret"})
    assert (changed.status, changed.json["key_last4"]) == (200, "0001")
    async with api.world.database.unit_of_work(read_only=True) as uow:
        stored = await uow.connectors.credentials(connector_id)
    assert stored is not None
    assert (stored.api_key, stored.secret) == ("new-key-0001", "new-secret")


async def test_fault_O5_a_connector_in_use_is_not_removed_renamed_or_moved(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    bot_id = await api.make_bot(connector="COINSTORE")
    await api.client.post(f"/bots/{bot_id}/start")
    path = f"/clients/{client_id}/connectors/{connector_id}"
    for refused in (
        await api.client.delete(path),
        await api.client.put(path, {"name": "other"}),
        await api.client.put(path, {"base_url": "http://127.0.0.1:1/api"}),
    ):
        assert (refused.status, refused.json["code"]) == (409, "connector.in_use")
    assert (await api.client.put(path, {"api_key": "new-key-0001", "secret": "new"})).status == 200
    await api.client.post(f"/bots/{bot_id}/stop")
    assert (await api.client.delete(path)).status == 200
    async with api.world.database.unit_of_work(read_only=True) as uow:
        assert await uow.connectors.credentials(connector_id) is None
    assert (await api.client.get(f"/bots/{bot_id}")).json["state"]["finding"]["code"] == "connector.missing"


async def test_another_clients_connector_is_not_found_under_this_one(api: Api) -> None:
    mine, other = await api.make_client("mine"), await api.make_client("other")
    connector_id = await api.make_connector(other)
    path = f"/clients/{mine}/connectors/{connector_id}"
    for answer in (
        await api.client.put(path, {"ipv4_only": True}),
        await api.client.delete(path),
        await api.client.get(f"{path}/balances"),
        await api.client.post(f"{path}/check"),
    ):
        assert answer.status == 404


async def test_balances_of_a_connector_without_a_bot(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    path = f"/clients/{client_id}/connectors/{connector_id}"
    unknown = (await api.client.get(f"{path}/balances")).json
    assert (unknown["status"], unknown["balances"], unknown["age_seconds"]) == ("unknown", None, None)
    assert unknown["finding"]["fix"]
    api.world.manager.hold(connector_id, SHARP=("125000.50", "0"), DUST=("0.00000000000000000001", "1E+3"))
    await api.world.clock.advance(1.25)
    known = (await api.client.post(f"{path}/check")).json
    assert known["balances"] == {
        "SHARP": {"available": "125000.5", "locked": "0"},
        "DUST": {"available": "0.00000000000000000001", "locked": "1000"},
    }
    assert (known["status"], known["age_seconds"], known["wallet"]) == ("ok", 1.2, "spot")
    assert api.world.doctor.examined[-1] == connector_id
    assert known["ladder"]["passed"] is True
    listed = (await api.client.get(f"/clients/{client_id}/connectors")).json["connectors"][0]
    assert (listed["status"], listed["finding"]) == ("ok", None)


async def test_a_connector_that_does_not_answer_keeps_no_list_waiting(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    manager = api.world.manager
    manager.hold(connector_id, SHARP=("1", "0"))
    known = manager.known[connector_id]
    rejected = Finding(code="exchange.unreachable", severity=Severity.CRITICAL, since=api.world.clock.now())
    manager.known[connector_id] = Stale(value=known.value, as_of=known.as_of, finding=rejected)  # type: ignore[union-attr]
    manager.hanging.add(connector_id)
    listing = asyncio.ensure_future(api.client.get(f"/clients/{client_id}/connectors"))
    await manager.hung.wait()
    await api.world.clock.advance(2.1)
    row = (await listing).json["connectors"][0]
    assert (row["status"], row["finding"]["code"]) == ("stale", "exchange.unreachable")


async def test_exchanges_say_which_credentials_they_want(api: Api) -> None:
    listed = {one["id"]: one for one in (await api.client.get("/exchanges")).json["exchanges"]}
    fields = {field["name"]: field for field in listed["coinstore"]["credential_fields"]}
    assert fields["secret"]["secret"] is True
    assert listed["coinstore"]["label"] == "Coinstore"
    assert [field["name"] for field in listed["bitmart"]["credential_fields"]] == ["api_key", "secret", "memo"]


async def test_exchanges_say_how_long_they_live(api: Api) -> None:
    listed = {one["id"]: one["life"] for one in (await api.client.get("/exchanges")).json["exchanges"]}
    assert listed["coinstore"]["state"] == "active"
    assert listed["coinstore"]["withdraw_by"] is None
    closing = dict(listed["bitmart"])
    assert "notice" in closing.pop("source")
    assert closing == {
        "state": "closing",
        "no_new_orders_since": "2026-07-26",
        "last_trading_day": "2026-08-26",
        "withdraw_by": "2027-01-31",
    }


async def test_a_key_of_a_closing_exchange_is_taken_with_its_memo(api: Api) -> None:
    client_id = await api.make_client()
    path = f"/clients/{client_id}/connectors"
    missing = await api.client.post(path, body(name="bitmart"))
    assert (missing.status, missing.json["code"], missing.json["field"]) == (400, "credentials.empty", "memo")
    made = await api.client.post(path, body(name="bitmart", memo="our-desk"))
    assert (made.status, made.json["exchange"]) == (201, "bitmart")


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"ipv4_only": True}, True),
        ({"base_url": "http://127.0.0.1:9999/api"}, False),
        ({"api_key": "another", "secret": "pair"}, False),
    ],
)
async def test_numbers_of_another_account_or_host_are_not_kept(api: Api, change: dict[str, object], kept: bool) -> None:
    client_id = await api.make_client()
    made = await api.client.post(f"/clients/{client_id}/connectors", body())
    connector_id = made.json["id"]
    journal = Journal(api.world.database)
    writing = asyncio.create_task(journal.run())
    row = StoreBalances(connector_id=connector_id, balances=balances(USDT="5"), as_of=api.world.clock.now())
    await journal.write(row)
    journal.close()
    await writing
    changed = await api.client.put(f"/clients/{client_id}/connectors/{connector_id}", change)
    assert changed.status == 200, changed.json
    async with api.world.database.unit_of_work(read_only=True) as uow:
        assert (await uow.balances.last(connector_id) is not None) is kept


async def test_manual_trading_is_said_at_creation_and_changed_later(api: Api) -> None:
    client_id = await api.make_client()
    at = f"/clients/{client_id}/connectors"
    made = await api.client.post(at, body())
    assert (made.json["manual_trading"], made.json["strangers"]) == ("none", [])
    at = f"{at}/{made.json['id']}"
    changed = await api.client.put(at, {"manual_trading": "expected"})
    assert (changed.status, changed.json["manual_trading"]) == (200, "expected")
    assert (await api.client.put(at, {"ipv4_only": True})).json["manual_trading"] == "expected"
    assert (await api.client.put(at, {"manual_trading": "sometimes"})).status == 422


async def test_how_long_an_answer_is_waited_for_is_said_shown_and_taken_back(api: Api) -> None:
    client_id = await api.make_client()
    at = f"/clients/{client_id}/connectors"
    made = await api.client.post(at, body(timeout_s=20))
    assert (made.status, made.json["timeout_s"]) == (201, 20)
    at = f"{at}/{made.json['id']}"
    assert (await api.client.put(at, {"ipv4_only": True})).json["timeout_s"] == 20
    changed = await api.client.put(at, {"timeout_s": 2})
    assert (changed.json["timeout_s"], changed.json["check"] is None) == (2, False)
    draft = api.world.doctor.examined[-1]
    assert isinstance(draft, Draft)
    assert draft.timeout_s == 2
    refused = await api.client.put(at, {"timeout_s": 99})
    assert (refused.status, refused.json["code"], refused.json["field"]) == (400, "timeout_s.bounds", "timeout_s")
    assert "2 to 30" in refused.json["remedy"]
    assert (await api.client.put(at, {"timeout_s": 0})).json["timeout_s"] is None
    async with api.world.database.unit_of_work(read_only=True) as uow:
        rows = [json.loads(row.details) for row in (await uow.audit.list()).items if row.subject_id == made.json["id"]]
    assert [row["timeout_s"] for row in rows] == [None, 2, 20, 20]


async def test_what_was_found_on_an_account_and_is_not_ours_is_answered_for_once_with_one_audit_row(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    at = f"/clients/{client_id}/connectors"
    alarm = Finding(code="account.shared", severity=Severity.CRITICAL, since=NOW, parameters={"connector": "coinstore"})
    async with api.world.database.unit_of_work() as uow:
        await uow.connectors.strangers_found(connector_id, {alarm.code: alarm})
    (told,) = (await api.client.get(at)).json["connectors"]
    assert [one["code"] for one in told["strangers"]] == ["account.shared"]
    assert (await api.client.put(f"{at}/{connector_id}", {"ipv4_only": True})).json["strangers"] != []
    async with api.world.database.unit_of_work(read_only=True) as uow:
        before = len((await uow.audit.list()).items)
    answered = await api.client.put(f"{at}/{connector_id}", {"answers_for_strangers": True})
    assert answered.json["strangers"] == []
    async with api.world.database.unit_of_work(read_only=True) as uow:
        rows = (await uow.audit.list()).items
        strangers = await uow.connectors.strangers(connector_id)
    assert len(rows) == before + 1
    assert "account.shared" in rows[0].details
    assert strangers.answered_at is not None
