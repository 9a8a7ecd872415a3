"""The list of exchanges, and what each lists."""

from decimal import Decimal

from tests.factories import NOW, finding, market
from tests.unit.api.conftest import Api
from trading_bridge.core.known import Ok, Stale


async def test_the_list_says_how_far_each_is_proved(api: Api) -> None:
    listed = (await api.client.get("/exchanges")).json["exchanges"]
    levels = {one["id"]: one["certification"] for one in listed}
    assert (levels["coinstore"], levels["kucoin"], levels["kraken"]) == ("sandboxed", "replayed", "none")
    (kucoin,) = (one for one in listed if one["id"] == "kucoin")
    assert [one["label"] for one in kucoin["credential_fields"]] == ["API key", "API secret", "API passphrase"]


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
