"""Binance through ccxt's own class: recorded answers and refusals, and what is sent for each call."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.binance_recorded import recorded, session
from tests.factories import order
from tests.recorded_session import RecordedSession, Reply
from trading_bridge.core.market import Market
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.outcome import Answered, NotSent, Refused, Unresolved
from trading_bridge.diagnosis.catalogue import codes as catalogued
from trading_bridge.exchanges.session import Session

INTENT = order(symbol="ADA/USDT", price=Decimal("0.3501"), amount=Decimal("30.5"), post_only=True)
PLACED = json.dumps({"symbol": "ADAUSDT", "orderId": 3935107, "clientOrderId": "tbx", "transactTime": 1720589016657})
ACCOUNT = json.dumps({"uid": 354937868, "balances": [{"asset": "ADA", "free": "1.50000000", "locked": "0.5"}]})
MALFORMED = ("-1023", "-1109", "-1110", "-1136", "-2016", "-2018", "-2019", "-2020", "-2022", "-2023", "-2025")

# code, beginning of its words ("" where the code alone counts) -> how a create ends, finding
ENDINGS: list[tuple[str, str, type, str]] = [
    ("-2015", "", Refused, "access.refused"),
    ("-2014", "", Refused, "credentials.rejected"),
    ("-1022", "", Refused, "signature.refused"),
    ("-1021", "", Refused, "clock.skewed"),
    ("-2010", "Account has insufficient balance", Refused, "balance.insufficient"),
    ("-1013", "Filter failure: NOTIONAL", Refused, "order.too_small"),
    ("-1013", "Filter failure: MIN_NOTIONAL", Refused, "order.too_small"),
    ("-1013", "Filter failure: LOT_SIZE", Refused, "order.precision"),
    ("-1013", "Filter failure: PRICE_FILTER", Refused, "order.precision"),
    ("-1111", "", Refused, "order.precision"),
    ("-1121", "", Refused, "market.unknown"),
    ("-2010", "Market is closed", Refused, "market.halted"),
    ("-2010", "This symbol is not permitted", Refused, "market.halted"),
    ("-2010", "Market orders are not supported", Refused, "order.refused"),
    ("-2010", "Order would immediately match", Refused, "order.would_take"),
    ("-2010", "Duplicate order sent", Unresolved, "order.duplicate"),
    ("-2011", "", Refused, "order.not_found"),
    ("-2013", "", Refused, "order.not_found"),
    ("-2026", "Order was canceled or expired", Refused, "order.not_found"),
    ("-1007", "", Unresolved, "exchange.no_answer"),
    ("-1006", "", Unresolved, "exchange.no_answer"),
    ("-1003", "", Refused, "rate.limited"),
    ("-1008", "", Unresolved, "exchange.no_answer"),
    ("-1004", "", Unresolved, "exchange.no_answer"),
    ("-1099", "", Refused, "access.refused"),
    ("-1005", "", Refused, "access.refused"),
    ("-1011", "", Refused, "access.refused"),
    ("-1131", "", Refused, "order.refused"),
    ("-1128", "", Refused, "order.refused"),
    ("-2026", "This OrderType", Refused, "order.not_found"),
    *[(code, "", Unresolved, "exchange.unrecognised") for code in MALFORMED],
]


def response(method: str, words: str = "") -> str:
    rows = recorded("responses")
    return json.dumps(next(one["raw"] for one in rows if one["method"] == method and words in one["description"]))


def expected(raw: dict[str, Any]) -> tuple[type, str]:
    code, words = str(raw["code"]), raw["msg"]
    return next((kind, finding) for known, begin, kind, finding in ENDINGS if known == code and words.startswith(begin))


async def opened(*replies: Reply | Exception | str, **changed: Any) -> tuple[Session, RecordedSession, Market]:
    made, wire = session(*replies, **changed)
    outcome = await made.markets()
    assert isinstance(outcome, Answered)
    return made, wire, outcome.value["ADA/USDT"]


def asked(wire: RecordedSession) -> tuple[str, str, dict[str, str]]:
    """Method, path and parameters of the last request, without time and signature."""
    last = wire.sent[-1]
    address = urlsplit(last.url)
    content = address.query if last.body is None else last.body
    named = {name: value[0] for name, value in parse_qs(content, keep_blank_values=True).items()}
    for signed in ("timestamp", "recvWindow", "signature"):
        named.pop(signed, None)
    return last.method, address.path, named


@pytest.mark.parametrize("row", recorded("errors"), ids=lambda row: f"{row['raw']['code']} {row['raw']['msg'][:30]}")
@pytest.mark.parametrize("base_url", [None, "http://sandbox.example:8100/binance"])
async def test_each_recorded_refusal_ends_a_create_as_it_proves(row: dict[str, Any], base_url: str | None) -> None:
    """ccxt's class chooses its errors by the host; the table does not."""
    live, wire, market = await opened(Reply(json.dumps(row["raw"]), row.get("http", 400)), base_url=base_url)
    outcome = await live.create_order(market, INTENT)
    kind, finding = expected(row["raw"])
    assert not isinstance(outcome, Answered)
    assert (type(outcome), outcome.finding.code) == (kind, finding)
    assert finding in catalogued()
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    ("reply", "finding", "stage"),
    [
        (Reply("<html>403 Forbidden</html>", 403, {"Content-Type": "text/html"}), "exchange.no_answer", "blocked"),
        (Reply("", 502), "exchange.no_answer", "gateway"),
        (Reply('{"code":-2010,"msg":"Account has insufficient balance"}', 503), "exchange.no_answer", "gateway"),
        (Reply('{"symbol":"ADAUSDT","orderId"'), "exchange.no_answer", "unreadable"),
        (Reply('{"symbol":"ADAUSDT"}'), "exchange.no_answer", "unreadable"),
        (Reply("[]"), "exchange.no_answer", "unreadable"),
    ],
)
async def test_what_is_no_answer_leaves_a_create_unresolved(reply: Reply, finding: str, stage: str) -> None:
    live, _, market = await opened(reply)
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, Unresolved)
    assert (outcome.finding.code, outcome.finding.parameters["stage"]) == (finding, stage)


@pytest.mark.parametrize("status", [418, 429])
async def test_too_much_was_asked(status: int) -> None:
    words = '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1700000000000."}'
    live, _, _ = await opened(Reply(words, status, {"Retry-After": "120"}))
    outcome = await live.balances()
    assert isinstance(outcome, Refused)
    assert (outcome.finding.code, outcome.finding.parameters["retry_after_s"]) == ("rate.limited", "120")


async def test_a_post_only_order_with_our_id() -> None:
    live, wire, market = await opened(PLACED)
    outcome = await live.create_order(market, INTENT)
    assert isinstance(outcome, Answered)
    assert outcome.value == "3935107"
    assert asked(wire) == (
        "POST",
        "/api/v3/order",
        {
            "symbol": "ADAUSDT",
            "side": "BUY",
            "newClientOrderId": INTENT.client_order_id,
            "newOrderRespType": "FULL",
            "type": "LIMIT_MAKER",
            "quantity": "30.5",
            "price": "0.3501",
        },
    )
    assert INTENT.client_order_id.startswith("tb")
    assert len(INTENT.client_order_id) <= 36


async def test_an_amount_off_the_step_is_not_sent() -> None:
    live, wire, market = await opened()
    other = order(symbol="ADA/USDT", price=Decimal("0.3501"), amount=Decimal("30.55"))
    assert isinstance(await live.create_order(market, other), NotSent)
    assert len(wire.sent) == 1


async def test_all_addresses_follow_another_host() -> None:
    live, wire, market = await opened(
        ACCOUNT, response("fetchDeposits"), PLACED, base_url="http://sandbox.example:8100/binance/"
    )
    for call in (live.balances(), live.deposits(), live.create_order(market, INTENT)):
        assert isinstance(await call, Answered)
    assert {urlsplit(sent.url).netloc for sent in wire.sent} == {"sandbox.example:8100"}
    assert [urlsplit(sent.url).path for sent in wire.sent] == [
        "/binance/api/v3/exchangeInfo",
        "/binance/api/v3/account",
        "/binance/sapi/v1/capital/deposit/hisrec",
        "/binance/api/v3/order",
    ]


async def test_markets_and_their_rules() -> None:
    live, wire = session()
    outcome = await live.markets()
    assert isinstance(outcome, Answered)
    market = outcome.value["BTC/USDT"]
    assert (market.tick_size, market.lot_size, market.min_cost) == (Decimal("0.01"), Decimal("0.00001"), Decimal(5))
    assert market.active
    assert market.maker_fee is None  # ccxt's own guess is no answer
    assert [urlsplit(sent.url).path for sent in wire.sent] == ["/api/v3/exchangeInfo"]


async def test_a_balance_has_its_account_and_an_asset_that_is_not_listed_is_unknown() -> None:
    live, wire = session(response("fetchBalance", "spot account"))
    outcome = await live.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.exchange_account == "000000000"
    assert outcome.value.by_currency["LTC"].free == Decimal("0.919741")
    held = outcome.value.of("BTC")
    assert held is not None
    assert held.total == 0
    assert outcome.value.of("SHARP") is None
    assert outcome.evidence.exchange_text is None
    assert asked(wire)[:2] == ("GET", "/api/v3/account")


async def test_orders_are_looked_up_by_both_ids_and_cancelled() -> None:
    live, wire, market = await opened(
        *[json.dumps(json.loads(response("fetchOrder", "one order")) | {"symbol": "ADAUSDT"})] * 2,
        '{"symbol":"ADAUSDT","orderId":1,"status":"CANCELED","executedQty":"0.00000000"}',
    )
    by_client = await live.order_report(market, client_order_id="myOrder1")
    assert isinstance(by_client, Answered)
    assert by_client.value is not None
    assert by_client.value.state is OrderState.NEW
    assert asked(wire) == ("GET", "/api/v3/order", {"symbol": "ADAUSDT", "origClientOrderId": "myOrder1"})
    assert isinstance(await live.order_report(market, exchange_order_id="1"), Answered)
    assert asked(wire) == ("GET", "/api/v3/order", {"symbol": "ADAUSDT", "orderId": "1"})
    cancelled = await live.cancel_order(market, "1")
    assert isinstance(cancelled, Answered)
    assert cancelled.value is OrderState.CANCELED
    assert asked(wire) == ("DELETE", "/api/v3/order", {"symbol": "ADAUSDT", "orderId": "1"})


@pytest.mark.parametrize("base_url", [None, "http://sandbox.example:8100/binance"])
async def test_only_the_exchanges_own_word_means_that_an_order_is_not_known(base_url: str | None) -> None:
    unknown = '{"code":-2013,"msg":"Order does not exist."}'
    live, _, market = await opened(
        Reply(unknown, 400), Reply(unknown, 502), Reply("Not Found", 404), TimeoutError(), base_url=base_url
    )
    known = await live.order_report(market, client_order_id="tbx")
    assert isinstance(known, Answered)
    assert known.value is None
    for _ in range(3):
        assert isinstance(await live.order_report(market, client_order_id="tbx"), Unresolved)


Call = Callable[[Session, Market], Awaitable[Any]]


@pytest.mark.parametrize(
    "call",
    [
        lambda live, market: live.open_orders(),
        lambda live, market: live.public_trades(market),
        lambda live, market: live.order_book(market),
        lambda live, market: live.deposits(),
        lambda live, market: live.withdrawals(),
        lambda live, market: live.balances(),
    ],
)
@pytest.mark.parametrize("body", ["{}", '{"bids":[]}', "null", '""'])
async def test_an_answer_without_its_list_is_not_read_as_none(call: Call, body: str) -> None:
    live, _, market = await opened(body)
    assert isinstance(await call(live, market), Unresolved)


async def test_open_orders_of_all_markets() -> None:
    live, wire, _ = await opened(response("fetchOpenOrders"))
    outcome = await live.open_orders()
    assert isinstance(outcome, Answered)
    (only,) = outcome.value
    assert (only.exchange_order_id, only.side, only.amount) == ("3811057334", Side.BUY, Decimal("0.2"))
    assert asked(wire) == ("GET", "/api/v3/openOrders", {})


async def test_own_trades_are_of_the_account_that_the_balance_names_and_go_on_from_an_id() -> None:
    live, wire, market = await opened(ACCOUNT, response("fetchMyTrades", "third asset"))
    outcome = await live.my_trades(market, after_trade_id="28456")
    assert isinstance(outcome, Answered)
    (only,) = outcome.value
    assert (only.trade_id, only.exchange_account) == ("28457", "354937868")
    assert (only.fee, only.fee_currency, only.cost) == (Decimal("10.1"), "BNB", Decimal("48.000012"))
    assert asked(wire) == ("GET", "/api/v3/myTrades", {"symbol": "ADAUSDT", "limit": "1000", "fromId": "28457"})


async def test_records_of_transfers() -> None:
    live, _, _ = await opened(response("fetchDeposits"), response("fetchWithdrawals", "times as text"))
    came, left = await live.deposits(), await live.withdrawals(datetime(2024, 5, 1, tzinfo=UTC))
    assert isinstance(came, Answered)
    assert isinstance(left, Answered)
    assert came.value[0].amount == Decimal("0.01844487")
    assert (left.value[0].amount, left.value[0].fee, left.value[0].completed) == (Decimal(-9), Decimal(1), True)
