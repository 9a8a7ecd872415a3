"""Bots over HTTP: made, refused with the field named, changed, started, stopped, archived."""

import pytest

from tests.unit.api.conftest import Api, bot_body
from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.known import Ok
from trading_bridge.core.strategies.spread import SpreadParameters


async def test_the_seeds_five_fields_make_a_stopped_bot(api: Api) -> None:
    await api.make_client()
    made = await api.client.post("/bots/create", bot_body(bot_type="volume"))
    assert made.status == 201
    row = made.json
    assert (row["status"], row["state"]["code"]) == ("stopped", "stopped")
    assert row["state"]["finding"]["code"] == "connector.missing"
    assert row["market_verified"] is False
    assert row["exchange"] == "coinstore"
    listed = await api.client.get("/bots?account=client_sharp")
    assert [one["id"] for one in listed.json["bots"]] == [row["id"]]


@pytest.mark.parametrize("stored", ["coinstore", "Coinstore", "COINSTORE", " coinstore "])
@pytest.mark.parametrize("wanted", ["coinstore", "Coinstore", "CoinStore"])
async def test_letter_case_of_connectors_makes_no_difference(api: Api, stored: str, wanted: str) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id, stored)
    bot_id = await api.make_bot(connector=wanted)
    row = (await api.client.get(f"/bots/{bot_id}")).json
    assert row["connector"] == wanted
    assert row["connector_id"] == connector_id
    assert row["market_verified"] is True


async def test_a_missing_config_takes_the_defaults_of_the_type(api: Api) -> None:
    await api.make_client()
    bot_id = await api.make_bot()
    config = (await api.client.get(f"/bots/{bot_id}")).json["config"]
    assert config == SpreadParameters().model_dump(mode="json")
    assert config["spread_bps"] == "40"


@pytest.mark.parametrize(
    ("change", "status", "field", "code"),
    [
        ({"pair": "SHARPUSDT"}, 400, "pair", "pair.malformed"),
        ({"pair": "SHARP/"}, 400, "pair", "pair.malformed"),
        ({"pair": "USDT/USDT"}, 400, "pair", "pair.malformed"),
        ({"pair": "A/B/C"}, 400, "pair", "pair.malformed"),
        ({"pair": "SH\x00RP/USDT"}, 400, "pair", "pair.malformed"),
        ({"pair": "GONE/USDT"}, 400, "pair", "market.unknown"),
        ({"account": "client_shrap"}, 400, "account", "account.unknown"),
        ({"connector": "coinstor"}, 400, "connector", "connector.unknown"),
        ({"connector": "nosuch"}, 400, "connector", "connector.unknown"),
        ({"connector": ""}, 400, "connector", "connector.empty"),
        ({"bot_type": "spred"}, 400, "bot_type", "bot_type.unknown"),
        ({"name": "   "}, 400, "name", "name.empty"),
        ({"name": "x" * 81}, 400, "name", "name.too_long"),
        ({"name": "a\x00b"}, 400, "name", "name.characters"),
        ({"name": "a\x1b[31m"}, 400, "name", "name.characters"),
        ({"config": {"spread_bps": "-1"}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": {"spread_bps": 0}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": {"spread_bps": "1e9"}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": {"spread_bps": "NaN"}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": {"spread_bps": []}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": {"order_amount_quote": "1e-999999"}}, 400, "config.order_amount_quote", "config.invalid"),
        ({"config": {"spread_bsp": "5"}}, 400, "config.spread_bsp", "config.invalid"),
        ({"bot_type": "volume", "config": {"spread_bps": "5"}}, 400, "config.spread_bps", "config.invalid"),
        ({"config": "tight"}, 422, "config", "request.malformed"),
        ({"name": None}, 422, "name", "request.malformed"),
        ({"leverage": 5}, 422, "leverage", "request.malformed"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    api: Api, change: dict[str, object], status: int, field: str, code: str
) -> None:
    await api.make_connector(await api.make_client())
    refused = await api.client.post("/bots/create", bot_body(**change))
    assert (refused.status, refused.json["field"], refused.json["code"]) == (status, field, code)
    assert refused.json["remedy"]
    assert (await api.client.get("/bots")).json["bots"] == []
    assert "bot.create" not in await api.world.audit()


@pytest.mark.parametrize("missing", ["name", "account", "connector", "pair", "bot_type"])
async def test_each_of_the_five_fields_is_needed(api: Api, missing: str) -> None:
    body = bot_body()
    del body[missing]
    refused = await api.client.post("/bots/create", body)
    assert (refused.status, refused.json["field"]) == (422, missing)


async def test_a_slip_gets_the_nearest_name_as_its_remedy(api: Api) -> None:
    await api.make_client()
    for change, meant in (
        ({"bot_type": "spred"}, "spread"),
        ({"connector": "coinstor"}, "coinstore"),
        ({"account": "client_shrap"}, "client_sharp"),
        ({"config": {"spread_bsp": 1}}, "spread_bps"),
    ):
        refused = await api.client.post("/bots/create", bot_body(**change))
        assert f"Did you mean {meant}?" in refused.json["remedy"]


async def test_a_second_client_on_one_market_is_refused(api: Api) -> None:
    await api.make_client()
    await api.make_bot()
    await api.make_client("client_other")
    refused = await api.client.post("/bots/create", bot_body(account="client_other"))
    assert (refused.status, refused.json["field"], refused.json["code"]) == (409, "pair", "market.taken")
    assert len((await api.client.get("/bots")).json["bots"]) == 1
    await api.make_bot(account="client_other", pair="OTHER/USDT")


async def test_a_second_client_is_refused_by_exchange_whatever_its_connector_is_called(api: Api) -> None:
    await api.make_connector(await api.make_client(), "main", exchange="coinstore")
    await api.make_bot(connector="main")
    await api.make_connector(await api.make_client("client_other"), "second", exchange="coinstore")
    refused = await api.client.post("/bots/create", bot_body(account="client_other", connector="second"))
    assert (refused.status, refused.json["code"]) == (409, "market.taken")


async def test_an_exchange_with_several_keys_needs_the_name_of_one(api: Api) -> None:
    client_id = await api.make_client()
    await api.make_connector(client_id, "main", exchange="coinstore")
    await api.make_bot(name="one key is clear")
    await api.make_connector(client_id, "second", exchange="coinstore")
    refused = await api.client.post("/bots/create", bot_body())
    assert (refused.status, refused.json["field"]) == (400, "connector")
    assert refused.json["remedy"] == "Name one of them: main, second."


async def test_start_wishes_it_running_and_wakes_the_runner(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    started = await api.client.post(f"/bots/{bot_id}/start")
    assert (started.status, started.json["status"], started.json["state"]["code"]) == (200, "running", "starting")
    assert api.world.runner.woken > 0
    assert ("bot", bot_id) in api.world.told
    again = await api.client.post(f"/bots/{bot_id}/start")
    assert (again.status, again.json["status"]) == (200, "running")
    assert (await api.world.audit()).count("bot.start") == 1


async def test_a_bot_without_its_connector_does_not_start_until_there_is_one(api: Api) -> None:
    client_id = await api.make_client()
    bot_id = await api.make_bot()
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["code"]) == (409, "connector.missing")
    assert refused.json["finding"]["fix"]
    await api.make_connector(client_id)
    started = await api.client.post(f"/bots/{bot_id}/start")
    assert (started.status, started.json["market_verified"]) == (200, True)


async def test_no_bot_is_made_or_started_at_an_exchange_that_closes_but_in_its_sandbox(api: Api) -> None:
    client_id = await api.make_client()
    assert (await api.client.post("/bots/create", bot_body(connector="bitmart"))).json["code"] == "exchange.closing"
    connector_id = await api.make_connector(client_id, "bitmart", memo="our-desk")
    refused = await api.client.post("/bots/create", bot_body(connector="bitmart"))
    assert (refused.status, refused.json["code"], refused.json["field"]) == (409, "exchange.closing", "connector")
    assert "2027-01-31" in refused.json["detail"]
    path = f"/clients/{client_id}/connectors/{connector_id}"
    assert (await api.client.put(path, {"base_url": "http://127.0.0.1:8100/bitmart"})).status == 200
    bot_id = await api.make_bot(connector="bitmart")
    assert (await api.client.post(f"/bots/{bot_id}/start")).status == 200
    assert (await api.client.post(f"/bots/{bot_id}/stop")).status == 200
    assert (await api.client.put(path, {"base_url": ""})).status == 200
    await api.make_connector(client_id)
    elsewhere = await api.make_bot(name="another", connector="coinstore")
    moved = await api.client.put(f"/bots/{elsewhere}", {"connector": "bitmart"})
    assert (moved.status, moved.json["code"]) == (409, "exchange.closing")
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["finding"]["code"]) == (409, "exchange.closing")
    assert (await api.client.get(f"/bots/{bot_id}")).json["state"]["finding"]["code"] == "exchange.closing"


async def test_a_pair_that_could_not_be_verified_is_verified_at_start(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot(pair="NEW/USDT")
    assert (await api.client.get(f"/bots/{bot_id}")).json["state"]["finding"]["code"] == "market.unverified"
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["code"], refused.json["field"]) == (409, "market.unverified", "pair")
    api.world.manager.listed["NEW/USDT"] = Ok(value=None, as_of=api.world.clock.now())
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["finding"]["code"]) == (409, "market.unknown")
    api.world.manager.listed["NEW/USDT"] = api.world.manager.listed["SHARP/USDT"]
    assert (await api.client.post(f"/bots/{bot_id}/start")).status == 200


async def test_a_verified_bot_starts_while_the_exchange_is_in_trouble_and_says_so_itself(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    del api.world.manager.listed["SHARP/USDT"]
    assert (await api.client.post(f"/bots/{bot_id}/start")).status == 200


async def test_a_scheduled_execution_is_stored_and_does_not_start(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot(bot_type="volume")
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["code"]) == (409, "strategy.unavailable")
    assert (await api.client.get(f"/bots/{bot_id}")).json["status"] == "stopped"


BUDGET = {"base": "1000", "quote": "400"}


async def test_two_bots_of_a_client_run_on_one_market_with_two_keys(api: Api) -> None:
    client_id = await api.make_client()
    await api.make_connector(client_id, "main", exchange="coinstore")
    await api.make_connector(client_id, "second", exchange="coinstore")
    for connector in ("main", "second"):
        bot_id = await api.make_bot(connector=connector)
        assert (await api.client.post(f"/bots/{bot_id}/start")).status == 200


async def test_a_bot_without_a_budget_does_not_start_beside_another(api: Api) -> None:
    await api.make_connector(await api.make_client())
    first, second = await api.make_bot(name="one", budget=BUDGET), await api.make_bot(name="two")
    assert (await api.client.post(f"/bots/{first}/start")).status == 200
    refused = await api.client.post(f"/bots/{second}/start")
    assert (refused.status, refused.json["code"], refused.json["field"]) == (409, "budget.missing", "budget")
    assert refused.json["finding"]["parameters"] == {"bots": "two"}
    assert (await api.client.put(f"/bots/{second}", {"budget": BUDGET})).json["budget"] == BUDGET
    assert (await api.client.post(f"/bots/{second}/start")).status == 200
    refused = await api.client.put(f"/bots/{first}", {"budget": None})
    assert (refused.status, refused.json["code"]) == (409, "budget.missing")
    assert (await api.client.post(f"/bots/{second}/stop")).status == 200
    assert (await api.client.put(f"/bots/{first}", {"budget": None})).json["budget"] is None
    assert (await api.client.post(f"/bots/{second}/start")).json["finding"]["parameters"] == {"bots": "one"}


async def test_keys_of_one_exchange_account_share_it(api: Api) -> None:
    client_id = await api.make_client()
    for name in ("main", "second"):
        connector_id = await api.make_connector(client_id, name, exchange="coinstore")
        async with api.world.database.unit_of_work() as uow:
            await uow.connectors.set_exchange_account(connector_id, "1134971")
    first, second = await api.make_bot(connector="main"), await api.make_bot(connector="second")
    assert (await api.client.post(f"/bots/{first}/start")).status == 200
    assert (await api.client.post(f"/bots/{second}/start")).json["code"] == "budget.missing"


async def test_budgets_that_come_to_more_than_the_account_holds_are_refused(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    await api.world.manager.sync()
    api.world.manager.hold(connector_id, SHARP=("1500", "1000"), USDT=("500", "400"))
    first = await api.make_bot(name="one", budget=BUDGET)
    second = await api.make_bot(name="two", budget=BUDGET)
    body = {"name": "three", "account": "client_sharp", "connector": "coinstore", "pair": "SHARP/USDT"}
    refused = await api.client.post("/bots/create", {**body, "bot_type": "spread", "budget": BUDGET})
    assert (refused.status, refused.json["code"], refused.json["field"]) == (409, "budget.exceeds_account", "budget")
    told = refused.json["finding"]["parameters"]
    assert told == {"currency": "SHARP", "sum": "3000", "has": "2500", "bots": "one, two, three"}
    assert len((await api.client.get("/bots")).json["bots"]) == 2
    refused = await api.client.put(f"/bots/{second}", {"budget": {"base": "0", "quote": "500.1"}})
    told = refused.json["finding"]["parameters"]
    assert told == {"currency": "USDT", "sum": "900.1", "has": "900", "bots": "one, two"}
    api.world.manager.hold(connector_id, SHARP=("1500", "1000"), USDT=("300", "400"))
    refused = await api.client.post(f"/bots/{first}/start")
    assert (refused.status, refused.json["code"]) == (409, "budget.exceeds_account")


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        ({"base": "much", "quote": "1"}, "budget.base.malformed"),
        ({"base": "1", "quote": "-1"}, "budget.quote.malformed"),
        ({"base": "NaN", "quote": "1"}, "budget.base.malformed"),
        ({"base": "1e30", "quote": "1"}, "budget.base.malformed"),
        ({"base": "0", "quote": "0.0"}, "budget.empty"),
    ],
)
async def test_a_budget_is_two_amounts(api: Api, budget: dict[str, str], code: str) -> None:
    await api.make_client()
    bot_id = await api.make_bot()
    refused = await api.client.put(f"/bots/{bot_id}", {"budget": budget})
    assert (refused.status, refused.json["code"]) == (400, code)


async def test_a_budget_does_not_move_to_other_currencies(api: Api) -> None:
    await api.make_client()
    bot_id = await api.make_bot(budget=BUDGET)
    refused = await api.client.put(f"/bots/{bot_id}", {"pair": "NEW/USDT"})
    assert (refused.status, refused.json["code"]) == (400, "budget.other_pair")
    moved = await api.client.put(f"/bots/{bot_id}", {"pair": "NEW/USDT", "budget": {"base": "5", "quote": "0"}})
    assert moved.json["budget"] == {"base": "5", "quote": "0"}


async def test_name_and_config_change_while_running_and_the_market_does_not(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    await api.client.post(f"/bots/{bot_id}/start")
    changed = await api.client.put(f"/bots/{bot_id}", {"name": "Tight", "config": {"spread_bps": 12.5}})
    assert (changed.status, changed.json["name"], changed.json["config"]["spread_bps"]) == (200, "Tight", "12.5")
    refused = await api.client.put(f"/bots/{bot_id}", {"name": "Moved", "pair": "NEW/USDT"})
    assert (refused.status, refused.json["field"]) == (409, "pair")
    assert (await api.client.get(f"/bots/{bot_id}")).json["name"] == "Tight"
    await api.client.post(f"/bots/{bot_id}/stop")
    api.world.runner.owing.add(bot_id)
    refused = await api.client.put(f"/bots/{bot_id}", {"pair": "NEW/USDT"})
    assert (refused.status, refused.json["code"]) == (409, "bot.orders_live")
    api.world.runner.owing.clear()
    moved = await api.client.put(f"/bots/{bot_id}", {"pair": "new/usdt"})
    assert (moved.status, moved.json["pair"], moved.json["market_verified"]) == (200, "NEW/USDT", False)


async def test_an_operators_note_goes_with_the_bot_until_it_is_removed(api: Api) -> None:
    await api.make_client()
    bot_id = await api.make_bot(note="  Sandbox market.  ")
    assert (await api.client.get("/bots")).json["bots"][0]["note"] == "Sandbox market."
    assert (await api.client.put(f"/bots/{bot_id}", {"name": "Other"})).json["note"] == "Sandbox market."
    assert (await api.client.put(f"/bots/{bot_id}", {"note": "x" * 281})).json["field"] == "note"
    assert (await api.client.put(f"/bots/{bot_id}", {"note": ""})).json["note"] is None


async def test_a_market_that_another_client_has_cannot_be_moved_to(api: Api) -> None:
    await api.make_client()
    await api.make_bot()
    await api.make_client("client_other")
    bot_id = await api.make_bot(account="client_other", pair="OTHER/USDT")
    refused = await api.client.put(f"/bots/{bot_id}", {"pair": "SHARP/USDT"})
    assert (refused.status, refused.json["code"]) == (409, "market.taken")


async def test_a_bot_is_stopped_and_removed_once_nothing_of_it_is_live(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    await api.client.post(f"/bots/{bot_id}/start")
    api.world.runner.owing.add(bot_id)
    assert (await api.client.delete(f"/bots/{bot_id}")).json["code"] == "bot.orders_live"
    assert (await api.client.get(f"/bots/{bot_id}")).json["status"] == "stopped"
    api.world.runner.owing.clear()
    assert (await api.client.delete(f"/bots/{bot_id}")).status == 200
    assert (await api.client.get(f"/bots/{bot_id}")).status == 404
    assert (await api.client.get("/bots")).json["bots"] == []


@pytest.mark.parametrize("bot_id", ["nothing", "%00", "a" * 200, "'; drop table bots"])
@pytest.mark.parametrize(
    "path", ["", "/stats", "/balance-and-volume", "/balance-debug", "/trades", "/orders", "/chart"]
)
async def test_a_bot_that_is_not_there_is_404(api: Api, bot_id: str, path: str) -> None:
    missing = await api.client.get(f"/bots/{bot_id.replace('%00', chr(0))}{path}")
    assert (missing.status, missing.json["code"]) == (404, "bot.not_found")


async def test_the_state_is_the_runners_in_words(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.runner.states[bot_id] = BotState(
        code=StateCode.TRADING, reason="quoting", parameters={}, since=api.world.clock.now()
    )
    state = (await api.client.get(f"/bots/{bot_id}")).json["state"]
    assert (state["code"], state["reason"], state["finding"]) == ("trading", "quoting", None)
    assert state["text"].startswith("Trading")


async def test_a_bot_that_nothing_runs_says_so(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    await api.client.post(f"/bots/{bot_id}/start")
    await api.world.clock.advance(11)
    state = (await api.client.get(f"/bots/{bot_id}")).json["state"]
    assert (state["code"], state["finding"]["code"]) == ("down", "runner.down")


async def test_every_change_leaves_its_audit_row(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    await api.client.post(f"/bots/{bot_id}/start")
    await api.client.put(f"/bots/{bot_id}", {"name": "New"})
    await api.client.post(f"/bots/{bot_id}/stop")
    await api.client.delete(f"/bots/{bot_id}")
    assert (await api.world.audit())[-7:] == [
        "client.create", "connector.create", "bot.create", "bot.start", "bot.update", "bot.stop", "bot.archive",
    ]  # fmt: skip


async def test_bot_types_come_with_the_schema_of_their_config(api: Api) -> None:
    types = {one["id"]: one for one in (await api.client.get("/api/bot-types")).json["bot_types"]}
    assert types["spread"]["startable"] is True
    assert "spread_bps" in types["spread"]["parameters"]["properties"]
    assert (types["volume"]["label"], types["volume"]["startable"]) == ("Scheduled execution", False)


async def test_an_amount_below_the_markets_minimum_is_refused_with_the_nearest_that_is_possible(api: Api) -> None:
    await api.make_connector(await api.make_client())
    refused = await api.client.post("/bots/create", bot_body(config={"order_amount_base": "0.001"}))
    assert (refused.status, refused.json["field"], refused.json["code"]) == (
        400,
        "config.order_amount_base",
        "config.invalid",
    )
    assert "the nearest possible value is 10" in refused.json["detail"]
    bot_id = await api.make_bot()
    edited = await api.client.put(f"/bots/{bot_id}", {"config": {"order_amount_base": "9"}})
    assert (edited.status, edited.json["field"]) == (400, "config.order_amount_base")
    assert (await api.client.put(f"/bots/{bot_id}", {"config": {"order_amount_base": "10"}})).status == 200


async def test_contradicting_settings_are_refused_by_their_field(api: Api) -> None:
    await api.make_client()
    config = {"price_floor": "2", "price_ceiling": "1"}
    refused = await api.client.post("/bots/create", bot_body(config=config))
    assert (refused.status, refused.json["field"]) == (400, "config.price_ceiling")
    assert "the nearest possible value is 2" in refused.json["detail"]
