"""The sandbox's Coinstore dialect, endpoint by endpoint, against the shapes of the reference."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.sandbox_exchange import ETH, SHARP, Answer, SandboxExchange, accepted, atoms
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey, Permission
from trading_bridge.sandbox.limits import Rate
from trading_bridge.sandbox.markets import DEFAULT_MARKETS, SHARP_USDT
from trading_bridge.sandbox.wire.coinstore import CoinstoreOptions

BUY, SELL = Side.BUY, Side.SELL
PLACE, CANCEL, CANCEL_ALL = "/trade/order/place", "/trade/order/cancel", "/trade/order/cancelAll"
ACTIVE_V1, ACTIVE_V2 = "/trade/order/active", "/v2/trade/order/active"
INFO_V1, INFO_V2 = "/trade/order/orderInfo", "/v2/trade/order/orderInfo"
MATCHES = "/trade/match/accountMatches"
DEPOSITS, WITHDRAWALS = "/fi/v3/asset/deposit/record/list", "/fi/v3/asset/withdraw/record/list"
LIMIT = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "LIMIT", "ordPrice": "0.025", "ordQty": "100"}


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange(options=CoinstoreOptions(user_rate=None, address_rate=None))
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def key(exchange: SandboxExchange) -> ApiKey:
    return exchange.key("alice")


def code(answer: Answer) -> str:
    assert answer.status == 200
    return str(answer.json["code"])


# -- public


async def test_symbols(exchange: SandboxExchange) -> None:
    answer = await exchange.send("POST", "/api/v2/public/config/spot/symbols", body="{}")
    assert answer.json["code"] == "0"  # a text here, as in the samples
    assert answer.json["message"] == "Success"
    assert answer.json["data"][0] == {
        "symbolId": 1,
        "symbolCode": "SHARPUSDT",
        "tradeCurrencyCode": "sharp",
        "quoteCurrencyCode": "usdt",
        "openTrade": True,
        "onLineTime": 1609813531019,
        "tickSz": 6,
        "lotSz": 2,
        "minLmtPr": "0.000001",
        "minLmtSz": "1",
        "minMktVa": "1",
        "minMktSz": "1",
        "makerFee": "0.002",
        "takerFee": "0.002",
    }


@pytest.mark.parametrize(
    ("body", "symbols"),
    [
        ('{"symbolCodes":["ethusdt"]}', ["ETHUSDT"]),
        ('{"symbolIds":[1]}', ["SHARPUSDT"]),
        ('{"symbolCodes":["ETHUSDT"],"symbolIds":[1]}', ["SHARPUSDT", "ETHUSDT"]),
    ],
)
async def test_symbols_by_name_or_id(exchange: SandboxExchange, body: str, symbols: list[str]) -> None:
    answer = await exchange.send("POST", "/api/v2/public/config/spot/symbols", body=body)
    assert [row["symbolCode"] for row in answer.data] == symbols


async def test_an_unlisted_symbol_is_a_list_of_null(exchange: SandboxExchange) -> None:
    answer = await exchange.send("POST", "/api/v2/public/config/spot/symbols", body='{"symbolCodes":["NOPEUSDT"]}')
    assert answer.data == [None]


async def test_depth(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_610, 500)
    exchange.quote(SELL, 25_620, 1)
    exchange.quote(BUY, 25_590, 300)
    answer = await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT", "depth=5")
    assert answer.json == {
        "data": {
            "channel": "1@depth@5",
            "level": 5,
            "a": [["0.02561", "5", -1], ["0.02562", "0.01", -1]],
            "b": [["0.02559", "3", 1]],
            "symbol": "SHARPUSDT",
            "instrumentId": 1,
        },
        "code": 0,
    }


async def test_depth_has_twenty_levels_unless_asked(exchange: SandboxExchange) -> None:
    for n in range(30):
        exchange.quote(SELL, 25_000 + n, 100)
    assert len((await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")).data["a"]) == 20
    assert len((await exchange.send("GET", "/api/v1/market/depth/sharpusdt", "depth=50")).data["a"]) == 30
    assert (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT", "depth=7")).status == 400


async def test_public_trades(exchange: SandboxExchange) -> None:
    exchange.quote(SELL, 25_610, 500)
    exchange.take(BUY, 25_610, 100)
    exchange.take(BUY, 25_610, 200)
    answer = await exchange.send("GET", "/api/v1/market/trade/SHARPUSDT", "size=1")
    now_ms = exchange.engine.now_ms()
    assert answer.json == {
        "data": [
            {
                "channel": "1@trade",
                "time": now_ms // 1000,
                "volume": "2",
                "price": "0.02561",
                "tradeId": 2,
                "takerSide": "BUY",
                "seq": 2,
                "ts": now_ms,
                "symbol": "SHARPUSDT",
                "instrumentId": 1,
            }
        ],
        "code": 0,
    }
    assert len((await exchange.send("GET", "/api/v1/market/trade/SHARPUSDT")).data) == 2
    assert (await exchange.send("GET", "/api/v1/market/trade/SHARPUSDT", "size=101")).status == 400


@pytest.mark.parametrize("path", ["/v1/market/depth/NOPEUSDT", "/v1/market/trade/NOPEUSDT"])
async def test_market_data_of_an_unknown_symbol(exchange: SandboxExchange, path: str) -> None:
    answer = await exchange.send("GET", "/api" + path)
    assert answer.json == {"message": "symbol not found", "code": 3011}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/order/openOrders"),  # an old client's, never existed
        ("POST", "/api/trade/order/active"),
        ("GET", "/api/trade/order/place"),
        ("POST", "/api/fi/v3/asset/doWithdraw"),  # nothing here moves funds
        ("GET", "/api/api/v2/trade/order/active"),
        ("GET", "/apiv1/market/depth/SHARPUSDT"),
        ("GET", "/"),
    ],
)
async def test_other_paths_are_not_found(exchange: SandboxExchange, method: str, path: str) -> None:
    assert (await exchange.send(method, path, body="{}" if method == "POST" else "")).status == 404


# -- who may


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/fi/v1/common/currency"),
        ("POST", "/spot/accountList"),
        ("POST", PLACE),
        ("POST", CANCEL),
        ("POST", CANCEL_ALL),
        ("GET", ACTIVE_V1),
        ("GET", ACTIVE_V2),
        ("GET", INFO_V1),
        ("GET", INFO_V2),
        ("GET", MATCHES),
        ("POST", DEPOSITS),
        ("POST", WITHDRAWALS),
    ],
)
async def test_who_may_call_what(exchange: SandboxExchange, method: str, path: str) -> None:
    trading = path in (PLACE, CANCEL, CANCEL_ALL)
    unauthorized = {"message": "Unauthorized", "code": 1401}
    missing = exchange.key(permissions=(Permission.READ if trading else Permission.TRADE,))
    answer = await exchange.signed(missing, method, path)
    assert (answer.status, answer.json) == (200, unauthorized)
    elsewhere = exchange.key(addresses=("192.0.2.1",))
    answer = await exchange.signed(elsewhere, method, path)
    assert (answer.status, answer.json) == (200, unauthorized)
    allowed = exchange.key(
        permissions=(Permission.TRADE if trading else Permission.READ,), addresses=("192.0.2.1", "2001:db8::1")
    )
    answer = await exchange.signed(allowed, method, path, address="2001:db8::1")
    assert answer.json != unauthorized
    revoked = exchange.engine.directory.change_key(allowed.api_key, revoked=True)
    answer = await exchange.signed(revoked, method, path, address="192.0.2.1")
    assert (answer.status, answer.json) == (401, {"message": "signature-failed", "code": 401})
    unsigned = await exchange.send(method, "/api" + path, body="{}" if method == "POST" else "")
    assert (unsigned.status, unsigned.json) == (401, {"message": "signature-failed", "code": 401})


@pytest.mark.parametrize("missing", ["X-CS-APIKEY", "X-CS-EXPIRES", "X-CS-SIGN"])
async def test_each_header_is_needed(exchange: SandboxExchange, key: ApiKey, missing: str) -> None:
    headers = exchange.headers(key, "{}")
    assert (await exchange.send("POST", "/api/spot/accountList", body="{}", headers=headers)).status == 200
    del headers[missing]
    assert (await exchange.send("POST", "/api/spot/accountList", body="{}", headers=headers)).status == 401


@pytest.mark.parametrize(("skew_ms", "status"), [(30_000, 200), (-30_000, 200), (30_001, 401), (-30_001, 401)])
async def test_the_window_of_time(exchange: SandboxExchange, key: ApiKey, skew_ms: int, status: int) -> None:
    answer = await exchange.signed(key, "POST", "/spot/accountList", skew_ms=skew_ms)
    assert answer.status == status


async def test_the_window_can_be_set_and_switched_off() -> None:
    for window_s, skew_ms, status in ((5, 5001, 401), (5, 5000, 200), (None, 3_600_000, 200)):
        exchange = SandboxExchange(options=CoinstoreOptions(signature_window_s=window_s))
        exchange.account("alice")
        answer = await exchange.signed(exchange.key(), "POST", "/spot/accountList", skew_ms=skew_ms)
        assert answer.status == status


@pytest.mark.parametrize(
    "expires", ["", "abc", "1700000012", "-170000001234", "1.7e12", "١٧٠٠٠٠٠٠١٢٣٤٥".encode().decode("latin-1")]
)
async def test_times_that_are_none(exchange: SandboxExchange, key: ApiKey, expires: str) -> None:
    headers = exchange.headers(key, "{}") | {"X-CS-EXPIRES": expires}
    assert (await exchange.send("POST", "/api/spot/accountList", body="{}", headers=headers)).status == 401


async def test_300_calls_in_3_seconds_per_address() -> None:
    exchange = SandboxExchange()
    for _ in range(300):
        assert (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")).status == 200
    refused = await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")
    assert (refused.status, refused.json["code"]) == (429, 429)
    assert (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT", address="192.0.2.9")).status == 200
    await exchange.clock.advance(3)
    assert (await exchange.send("GET", "/api/v1/market/depth/SHARPUSDT")).status == 200


async def test_120_calls_in_3_seconds_per_user_whatever_the_key() -> None:
    exchange = SandboxExchange()
    exchange.account("alice")
    keys = [exchange.key(), exchange.key()]
    for n in range(120):
        assert (await exchange.signed(keys[n % 2], "GET", ACTIVE_V1)).status == 200
    assert (await exchange.signed(keys[0], "GET", ACTIVE_V1)).status == 429
    assert (await exchange.signed(keys[1], "POST", PLACE, dict(LIMIT))).status == 429
    exchange.account("bob")
    assert (await exchange.signed(exchange.key("bob"), "GET", ACTIVE_V1)).status == 200
    await exchange.clock.advance(3)
    assert (await exchange.signed(keys[0], "GET", ACTIVE_V1)).status == 200


async def test_limits_can_be_switched_off() -> None:
    exchange = SandboxExchange(options=CoinstoreOptions(address_rate=None, user_rate=Rate(1000, 3.0)))
    exchange.account("alice")
    key = exchange.key()
    for _ in range(400):
        assert (await exchange.signed(key, "GET", ACTIVE_V1)).status == 200


# -- answers


async def test_each_answer_carries_the_ledgers_number_and_the_exchanges_time(
    exchange: SandboxExchange, key: ApiKey
) -> None:
    before = exchange.engine.sequence
    placed = await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    assert placed.headers["x-request-id"] == str(before + 1)
    balances = await exchange.signed(key, "POST", "/spot/accountList")
    assert balances.headers["x-request-id"] == str(before + 1)
    assert balances.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert balances.headers["content-type"] == "application/json"


async def test_an_answer_leaves_after_its_effects_are_stored(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.quote(SELL, 30_000, 100)
    exchange.take(BUY, 30_000, 100)  # the market's, not committed yet
    stored = exchange.store._database.execute
    assert stored("SELECT COUNT(*) FROM trades").fetchone()[0] == 0
    await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    assert stored("SELECT COUNT(*) FROM trades").fetchone()[0] == 1
    assert stored("SELECT COUNT(*) FROM orders").fetchone()[0] == 1
    assert stored("SELECT value FROM counters WHERE name = 'sequence'").fetchone()[0] == exchange.engine.sequence
    exchange.take(BUY, 30_000, 100)
    exchange.quote(BUY, 20_000, 100)
    exchange.take(SELL, 20_000, 100)
    await exchange.send("GET", "/api/v1/market/trade/SHARPUSDT")  # shows the trade: it must be stored
    assert stored("SELECT COUNT(*) FROM trades").fetchone()[0] == 2


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', '{"a":NaN}', "{" * 5000, "\x00"])
async def test_bodies_that_cannot_be_read(exchange: SandboxExchange, key: ApiKey, body: str) -> None:
    headers = exchange.headers(key, body)
    answer = await exchange.send("POST", "/api" + PLACE, body=body, headers=headers)
    assert answer.status == 400
    assert answer.json["code"] == 400


async def test_a_huge_body_is_not_read(exchange: SandboxExchange) -> None:
    assert (await exchange.send("POST", "/api/spot/accountList", body=" " * 1_000_001)).status == 413


# -- balances


async def test_balances_free_and_frozen(exchange: SandboxExchange, key: ApiKey) -> None:
    assert (await exchange.signed(key, "POST", "/spot/accountList")).json == {
        "data": [
            {
                "uid": 315004,
                "accountId": 1134004,
                "currency": "SHARP",
                "balance": "1000",
                "type": 1,
                "typeName": "AVAILABLE",
            },
            {
                "uid": 315004,
                "accountId": 1134004,
                "currency": "USDT",
                "balance": "1000",
                "type": 1,
                "typeName": "AVAILABLE",
            },
        ],
        "code": 0,
    }
    exchange.limit(BUY, 25_000, 333)
    rows = (await exchange.signed(key, "POST", "/spot/accountList")).data
    assert [(r["currency"], r["type"], r["typeName"], r["balance"]) for r in rows] == [
        ("SHARP", 1, "AVAILABLE", "1000"),
        ("USDT", 4, "FROZEN", "0.08325"),
        ("USDT", 1, "AVAILABLE", "999.91675"),
    ]


async def test_an_account_without_money_has_no_rows(exchange: SandboxExchange) -> None:
    exchange.account("poor")
    assert (await exchange.signed(exchange.key("poor"), "POST", "/spot/accountList")).data == []


async def test_currency(exchange: SandboxExchange, key: ApiKey) -> None:
    answer = await exchange.signed(key, "GET", "/fi/v1/common/currency", {"currencyCode": "ETH"})
    assert answer.json["code"] == "0"
    assert answer.json["data"]["code"] == "eth"
    assert answer.json["data"]["chainDataList"][0]["withdrawOpen"] == 0
    answer = await exchange.signed(key, "GET", "/fi/v1/common/currency", {"currencyCode": "NOPE"})
    assert answer.json["data"] is None


async def test_records_of_money_that_came_and_went(exchange: SandboxExchange, key: ApiKey) -> None:
    await exchange.clock.advance(10)
    exchange.engine.withdraw("alice", "USDT", atoms("0.5"))
    came = await exchange.signed(key, "POST", DEPOSITS)
    assert came.json["code"] == 0
    assert [(r["symbol"], r["amount"], r["status"]) for r in came.data["depositList"]] == [
        ("sharp", "1000", 1),
        ("usdt", "1000", 1),
    ]
    went = (await exchange.signed(key, "POST", WITHDRAWALS, {"currencyCode": "usdt"})).data["withdrawList"]
    assert went == [
        {
            "id": 3,
            "symbol": "USDT",
            "amount": "0.5",
            "fee": "0",
            "createdAt": "2026-01-01 00:00:10",
            "status": 5,
            "txId": "sandbox-3",
            "addressTo": "outside",
            "tag": None,
            "chainName": "sandbox",
            "chainProtocol": "sandbox",
            "internalType": 0,
        }
    ]


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({}, [3, 2, 1]),
        ({"limit": 1}, [3]),
        ({"startDate": "2026-01-01 00:00:10"}, [3]),
        ({"startDate": "2026-01-01 00:00:11"}, []),
        ({"endDate": "2026-01-01 00:00:00"}, [2, 1]),
        ({"currencyCode": "SHARP"}, [2]),
    ],
)
async def test_records_by_time_and_currency(
    exchange: SandboxExchange, key: ApiKey, fields: dict[str, object], ids: list[int]
) -> None:
    await exchange.clock.advance(10.5)
    exchange.engine.deposit("alice", "USDT", atoms("1"))
    rows = (await exchange.signed(key, "POST", DEPOSITS, fields)).data["depositList"]
    assert [row["id"] for row in rows] == ids


async def test_a_date_that_is_none(exchange: SandboxExchange, key: ApiKey) -> None:
    assert (await exchange.signed(key, "POST", DEPOSITS, {"startDate": "yesterday"})).status == 400


# -- placing


async def test_a_limit_order_is_answered_with_a_16_digit_number(exchange: SandboxExchange, key: ApiKey) -> None:
    answer = await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    assert answer.json["code"] == "0"
    order_id = answer.json["data"]["ordId"]
    assert isinstance(order_id, int)
    assert len(str(order_id)) == 16


async def test_the_documentations_forms_can_be_had() -> None:
    options = CoinstoreOptions(place_id_field="order_id", order_info_as_list=True)
    exchange = SandboxExchange(options=options)
    exchange.account("alice", USDT="1000")
    key = exchange.key()
    placed = await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    order_id = placed.data["order_id"]
    assert (await exchange.signed(key, "GET", INFO_V2, {"ordId": order_id})).data[0]["ordId"] == order_id


@pytest.mark.parametrize(
    "numbers",
    [
        {"ordPrice": "0.025", "ordQty": "100"},
        {"ordPrice": 0.025, "ordQty": 100},
        {"ordPrice": 2.5e-2, "ordQty": "1E+2"},
    ],
)
async def test_numbers_may_be_texts_or_scientific(
    exchange: SandboxExchange, key: ApiKey, numbers: dict[str, object]
) -> None:
    await exchange.signed(key, "POST", PLACE, LIMIT | numbers)
    order = exchange.engine.open_orders("alice")[0]
    assert (order.price, order.lots) == (25_000, 10_000)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"symbol": "NOPEUSDT"}, "3011"),
        ({"ordPrice": "0.0250001"}, "3104"),
        ({"ordQty": "100.001"}, "3104"),
        ({"ordType": "MARKET", "ordAmt": "25.555"}, "3106"),
        ({"ordPrice": "1", "ordQty": "1001"}, "3113"),
        ({"ordType": "MARKET", "ordAmt": "1000.01"}, "3113"),
        ({"side": "SELL", "ordQty": "1000.01"}, "3113"),
        ({"ordQty": "0.99"}, "3902"),
        ({"ordQty": "0"}, "3902"),
        ({"ordQty": "-1"}, "3902"),
        ({"ordPrice": "0"}, "3902"),
        ({"ordType": "MARKET", "ordAmt": "0.99"}, "3902"),
        ({"ordQty": "99999999999999999"}, "3903"),
        ({"ordPrice": None, "price": "0.025"}, "101040502"),
        ({"ordQty": None}, "101040502"),
        ({"ordType": "MARKET"}, "101040502"),
        ({"side": None}, "101040502"),
        ({"symbol": None}, "101040502"),
    ],
)
async def test_refusals_of_orders_come_with_http_200(
    exchange: SandboxExchange, key: ApiKey, changes: dict[str, object], expected: str
) -> None:
    answer = await exchange.signed(key, "POST", PLACE, LIMIT | changes)
    assert code(answer) == expected
    assert answer.json.get("data") is None
    assert exchange.engine.open_orders("alice") == []
    assert exchange.held("alice", "USDT") == (atoms("1000"), 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "buy"},
        {"ordType": "STOP"},
        {"timeInForce": "GTX"},
        {"ordPrice": "abc"},
        {"ordPrice": True},
        {"ordPrice": ["1"]},
        {"ordPrice": "1E+999999999"},
        {"ordQty": "NaN"},
        {"clOrdId": "x" * 33},
        {"clOrdId": "café"},
        {"clOrdId": 5},
        {"symbol": {}},
    ],
)
async def test_fields_that_make_no_sense_are_malformed(
    exchange: SandboxExchange, key: ApiKey, changes: dict[str, object]
) -> None:
    answer = await exchange.signed(key, "POST", PLACE, LIMIT | changes)
    assert answer.status == 400
    assert exchange.engine.open_orders("alice") == []


async def test_a_closed_market_takes_no_orders() -> None:
    exchange = SandboxExchange(markets=(replace(SHARP_USDT, open=False),))
    exchange.account("alice", USDT="1000")
    assert code(await exchange.signed(exchange.key(), "POST", PLACE, dict(LIMIT))) == "3012"


async def test_the_same_client_id_twice(exchange: SandboxExchange, key: ApiKey) -> None:
    first = await exchange.signed(key, "POST", PLACE, LIMIT | {"clOrdId": "tb1"})
    again = await exchange.signed(key, "POST", PLACE, LIMIT | {"clOrdId": "tb1"})
    assert again.json == {"message": "duplicate-order", "code": 3111}
    await exchange.signed(key, "POST", CANCEL, {"symbol": "SHARPUSDT", "ordId": first.data["ordId"]})
    assert code(await exchange.signed(key, "POST", PLACE, LIMIT | {"clOrdId": "tb1"})) == "3111"


async def test_a_missing_client_id_is_made_up(exchange: SandboxExchange, key: ApiKey) -> None:
    await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    await exchange.signed(key, "POST", PLACE, LIMIT | {"clOrdId": ""})
    ids = {row["clOrdId"] for row in (await exchange.signed(key, "GET", ACTIVE_V2)).data}
    assert len(ids) == 2
    assert {len(one) for one in ids} == {32}


async def test_the_51st_active_order_counts_every_symbol(exchange: SandboxExchange, key: ApiKey) -> None:
    for _ in range(49):
        await exchange.signed(key, "POST", PLACE, LIMIT | {"ordQty": "1"})
    eth = LIMIT | {"symbol": "ETHUSDT", "ordPrice": "1", "ordQty": "1"}
    assert code(await exchange.signed(key, "POST", PLACE, eth)) == "0"
    refused = await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    assert refused.json == {"message": "active-order-limit", "code": 3901}


async def test_a_post_only_that_would_take_is_accepted_and_found_cancelled(
    exchange: SandboxExchange, key: ApiKey
) -> None:
    exchange.quote(SELL, 25_000, 10_000)
    placed = await exchange.signed(key, "POST", PLACE, LIMIT | {"ordType": "POST_ONLY", "clOrdId": "tb1"})
    assert code(placed) == "0"
    row = (await exchange.signed(key, "GET", INFO_V2, {"clOrdId": "tb1"})).data
    assert (row["ordId"], row["ordStatus"], row["cumQty"]) == (placed.data["ordId"], "CANCELED", "0")
    assert (await exchange.signed(key, "GET", ACTIVE_V2)).data == []


async def test_market_orders(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.quote(SELL, 25_000, 1_000_000)
    exchange.quote(BUY, 24_000, 1_000_000)
    buy = {"symbol": "SHARPUSDT", "side": "BUY", "ordType": "MARKET", "ordAmt": "25.5", "clOrdId": "buy"}
    sell = {"symbol": "SHARPUSDT", "side": "SELL", "ordType": "MARKET", "ordQty": "10.25", "clOrdId": "sell"}
    assert code(await exchange.signed(key, "POST", PLACE, buy)) == "0"
    assert code(await exchange.signed(key, "POST", PLACE, sell)) == "0"
    bought = (await exchange.signed(key, "GET", INFO_V2, {"clOrdId": "buy"})).data
    sold = (await exchange.signed(key, "GET", INFO_V2, {"clOrdId": "sell"})).data
    assert (bought["ordStatus"], bought["cumAmt"], bought["cumQty"], bought["avgPrice"]) == (
        "FILLED",
        "25.5",
        "1020",
        "0.025",
    )
    assert (sold["ordStatus"], sold["cumAmt"], sold["cumQty"], sold["ordType"]) == (
        "FILLED",
        "0.246",
        "10.25",
        "MARKET",
    )
    v1 = (await exchange.signed(key, "GET", INFO_V1, {"ordId": bought["ordId"]})).data
    assert (v1["ordAmt"], v1["ordQty"], v1["feeCurrency"]) == ("25.5", "0", "SHARP")


# -- cancelling


async def test_cancel_and_cancel_again(exchange: SandboxExchange, key: ApiKey) -> None:
    placed = await exchange.signed(key, "POST", PLACE, LIMIT | {"clOrdId": "tb1"})
    cancel = {"symbol": "SHARPUSDT", "ordId": placed.data["ordId"]}
    assert (await exchange.signed(key, "POST", CANCEL, cancel)).json == {
        "code": 0,
        "data": {"clientOrderId": "tb1", "state": "CANCELED", "ordId": placed.data["ordId"]},
    }
    assert (await exchange.signed(key, "POST", CANCEL, cancel)).json == {
        "code": 0,
        "data": {"state": "CANCELED", "ordId": placed.data["ordId"]},
    }


async def test_cancelling_a_filled_order_says_filled(exchange: SandboxExchange, key: ApiKey) -> None:
    placed = await exchange.signed(key, "POST", PLACE, dict(LIMIT))
    exchange.take(SELL, 25_000, 10_000)
    cancel = {"symbol": "sharpusdt", "ordId": str(placed.data["ordId"])}  # a text is accepted too
    assert (await exchange.signed(key, "POST", CANCEL, cancel)).data["state"] == "FILLED"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"symbol": "SHARPUSDT", "ordId": 1}, "3103"),
        ({"symbol": "ETHUSDT", "ordId": "own"}, "3103"),
        ({"symbol": "SHARPUSDT", "ordId": "other"}, "3103"),
        ({"symbol": "NOPEUSDT", "ordId": 1}, "3011"),
        ({"symbol": "SHARPUSDT"}, "101040502"),
        ({"ordId": 1}, "101040502"),
        ({"symbol": "SHARPUSDT", "orderId": 1}, "101040502"),
    ],
)
async def test_cancels_that_are_refused(
    exchange: SandboxExchange, key: ApiKey, fields: dict[str, object], expected: str
) -> None:
    exchange.account("bob", USDT="100")
    ids = {"own": exchange.limit(BUY, 25_000, 100).id, "other": exchange.limit(BUY, 25_000, 100, account="bob").id}
    fields = {name: ids.get(value, value) for name, value in fields.items()}  # type: ignore[arg-type]
    assert code(await exchange.signed(key, "POST", CANCEL, fields)) == expected
    assert len(exchange.engine.open_orders("alice")) == len(exchange.engine.open_orders("bob")) == 1


async def test_an_id_that_is_no_number(exchange: SandboxExchange, key: ApiKey) -> None:
    for wrong in ("abc", "1.5", "9" * 19, True, []):
        answer = await exchange.signed(key, "POST", CANCEL, {"symbol": "SHARPUSDT", "ordId": wrong})
        assert answer.status == 400


async def test_cancel_all_of_a_symbol(exchange: SandboxExchange, key: ApiKey) -> None:
    orders = [exchange.limit(BUY, 25_000 + n, 100) for n in range(3)]
    eth = accepted(exchange.engine.place("alice", ETH, BUY, price=Ticks(100), lots=Lots(10_000)))
    answer = await exchange.signed(key, "POST", CANCEL_ALL, {"symbol": "SHARPUSDT"})
    assert answer.json == {"data": {"canceling": [order.id for order in orders]}, "code": 0}
    assert exchange.engine.open_orders("alice") == [eth]
    assert (await exchange.signed(key, "POST", CANCEL_ALL, {"symbol": "SHARPUSDT"})).json == {"code": 0}
    assert code(await exchange.signed(key, "POST", CANCEL_ALL)) == "101040502"
    assert code(await exchange.signed(key, "POST", CANCEL_ALL, {"symbol": "NOPE"})) == "3011"


# -- queries


async def test_active_v1(exchange: SandboxExchange, key: ApiKey) -> None:
    order = exchange.limit(SELL, 92, 10_000, client_order_id="tb1")
    exchange.take(BUY, 92, 4_000)
    answer = await exchange.signed(key, "GET", ACTIVE_V1)
    assert '"ordPrice":0.000092' in answer.text  # a JSON number
    assert answer.json == {
        "data": [
            {
                "symbol": "SHARPUSDT",
                "baseCurrency": "SHARP",
                "quoteCurrency": "USDT",
                "timestamp": order.created_ms,
                "side": "SELL",
                "timeInForce": "GTC",
                "accountId": 1134004,
                "ordPrice": Decimal("0.000092"),
                "cumAmt": "0.00368",
                "cumQty": "40",
                "leavesQty": "0",
                "clOrdId": "tb1",
                "ordAmt": "0",
                "ordQty": "100",
                "ordId": str(order.id),
                "ordStatus": "PARTIAL_FILLED",
                "ordType": "LIMIT",
            }
        ],
        "code": 0,
    }


async def test_tiny_prices_are_written_in_scientific_notation() -> None:
    luffy = replace(SHARP_USDT, tick_decimals=11, lot_decimals=0, min_price=Decimal("0.00000000001"))
    exchange = SandboxExchange(markets=(luffy,))
    exchange.account("alice", USDT="1000")
    key = exchange.key()
    await exchange.signed(key, "POST", PLACE, LIMIT | {"ordPrice": 9.1e-10, "ordQty": "12323231243"})
    assert '"ordPrice":9.1E-10' in (await exchange.signed(key, "GET", ACTIVE_V1)).text
    assert (await exchange.signed(key, "GET", ACTIVE_V2)).data[0]["ordPrice"] == "0.00000000091"


async def test_active_v2_and_its_filters(exchange: SandboxExchange, key: ApiKey) -> None:
    first = exchange.limit(BUY, 25_000, 10_000, client_order_id="tb1")
    eth = accepted(exchange.engine.place("alice", ETH, BUY, price=Ticks(100), lots=Lots(10_000)))
    exchange.take(SELL, 25_000, 4_000)
    rows = (await exchange.signed(key, "GET", ACTIVE_V2)).data
    assert [row["ordId"] for row in rows] == [first.id, eth.id]
    assert rows[0] == {
        "baseCurrency": "SHARP",
        "quoteCurrency": "USDT",
        "side": "BUY",
        "cumQty": "40",
        "ordId": first.id,
        "clOrdId": "tb1",
        "ordType": "LIMIT",
        "ordQty": "100",
        "cumAmt": "1",
        "accountId": 1134004,
        "timeInForce": "GTC",
        "ordPrice": "0.025",
        "leavesQty": "60",
        "avgPrice": "0.025",
        "ordStatus": "PARTIAL_FILLED",
        "symbol": "SHARPUSDT",
        "timestamp": first.created_ms,
    }
    for fields, found in (
        ({"symbol": "ethusdt"}, [eth.id]),
        ({"ordId": first.id}, [first.id]),
        ({"clOrdId": "tb1"}, [first.id]),
        ({"clOrdId": "nope"}, []),
        ({"symbol": "ETHUSDT", "ordId": first.id}, []),
    ):
        assert [r["ordId"] for r in (await exchange.signed(key, "GET", ACTIVE_V2, fields)).data] == found
    assert code(await exchange.signed(key, "GET", ACTIVE_V2, {"symbol": "NOPE"})) == "3011"


async def test_order_info_v1(exchange: SandboxExchange, key: ApiKey) -> None:
    order = exchange.limit(BUY, 25_000, 10_000, client_order_id="tb1")
    exchange.engine.cancel(order)
    assert (await exchange.signed(key, "GET", INFO_V1, {"ordId": order.id})).json == {
        "data": {
            "baseCurrency": "SHARP",
            "quoteCurrency": "USDT",
            "symbol": "SHARPUSDT",
            "timestamp": order.created_ms,
            "side": "BUY",
            "accountId": 1134004,
            "ordId": order.id,
            "clOrdId": "tb1",
            "ordType": "LIMIT",
            "ordState": "CANCELED",
            "ordPrice": "0.025",
            "ordQty": "100",
            "ordAmt": "2.5",
            "cumAmt": "0",
            "cumQty": "0",
            "leavesQty": "0",
            "avgPrice": "0",
            "feeCurrency": "SHARP",
            "timeInForce": "GTC",
        },
        "code": 0,
    }


async def test_order_info_v2_and_its_two_kinds_of_time(exchange: SandboxExchange, key: ApiKey) -> None:
    order = exchange.limit(BUY, 25_000, 10_000, client_order_id="tb1")
    await exchange.clock.advance(5)
    row = (await exchange.signed(key, "GET", INFO_V2, {"ordId": order.id})).data
    assert row["orderUpdateTime"] == row["timestamp"] == order.created_ms
    exchange.take(SELL, 25_000, 10_000)
    row = (await exchange.signed(key, "GET", INFO_V2, {"clOrdId": "tb1"})).data
    assert row["orderUpdateTime"] == (order.created_ms + 5000) // 1000
    assert (row["ordStatus"], row["ordId"], row["leavesQty"]) == ("FILLED", order.id, "0")


@pytest.mark.parametrize(
    ("path", "fields"),
    [(INFO_V1, {"ordId": 1}), (INFO_V2, {"ordId": 1}), (INFO_V2, {"clOrdId": "nope"}), (INFO_V2, {"ordId": "other"})],
)
async def test_unknown_orders_and_those_of_others(
    exchange: SandboxExchange, key: ApiKey, path: str, fields: dict[str, object]
) -> None:
    exchange.account("bob", USDT="100")
    if fields.get("ordId") == "other":
        fields = {"ordId": exchange.limit(BUY, 25_000, 100, account="bob").id}
    answer = await exchange.signed(key, "GET", path, fields)
    assert (answer.status, answer.json) == (200, {"message": "order-not-found", "code": 3103})


@pytest.mark.parametrize("path", [INFO_V1, INFO_V2])
async def test_order_info_needs_an_id(exchange: SandboxExchange, key: ApiKey, path: str) -> None:
    assert code(await exchange.signed(key, "GET", path)) == "101040502"


# -- fills


async def test_account_matches(exchange: SandboxExchange, key: ApiKey) -> None:
    maker = exchange.limit(BUY, 25_000, 10_000)
    exchange.take(SELL, 25_000, 4_090)
    answer = await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT"})
    assert answer.text == (
        '{"data":[{"id":2,"remainingQty":59.100000000000000000,"matchRole":-1,"feeCurrencyId":102,'
        '"acturalFeeRate":0.002000000000000000,"role":-1,"accountId":1134004,"instrumentId":1,"baseCurrencyId":102,'
        '"quoteCurrencyId":30,"execQty":40.900000000000000000,"orderState":40,"matchId":1,'
        f'"orderId":{maker.id},"side":1,"execAmt":1.022500000000000000,"selfDealingQty":0E-18,"tradeId":1,'
        '"fee":0.081800000000000000,"matchTime":1767225600,"seq":null}],"code":0}'
    )


async def test_matches_as_taker_seller_pay_their_fee_in_quote(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.quote(BUY, 25_000, 10_000)
    exchange.limit(SELL, 25_000, 10_000)
    (row,) = (await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT"})).data
    assert (row["role"], row["side"], row["feeCurrencyId"], row["orderState"]) == (1, -1, 30, 50)
    assert row["fee"] == Decimal("0.005")


async def test_both_sides_of_a_self_deal(exchange: SandboxExchange, key: ApiKey) -> None:
    exchange.limit(SELL, 25_000, 10_000)
    exchange.limit(BUY, 25_000, 10_000)
    rows = (await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT"})).data
    assert [(r["side"], r["role"], r["selfDealingQty"]) for r in rows] == [(1, 1, 100), (-1, -1, 100)]
    assert len({r["tradeId"] for r in rows}) == 1
    assert len({r["id"] for r in rows}) == 2


async def test_pages_and_filters_of_matches(exchange: SandboxExchange, key: ApiKey) -> None:
    bids = [exchange.limit(BUY, 25_000, 100) for _ in range(25)]
    exchange.take(SELL, 25_000, 2_500)
    ask = exchange.limit(SELL, 26_000, 100)
    exchange.take(BUY, 26_000, 100)

    async def ids(**fields: object) -> list[int]:
        answer = await exchange.signed(key, "GET", MATCHES, {"symbol": "sharpusdt", **fields})
        return [row["matchId"] for row in answer.data]

    assert await ids() == list(range(26, 6, -1))
    assert await ids(pageNum=2) == list(range(6, 0, -1))
    assert await ids(pageNum=3) == []
    assert await ids(pageSize=1000) == list(range(26, 0, -1))
    assert await ids(ordId=bids[3].id) == [4]
    assert await ids(side=-1) == [26]
    assert await ids(side=1, pageSize=2) == [25, 24]
    assert await ids(ordId=ask.id, side=1) == []
    assert (await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT", "side": 2})).status == 400
    assert (await exchange.signed(key, "GET", MATCHES, {"symbol": "SHARPUSDT", "pageNum": 0})).status == 400
    assert code(await exchange.signed(key, "GET", MATCHES)) == "101040502"
    assert code(await exchange.signed(key, "GET", MATCHES, {"symbol": "NOPE"})) == "3011"


def test_the_markets_of_the_reference() -> None:
    assert [(m.symbol, m.market_id, m.tick_decimals, m.lot_decimals) for m in DEFAULT_MARKETS] == [
        (SHARP, 1, 6, 2),
        (ETH, 2, 2, 4),
    ]
