"""Clients over HTTP."""

import pytest

from tests.unit.api.conftest import Api


async def test_a_client_is_made_listed_changed_and_removed(api: Api) -> None:
    made = await api.client.post("/clients", {"name": " Sharp Labs ", "account": " client_sharp "})
    assert (made.status, made.json["name"], made.json["account"]) == (201, "Sharp Labs", "client_sharp")
    client_id = made.json["id"]
    assert [one["id"] for one in (await api.client.get("/clients")).json["clients"]] == [client_id]
    changed = await api.client.put(f"/clients/{client_id}", {"name": "Sharp Ltd"})
    assert (changed.json["name"], changed.json["account"]) == ("Sharp Ltd", "client_sharp")
    changed = await api.client.put(f"/clients/{client_id}", {"account": "sharp"})
    assert changed.json["account"] == "sharp"
    assert (await api.client.delete(f"/clients/{client_id}")).json == {"id": client_id}
    assert (await api.client.get(f"/clients/{client_id}")).status == 404
    assert (await api.world.audit())[2:] == ["client.create", "client.update", "client.update", "client.delete"]
    assert ("client", client_id) in api.world.told


@pytest.mark.parametrize("account", ["client_sharp", "CLIENT_SHARP", "  Client_Sharp  "])
async def test_an_account_is_unique_whatever_its_case_and_outer_space(api: Api, account: str) -> None:
    await api.make_client("client_sharp")
    refused = await api.client.post("/clients", {"name": "Again", "account": account})
    assert (refused.status, refused.json["field"]) == (409, "account")
    assert len((await api.client.get("/clients")).json["clients"]) == 1


@pytest.mark.parametrize("account", ["client_sharp", "CLIENT_SHARP", "%20Client_Sharp"])
async def test_bots_are_listed_by_account_in_any_case(api: Api, account: str) -> None:
    await api.make_client()
    bot_id = await api.make_bot(account=account.replace("%20", " "))
    listed = (await api.client.get(f"/bots?account={account}")).json["bots"]
    assert [(one["id"], one["account"]) for one in listed] == [(bot_id, "client_sharp")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "account": "a"}, "name"),
        ({"name": "x", "account": " "}, "account"),
        ({"name": "x" * 81, "account": "a"}, "name"),
        ({"name": "x", "account": "a" * 65}, "account"),
        ({"name": "x", "account": "a\nb"}, "account"),
        ({"name": "x"}, "account"),
    ],
)
async def test_bad_input_names_the_field(api: Api, body: dict[str, object], field: str) -> None:
    refused = await api.client.post("/clients", body)
    assert (400 <= refused.status < 500, refused.json["field"]) == (True, field)
    assert (await api.client.get("/clients")).json["clients"] == []


async def test_a_client_with_bots_keeps_its_account_and_stays(api: Api) -> None:
    client_id = await api.make_client()
    await api.make_bot()
    refused = await api.client.put(f"/clients/{client_id}", {"account": "other"})
    assert (refused.status, refused.json["code"], refused.json["field"]) == (409, "client.has_bots", "account")
    assert (await api.client.put(f"/clients/{client_id}", {"account": "CLIENT_SHARP"})).status == 200
    assert (await api.client.delete(f"/clients/{client_id}")).json["code"] == "client.has_bots"


async def test_a_removed_client_takes_its_keys_along(api: Api) -> None:
    client_id = await api.make_client()
    connector_id = await api.make_connector(client_id)
    await api.client.delete(f"/clients/{client_id}")
    async with api.world.database.unit_of_work(read_only=True) as uow:
        assert await uow.connectors.credentials(connector_id) is None
    assert (await api.client.get(f"/clients/{client_id}/connectors")).status == 404


async def test_long_lists_come_in_pages(api: Api) -> None:
    async with api.world.database.unit_of_work() as uow:
        for number in range(105):
            await uow.clients.add(name=f"C{number}", account=f"c{number}")
    first = (await api.client.get("/clients")).json
    second = (await api.client.get(f"/clients?cursor={first['next']}")).json
    assert (len(first["clients"]), len(second["clients"]), second["next"]) == (100, 5, None)
    assert len({one["id"] for one in first["clients"] + second["clients"]}) == 105


@pytest.mark.parametrize("cursor", ["x", "1", "%00-1", "99999999999999999999-1", "1-%27", "-"])
@pytest.mark.parametrize("path", ["/clients", "/bots"])
async def test_a_made_up_cursor_is_refused(api: Api, path: str, cursor: str) -> None:
    refused = await api.client.get(f"{path}?cursor={cursor}")
    assert (refused.status, refused.json["field"]) == (400, "cursor")
