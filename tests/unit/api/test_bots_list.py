"""The fast list says what the single answers say, and never less than the last change."""

from dataclasses import replace
from decimal import Decimal

import orjson
import pytest

from tests.factories import finding
from tests.unit.api.conftest import Api
from trading_bridge.accounts.volume import Traded
from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.known import Ok, Unknown


async def rows(api: Api, query: str = "include=balance") -> list[dict[str, object]]:
    answer = await api.client.get(f"/bots?{query}")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    listed: list[dict[str, object]] = answer.json["bots"]
    return listed


async def test_a_row_is_the_bot_and_its_figures_to_the_last_byte(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bots = [await api.make_bot(name=f"Bot {number}") for number in range(3)]
    missing = await api.make_bot(name='Quote " and ␟ \\ age', pair="LOST/USDT")
    api.world.manager.hold(connector_id, SHARP=("125000.5", "0"), USDT=("812.4", "51.2837"))
    await api.client.post(f"/bots/{bots[0]}/start")
    await api.world.clock.advance(3.14)
    listed = await rows(api)
    assert [row["id"] for row in listed] == [*bots, missing]
    for row in listed:
        alone = (await api.client.get(f"/bots/{row['id']}")).json
        figures = (await api.client.get(f"/bots/{row['id']}/balance-and-volume")).json
        del figures["locked_by"]
        assert row == {**alone, "balance_and_volume": figures}


async def test_without_balances_no_balance_is_read(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.calls.clear()
    (row,) = await rows(api, "account=client_sharp")
    assert row == (await api.client.get(f"/bots/{bot_id}")).json
    assert api.world.manager.calls == []


async def test_the_age_grows_and_the_rest_stays(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("1", "0"), USDT=("2", "0"))
    ages = []
    for _ in range(3):
        (row,) = await rows(api)
        figures = row["balance_and_volume"]
        assert isinstance(figures, dict)
        ages.append(figures["age_seconds"])
        await api.world.clock.advance(0.4)
    assert ages == [0.0, 0.4, 0.8]


async def test_every_change_shows_at_once(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    bot_id = await api.make_bot()

    async def row() -> dict[str, object]:
        return (await rows(api))[0]

    assert (await row())["name"] == "SHARP-VB-Coinstore"
    await api.client.put(f"/bots/{bot_id}", {"name": "Renamed"})
    assert (await row())["name"] == "Renamed"
    await api.client.post(f"/bots/{bot_id}/start")
    assert (await row())["status"] == "running"
    api.world.runner.states[bot_id] = BotState(
        code=StateCode.TRADING, reason="quoting", parameters={}, since=api.world.clock.now()
    )
    api.hub.publish("bot", bot_id)
    assert (await row())["state"]["code"] == "trading"  # type: ignore[index]
    api.world.manager.hold(connector_id, SHARP=("5", "0"), USDT=("6", "0"))
    api.hub.publish("connector", connector_id)
    assert (await row())["balance_and_volume"]["available"] == {"SHARP": "5", "USDT": "6"}  # type: ignore[index]
    api.world.volumes.traded(bot_id, today="1", total=Traded(volume=Decimal(1)), last_24h=Traded(volume=Decimal(1)))
    api.hub.publish("bot", bot_id)
    assert (await row())["balance_and_volume"]["volume"]["today"] == "1"  # type: ignore[index]
    api.world.manager.known[connector_id] = Unknown(finding=finding("credentials.rejected"))
    api.hub.publish("connector", connector_id)
    figures = (await row())["balance_and_volume"]
    assert (figures["status"], figures["available"], figures["age_seconds"]) == ("unknown", None, None)  # type: ignore[index]
    api.world.runner.states.clear()
    await api.client.post(f"/bots/{bot_id}/stop")
    await api.client.delete(f"/bots/{bot_id}")
    assert await rows(api) == []


async def test_what_nobody_told_shows_within_a_second(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("5", "0"), USDT=("6", "0"))
    await rows(api)
    known = api.world.manager.known[connector_id]
    assert isinstance(known, Ok)
    api.world.manager.known[connector_id] = Unknown(finding=finding())
    await api.world.clock.advance(1)
    (row,) = await rows(api)
    assert row["balance_and_volume"]["status"] == "unknown"  # type: ignore[index]


async def test_only_what_changed_is_encoded_again(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("5", "0"), USDT=("6", "0"))
    await rows(api)
    view = api.client.app.state.bots_list._views[b"include=balance"]
    (before,) = view.rows
    api.hub.publish("client", "other")
    await rows(api)
    (after,) = view.rows
    assert after.head is before.head
    assert after.balance is before.balance


async def test_one_exchange_that_hangs_does_not_hold_the_list(api: Api) -> None:
    import asyncio

    quick = await api.make_connector(await api.make_client())
    slow = await api.make_connector(await api.make_client("slow"))
    await api.make_bot()
    await api.make_bot(account="slow", pair="OTHER/USDT")
    api.world.manager.hold(quick, SHARP=("5", "0"), USDT=("6", "0"))
    api.world.manager.hanging.add(slow)
    listing = asyncio.ensure_future(rows(api))
    await api.world.manager.hung.wait()
    await api.world.clock.advance(2.2)
    first, second = await listing
    assert first["balance_and_volume"]["status"] == "ok"  # type: ignore[index]
    assert second["balance_and_volume"]["finding"]["code"] == "connector.not_synced"  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("account=nobody", 404, "account"),
        ("account=%00", 404, "account"),
        ("account=%ff%fe", 404, "account"),
        ("include=everything", 400, "include"),
        ("cursor=x", 400, "cursor"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_a_bad_query_is_a_problem(api: Api, prefix: str, query: str, status: int, field: str) -> None:
    refused = await api.client.get(f"{prefix}/bots?{query}")
    assert (refused.status, refused.json.get("field")) == (status, field)
    assert refused.header("content-type") == "application/problem+json"
    assert refused.header("x-content-type-options") == "nosniff"


async def test_the_list_comes_in_pages_of_a_hundred(api: Api) -> None:
    client_id = await api.make_client()
    async with api.world.database.unit_of_work() as uow:
        for number in range(101):
            await uow.bots.add(
                client_id=client_id, name=f"B{number}", connector="coinstore",
                symbol="SHARP/USDT", bot_type="spread", config={},
            )  # fmt: skip
    first = (await api.client.get("/bots?include=balance")).json
    second = (await api.client.get(f"/bots?include=balance&cursor={first['next']}")).json
    assert (len(first["bots"]), len(second["bots"]), second["next"]) == (100, 1, None)


async def test_lists_that_are_kept_are_bounded(api: Api) -> None:
    for number in range(200):
        await api.client.get(f"/bots?x={number}")
    assert len(api.client.app.state.bots_list._views) <= 64


async def test_the_described_route_answers_the_same(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("5", "0"), USDT=("6", "0"))
    from starlette.requests import Request

    from trading_bridge.api.routes.bots_list import list_bots

    scope = api.client.scope("GET", "/api/bots?include=balance", {})
    asker = replace(_asker(), name="x")
    routed = await list_bots(Request({**scope, "app": api.client.app, "asker": asker}))
    assert orjson.loads(bytes(routed.body))["bots"] == await rows(api)


def _asker():  # type: ignore[no-untyped-def]
    from trading_bridge.services.asker import SYSTEM

    return SYSTEM
