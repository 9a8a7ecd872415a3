"""Each refusal of Coinstore: the class that ccxt's users catch, how the call ended, and the finding."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from ccxt.base import errors

from tests.coinstore_wire import exchange, session
from tests.factories import order
from tests.recorded_session import RecordedSession, Reply
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Credentials
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.diagnosis.catalogue import codes as catalogued
from trading_bridge.exchanges import causes
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import conceal

INTENT = order(price=Decimal("0.0255"), amount=Decimal("100"))
LIMIT = ("SHARP/USDT", "limit", "buy", "100", "0.0255")
JSON = {"Content-Type": "application/json"}
CLOSED = "<html><head>" + " " * 500 + "</head><body>We are under scheduled Maintenance.</body></html>"
HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"

# code, HTTP status, ccxt's class, how a create ends, finding
CODES: list[tuple[Any, int, type[Exception], type, str]] = [
    (401, 401, errors.AuthenticationError, Refused, "credentials.rejected"),
    (401, 200, errors.AuthenticationError, Refused, "credentials.rejected"),
    ("401", 200, errors.AuthenticationError, Refused, "credentials.rejected"),
    (1401, 200, errors.PermissionDenied, Refused, "access.refused"),
    ("1401", 200, errors.PermissionDenied, Refused, "access.refused"),
    (3005, 200, errors.AuthenticationError, Refused, "signature.refused"),
    (3011, 200, errors.BadSymbol, Refused, "market.unknown"),
    (3012, 200, errors.PermissionDenied, Refused, "market.halted"),
    (3013, 200, errors.PermissionDenied, Refused, "permission.trade_missing"),
    (3014, 200, errors.PermissionDenied, Refused, "permission.trade_missing"),
    (3015, 200, errors.PermissionDenied, Refused, "permission.trade_missing"),
    (6001, 200, errors.PermissionDenied, Refused, "permission.trade_missing"),
    (3103, 200, errors.OrderNotFound, Refused, "order.not_found"),
    (3104, 200, errors.InvalidOrder, Refused, "order.precision"),
    (3106, 200, errors.InvalidOrder, Refused, "order.precision"),
    (3111, 200, errors.DuplicateOrderId, Unresolved, "order.duplicate"),
    (3113, 200, errors.InsufficientFunds, Refused, "balance.insufficient"),
    ("3113", 200, errors.InsufficientFunds, Refused, "balance.insufficient"),
    (400, 400, errors.BadRequest, Refused, "order.refused"),
    (429, 429, errors.RateLimitExceeded, Refused, "rate.limited"),
    (429, 200, errors.RateLimitExceeded, Refused, "rate.limited"),
    # no entry in the table: nobody knows whether the order stands
    (404, 404, errors.ExchangeError, Unresolved, "exchange.unrecognised"),
    (3901, 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),
    (101040502, 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),  # transfers: none of ours
    (102150400, 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),
    (102150808, 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),
    ("NEW", 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),
    (200, 200, errors.ExchangeError, Unresolved, "exchange.unrecognised"),  # success only at futures transfers
    # a server's failure proves nothing, whatever it says
    (500, 500, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
    (500, 200, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
    (3113, 500, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
    (3103, 502, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
    (0, 500, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
    (0, 403, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer"),
]

# body, HTTP status, ccxt's class, how a create ends, finding, stage
BODIES: list[tuple[str, int, type[Exception], type, str, str | None]] = [
    ("", 200, errors.BadResponse, Unresolved, "exchange.no_answer", "empty"),
    (" \r\n", 200, errors.BadResponse, Unresolved, "exchange.no_answer", "empty"),
    (HTML, 200, errors.BadResponse, Unresolved, "exchange.no_answer", "html"),
    ("\ufeff" + HTML, 200, errors.BadResponse, Unresolved, "exchange.no_answer", "html"),
    ('{"code":0,"data":{"ordId":17221', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"data":{"ordId":1}}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('[{"code":0}]', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ("null", 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":null,"data":{"ordId":1}}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":true,"data":{"ordId":1}}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":0,"data":{"ordId":1}}', 302, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":0}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":0,"data":{}}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":0,"data":{"ordId":null}}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    ('{"code":0,"data":[{"ordId":1}]}', 200, errors.BadResponse, Unresolved, "exchange.no_answer", "unreadable"),
    (HTML, 403, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "blocked"),
    ("Forbidden", 403, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "unreadable"),
    (HTML, 401, errors.AuthenticationError, Unresolved, "exchange.no_answer", "html"),
    (HTML, 404, errors.ExchangeError, Unresolved, "exchange.no_answer", "html"),
    (HTML, 400, errors.BadRequest, Unresolved, "exchange.no_answer", "html"),
    (HTML, 500, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "server error"),
    (HTML, 502, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "gateway"),
    (HTML, 504, errors.RequestTimeout, Unresolved, "exchange.no_answer", "gateway"),
    (HTML, 521, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "gateway"),
    ("", 503, errors.ExchangeNotAvailable, Unresolved, "exchange.no_answer", "gateway"),
    (HTML, 301, errors.BadResponse, Unresolved, "exchange.no_answer", "html"),
    (CLOSED, 503, errors.ExchangeNotAvailable, Unresolved, "exchange.maintenance", None),
    (CLOSED, 500, errors.ExchangeNotAvailable, Unresolved, "exchange.maintenance", None),
    ('{"code":9000,"msg":"System Upgrading"}', 200, errors.ExchangeError, Unresolved, "exchange.maintenance", None),
    ('{"code":"9000","message":"in MAINTENANCE"}', 200, errors.ExchangeError, Unresolved, "exchange.maintenance", None),
    # a code of the table means what the table says, whatever its words
    ('{"code":3012,"message":"maintenance"}', 200, errors.PermissionDenied, Refused, "market.halted", None),
    (HTML, 429, errors.RateLimitExceeded, Refused, "rate.limited", None),
    (HTML, 418, errors.DDoSProtection, Refused, "rate.limited", None),
    (HTML, 407, errors.InvalidProxySettings, NotSent, "proxy.auth_required", None),
]


def refusal(code: Any) -> str:
    return json.dumps({"message": "its own words", "code": code})


async def opened(*replies: Reply | Exception | str, **changed: Any) -> tuple[Session, RecordedSession, Market]:
    made, wire = session(*replies, **changed)
    outcome = await made.markets()
    assert isinstance(outcome, Answered)
    return made, wire, outcome.value["SHARP/USDT"]


@pytest.mark.parametrize(("code", "status", "kind", "ending", "finding"), CODES)
async def test_code(code: Any, status: int, kind: type[Exception], ending: type, finding: str) -> None:
    reply = Reply(refusal(code), status)
    made, _ = exchange(reply, reply)
    for call in (made.create_order(*LIMIT), made.fetch_balance()):  # the short road and ccxt's own
        with pytest.raises(kind) as raised:
            await call
        assert type(raised.value) is kind
    live, wire, market = await opened(reply)
    outcome = await live.create_order(market, INTENT)
    assert type(outcome) is ending
    assert outcome.finding.code == finding
    evidence = outcome.finding.evidence
    assert (evidence.http_status, evidence.exchange_code) == (status, str(code))
    assert evidence.exchange_text == "its own words"
    assert (evidence.method, evidence.endpoint) == ("POST", "/trade/order/place")
    assert live.calls[-1].finding_code == finding
    assert len(wire.sent) == 2  # the markets and this order, once


@pytest.mark.parametrize(("body", "status", "kind", "ending", "finding", "stage"), BODIES)
async def test_body(
    body: str, status: int, kind: type[Exception], ending: type, finding: str, stage: str | None
) -> None:
    reply = Reply(body, status, {"Content-Type": "text/html"})
    made, _ = exchange(reply)
    with pytest.raises(kind):
        await made.create_order(*LIMIT)
    live, wire, market = await opened(reply)
    outcome = await live.create_order(market, INTENT)
    assert type(outcome) is ending
    assert outcome.finding.code == finding
    assert outcome.finding.parameters.get("stage") == stage
    assert outcome.finding.evidence.http_status == status
    assert len(wire.sent) == 2


async def test_evidence_keeps_how_a_page_begins() -> None:
    live, _, market = await opened(Reply(HTML + "x" * 1000, 200, {"Content-Type": "text/html"}))
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, Unresolved)
    evidence = outcome.finding.evidence
    assert evidence is not None
    assert evidence.exchange_text is not None
    assert evidence.exchange_text.startswith("<!DOCTYPE html>")
    assert len(evidence.exchange_text) == 300


@pytest.mark.parametrize("text", ["message", "msg"])
async def test_words_under_either_name(text: str) -> None:
    live, _, market = await opened(json.dumps({text: "account-insufficient", "code": 3113}))
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, Refused)
    assert outcome.finding.evidence is not None
    assert outcome.finding.evidence.exchange_text == "account-insufficient"


async def test_a_refused_order_says_what_it_needed() -> None:
    live, _, market = await opened(refusal(3113), refusal(3113))
    buy = await live.create_order(market, INTENT)
    assert isinstance(buy, Refused)
    assert dict(buy.finding.parameters) == {
        "symbol": "SHARP/USDT",
        "side": "buy",
        "currency": "USDT",
        "needs": "2.55",
    }


# -- what is held back here


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"price": Decimal("0.02550001")}, "order.precision"),
        ({"amount": Decimal("100.001")}, "order.precision"),
        ({"amount": Decimal("171690026.123456789012345678")}, "order.precision"),
        ({"price": None}, "order.refused"),
    ],
)
async def test_an_order_that_would_be_sent_otherwise_than_stored_is_not_sent(
    changed: dict[str, Any], finding: str
) -> None:
    """ccxt rounds to the market's steps: what leaves would not be what the intent says."""
    live, wire, market = await opened()
    outcome = await live.create_order(market, replace(INTENT, **changed))
    assert isinstance(outcome, NotSent)
    assert outcome.finding.code == finding
    assert len(wire.sent) == 1


async def test_unread_markets_hold_an_order_back() -> None:
    _, _, market = await opened()
    live, wire = session()
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, NotSent)
    assert outcome.finding.code == "market.unverified"
    assert wire.sent == []


@pytest.mark.parametrize(("api_key", "secret"), [("", "s"), ("k", ""), ("", "")])
async def test_empty_credentials(api_key: str, secret: str) -> None:
    live, wire, market = await opened(credentials=Credentials(api_key=api_key, secret=secret))
    for outcome in (
        await live.balances(),
        await live.create_order(market, INTENT),
        await live.open_orders(),
    ):
        assert isinstance(outcome, NotSent)
        assert outcome.finding.code == "credentials.empty"
    assert len(wire.sent) == 1


async def test_after_close_nothing_leaves() -> None:
    live, wire, market = await opened()
    await live.close()
    assert isinstance(await live.create_order(market, INTENT), NotSent)
    assert isinstance(await live.balances(), NotSent)
    assert len(wire.sent) == 1


# -- reads and cancels


@pytest.mark.parametrize("code", [401, 1401, 3013])
async def test_a_read_fails_with_the_same_finding(code: int) -> None:
    live, _, market = await opened(*[refusal(code)] * 4)
    found = {
        (await live.balances()).finding.code,
        (await live.open_orders()).finding.code,
        (await live.my_trades(market)).finding.code,
        (await live.order_report(market, exchange_order_id="1")).finding.code,
    }
    assert len(found) == 1


async def test_not_found_on_a_cancel_is_a_refusal_that_proves_nothing() -> None:
    live, _, market = await opened(refusal(3103))
    outcome = await live.cancel_order(market, "1722183748419690")
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "order.not_found"


# -- the clock


@pytest.mark.parametrize(
    ("date", "finding", "offset"),
    [
        ("Thu, 01 Jan 2026 00:00:05 GMT", "credentials.rejected", None),
        ("Thu, 01 Jan 2026 00:00:40 GMT", "clock.skewed", "40"),
        ("Wed, 31 Dec 2025 23:59:00 GMT", "clock.skewed", "-60"),
        ("nonsense", "credentials.rejected", None),
    ],
)
async def test_a_refused_signature_with_another_time_is_the_clock(date: str, finding: str, offset: str | None) -> None:
    live, _, _ = await opened(Reply(refusal(401), 401, {**JSON, "Date": date}))
    outcome = await live.balances()
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == finding
    assert outcome.finding.parameters.get("offset_s") == offset


# -- too many requests


@pytest.mark.parametrize(("headers", "wait"), [({}, "3"), ({"Retry-After": "17"}, "17"), ({"Retry-After": "x"}, "3")])
async def test_too_many_requests_stops_reads_and_leaves_cancels_their_share(headers: dict[str, str], wait: str) -> None:
    clock = ManualClock()
    live, wire, market = await opened(
        Reply(refusal(429), 429, {**JSON, **headers}), '{"code":0}', '{"code":0,"data":[]}', clock=clock
    )
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, Refused)
    assert outcome.finding.code == "rate.limited"
    assert outcome.finding.parameters["retry_after_s"] == wait
    assert isinstance(await live.cancel_order(market, "1"), Answered)
    if wait == "17":
        held = await live.balances()
        assert isinstance(held, NotSent)
        assert held.finding.code == "rate.limited"
    assert len(wire.sent) == 3
    await clock.advance(float(wait))
    assert isinstance(await live.balances(), Answered)


# -- secrets


async def test_nothing_that_is_kept_or_logged_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secrets = ("SECRETMARKER", "KEYMARKER", "PROXYMARKER")
    live, wire, market = await opened(
        refusal(401),
        Reply(HTML, 502),
        refusal(9999),
        credentials=Credentials(api_key="KEYMARKER", secret="SECRETMARKER"),
        proxy_url="http://user:PROXYMARKER@127.0.0.1:1",
    )
    outcomes = [
        await live.balances(),
        await live.create_order(market, INTENT),
        await live.open_orders(),
    ]
    signature = wire.sent[1].headers["X-CS-SIGN"]
    seen = repr(outcomes) + repr(live.calls) + repr(live.info) + caplog.text
    assert not [word for word in (*secrets, signature) if word in seen]
    assert "KEYMARKER" in repr(wire.sent)


@pytest.mark.parametrize("before", [0, 288])
async def test_words_that_repeat_the_key_are_kept_without_it(before: int) -> None:
    key = "7f6a-key-of-a-test-x9k2"
    conceal(key)
    words = f"{'.' * before} the key {key} is not ours"
    live, _, _ = await opened(Reply(json.dumps({"code": 401, "message": words}), 200), credentials=None)
    assert not isinstance(await live.open_orders(), Answered)
    kept = live.calls[-1].evidence.exchange_text
    assert kept is not None
    assert kept.startswith("." * before)
    assert "7f6" not in kept


# -- the catalogue


def test_every_finding_has_its_text() -> None:
    made = causes.codes() | {
        "market.unverified",
        "order.refused",
        "order.precision",
        "rate.limited",
        "volume.incomplete",
    }
    assert made <= catalogued()
