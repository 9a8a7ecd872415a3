"""Faults over the control API, and the address that a caller is seen from."""

import pytest

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.sandbox.fault_table import TABLE
from trading_bridge.sandbox.faults import FaultKind

#: a value that each parameter may have
SAMPLES: dict[str, object] = {
    "account": "alice",
    "api_key": "own-key",
    "endpoint": "/trade/order/place",
    "family": "ipv4",
    "symbol": "SHARP/USDT",
    "currency": "USDT",
    "seconds_off": -45,
    "delay_s": 2.5,
    "status": 504,
    "retry_after_s": 3,
    "form": "html",
    "carried_out": True,
    "tick_decimals": 5,
    "lot_decimals": 0,
    "min_amount": "100.5",
}


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000")
    made.key("alice", api_key="own-key", secret="own-secret")
    return made


def parameters(kind: FaultKind, names: frozenset[str]) -> dict[str, object]:
    values = SAMPLES | {"to": "SHARPX/USDT" if kind is FaultKind.MARKET_RENAMED else "USDX"}
    return {name: values[name] for name in sorted(names)}


async def listed(exchange: SandboxExchange) -> list[dict[str, object]]:
    return (await exchange.control("GET", "/faults")).json["faults"]


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_every_kind_with_all_that_it_takes(exchange: SandboxExchange, kind: FaultKind) -> None:
    given = {"kind": kind, "seconds": 30, **parameters(kind, TABLE[kind].names)}
    added = await exchange.control("POST", "/faults", given)
    assert (added.status, added.json) == (200, {"id": 1})
    assert await listed(exchange) == [given | {"id": 1, "ends_in_s": 30}]
    cleared = await exchange.control("POST", "/faults/clear", {"id": 1})
    assert (cleared.status, cleared.json) == (200, {"faults": []})
    assert not exchange.faults


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_every_kind_with_no_more_than_it_needs(exchange: SandboxExchange, kind: FaultKind) -> None:
    needed = parameters(kind, TABLE[kind].needed)
    if kind is FaultKind.PRECISION_CHANGED:
        needed = {"lot_decimals": 1}
    assert (await exchange.control("POST", "/faults", {"kind": kind, **needed})).json == {"id": 1}
    for name in needed:
        rest = {other: value for other, value in needed.items() if other != name}
        answer = await exchange.control("POST", "/faults", {"kind": kind, **rest})
        assert (answer.status, answer.json["code"]) == (400, "fault.parameter")
        assert answer.json["field"] == ("tick_decimals" if kind is FaultKind.PRECISION_CHANGED else name)
    assert len(await listed(exchange)) == 1


async def test_faults_are_cleared_one_by_one_or_all_at_once(exchange: SandboxExchange) -> None:
    for kind in ("read_missing", "book_empty", "key_deleted"):
        await exchange.control("POST", "/faults", {"kind": kind})
    await exchange.control("POST", "/faults/clear", {"id": 2})
    assert [(fault["id"], fault["kind"]) for fault in await listed(exchange)] == [
        (1, "read_missing"),
        (3, "key_deleted"),
    ]
    gone = await exchange.control("POST", "/faults/clear", {"id": 2})
    assert (gone.status, gone.json["code"], gone.json["field"]) == (404, "fault.unknown", "id")
    assert (await exchange.control("POST", "/faults/clear")).json == {"faults": []}
    assert (await exchange.control("POST", "/faults/clear")).json == {"faults": []}


async def test_a_fault_that_ended_is_not_listed(exchange: SandboxExchange) -> None:
    await exchange.control("POST", "/faults", {"kind": "book_empty", "seconds": 5})
    await exchange.clock.advance(2)
    assert [fault["ends_in_s"] for fault in await listed(exchange)] == [3]
    await exchange.clock.advance(3)
    assert await listed(exchange) == []
    assert (await exchange.control("POST", "/faults/clear", {"id": 1})).status == 404


async def test_names_are_read_as_people_write_them(exchange: SandboxExchange) -> None:
    given = {"kind": "slow", "delay_s": 1, "symbol": "sharpusdt", "endpoint": "/api/trade/order/", "family": "all"}
    await exchange.control("POST", "/faults", given)
    shown = {"id": 1, "kind": "slow", "delay_s": 1, "symbol": "SHARP/USDT", "endpoint": "/trade/order"}
    assert await listed(exchange) == [shown | {"ends_in_s": None}]


async def test_faults_do_not_touch_the_control_api(exchange: SandboxExchange) -> None:
    await exchange.control("POST", "/faults", {"kind": "maintenance"})
    assert (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")).status == 503
    assert (await exchange.control("GET", "/status")).status == 200
    assert (await exchange.send("GET", "/address")).status == 200


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({}, 400, "request.malformed", "kind"),
        ({"kind": "earthquake"}, 400, "request.malformed", "kind"),
        ({"kind": 5}, 400, "request.malformed", "kind"),
        ({"kind": "slow", "delay_s": 2, "speed": 1}, 400, "request.malformed", "speed"),
        ({"kind": "slow"}, 400, "fault.parameter", "delay_s"),
        ({"kind": "slow", "delay_s": 0}, 400, "fault.parameter", "delay_s"),
        ({"kind": "slow", "delay_s": -1}, 400, "fault.parameter", "delay_s"),
        ({"kind": "slow", "delay_s": 61}, 400, "fault.parameter", "delay_s"),
        ({"kind": "slow", "delay_s": "soon"}, 400, "request.malformed", "delay_s"),
        ({"kind": "slow", "delay_s": True}, 400, "request.malformed", "delay_s"),
        ({"kind": "hung", "delay_s": 2}, 400, "fault.parameter", "delay_s"),
        ({"kind": "hung", "seconds": 0}, 400, "fault.parameter", "seconds"),
        ({"kind": "hung", "seconds": 86_401}, 400, "fault.parameter", "seconds"),
        ({"kind": "hung", "carried_out": "yes"}, 400, "request.malformed", "carried_out"),
        ({"kind": "hung", "family": "ipv5"}, 400, "request.malformed", "family"),
        ({"kind": "hung", "account": "nobody"}, 404, "account.unknown", "account"),
        ({"kind": "hung", "account": ["alice"]}, 400, "request.malformed", "account"),
        ({"kind": "hung", "api_key": "nope"}, 404, "key.unknown", "api_key"),
        ({"kind": "hung", "endpoint": "/trade/order/plaice"}, 400, "endpoint.unknown", "endpoint"),
        ({"kind": "hung", "endpoint": "trade"}, 400, "endpoint.unknown", "endpoint"),
        ({"kind": "hung", "symbol": "NOPE/USDT"}, 404, "market.unknown", "symbol"),
        ({"kind": "server_error", "status": 499}, 400, "fault.parameter", "status"),
        ({"kind": "server_error", "status": 599}, 400, "fault.parameter", "status"),
        ({"kind": "html_body", "status": 199}, 400, "fault.parameter", "status"),
        ({"kind": "maintenance", "form": "fax"}, 400, "request.malformed", "form"),
        ({"kind": "maintenance", "status": 200}, 400, "fault.parameter", "status"),
        ({"kind": "rate_limited", "retry_after_s": -1}, 400, "fault.parameter", "retry_after_s"),
        ({"kind": "rate_limited", "retry_after_s": 1.5}, 400, "request.malformed", "retry_after_s"),
        ({"kind": "clock_skew", "seconds_off": 90_000}, 400, "fault.parameter", "seconds_off"),
        ({"kind": "market_renamed", "symbol": "ETH/USDT", "to": "SHARPX"}, 400, "fault.parameter", "to"),
        ({"kind": "market_renamed", "symbol": "ETH/USDT", "to": "SHARP/USDT"}, 400, "fault.parameter", "to"),
        ({"kind": "market_renamed", "symbol": "ETH/USDT", "to": "É/USDT"}, 400, "fault.parameter", "to"),
        ({"kind": "precision_changed", "symbol": "ETH/USDT"}, 400, "fault.parameter", "tick_decimals"),
        (
            {"kind": "precision_changed", "symbol": "ETH/USDT", "tick_decimals": 3},
            400,
            "fault.parameter",
            "tick_decimals",
        ),
        ({"kind": "precision_changed", "lot_decimals": -1}, 400, "fault.parameter", "lot_decimals"),
        ({"kind": "minimum_raised", "min_amount": "0"}, 400, "fault.parameter", "min_amount"),
        ({"kind": "minimum_raised", "min_amount": "1E-19"}, 400, "fault.parameter", "min_amount"),
        ({"kind": "currency_missing", "currency": "NOPE"}, 400, "currency.unknown", "currency"),
        ({"kind": "currency_renamed", "currency": "USDT", "to": "A/B"}, 400, "fault.parameter", "to"),
        ({"kind": "book_empty", "account": "alice"}, 400, "fault.parameter", "account"),
    ],
)
async def test_bad_faults_name_the_field_and_are_not_switched_on(
    exchange: SandboxExchange, fields: dict[str, object], status: int, code: str, field: str
) -> None:
    answer = await exchange.control("POST", "/faults", fields)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (status, code, field)
    assert await listed(exchange) == []


@pytest.mark.parametrize(("fields", "field"), [({"id": "one"}, "id"), ({"kind": "slow"}, "kind")])
async def test_bad_requests_to_clear_clear_nothing(
    exchange: SandboxExchange, fields: dict[str, object], field: str
) -> None:
    await exchange.control("POST", "/faults", {"kind": "book_empty"})
    answer = await exchange.control("POST", "/faults/clear", fields)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (400, "request.malformed", field)
    assert len(await listed(exchange)) == 1


async def test_faults_need_the_token(exchange: SandboxExchange) -> None:
    for method, path in (("GET", "/faults"), ("POST", "/faults"), ("POST", "/faults/clear")):
        assert (await exchange.send(method, "/control" + path, body="{}")).status == 401


@pytest.mark.parametrize(
    ("address", "seen", "family"),
    [
        ("198.51.100.7", "198.51.100.7", "ipv4"),
        ("::ffff:198.51.100.7", "198.51.100.7", "ipv4"),
        ("2001:db8::7", "2001:db8::7", "ipv6"),
        ("::1", "::1", "ipv6"),
    ],
)
async def test_a_caller_is_told_its_address(exchange: SandboxExchange, address: str, seen: str, family: str) -> None:
    answer = await exchange.send("GET", "/address", address=address)
    assert (answer.status, answer.json) == (200, {"address": seen, "family": family})


@pytest.mark.parametrize(("method", "path"), [("POST", "/address"), ("GET", "/address/more"), ("GET", "/addresses")])
async def test_there_is_nothing_else_beside_it(exchange: SandboxExchange, method: str, path: str) -> None:
    assert (await exchange.send(method, path)).status == 404
