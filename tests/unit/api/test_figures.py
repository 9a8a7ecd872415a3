"""Balance, volume and stats over HTTP: a number with its time, or unknown with its cause; never a 0 in its place."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import elsewhere, finding
from tests.unit.api.asgi import Answer
from tests.unit.api.conftest import Api
from trading_bridge.accounts.locked import Locked
from trading_bridge.accounts.volume import Traded
from trading_bridge.core.known import Ok, Stale, Unknown

NUMBERS = ("available", "locked", "as_of", "age_seconds", "wallet")


async def figures(api: Api, bot_id: str) -> dict[str, object]:
    answer: Answer = await api.client.get(f"/bots/{bot_id}/balance-and-volume")
    assert answer.status == 200
    body: dict[str, object] = answer.json
    return body


async def test_available_locked_and_volume_each_with_its_time(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot(connector="Coinstore")
    api.world.manager.hold(connector_id, SHARP=("125000.500", "0E-8"), USDT=("812.4", "51.28370"))
    total = Traded(volume=Decimal("5012.50"), maker=Decimal("5000"), taker=Decimal("12.5"), trades=3, buys=2, sells=1)
    day = Traded(volume=Decimal("12.5"), trades=1, sells=1)
    api.world.volumes.traded(bot_id, today="0", total=total, last_24h=day)
    await api.world.clock.advance(1.23)
    body = await figures(api, bot_id)
    assert body["status"] == "ok"
    assert body["available"] == {"SHARP": "125000.5", "USDT": "812.4"}
    assert body["locked"] == {"SHARP": "0", "USDT": "51.2837"}
    assert (body["age_seconds"], body["wallet"], body["finding"]) == (1.2, "spot", None)
    assert body["as_of"] == "2026-01-01T00:00:00Z"
    volume = body["volume"]
    assert isinstance(volume, dict)
    assert {key: volume[key] for key in ("status", "currency", "today", "last_24h", "total", "maker", "taker")} == {
        "status": "ok", "currency": "USDT", "today": "0", "last_24h": "12.5",
        "total": "5012.5", "maker": "5000", "taker": "12.5",
    }  # fmt: skip
    assert (volume["trades"], volume["buys"], volume["sells"]) == (3, 2, 1)


async def test_locked_splits_into_this_bot_others_and_people(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("0", "100"), USDT=("0", "51.5"))
    assert (await figures(api, bot_id))["locked_by"] is None
    api.world.manager.locked[connector_id] = {
        "SHARP": Locked(this_bot=Decimal(60), other_bots=Decimal(40), by_hand=Decimal(0)),
        "USDT": Locked(this_bot=Decimal("50.50"), other_bots=Decimal(0), by_hand=Decimal(1)),
    }
    assert (await figures(api, bot_id))["locked_by"] == {
        "this_bot": {"SHARP": "60", "USDT": "50.5"},
        "other_bots": {"SHARP": "40", "USDT": "0"},
        "by_hand": {"SHARP": "0", "USDT": "1"},
    }
    api.world.manager.known[connector_id] = Unknown(finding=finding("credentials.rejected"))
    assert (await figures(api, bot_id))["locked_by"] is None


async def test_unknown_is_no_number_anywhere(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.known[connector_id] = Unknown(finding=finding("credentials.rejected"))
    body = await figures(api, bot_id)
    assert body["status"] == "unknown"
    assert [body[name] for name in NUMBERS] == [None] * len(NUMBERS)
    found = body["finding"]
    assert isinstance(found, dict)
    assert (found["code"], bool(found["cause"]), bool(found["fix"])) == ("credentials.rejected", True, True)
    volume = body["volume"]
    assert isinstance(volume, dict)
    assert all(volume[name] is None for name in ("today", "last_24h", "total", "maker", "taker", "trades", "buys"))
    stats = (await api.client.get(f"/bots/{bot_id}/stats")).json
    assert (stats["status"], stats["available"], stats["volume_24h"]) == ("unknown", None, None)
    assert stats["trades_24h"] == {"buys": None, "sells": None}
    row = (await api.client.get("/bots?include=balance")).json["bots"][0]["balance_and_volume"]
    assert [row[name] for name in NUMBERS] == [None] * len(NUMBERS)


async def test_stale_keeps_the_last_good_numbers_with_their_time(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("1", "2"), USDT=("3", "4"))
    known = api.world.manager.known[connector_id]
    assert isinstance(known, Ok)
    api.world.manager.known[connector_id] = Stale(value=known.value, as_of=known.as_of, finding=finding())
    await api.world.clock.advance(100)
    body = await figures(api, bot_id)
    assert (body["status"], body["available"], body["age_seconds"]) == ("stale", {"SHARP": "1", "USDT": "3"}, 100.0)
    assert body["finding"] is not None


@pytest.mark.parametrize(("complete", "status"), [(True, "ok"), (False, "unknown")])
async def test_a_currency_that_was_not_listed_is_zero_only_where_the_exchange_says_so(
    api: Api, complete: bool, status: str
) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.hold(connector_id, USDT=("3", "4"))
    known = api.world.manager.known[connector_id]
    assert isinstance(known, Ok)
    api.world.manager.known[connector_id] = replace(known, value=replace(known.value, complete=complete))
    body = await figures(api, bot_id)
    assert body["status"] == status
    if complete:
        assert body["available"] == {"SHARP": "0", "USDT": "3"}
    else:
        assert body["available"] is None
        assert body["finding"]["parameters"] == {"currency": "SHARP"}  # type: ignore[index]


async def test_a_bot_without_a_connector_is_unknown_until_there_is_one(api: Api) -> None:
    client_id = await api.make_client()
    bot_id = await api.make_bot()
    body = await figures(api, bot_id)
    assert (body["status"], body["finding"]["code"]) == ("unknown", "connector.missing")  # type: ignore[index]
    async with api.world.database.unit_of_work() as uow:  # by another process: nobody tells the manager
        made = await uow.connectors.add(client_id=client_id, name="COINSTORE", exchange="coinstore", credentials=None)
    api.world.manager.hold(made.id, SHARP=("1", "0"), USDT=("2", "0"))
    assert (await figures(api, bot_id))["status"] == "ok"


async def test_several_bots_on_one_key_show_the_same_balance_running_or_stopped(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    first, second = await api.make_bot(), await api.make_bot(connector="COINSTORE")
    third = await api.make_bot(bot_type="volume")
    await api.client.post(f"/bots/{first}/start")
    api.world.manager.hold(connector_id, SHARP=("7.7", "1"), USDT=("2", "0"))
    shown = [(await figures(api, bot_id))["available"] for bot_id in (first, second, third)]
    assert shown == [{"SHARP": "7.7", "USDT": "2"}] * 3


async def test_refresh_forces_a_read(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    await api.client.get(f"/bots/{bot_id}/balance-and-volume")
    assert api.world.manager.calls[-1] == (connector_id, False)
    await api.client.get(f"/bots/{bot_id}/balance-and-volume?refresh=true")
    assert api.world.manager.calls[-1] == (connector_id, True)


async def test_stats_come_from_the_same_read(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("1", "2"), USDT=("3", "4"))
    day = Traded(volume=Decimal("12.50"), trades=3, buys=2, sells=1)
    api.world.volumes.traded(bot_id, today="0", total=day, last_24h=day)
    stats = (await api.client.get(f"/bots/{bot_id}/stats")).json
    body = await figures(api, bot_id)
    assert {key: stats[key] for key in ("available", "locked", "status", "as_of", "finding")} == {
        key: body[key] for key in ("available", "locked", "status", "as_of", "finding")
    }
    assert (stats["volume_24h"], stats["trades_24h"]) == ("12.5", {"buys": 2, "sells": 1})
    assert stats["recent_trades"] == []


async def test_the_path_from_a_connector_value_to_the_last_read_is_laid_open(api: Api) -> None:
    client_id = await api.make_client()
    bot_id = await api.make_bot(connector="CoinStore")
    debug = (await api.client.get(f"/bots/{bot_id}/balance-debug")).json
    assert (debug["connector"], debug["looked_up"], debug["account"]) == ("CoinStore", "coinstore", "client_sharp")
    assert (debug["connectors_in_storage"], debug["sessions"]) == ([], [])
    assert debug["match"]["matched"] is False
    assert debug["match"]["finding"]["code"] == "connector.missing"
    assert debug["diagnosis"].startswith("No connector of client_sharp matches coinstore.")
    connector_id = await api.make_connector(client_id, "Coinstore")
    api.world.manager.failures[connector_id] = finding("ip.not_allowed")
    debug = (await api.client.get(f"/bots/{bot_id}/balance-debug")).json
    assert [one["name"] for one in debug["connectors_in_storage"]] == ["coinstore"]
    assert [one["key"] for one in debug["sessions"]] == ["coinstore"]
    assert (debug["match"]["matched"], debug["match"]["rule"]) == (True, "name")
    assert debug["last_read_error"]["code"] == "ip.not_allowed"
    assert debug["diagnosis"].startswith("The connector matches by name.")
    assert debug["last_read_error"]["fix"] in debug["diagnosis"]
    api.world.manager.failures.clear()
    api.world.manager.hold(connector_id, SHARP=("1", "2"), USDT=("3", "4"))
    debug = (await api.client.get(f"/bots/{bot_id}/balance-debug")).json
    assert (debug["last_read_error"], debug["balance"]["status"]) == (None, "ok")
    assert debug["sessions"][0]["last_read"]["request_id"] == "8142"
    assert debug["diagnosis"] == "The connector matches by name. Its last read was answered."


async def test_the_only_connector_at_an_exchange_is_meant_by_its_id(api: Api) -> None:
    await api.make_connector(await api.make_client(), "main", exchange="coinstore")
    bot_id = await api.make_bot(connector="coinstore")
    debug = (await api.client.get(f"/bots/{bot_id}/balance-debug")).json
    assert debug["match"]["rule"] == "only connector at that exchange"


async def test_a_zero_is_shown_with_what_another_wallet_holds(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    api.world.manager.hold(connector_id, SHARP=("0", "0"), USDT=("3", "4"))
    known = api.world.manager.known[connector_id]
    assert isinstance(known, Ok)
    value = replace(known.value, elsewhere=(elsewhere("SHARP", "7"),))
    api.world.manager.known[connector_id] = replace(known, value=value, finding=value.misplaced("SHARP", known.as_of))
    for body in (await figures(api, bot_id), (await api.client.get(f"/bots/{bot_id}/stats")).json):
        assert (body["status"], body["available"]) == ("ok", {"SHARP": "0", "USDT": "3"})
        assert body["finding"]["code"] == "balance.other_wallet"  # type: ignore[index]


async def test_a_role_that_the_exchange_did_not_say_is_no_zero(api: Api) -> None:
    await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    total = Traded(volume=Decimal(5), unknown_role=Decimal(5), trades=1, buys=1)
    api.world.volumes.traded(bot_id, today="5", total=total, last_24h=total)
    volume = (await figures(api, bot_id))["volume"]
    assert isinstance(volume, dict)
    assert (volume["total"], volume["maker"], volume["taker"]) == ("5", None, None)
