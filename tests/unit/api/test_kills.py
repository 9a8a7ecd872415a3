"""Kills and holds over the API: what is asked for, what is shown, who did it."""

import pytest

from tests.unit.api.conftest import EMAIL, Api
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.restraint import KillProgress, Waiting


async def a_bot(api: Api, **more: object) -> str:
    if api.world.manager.connectors("client_sharp"):
        return await api.make_bot(**more)
    client_id = await api.make_client()
    await api.make_connector(client_id)
    return await api.make_bot(**more)


async def press(api: Api, scope: dict[str, str], **more: object) -> dict[str, object]:
    made = await api.client.post("/api/kills", {"scope": scope, "reason": "Key may be stolen", **more})
    assert made.status == 201, made.body
    body: dict[str, object] = made.json
    return body


async def test_a_kill_says_what_it_covers_who_pressed_it_and_how_far_it_is(api: Api) -> None:
    bot_id = await a_bot(api)
    connector_id = api.world.manager.match("client_sharp", "coinstore").connector_id
    assert connector_id is not None
    kill = await press(api, {"kind": "bot", "id": bot_id})
    assert kill["scope"] == {"kind": "bot", "id": bot_id, "name": "SHARP-VB-Coinstore"}
    assert (kill["state"], kill["asked_by"], kill["by_hand"], kill["text"]) == (
        "stopping",
        EMAIL,
        False,
        "not counted yet",
    )
    down = Finding(code="exchange.unreachable", severity=Severity.WARNING, since=api.world.clock.now())
    api.world.runner.progresses[str(kill["id"])] = KillProgress(
        total=40, confirmed=31, waits_for=(Waiting(connector_id=connector_id, finding=down),)
    )
    (shown,) = (await api.client.get("/api/kills?active=true")).json["kills"]
    assert (shown["total"], shown["confirmed"], shown["text"]) == (40, 31, "31 of 40 confirmed")
    (waiting,) = shown["waits_for"]
    assert waiting["name"] == "coinstore of client_sharp"
    assert waiting["finding"]["code"] == "exchange.unreachable"
    assert ("kill", kill["id"]) in api.world.told
    assert (await api.world.audit())[-1] == "kill.press"


async def test_fault_O3_pressed_twice_it_is_one_kill_and_the_second_may_widen_it(api: Api) -> None:
    first = await press(api, {"kind": "platform", "id": ""})
    second = await press(api, {"kind": "platform", "id": "anything"}, by_hand=True)
    assert second["id"] == first["id"]
    assert second["by_hand"] is True
    assert len((await api.client.get("/api/kills")).json["kills"]) == 1
    assert (await api.world.audit())[-2:] == ["kill.press", "kill.press"]
    async with api.world.database.unit_of_work(read_only=True) as uow:
        (stored,) = await uow.kills.active()
    assert stored.by_hand


async def test_a_kill_is_rearmed_once_with_a_reason_that_is_kept(api: Api) -> None:
    bot_id = await a_bot(api)
    kill = await press(api, {"kind": "client", "id": (await api.client.get(f"/bots/{bot_id}")).json["client_id"]})
    refused = await api.client.post(f"/bots/{bot_id}/start")
    assert (refused.status, refused.json["finding"]["code"]) == (409, "kill.active")
    shown = (await api.client.get(f"/bots/{bot_id}")).json["state"]
    assert (shown["code"], shown["finding"]["code"]) == ("stopped", "kill.active")
    empty = await api.client.post(f"/api/kills/{kill['id']}/rearm", {"reason": "  "})
    assert (empty.status, empty.json["field"]) == (400, "reason")
    rearmed = await api.client.post(f"/api/kills/{kill['id']}/rearm", {"reason": "Key replaced"})
    assert (rearmed.json["state"], rearmed.json["rearmed_by"], rearmed.json["rearm_reason"]) == (
        "rearmed",
        EMAIL,
        "Key replaced",
    )
    again = await api.client.post(f"/api/kills/{kill['id']}/rearm", {"reason": "Key replaced"})
    assert (again.status, again.json["code"]) == (409, "kill.rearmed")
    assert (await api.client.get("/api/kills?active=true")).json["kills"] == []
    assert len((await api.client.get("/api/kills?active=false")).json["kills"]) == 1
    assert (await api.client.post(f"/bots/{bot_id}/start")).status == 200
    assert "kill.rearm" in await api.world.audit()


@pytest.mark.parametrize(
    ("scope", "status", "code"),
    [
        ({"kind": "bot", "id": "nobody"}, 404, "bot.not_found"),
        ({"kind": "client", "id": "../x"}, 404, "client.not_found"),
        ({"kind": "market", "id": "coinstore SHARP/USDT"}, 400, "scope.kind"),
    ],
)
async def test_what_cannot_be_killed_is_refused_and_nothing_stays_in_force(
    api: Api, scope: dict[str, str], status: int, code: str
) -> None:
    refused = await api.client.post("/api/kills", {"scope": scope, "reason": "Test"})
    assert (refused.status, refused.json["code"]) == (status, code)
    assert api.world.deps.restraints.kills() == ()
    assert (await api.client.get("/api/kills")).json["kills"] == []


async def test_a_hold_now_or_planned_is_listed_until_it_is_over(api: Api) -> None:
    bot_id = await a_bot(api)
    now = await api.client.post(
        "/api/holds", {"scope": {"kind": "bot", "id": bot_id}, "reason": "Listing elsewhere", "orders": "keep"}
    )
    assert (now.status, now.json["state"], now.json["ends_at"], now.json["made_by"]) == (201, "active", None, EMAIL)
    planned = await api.client.post(
        "/api/holds",
        {
            "scope": {"kind": "market", "id": "Coinstore sharp/usdt"},
            "reason": "Token migration",
            "starts_at": "2026-01-01T01:00:00Z",
            "ends_at": "2026-01-01T02:00:00Z",
        },
    )
    assert (planned.json["state"], planned.json["orders"]) == ("planned", "cancel")
    assert planned.json["scope"] == {
        "kind": "market",
        "id": "coinstore SHARP/USDT",
        "name": "SHARP/USDT at coinstore",
    }
    standing = (await api.client.get("/api/holds?active=true")).json["holds"]
    assert [one["id"] for one in standing] == [now.json["id"], planned.json["id"]]
    lifted = await api.client.post(f"/api/holds/{now.json['id']}/lift", {"reason": "Listed"})
    assert (lifted.json["state"], lifted.json["lifted_by"], lifted.json["lift_reason"]) == ("lifted", EMAIL, "Listed")
    again = await api.client.post(f"/api/holds/{now.json['id']}/lift", {"reason": "Listed"})
    assert (again.status, again.json["code"]) == (409, "hold.lifted")
    await api.world.clock.advance(2 * 3600)
    assert (await api.client.get("/api/holds?active=true")).json["holds"] == []
    over = {one["state"] for one in (await api.client.get("/api/holds?active=false")).json["holds"]}
    assert over == {"lifted", "over"}
    late = await api.client.post(f"/api/holds/{planned.json['id']}/lift", {"reason": "Too late"})
    assert (late.status, late.json["code"]) == (409, "hold.over")
    assert [verb for verb in await api.world.audit() if verb.startswith("hold.")] == [
        "hold.place",
        "hold.place",
        "hold.lift",
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ends_at": "2025-12-31T00:00:00Z"}, "ends_at.early"),
        ({"starts_at": "2026-01-01T01:00:00"}, "starts_at.zone"),
        ({"scope": {"kind": "market", "id": "nowhere SHARP/USDT"}}, "scope.market"),
        ({"scope": {"kind": "market", "id": "coinstore SHARP"}}, "pair.malformed"),
        ({"reason": ""}, "reason.empty"),
    ],
)
async def test_a_hold_that_cannot_be_is_refused(api: Api, more: dict[str, object], code: str) -> None:
    body = {"scope": {"kind": "platform"}, "reason": "Maintenance", **more}
    refused = await api.client.post("/api/holds", body)
    assert (refused.status, refused.json["code"]) == (400, code)
    assert (await api.client.get("/api/holds")).json["holds"] == []
