"""Limits by the API: what holds and who set it, changes that are checked and audited, and a halt that a person ends."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from tests.factories import NOW, bot
from tests.unit.api.conftest import Api
from tests.unit.core.risk_factories import MID, after_trades, traded
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.limits import CLIENT_LIMITS, Limits
from trading_bridge.core.risk.settings import BOT_NAMES, SCOPE_NAMES, values_of
from trading_bridge.core.risk.state import Halt, Reference, Refusals, RiskState
from trading_bridge.storage.tables import limit_settings

HALT = Halt(code="limit.fees", parameters={"paid": "20", "allowed": "20"}, since=NOW)


@pytest.fixture
async def ids(api: Api) -> tuple[str, str]:
    """A client, and its bot."""
    client_id = await api.make_client()
    return client_id, await api.make_bot()


async def store(api: Api, bot_id: str, state: RiskState) -> None:
    async with api.world.database.unit_of_work() as uow:
        await uow.risk.store(bot_id, state)


async def limits(api: Api, path: str) -> dict[str, tuple[str | None, str]]:
    """Name -> value, who set it."""
    found = await api.client.get(f"/api/limits/{path}")
    assert found.status == 200, found.body
    return {one["name"]: (one["value"], one["source"]) for one in found.json["limits"]}


async def put(api: Api, path: str, wished: dict[str, str | None], **more: object) -> dict[str, object]:
    answered = await api.client.put(f"/api/limits/{path}", {"limits": wished, **more})
    return answered.json


async def test_every_limit_is_shown_with_its_default(api: Api, ids: tuple[str, str]) -> None:
    client_id, bot_id = ids
    shown = await limits(api, f"bot/{bot_id}")
    assert shown.keys() == BOT_NAMES.keys() == values_of(Limits()).keys()
    assert shown["collar_bps"] == ("500", "default")
    of_client = await limits(api, f"client/{client_id}")
    assert of_client.keys() == SCOPE_NAMES.keys() | {f"bot.{name}" for name in BOT_NAMES}
    assert SCOPE_NAMES.keys() == values_of(CLIENT_LIMITS).keys()
    assert of_client["max_exposure_quote"] == (None, "default")
    assert of_client["orders_per_minute"] == ("1200", "default")
    assert (await limits(api, "platform/-"))["orders_per_minute"] == ("12000", "default")


async def test_the_nearest_setting_wins(api: Api, ids: tuple[str, str]) -> None:
    client_id, bot_id = ids
    await put(api, "platform/-", {"bot.collar_bps": "400", "bot.fee_share": "0.01"})
    assert (await limits(api, f"bot/{bot_id}"))["collar_bps"] == ("400", "platform")
    await put(api, f"client/{client_id}", {"bot.collar_bps": "300"})
    assert (await limits(api, f"bot/{bot_id}"))["collar_bps"] == ("300", "client")
    assert (await limits(api, f"client/{client_id}"))["bot.fee_share"] == ("0.01", "platform")
    await put(api, f"bot/{bot_id}", {"collar_bps": "200"})
    shown = await limits(api, f"bot/{bot_id}")
    assert (shown["collar_bps"], shown["fee_share"]) == (("200", "bot"), ("0.01", "platform"))
    await put(api, f"bot/{bot_id}", {"collar_bps": None})
    assert (await limits(api, f"bot/{bot_id}"))["collar_bps"] == ("300", "client")
    async with api.world.database.unit_of_work(read_only=True) as uow:
        rows = [row for row in (await uow.audit.list()).items if row.verb == "limits.set"]
    assert len(rows) == 4
    assert (rows[0].subject_kind, rows[0].subject_id) == ("bot", bot_id)
    assert '"collar_bps": ["200", null]' in str(rows[0].details)
    assert ("bot", bot_id) in api.world.told


@pytest.mark.parametrize("damaged", ["not json", '{"collar_bps": "-5"}', '{"no_such_limit": "1"}'])
async def test_a_damaged_row_is_mended_by_setting_its_limits_anew(api: Api, ids: tuple[str, str], damaged: str) -> None:
    client_id, bot_id = ids
    risk, one = api.world.runner.risk, bot(id=bot_id, client_id=client_id)
    await put(api, f"bot/{bot_id}", {"collar_bps": "200"})
    row = update(limit_settings).where(limit_settings.c.scope_id == bot_id).values(limits=damaged)
    await api.world.database.transact(lambda connection: connection.execute(row))
    risk.set_anew()
    await risk.ready(one, "c", 0)
    halt = risk.halted(one)
    assert halt is not None
    assert halt.code == "limit.settings_unreadable"
    await put(api, f"bot/{bot_id}", {"collar_bps": "200"})
    assert risk.halted(one) == halt, "until they are read anew"
    await risk.ready(one, "c", 0)
    assert risk.halted(one) is None
    assert risk.limits(one) == Limits(collar_bps=Decimal(200))


async def test_a_change_holds_for_the_running_bot(api: Api, ids: tuple[str, str]) -> None:
    client_id, bot_id = ids
    risk, one = api.world.runner.risk, bot(id=bot_id, client_id=client_id)
    await risk.ready(one, "c", 0)
    assert risk.limits(one).collar_bps == 500
    await put(api, f"bot/{bot_id}", {"collar_bps": "200"})
    await put(api, f"client/{client_id}", {"max_exposure_quote": "900"})
    await risk.ready(one, "c", 0)
    assert risk.limits(one) == Limits(collar_bps=Decimal(200))
    scope = Scope(kind=ScopeKind.CLIENT, id=client_id)
    assert risk.scope_limits(scope) == replace(CLIENT_LIMITS, max_exposure_quote=Decimal(900))


@pytest.mark.parametrize(
    ("wished", "code"),
    [
        ({"collar": "1"}, "limits.unknown"),
        ({"bot.collar_bps": "1"}, "limits.unknown"),
        ({"collar_bps": "0"}, "limits.out_of_range"),
        ({"collar_bps": "6000"}, "limits.out_of_range"),
        ({"collar_bps": "many"}, "limits.out_of_range"),
        ({"collar_bps": "NaN"}, "limits.out_of_range"),
        ({"max_open_orders": "1.5"}, "limits.out_of_range"),
        ({"drawdown_widen_share": "0.04"}, "limits.steps"),
        ({"drawdown_hold_share": "0.04"}, "limits.steps"),
    ],
)
async def test_fault_O1_what_cannot_be_is_refused_and_changes_nothing(
    api: Api, ids: tuple[str, str], wished: dict[str, str | None], code: str
) -> None:
    before = await limits(api, f"bot/{ids[1]}")
    refused = await put(api, f"bot/{ids[1]}", wished)
    assert (refused["status"], refused["code"]) == (400, code)
    assert await limits(api, f"bot/{ids[1]}") == before


async def test_fault_O1_a_large_change_is_confirmed(api: Api, ids: tuple[str, str]) -> None:
    path = f"bot/{ids[1]}"
    for wished in ({"max_order_notional": "50000"}, {"cool_down_s": "30"}):
        refused = await put(api, path, wished)
        assert (refused["status"], refused["code"]) == (409, "limits.large_change")
    await put(api, path, {"max_order_notional": "50000"}, confirm=True)
    assert (await limits(api, path))["max_order_notional"] == ("50000", "bot")
    await put(api, path, {"max_order_notional": "49999"})
    assert (await limits(api, path))["max_order_notional"] == ("49999", "bot")


async def test_who_is_not_there_has_no_limits(api: Api) -> None:
    assert (await api.client.get("/api/limits/bot/nobody")).status == 404
    assert (await api.client.get("/api/limits/client/nobody")).status == 404
    assert (await api.client.put("/api/limits/bot/nobody", {"limits": {}})).status == 404
    assert (await api.client.get("/api/limits/market/coinstore")).status == 422
    assert (await api.client.post("/api/bots/nobody/resume", {"reason": "seen"})).status == 404


async def test_counters_say_how_near_a_limit_is(api: Api, ids: tuple[str, str]) -> None:
    client_id, bot_id = ids
    state = after_trades(traded(price="0.0266", amount="1000", fee="0.5"))
    state = replace(
        state,
        reference=Reference(price=MID, at=NOW),
        refusals=Refusals(code="order.refused", count=2, at=NOW),
        halt=HALT,
    )
    await store(api, bot_id, state)
    shown = (await api.client.get(f"/api/limits/bot/{bot_id}")).json
    counters = {one["name"]: (one["value"], one["limit"], one["unit"]) for one in shown["counters"]}
    assert counters == {
        "worth": ("1000", None, "USDT"),
        "execution_loss": ("1.5", "20", "USDT"),
        "fees": ("0.5", "20", "USDT"),
        "net_loss": ("1", "80", "USDT"),
        "inventory": ("25.6", "300", "USDT"),
        "position": ("1000", None, "SHARP"),
        "refusals": ("2", "10", "count"),
    }
    halt = shown["halt"]
    assert (halt["code"], halt["text"]) == ("limit.fees", "Fees of 20 were paid in a day; 20 is allowed")
    assert (datetime.fromisoformat(halt["since"]), halt["until"]) == (NOW, None)
    await api.world.runner.risk.ready(bot(id=bot_id, client_id=client_id), "c", 0)
    together = (await api.client.get(f"/api/limits/client/{client_id}")).json["counters"]
    assert [(one["name"], one["unit"], one["limit"]) for one in together] == [("execution_loss", "USDT", None)]


async def test_what_nobody_has_seen_is_null(api: Api, ids: tuple[str, str]) -> None:
    shown = (await api.client.get(f"/api/limits/bot/{ids[1]}")).json
    counters = {one["name"]: (one["value"], one["limit"]) for one in shown["counters"]}
    assert counters["execution_loss"] == (None, None)
    assert counters["worth"] == (None, None)
    assert shown["halt"] is None


@pytest.mark.parametrize("running", [False, True])
async def test_a_person_ends_a_halt_with_a_reason_and_an_audit_row(
    api: Api, ids: tuple[str, str], *, running: bool
) -> None:
    client_id, bot_id = ids
    await store(api, bot_id, replace(after_trades(traded(fee="20")), halt=HALT))
    risk, one = api.world.runner.risk, bot(id=bot_id, client_id=client_id)
    if running:
        await risk.ready(one, "c", 0)
        assert risk.halt(bot_id) == HALT
    refused = await api.client.post(f"/api/bots/{bot_id}/resume", {"reason": " "})
    assert (refused.status, refused.json["code"]) == (400, "reason.empty")
    resumed = await api.client.post(f"/api/bots/{bot_id}/resume", {"reason": "The fee tier was wrong."})
    assert (resumed.status, resumed.json["id"]) == (200, bot_id)
    async with api.world.database.unit_of_work(read_only=True) as uow:
        stored = await uow.risk.of(bot_id)
        (row,) = [row for row in (await uow.audit.list()).items if row.verb == "bot.resume"]
    assert (stored.halt, stored.hours) == (None, ())
    assert stored.position == 1_000, "what it holds it holds"
    assert "The fee tier was wrong." in str(row.details)
    assert "limit.fees" in str(row.details)
    await risk.ready(one, "c", 0)
    assert risk.halt(bot_id) is None
    assert api.world.runner.woken
    again = await api.client.post(f"/api/bots/{bot_id}/resume", {"reason": "again"})
    assert (again.status, again.json["code"]) == (409, "limit.not_halted")


async def test_strangers_are_told_nothing(api: Api, ids: tuple[str, str]) -> None:
    stranger = api.stranger()
    assert (await stranger.get(f"/api/limits/bot/{ids[1]}")).status == 401
    assert (await stranger.put(f"/api/limits/bot/{ids[1]}", {"limits": {}})).status == 401
    assert (await stranger.post(f"/api/bots/{ids[1]}/resume", {"reason": "x"})).status == 401
