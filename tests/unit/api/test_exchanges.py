"""The list of exchanges, and what each lists."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.factories import NOW, finding, market
from tests.unit.api.conftest import Api
from trading_bridge.core.certification import FieldRecord, FieldStep, StepResult
from trading_bridge.core.known import Ok, Stale


async def test_the_list_says_how_far_each_is_proved(api: Api) -> None:
    listed = (await api.client.get("/exchanges")).json["exchanges"]
    levels = {one["id"]: one["certification"] for one in listed}
    assert (levels["coinstore"], levels["kucoin"], levels["kraken"]) == ("sandboxed", "replayed", "none")
    (kucoin,) = (one for one in listed if one["id"] == "kucoin")
    assert [one["label"] for one in kucoin["credential_fields"]] == ["API key", "API secret", "API passphrase"]


def record(at: datetime, base_url: str | None, symbol: str | None, *, passed: bool = True) -> FieldRecord:
    bad = FieldStep(name="cancel", result=StepResult.FAILED, detail="no", finding=finding())
    good = FieldStep(name="balances", result=StepResult.PASSED, detail="spot: 1 USDT")
    return FieldRecord(
        id=f"{at:%d%H%M}-{base_url is None}-{symbol is None}-{passed}",
        connector_id="",
        exchange="coinstore",
        base_url=base_url,
        at=at,
        symbol=symbol,
        build="0.1",
        ccxt="4.5",
        asked_by="ops (command line)",
        steps=(good,) if passed else (good, bad),
    )


async def test_what_was_checked_in_the_field_is_told_by_what_proves_most(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())

    async def told_after(*records: FieldRecord) -> object:
        async with api.world.database.unit_of_work() as uow:
            for one in records:
                await uow.certifications.add(replace(one, connector_id=connector_id))
        listed = (await api.client.get("/exchanges")).json["exchanges"]
        checked = {one["id"]: one["field_checked"] for one in listed}
        assert checked["binance"] is None
        found = checked["coinstore"]
        return None if found is None else (found["at"][:10], found["with_order"], found["sandbox"])

    sandbox, day = "http://127.0.0.1:8100/api", timedelta(days=1)
    assert await told_after(record(NOW, None, "SHARP/USDT", passed=False)) is None
    assert await told_after(record(NOW, sandbox, "SHARP/USDT")) == (f"{NOW:%Y-%m-%d}", True, True)
    assert await told_after(record(NOW - 2 * day, None, None)) == (f"{NOW - 2 * day:%Y-%m-%d}", False, False)
    assert await told_after(record(NOW - 5 * day, None, "SHARP/USDT")) == (f"{NOW - 5 * day:%Y-%m-%d}", True, False)
    assert await told_after(record(NOW - day, None, "SHARP/USDT")) == (f"{NOW - day:%Y-%m-%d}", True, False)
    async with api.world.database.unit_of_work(read_only=True) as uow:
        (newest, *_) = kept = await uow.certifications.of_connector(connector_id)
    assert len(kept) == 5
    assert not all(one.passed for one in kept if one.at == newest.at)


async def test_markets_with_their_rules_are_found_in_any_spelling(api: Api) -> None:
    closed = market(exchange="mexc", symbol="ABC/USDT", active=False, closed="market.no_api")
    sharp = market(exchange="mexc", maker_fee=None, min_cost=Decimal("1.50"))
    api.world.manager.catalogue["mexc"] = Ok(value={"SHARP/USDT": sharp, "ABC/USDT": closed}, as_of=NOW)
    every = (await api.client.get("/exchanges/MEXC/markets")).json
    assert (every["exchange"], every["status"], every["total"], every["finding"]) == ("mexc", "ok", 2, None)
    assert [(one["pair"], one["closed"]) for one in every["markets"]] == [
        ("ABC/USDT", "market.no_api"),
        ("SHARP/USDT", None),
    ]
    for spelled in ("sharp", "SHARP-USDT", "rpus"):
        (found,) = (await api.client.get(f"/exchanges/mexc/markets?search={spelled}")).json["markets"]
        assert (found["price_step"], found["min_cost"], found["maker_fee"]) == ("0.000001", "1.5", None)
    cut = (await api.client.get("/exchanges/mexc/markets?limit=1")).json
    assert (len(cut["markets"]), cut["total"]) == (1, 2)


async def test_a_list_that_is_old_or_was_never_read_says_why(api: Api) -> None:
    never = (await api.client.get("/exchanges/gate/markets")).json
    assert (never["status"], never["total"], never["finding"]["code"]) == ("unknown", None, "exchange.unreachable")
    api.world.manager.catalogue["gate"] = Stale(value={"SHARP/USDT": market()}, as_of=NOW, finding=finding())
    old = (await api.client.get("/exchanges/gate/markets")).json
    assert (old["status"], old["total"], old["finding"]["code"]) == ("stale", 1, "exchange.unreachable")


async def test_markets_of_no_exchange(api: Api) -> None:
    assert (await api.client.get("/exchanges/nosuch/markets")).status == 404
    assert (await api.stranger().get("/exchanges/coinstore/markets")).status == 401
