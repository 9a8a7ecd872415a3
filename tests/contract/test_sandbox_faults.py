"""Each fault of the sandbox as it reads on the wire: switched on, what the exchange then answers, and off again."""

from collections.abc import Callable
from decimal import Decimal

import aiohttp
import pytest

from tests.sandbox_exchange import ETH, SHARP, Answer, SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.addresses import Family
from trading_bridge.sandbox.faults import Fault, FaultKind, Form
from trading_bridge.sandbox.wire.coinstore import CoinstoreOptions

BUY, SELL = Side.BUY, Side.SELL
PLACE, CANCEL, CANCEL_ALL = "/trade/order/place", "/trade/order/cancel", "/trade/order/cancelAll"
ACTIVE, INFO, MATCHES = "/trade/order/active", "/v2/trade/order/orderInfo", "/trade/match/accountMatches"
BALANCES = "/spot/accountList"
DEPTH, TRADES = "/api/v1/market/depth/SHARPUSDT", "/api/v1/market/trade/SHARPUSDT"
SYMBOLS = "/api/v2/public/config/spot/symbols"
LIMIT = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025001", "ordQty": "100.25"}

UNAUTHORIZED = (200, {"message": "Unauthorized", "code": 1401})
SIGNATURE_FAILED = (401, {"message": "signature-failed", "code": 401})
TOO_MANY = (429, {"message": "too many requests", "code": 429})


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange(options=CoinstoreOptions(user_rate=None, address_rate=None))
    made.account("alice", USDT="1000", SHARP="500")
    made.account("bob", USDT="1000")
    made.quote(SELL, 25_610, 500)
    made.quote(BUY, 25_590, 300)
    return made


@pytest.fixture
def key(exchange: SandboxExchange) -> ApiKey:
    return exchange.key("alice")


def told(answer: Answer) -> tuple[int, dict]:
    return answer.status, answer.json


async def place(exchange: SandboxExchange, key: ApiKey, **changed: object) -> Answer:
    return await exchange.signed(key, "POST", PLACE, LIMIT | changed)


async def symbol_row(exchange: SandboxExchange, code: str = "SHARPUSDT") -> dict | None:
    return (await exchange.send("POST", SYMBOLS, body=f'{{"symbolCodes":["{code}"]}}')).data[0]


async def balances(exchange: SandboxExchange, key: ApiKey) -> dict[tuple[str, int], str]:
    rows = (await exchange.signed(key, "POST", BALANCES)).data
    found = {(row["currency"], row["type"]): row["balance"] for row in rows}
    assert len(found) == len(rows)
    return found


# -- who may


@pytest.mark.parametrize(
    ("kind", "reads", "trades"),
    [
        (FaultKind.ADDRESS_REFUSED, UNAUTHORIZED, UNAUTHORIZED),
        (FaultKind.READ_MISSING, UNAUTHORIZED, None),
        (FaultKind.TRADE_MISSING, None, UNAUTHORIZED),
        (FaultKind.KEY_DELETED, SIGNATURE_FAILED, SIGNATURE_FAILED),
        (FaultKind.SECRET_WRONG, SIGNATURE_FAILED, SIGNATURE_FAILED),
    ],
)
async def test_who_may_no_more(
    exchange: SandboxExchange, key: ApiKey, kind: FaultKind, reads: tuple | None, trades: tuple | None
) -> None:
    calls = [
        (reads, "POST", BALANCES, {}),
        (reads, "GET", ACTIVE, {}),
        (reads, "GET", INFO, {"clOrdId": "never"}),
        (reads, "GET", MATCHES, {"symbol": "SHARPUSDT"}),
        (trades, "POST", PLACE, LIMIT),
        (trades, "POST", CANCEL, {"symbol": "SHARPUSDT", "ordId": 1}),
        (trades, "POST", CANCEL_ALL, {"symbol": "SHARPUSDT"}),
    ]
    fault = exchange.faults.add(Fault(kind=kind))
    for expected, method, path, fields in calls:
        answer = await exchange.signed(key, method, path, fields)
        if expected is None:
            assert answer.json["code"] not in (401, 1401)
        else:
            assert told(answer) == expected
    assert (await exchange.send("GET", DEPTH)).data["a"]  # what needs no key goes on
    exchange.faults.clear(fault)
    assert (await exchange.signed(key, "POST", BALANCES)).data
    assert (await place(exchange, key)).data


async def test_the_ladder_of_1401_can_be_climbed(exchange: SandboxExchange, key: ApiKey) -> None:
    """Without Trade a cancel of an order that never was is refused; with it, it is not found."""
    never = {"symbol": "SHARPUSDT", "ordId": 1}
    exchange.faults.add(Fault(kind=FaultKind.TRADE_MISSING, api_key=key.api_key))
    assert told(await exchange.signed(key, "POST", CANCEL, never)) == UNAUTHORIZED
    assert (await exchange.signed(key, "GET", INFO, {"clOrdId": "never"})).json["code"] == 3103
    exchange.faults.clear()
    assert (await exchange.signed(key, "POST", CANCEL, never)).json["code"] == 3103


async def test_a_create_that_is_not_allowed_is_on_record(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.TRADE_MISSING))
    await place(exchange, key, clOrdId="tb1")
    creates = (await exchange.control("GET", "/creates", {"account": "alice"})).json["creates"]
    assert [(one["client_order_id"], one["outcome"]) for one in creates] == [("tb1", "1401")]


@pytest.mark.parametrize(
    ("family", "refused"),
    [
        (Family.IPV4, {"198.51.100.7": True, "::ffff:198.51.100.7": True, "2001:db8::7": False}),
        (Family.IPV6, {"198.51.100.7": False, "::ffff:198.51.100.7": False, "2001:db8::7": True}),
        (None, {"198.51.100.7": True, "::ffff:198.51.100.7": True, "2001:db8::7": True}),
    ],
)
async def test_an_address_is_refused_by_family(
    exchange: SandboxExchange, key: ApiKey, family: Family | None, refused: dict[str, bool]
) -> None:
    exchange.faults.add(Fault(kind=FaultKind.ADDRESS_REFUSED, family=family))
    for address, expected in refused.items():
        answer = await exchange.signed(key, "POST", BALANCES, address=address)
        assert (told(answer) == UNAUTHORIZED) is expected, address


async def test_a_mapped_address_is_the_ipv4_address_that_a_key_lists(exchange: SandboxExchange) -> None:
    key = exchange.key("alice", addresses=("198.51.100.7",))
    assert (await exchange.signed(key, "POST", BALANCES, address="::FFFF:198.51.100.7")).data


@pytest.mark.parametrize(
    ("seconds_off", "refused"), [(31, True), (-31, True), (20, False), (-20, False), (86_400, True)]
)
async def test_the_exchanges_clock_is_off(
    exchange: SandboxExchange, key: ApiKey, seconds_off: int, refused: bool
) -> None:
    true = (await exchange.send("GET", DEPTH)).headers["date"]
    exchange.faults.add(Fault(kind=FaultKind.CLOCK_SKEW, seconds_off=seconds_off))
    answer = await exchange.signed(key, "POST", BALANCES)
    assert (told(answer) == SIGNATURE_FAILED) is refused
    shown = {answer.headers["date"], (await exchange.send("GET", DEPTH)).headers["date"]}
    assert len(shown) == 1
    assert shown != {true}
    # who goes by the exchange's clock is let in
    assert (await exchange.signed(key, "POST", BALANCES, skew_ms=seconds_off * 1000)).data
    exchange.faults.clear()
    assert (await exchange.signed(key, "POST", BALANCES)).headers["date"] == true


# -- instead of an answer


@pytest.mark.parametrize(
    ("fault", "status", "kind", "words"),
    [
        (Fault(kind=FaultKind.MAINTENANCE), 503, "application/json", '{"message":"system maintenance","code":503}'),
        (Fault(kind=FaultKind.MAINTENANCE, form=Form.JSON), 503, "application/json", "system maintenance"),
        (Fault(kind=FaultKind.MAINTENANCE, form=Form.HTML), 503, "text/html", "<h1>system maintenance</h1>"),
        (
            Fault(kind=FaultKind.MAINTENANCE, form=Form.CODE),
            200,
            "application/json",
            '{"message":"system maintenance","code":503}',
        ),
        (Fault(kind=FaultKind.RATE_LIMITED), 429, "application/json", '{"message":"too many requests","code":429}'),
        (Fault(kind=FaultKind.SERVER_ERROR), 500, "application/json", '{"message":"server error","code":500}'),
        (Fault(kind=FaultKind.SERVER_ERROR, status=502), 502, "text/html", "502 Bad Gateway"),
        (Fault(kind=FaultKind.SERVER_ERROR, status=504), 504, "text/html", "504 Gateway Timeout"),
        (Fault(kind=FaultKind.EMPTY_BODY), 200, "application/json", ""),
        (Fault(kind=FaultKind.EMPTY_BODY, status=502), 502, "application/json", ""),
        (Fault(kind=FaultKind.HTML_BODY), 200, "text/html", "<title>Just a moment...</title>"),
        (Fault(kind=FaultKind.HTML_BODY, status=403), 403, "text/html", "<!DOCTYPE html>"),
    ],
    ids=str,
)
async def test_instead_of_an_answer(
    exchange: SandboxExchange, key: ApiKey, fault: Fault, status: int, kind: str, words: str
) -> None:
    added = exchange.faults.add(fault)
    for answer in (
        await exchange.send("GET", DEPTH),
        await exchange.signed(key, "POST", BALANCES),
        await place(exchange, key),
    ):
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (status, kind)
        assert words in answer.text
        assert bool(answer.text) is bool(words)
    assert exchange.engine.open_orders("alice") == []
    exchange.faults.clear(added)
    assert (await place(exchange, key)).data


async def test_a_limit_may_say_when_it_ends(exchange: SandboxExchange) -> None:
    exchange.faults.add(Fault(kind=FaultKind.RATE_LIMITED))
    answer = await exchange.send("GET", DEPTH)
    assert told(answer) == TOO_MANY
    assert "retry-after" not in answer.headers
    exchange.faults.clear()
    exchange.faults.add(Fault(kind=FaultKind.RATE_LIMITED, retry_after_s=7))
    assert (await exchange.send("GET", DEPTH)).headers["retry-after"] == "7"


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.EMPTY_BODY, FaultKind.HTML_BODY])
async def test_an_order_may_stand_behind_an_answer_that_says_nothing(
    exchange: SandboxExchange, key: ApiKey, kind: FaultKind
) -> None:
    exchange.faults.add(Fault(kind=kind, carried_out=True, endpoint=PLACE))
    assert '"ordId"' not in (await place(exchange, key, clOrdId="tb1")).text
    assert [order.client_order_id for order in exchange.engine.open_orders("alice")] == ["tb1"]


# -- how an answer travels (see tests/unit/sandbox/test_delivery.py for the time that it takes)


@pytest.mark.parametrize(("carried_out", "orders"), [(None, 1), (True, 1), (False, 0)])
async def test_a_dropped_answer_leaves_an_order(
    exchange: SandboxExchange, key: ApiKey, carried_out: bool | None, orders: int
) -> None:
    exchange.faults.add(Fault(kind=FaultKind.DROPPED, carried_out=carried_out))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await place(exchange, key)
    assert len(exchange.engine.open_orders("alice")) == orders
    exchange.faults.clear()
    assert len((await exchange.signed(key, "GET", ACTIVE)).data) == orders


# -- a market's rules


async def test_a_market_is_halted(exchange: SandboxExchange, key: ApiKey) -> None:
    standing = exchange.limit(BUY, 25_000, 1000)
    fault = exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED, symbol=SHARP))
    row, other = await symbol_row(exchange), await symbol_row(exchange, "ETHUSDT")
    assert row is not None
    assert other is not None
    assert (row["openTrade"], other["openTrade"]) == (False, True)
    assert (await place(exchange, key)).json == {"message": "part-trade-limit", "code": 3012}
    assert (await place(exchange, key, symbol="ETHUSDT", ordPrice="10.01", ordQty="1")).data
    assert [order["symbol"] for order in (await exchange.signed(key, "GET", ACTIVE)).data] == ["SHARPUSDT", "ETHUSDT"]
    assert (await exchange.signed(key, "POST", CANCEL, {"symbol": "SHARPUSDT", "ordId": standing.id})).data
    exchange.faults.clear(fault)
    assert (await symbol_row(exchange) or {})["openTrade"] is True
    assert (await place(exchange, key)).data


async def test_one_account_is_kept_from_a_market(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED, account="alice"))
    assert (await place(exchange, key)).json["code"] == 3012
    assert (await place(exchange, exchange.key("bob"))).data
    assert (await symbol_row(exchange) or {})["openTrade"] is True


async def test_a_market_is_renamed(exchange: SandboxExchange, key: ApiKey) -> None:
    standing = exchange.limit(BUY, 25_000, 1000)
    exchange.take(BUY, 25_610, 100)
    before = (await symbol_row(exchange)) or {}
    fault = exchange.faults.add(Fault(kind=FaultKind.MARKET_RENAMED, symbol=SHARP, to="SHARPX/USDT"))
    named = {"symbolCode": "SHARPXUSDT", "tradeCurrencyCode": "sharpx"}
    assert await symbol_row(exchange) is None
    assert await symbol_row(exchange, "sharpxusdt") == before | named
    every = (await exchange.send("POST", SYMBOLS, body="{}")).data
    assert [row["symbolCode"] for row in every] == ["SHARPXUSDT", "ETHUSDT"]
    not_found = {"message": "symbol not found", "code": 3011}
    assert (await exchange.send("GET", DEPTH)).json == not_found
    assert (await exchange.send("GET", TRADES)).json == not_found
    assert (await place(exchange, key, clOrdId="old")).json == not_found
    for path in (CANCEL_ALL, CANCEL):
        assert (await exchange.signed(key, "POST", path, {"symbol": "SHARPUSDT", "ordId": 1})).json == not_found
    assert (await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT"})).json == not_found
    assert (await exchange.send("GET", DEPTH.replace("SHARP", "SHARPX"))).data["symbol"] == "SHARPXUSDT"
    assert (await exchange.send("GET", TRADES.replace("SHARP", "sharpx"))).data[0]["symbol"] == "SHARPXUSDT"
    (order,) = (await exchange.signed(key, "GET", ACTIVE)).data
    assert (order["symbol"], order["baseCurrency"], order["ordId"]) == ("SHARPXUSDT", "SHARPX", str(standing.id))
    assert '"ordPrice":0.025,' in (await exchange.signed(key, "GET", ACTIVE)).text  # a number, to the last digit
    assert (await exchange.signed(key, "GET", INFO, {"ordId": standing.id})).data["symbol"] == "SHARPXUSDT"
    assert (await place(exchange, key, symbol="SHARPXUSDT")).data
    exchange.faults.clear(fault)
    assert await symbol_row(exchange) == before
    assert len((await exchange.signed(key, "GET", ACTIVE)).data) == 2


@pytest.mark.parametrize(
    ("changed", "order", "refusal"),
    [
        ({"tick_decimals": 5}, {}, {"message": "price precision", "code": 3104}),
        ({"tick_decimals": 5}, {"ordPrice": "0.02501"}, None),
        ({"lot_decimals": 1}, {}, {"message": "quantity precision", "code": 3104}),
        ({"lot_decimals": 1}, {"ordQty": "100.5"}, None),
        ({"tick_decimals": 5, "lot_decimals": 1}, {"ordPrice": "0.02501", "ordQty": "100.5"}, None),
        (
            {"tick_decimals": 0},
            {"ordType": "MARKET", "ordAmt": "1.5"},
            {"message": "Amount precision", "code": 3106},
        ),
        ({"tick_decimals": 0}, {"ordType": "MARKET", "ordAmt": "2"}, None),
    ],
)
async def test_precision_changes(
    exchange: SandboxExchange, key: ApiKey, changed: dict[str, int], order: dict[str, object], refusal: dict | None
) -> None:
    exchange.limit(BUY, 25_001, 1001)
    fault = exchange.faults.add(Fault(kind=FaultKind.PRECISION_CHANGED, symbol=SHARP, **changed))  # type: ignore[arg-type]
    row = (await symbol_row(exchange)) or {}
    assert (row["tickSz"], row["lotSz"]) == (changed.get("tick_decimals", 6), changed.get("lot_decimals", 2))
    answer = await place(exchange, key, **order)
    if refusal is None:
        assert answer.data
    else:
        assert answer.json == refusal
    standing = (await exchange.signed(key, "GET", "/v2" + ACTIVE)).data[0]
    assert (standing["ordPrice"], standing["ordQty"]) == ("0.025001", "10.01")  # as it was placed
    exchange.faults.clear(fault)
    assert ((await symbol_row(exchange)) or {})["tickSz"] == 6
    assert (await place(exchange, key)).data


async def test_the_minimum_is_raised(exchange: SandboxExchange, key: ApiKey) -> None:
    standing = exchange.limit(BUY, 25_000, 1000)
    fault = exchange.faults.add(Fault(kind=FaultKind.MINIMUM_RAISED, symbol=SHARP, min_amount=Decimal("100.5")))
    row = (await symbol_row(exchange)) or {}
    assert (row["minLmtSz"], row["minMktSz"]) == ("100.5", "100.5")
    assert (await place(exchange, key)).json == {"message": "order-too-small", "code": 3902}
    sell = {"ordType": "MARKET", "side": "SELL"}
    assert (await place(exchange, key, **sell)).json["code"] == 3902
    assert (await place(exchange, key, ordQty="100.5")).data
    assert standing.is_open
    exchange.faults.clear(fault)
    assert ((await symbol_row(exchange)) or {})["minLmtSz"] == "1"
    assert (await place(exchange, key)).data


async def test_an_order_that_a_fault_refuses_is_on_record(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED))
    await place(exchange, key, clOrdId="tb1")
    creates = (await exchange.control("GET", "/creates", {"account": "alice"})).json["creates"]
    assert [(one["client_order_id"], one["symbol"], one["outcome"]) for one in creates] == [
        ("tb1", "SHARPUSDT", "3012")
    ]


# -- an account's money


WELL = {("SHARP", 1): "500", ("USDT", 4): "0.25", ("USDT", 1): "999.75"}


@pytest.mark.parametrize(
    ("fault", "listed", "refused"),
    [
        (Fault(kind=FaultKind.CURRENCY_MISSING, currency="USDT"), {("SHARP", 1): "500"}, None),
        (Fault(kind=FaultKind.OTHER_WALLET, currency="USDT"), {("SHARP", 1): "500", ("USDT", 2): "1000"}, 3113),
        (
            Fault(kind=FaultKind.OTHER_WALLET, currency="SHARP"),
            {("SHARP", 2): "500", ("USDT", 4): "0.25", ("USDT", 1): "999.75"},
            None,
        ),
        (Fault(kind=FaultKind.OTHER_WALLET), {("SHARP", 2): "500", ("USDT", 2): "1000"}, 3113),
        (Fault(kind=FaultKind.ACCOUNT_MIGRATED), {("SHARP", 3): "500", ("USDT", 3): "1000"}, 3113),
        (
            Fault(kind=FaultKind.CURRENCY_RENAMED, currency="SHARP", to="SHRP"),
            {("SHRP", 1): "500", ("USDT", 4): "0.25", ("USDT", 1): "999.75"},
            None,
        ),
    ],
    ids=str,
)
async def test_money_is_not_where_it_was(
    exchange: SandboxExchange, key: ApiKey, fault: Fault, listed: dict, refused: int | None
) -> None:
    standing = exchange.limit(BUY, 25_000, 1000)
    assert await balances(exchange, key) == WELL
    added = exchange.faults.add(fault)
    assert await balances(exchange, key) == listed
    assert (await place(exchange, key)).json.get("code") == (refused or "0")
    assert standing.is_open
    exchange.faults.clear(added)
    exchange.engine.cancel_all("alice")
    exchange.limit(BUY, 25_000, 1000)
    assert await balances(exchange, key) == WELL


async def test_the_wallets_have_names(exchange: SandboxExchange, key: ApiKey) -> None:
    for kind, name in ((FaultKind.OTHER_WALLET, "FUNDING"), (FaultKind.ACCOUNT_MIGRATED, "UNIFIED")):
        fault = exchange.faults.add(Fault(kind=kind))
        rows = (await exchange.signed(key, "POST", BALANCES)).data
        assert {row["typeName"] for row in rows} == {name}
        exchange.faults.clear(fault)


async def test_money_of_the_other_side_pays_for_a_sale(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.OTHER_WALLET, currency="USDT"))
    assert (await place(exchange, key, side="SELL", ordPrice="0.03")).data


# -- a book as the public sees it


async def test_the_book_is_empty(exchange: SandboxExchange) -> None:
    before = (await exchange.send("GET", DEPTH)).data
    fault = exchange.faults.add(Fault(kind=FaultKind.BOOK_EMPTY, symbol=SHARP))
    assert (await exchange.send("GET", DEPTH)).data == before | {"a": [], "b": []}
    exchange.faults.clear(fault)
    assert (await exchange.send("GET", DEPTH)).data == before


async def test_the_book_is_crossed(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_620, 100)
    exchange.quote(BUY, 25_580, 100)
    fault = exchange.faults.add(Fault(kind=FaultKind.BOOK_CROSSED, symbol=SHARP))
    book = (await exchange.send("GET", DEPTH)).data
    assert book["a"] == [["0.02559", "3", -1], ["0.02562", "1", -1]]
    assert book["b"] == [["0.02561", "5", 1], ["0.02558", "1", 1]]
    exchange.faults.clear(fault)
    assert (await exchange.send("GET", DEPTH)).data["b"][0] == ["0.02559", "3", 1]


async def test_a_book_of_one_side_cannot_be_crossed(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 100_000, 10, ETH)
    exchange.faults.add(Fault(kind=FaultKind.BOOK_CROSSED))
    book = (await exchange.send("GET", "/api/v1/market/depth/ETHUSDT")).data
    assert (book["a"], book["b"]) == ([["1000", "0.001", -1]], [])


async def test_the_book_is_frozen_while_trades_go_on(exchange: SandboxExchange) -> None:
    fault = exchange.faults.add(Fault(kind=FaultKind.BOOK_FROZEN, symbol=SHARP))
    await exchange.clock.advance(5)
    exchange.take(BUY, 25_610, 500)
    exchange.quote(SELL, 25_700, 100)
    answer = await exchange.send("GET", DEPTH, "depth=5")
    assert answer.data["a"] == [["0.02561", "5", -1]]
    assert answer.headers["date"].endswith("00:00:05 GMT")  # the time is fresh
    assert (await exchange.send("GET", TRADES)).data[0]["price"] == "0.02561"
    exchange.quote(SELL, 100_000, 10, ETH)
    assert (await exchange.send("GET", "/api/v1/market/depth/ETHUSDT")).data["a"]  # another market's lives
    exchange.faults.clear(fault)
    assert (await exchange.send("GET", DEPTH)).data["a"] == [["0.0257", "1", -1]]


async def test_a_frozen_book_is_answered_to_the_depth_that_is_asked(exchange: SandboxExchange) -> None:
    for n in range(1, 30):
        exchange.quote(SELL, 25_610 + n, 100)
    exchange.faults.add(Fault(kind=FaultKind.BOOK_FROZEN))
    for depth in (5, 10, 20):
        assert len((await exchange.send("GET", DEPTH, f"depth={depth}")).data["a"]) == depth
    assert len((await exchange.send("GET", DEPTH, "depth=100")).data["a"]) == 30


# -- whom it hits, and until when


Scope = Callable[[ApiKey], dict[str, object]]


@pytest.mark.parametrize(
    ("scope", "hit"),
    [
        (lambda key: {}, {"alice", "alice's other key", "bob", "alice by ipv6", "alice's order", "alice's eth"}),
        (
            lambda key: {"account": "alice"},
            {"alice", "alice's other key", "alice by ipv6", "alice's order", "alice's eth"},
        ),
        (lambda key: {"api_key": key.api_key}, {"alice", "alice by ipv6", "alice's order", "alice's eth"}),
        (lambda key: {"endpoint": BALANCES}, {"alice", "alice's other key", "bob", "alice by ipv6"}),
        (lambda key: {"endpoint": "/trade/order"}, {"alice's order", "alice's eth"}),
        (lambda key: {"endpoint": "/api" + PLACE}, {"alice's order", "alice's eth"}),
        (lambda key: {"family": Family.IPV6}, {"alice by ipv6"}),
        (lambda key: {"symbol": SHARP}, {"alice's order"}),
        (lambda key: {"symbol": "ethusdt"}, {"alice's eth"}),
        (lambda key: {"symbol": "ETHUSDT", "account": "bob"}, set()),
    ],
)
async def test_whom_it_hits(exchange: SandboxExchange, key: ApiKey, scope: Scope, hit: set[str]) -> None:
    other, bob = exchange.key("alice"), exchange.key("bob")
    exchange.faults.add(Fault(kind=FaultKind.KEY_DELETED, **scope(key)))  # type: ignore[arg-type]
    answers = {
        "alice": await exchange.signed(key, "POST", BALANCES),
        "alice's other key": await exchange.signed(other, "POST", BALANCES),
        "bob": await exchange.signed(bob, "POST", BALANCES),
        "alice by ipv6": await exchange.signed(key, "POST", BALANCES, address="2001:db8::7"),
        "alice's order": await place(exchange, key),
        "alice's eth": await place(exchange, key, symbol="ETHUSDT", ordPrice="10.01", ordQty="1"),
    }
    assert {who for who, answer in answers.items() if told(answer) == SIGNATURE_FAILED} == hit


async def test_a_market_is_hit_by_the_path_and_by_the_query_too(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.SERVER_ERROR, symbol=SHARP))
    assert (await exchange.send("GET", DEPTH)).status == 500
    assert (await exchange.send("GET", "/api/v1/market/depth/ETHUSDT")).status == 200
    assert (await exchange.signed(key, "GET", MATCHES, {"symbol": "sharpusdt"})).status == 500
    assert (await exchange.signed(key, "POST", BALANCES)).status == 200


async def test_an_endpoint_is_not_another_that_begins_like_it(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.SERVER_ERROR, endpoint=CANCEL))
    assert (await exchange.signed(key, "POST", CANCEL, {"symbol": "SHARPUSDT", "ordId": 1})).status == 500
    assert (await exchange.signed(key, "POST", CANCEL_ALL, {"symbol": "SHARPUSDT"})).status == 200


async def test_a_fault_ends_by_itself(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.KEY_DELETED, seconds=5))
    await exchange.clock.advance(4.9)
    assert (await exchange.signed(key, "POST", BALANCES)).status == 401
    await exchange.clock.advance(0.1)
    assert (await exchange.signed(key, "POST", BALANCES)).status == 200


async def test_faults_add_up(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.CURRENCY_MISSING, currency="USDT"))
    exchange.faults.add(Fault(kind=FaultKind.CURRENCY_RENAMED, currency="SHARP", to="SHRP"))
    exchange.faults.add(Fault(kind=FaultKind.PRECISION_CHANGED, symbol=SHARP, lot_decimals=0))
    exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED, symbol=SHARP))
    assert await balances(exchange, key) == {("SHRP", 1): "500"}
    row = (await symbol_row(exchange)) or {}
    assert (row["openTrade"], row["lotSz"]) == (False, 0)


async def test_a_request_that_makes_no_sense_stays_malformed(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.MARKET_HALTED))
    assert (await exchange.send("POST", SYMBOLS, body="[")).status == 400
    assert (await place(exchange, key, ordPrice="x")).status == 400
    assert (await place(exchange, key, symbol=None)).json["code"] == 101040502


async def test_after_a_restart_the_exchange_is_well(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.faults.add(Fault(kind=FaultKind.KEY_DELETED))
    assert exchange.faults
    assert not SandboxExchange().faults


async def test_read_is_not_missing_where_only_trade_is_asked(exchange: SandboxExchange) -> None:
    trader = exchange.key("alice", permissions=(Permission.TRADE,))
    exchange.faults.add(Fault(kind=FaultKind.READ_MISSING))
    assert (await place(exchange, trader)).data
