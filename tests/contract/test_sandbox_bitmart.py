"""The sandbox's BitMart dialect, endpoint by endpoint, against the shapes of its reference."""

import pytest

from tests.bitmart_sandbox import BitmartSandbox, amounts
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey, Permission

BUY, SELL = Side.BUY, Side.SELL
QUERY = "/spot/v4/query/"
SUBMIT, CANCEL, CANCEL_ALL = "/spot/v2/submit_order", "/spot/v3/cancel_order", "/spot/v4/cancel_all"
LIMIT = {"symbol": "SHARP_USDT", "side": "buy", "type": "limit", "size": "300", "price": "0.025"}


@pytest.fixture
def exchange() -> BitmartSandbox:
    made = BitmartSandbox()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def key(exchange: BitmartSandbox) -> ApiKey:
    return exchange.key("alice")


# -- public


async def test_time_and_service(exchange: BitmartSandbox) -> None:
    assert (await exchange.public("/system/time")).data == {"server_time": exchange.engine.now_ms()}
    assert (await exchange.public("/system/service")).data == {"service": []}


async def test_symbols(exchange: BitmartSandbox) -> None:
    said = await exchange.public("/spot/v1/symbols/details")
    assert said.answer.json["message"] == "OK"
    assert said.answer.json["trace"]
    assert said.data["symbols"][0] == {
        "symbol": "SHARP_USDT",
        "symbol_id": 1,
        "base_currency": "SHARP",
        "quote_currency": "USDT",
        "quote_increment": "0.01",
        "base_min_size": "1",
        "price_min_precision": 4,
        "price_max_precision": 6,
        "expiration": "NA",
        "min_buy_amount": "1.000000000000000000000000000000",
        "min_sell_amount": "1.000000000000000000000000000000",
        "trade_status": "trading",
    }
    assert (await exchange.public("/spot/v1/symbols")).data == {"symbols": ["SHARP_USDT", "ETH_USDT"]}
    assert len((await exchange.public("/spot/v1/currencies")).data["currencies"]) == 3


async def test_book(exchange: BitmartSandbox) -> None:
    exchange.quote(SELL, 25_610, 500)
    exchange.quote(SELL, 25_620, 1)
    exchange.quote(BUY, 25_590, 300)
    assert (await exchange.public("/spot/quotation/v3/books", "symbol=SHARP_USDT")).data == {
        "ts": str(exchange.engine.now_ms()),
        "symbol": "SHARP_USDT",
        "asks": [["0.02561", "5"], ["0.02562", "0.01"]],
        "bids": [["0.02559", "3"]],
    }
    one = await exchange.public("/spot/quotation/v3/books", "symbol=SHARP_USDT&limit=1")
    assert len(one.data["asks"]) == 1
    many = await exchange.public("/spot/quotation/v3/books", "symbol=SHARP_USDT&limit=51")
    assert (many.status, many.code) == (200, 71004)


async def test_public_trades(exchange: BitmartSandbox) -> None:
    exchange.quote(SELL, 25_610, 500)
    exchange.take(BUY, 25_610, 100)
    exchange.take(BUY, 25_610, 200)
    now = str(exchange.engine.now_ms())
    said = await exchange.public("/spot/quotation/v3/trades", "symbol=SHARP_USDT")
    assert said.data == [["SHARP_USDT", now, "0.02561", "2", "buy"], ["SHARP_USDT", now, "0.02561", "1", "buy"]]


@pytest.mark.parametrize("symbol", ["NOPE_USDT", "sharp_usdt", "SHARPUSDT", ""])
async def test_a_symbol_that_is_not_there(exchange: BitmartSandbox, key: ApiKey, symbol: str) -> None:
    said = await exchange.public("/spot/quotation/v3/books", f"symbol={symbol}")
    assert (said.status, said.code) == (200, 70002)
    order = await exchange.post(key, SUBMIT, **{**LIMIT, "symbol": symbol})
    assert (order.status, order.code) == (400, 50028 if symbol == "" else 50001)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/spot/v9/nothing", 404, 30000),
        ("POST", "/account/v1/withdraw/apply", 404, 30000),  # nothing here moves funds
        ("GET", "/spot/v3/orders", 200, 30031),
        ("POST", "/spot/v1/wallet", 405, 57001),
        ("GET", SUBMIT, 405, 57001),
    ],
)
async def test_paths_that_are_not_there(
    exchange: BitmartSandbox, method: str, path: str, status: int, code: int
) -> None:
    answer = await exchange.send(method, "/bitmart" + path, body="{}" if method == "POST" else "")
    assert (answer.status, answer.json["code"]) == (status, code)


# -- who may


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"X-BM-KEY": ""}, 401, 30001),
        ({"X-BM-KEY": "nobody"}, 401, 30002),
        ({"X-BM-SIGN": ""}, 401, 30004),
        ({"X-BM-SIGN": "0" * 64}, 401, 30005),
        ({"X-BM-SIGN": "\xe9"}, 401, 30005),
        ({"X-BM-TIMESTAMP": ""}, 401, 30006),
        ({"X-BM-TIMESTAMP": "1700000012"}, 401, 30008),
        ({"X-BM-TIMESTAMP": "yesterday"}, 401, 30008),
    ],
)
async def test_headers(exchange: BitmartSandbox, key: ApiKey, changed: dict[str, str], status: int, code: int) -> None:
    said = await exchange.post(key, CANCEL_ALL, changed=changed)
    assert (said.status, said.code) == (status, code)


async def test_who_may_call_what(exchange: BitmartSandbox) -> None:
    reader, trader = exchange.key(permissions=(Permission.READ,)), exchange.key(permissions=(Permission.TRADE,))
    assert (await exchange.post(reader, SUBMIT, **LIMIT)).code == 30012
    assert (await exchange.post(reader, CANCEL_ALL)).status == 403
    assert (await exchange.post(trader, QUERY + "open-orders")).code == 30012
    assert (await exchange.keyed(trader, "/spot/v1/wallet")).code == 30012
    elsewhere = exchange.key(addresses=("192.0.2.1",))
    refused = await exchange.keyed(elsewhere, "/spot/v1/wallet")
    assert refused.status == 403
    assert refused.answer.json == {
        "code": 30010,
        "msg": "IP is forbidden. We recommend enabling IP whitelist for API trading.",
    }
    assert (await exchange.keyed(elsewhere, "/spot/v1/wallet", address="192.0.2.1")).status == 200
    exchange.engine.directory.change_key(elsewhere.api_key, revoked=True)
    assert (await exchange.keyed(elsewhere, "/spot/v1/wallet", address="192.0.2.1")).code == 30002


@pytest.mark.parametrize(
    ("path", "fields", "skew_ms", "code"),
    [
        (QUERY + "open-orders", {}, -5000, 1000),
        (QUERY + "open-orders", {}, -5001, 30007),
        (QUERY + "open-orders", {"recvWindow": 60000}, -60000, 1000),
        (QUERY + "open-orders", {"recvWindow": 60001}, 0, 30007),
        (QUERY + "open-orders", {}, 999, 1000),
        (QUERY + "open-orders", {}, 1000, 30007),
        (CANCEL_ALL, {}, 60000, 1000),
        (CANCEL_ALL, {}, -60001, 30007),
    ],
)
async def test_windows_of_time(
    exchange: BitmartSandbox, key: ApiKey, path: str, fields: dict[str, object], skew_ms: int, code: int
) -> None:
    said = await exchange.post(key, path, skew_ms=skew_ms, **fields)
    assert (said.status, said.code) == (200 if code == 1000 else 401, code)


async def test_a_key_alone_opens_the_wallet_whatever_its_clock(exchange: BitmartSandbox, key: ApiKey) -> None:
    said = await exchange.keyed(key, "/spot/v1/wallet")
    assert [row["id"] for row in said.data["wallet"]] == ["SHARP", "USDT"]


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"a":NaN}'])
async def test_bodies_that_cannot_be_read(exchange: BitmartSandbox, key: ApiKey, body: str) -> None:
    said = await exchange.post(key, SUBMIT, body=body)
    assert (said.status, said.code) == (503, 30018)


# -- rates


async def test_rates_per_group_and_their_headers() -> None:
    exchange = BitmartSandbox(rate_limits=True)
    exchange.account("alice")
    key, other = exchange.key(), exchange.key()
    for used in range(1, 13):
        said = await exchange.keyed(key, "/spot/v1/wallet")
        headers = {name: value for name, value in said.answer.headers.items() if "ratelimit" in name.lower()}
        assert headers == {
            "x-bm-ratelimit-limit": "12",
            "x-bm-ratelimit-remaining": str(used),  # used, in spite of its name
            "x-bm-ratelimit-reset": "2",
            "x-bm-ratelimit-mode": "KEY",
        }
    refused = await exchange.keyed(key, "/spot/v1/wallet")
    assert (refused.status, refused.code) == (429, 30013)
    assert (await exchange.keyed(other, "/spot/v1/wallet")).status == 200
    assert (await exchange.post(key, QUERY + "open-orders")).status == 200  # another group
    await exchange.clock.advance(2)
    assert (await exchange.keyed(key, "/spot/v1/wallet")).status == 200


async def test_orders_are_counted_over_all_keys_of_a_user() -> None:
    exchange = BitmartSandbox(rate_limits=True)
    exchange.account("alice")
    keys = [exchange.key(), exchange.key()]
    assert (await exchange.post(keys[0], CANCEL_ALL)).status == 200
    assert (await exchange.post(keys[1], CANCEL_ALL)).status == 429


async def test_whoever_goes_on_is_shut_out() -> None:
    exchange = BitmartSandbox(rate_limits=True)
    codes = [(await exchange.public("/system/time")).code for _ in range(21)]
    assert codes == [1000] * 10 + [30013] * 10 + [30017]
    await exchange.clock.advance(2)
    assert (await exchange.public("/system/time")).status == 418
    await exchange.clock.advance(60)
    assert (await exchange.public("/system/time")).status == 200


# -- money


async def test_wallet(exchange: BitmartSandbox, key: ApiKey) -> None:
    await exchange.placed(key)
    usdt = {"id": "USDT", "name": "USDT", "available": "992.5", "frozen": "7.5", "total": "1000"}
    assert (await exchange.keyed(key, "/spot/v1/wallet")).data["wallet"][1] == usdt
    other = (await exchange.keyed(key, "/account/v1/wallet", currency="USDT")).data["wallet"]
    assert [(row["currency"], row["frozen"]) for row in other] == [("USDT", "7.5")]


async def test_a_currency_of_which_nothing_is_left_has_no_row(exchange: BitmartSandbox) -> None:
    exchange.account("bob", USDT="5")
    key = exchange.key("bob")
    exchange.engine.withdraw("bob", "USDT", 5 * 10**18)
    assert (await exchange.keyed(key, "/spot/v1/wallet")).data["wallet"] == []


async def test_transfers(exchange: BitmartSandbox, key: ApiKey) -> None:
    exchange.engine.withdraw("alice", "SHARP", 10**18)
    path = "/account/v2/deposit-withdraw/history"
    (out,) = (await exchange.keyed(key, path, operation_type="withdraw", N=100)).data["records"]
    assert (out["operation_type"], out["currency"], out["arrival_amount"], out["status"]) == (
        "withdraw",
        "SHARP",
        "1",
        3,
    )
    came = (await exchange.keyed(key, path, operation_type="deposit", N=1)).data["records"]
    assert [row["currency"] for row in came] == ["SHARP"]  # the newest
    assert (await exchange.keyed(key, path, N=1)).code == 50000


# -- orders


async def test_an_order_from_its_placing_to_its_end(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key, client_order_id="tb000001")
    row = await exchange.order(key, order_id)
    assert row == {
        "orderId": order_id,
        "clientOrderId": "tb000001",
        "symbol": "SHARP_USDT",
        "side": "buy",
        "orderMode": "spot",
        "type": "limit",
        "state": "new",
        "cancelSource": "",
        "stpMode": "none",
        "price": "0.025000",
        "priceAvg": "0.000000",
        "size": "300.00",
        "filledSize": "0.00",
        "notional": "7.50000000",
        "filledNotional": "0.00000000",
        "createTime": exchange.engine.now_ms(),
        "updateTime": exchange.engine.now_ms(),
    }
    exchange.take(SELL, 25_000, 100_00)
    row = await exchange.order(key, order_id)
    assert (row["state"], row["filledSize"], row["priceAvg"]) == ("partially_filled", "100.00", "0.025000")
    (fill,) = (await exchange.post(key, QUERY + "order-trades", orderId=order_id)).data
    assert (fill["orderId"], fill["clientOrderId"], fill["tradeRole"]) == (order_id, "tb000001", "maker")
    assert amounts(fill, "price", "size", "notional", "fee") == amounts(
        {"a": "0.025", "b": "100", "c": "2.5", "d": "0.2"}, "a", "b", "c", "d"
    )
    assert fill["feeCoinName"] == "SHARP"
    cancel = await exchange.post(key, CANCEL, symbol="SHARP_USDT", client_order_id="tb000001")
    assert cancel.data == {"result": True}
    by_client_id = (await exchange.post(key, QUERY + "client-order", clientOrderId="tb000001")).data
    assert (by_client_id["state"], by_client_id["cancelSource"]) == ("partially_canceled", "user")
    again = await exchange.post(key, CANCEL, symbol="SHARP_USDT", order_id=order_id)
    assert (again.status, again.code) == (400, 50030)


async def test_without_a_client_id_it_is_the_orders_own(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key)
    assert (await exchange.order(key, order_id))["clientOrderId"] == order_id


async def test_names_in_the_wrong_case_are_not_seen(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key, clientOrderId="tb000001")
    assert (await exchange.order(key, order_id))["clientOrderId"] == order_id


async def test_a_market_buy_spends_its_notional_and_ends_as_partially_canceled(
    exchange: BitmartSandbox, key: ApiKey
) -> None:
    exchange.quote(SELL, 30_000, 1000_00)
    order_id = await exchange.placed(key, type="market", size=None, price=None, notional="10.01")
    row = await exchange.order(key, order_id)
    assert (row["state"], row["cancelSource"], row["size"], row["price"]) == (
        "partially_canceled",
        "system",
        "0.00",
        "0.000000",
    )
    assert amounts(row, "notional", "filledNotional", "filledSize") == amounts(
        {"a": "10.01", "b": "10.0098", "c": "333.66"}, "a", "b", "c"
    )
    exact = await exchange.placed(key, type="market", size=None, price=None, notional="3")
    assert (await exchange.order(key, exact))["state"] == "filled"


async def test_a_maker_order_that_would_take_is_accepted_and_dies(exchange: BitmartSandbox, key: ApiKey) -> None:
    exchange.quote(SELL, 25_000, 100)
    order_id = await exchange.placed(key, type="limit_maker")
    row = await exchange.order(key, order_id)
    assert (row["state"], row["cancelSource"], row["type"]) == ("canceled", "system", "limit_maker")
    rests = await exchange.placed(key, type="limit_maker", price="0.02")
    await exchange.post(key, CANCEL, symbol="SHARP_USDT", order_id=rests)
    assert (await exchange.order(key, rests))["cancelSource"] == "user"


async def test_ioc(exchange: BitmartSandbox, key: ApiKey) -> None:
    exchange.quote(SELL, 25_000, 100_00)
    row = await exchange.order(key, await exchange.placed(key, type="ioc"))
    assert (row["state"], row["filledSize"], row["type"]) == ("partially_canceled", "100.00", "ioc")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "fok"}, 52001),
        ({"side": "long"}, 52002),
        ({"size": None}, 50010),
        ({"price": None}, 50011),
        ({"type": "market", "price": None}, 50012),
        ({"size": "ten"}, 50021),
        ({"size": "100.001"}, 40044),
        ({"size": "0.5", "price": "9"}, 50006),
        ({"size": "1e30"}, 50007),
        ({"price": "0.0000001"}, 50008),
        ({"price": "1e30"}, 50025),
        ({"size": "39"}, 50009),
        ({"type": "market", "size": None, "price": None, "notional": "0.5"}, 51012),
        ({"type": "market", "side": "sell", "size": "0.5", "price": None}, 51013),
        ({"size": "100000"}, 50020),
        ({"client_order_id": "a" * 33}, 50037),
        ({"client_order_id": "tb-1"}, 50038),
    ],
)
async def test_refusals(exchange: BitmartSandbox, key: ApiKey, fields: dict[str, object], code: int) -> None:
    wanted = {name: value for name, value in {**LIMIT, **fields}.items() if value is not None}
    said = await exchange.post(key, SUBMIT, **wanted)
    assert (said.status, said.code) == (400, code)
    assert exchange.engine.open_orders("alice") == []
    assert exchange.store.creates("alice", limit=1)[0].outcome == str(code)


async def test_a_client_id_counts_once(exchange: BitmartSandbox, key: ApiKey) -> None:
    await exchange.placed(key, client_order_id="tb000001")
    assert (await exchange.post(key, SUBMIT, **LIMIT, client_order_id="tb000001")).code == 50042


async def test_a_price_is_cut_to_its_decimals(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key, price="0.0250009")
    assert (await exchange.order(key, order_id))["price"] == "0.025000"


async def test_cancels_that_find_nothing(exchange: BitmartSandbox, key: ApiKey) -> None:
    for fields, code in (
        ({}, 50039),
        ({"order_id": "1"}, 50005),
        ({"order_id": "x"}, 50005),
        ({"client_order_id": "tb9"}, 50005),
    ):
        assert (await exchange.post(key, CANCEL, symbol="SHARP_USDT", **fields)).code == code
    exchange.quote(SELL, 25_000, 1000_00)
    filled = await exchange.placed(key)
    assert (await exchange.post(key, CANCEL, symbol="SHARP_USDT", order_id=filled)).code == 50031
    assert (await exchange.post(key, CANCEL, symbol="ETH_USDT", order_id=filled)).code == 50005


async def test_nobody_reads_anothers_orders(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key, client_order_id="tb000001")
    exchange.account("bob")
    other = exchange.key("bob")
    assert (await exchange.post(other, QUERY + "order", orderId=order_id)).code == 50005
    assert (await exchange.post(other, QUERY + "client-order", clientOrderId="tb000001")).code == 50005
    assert (await exchange.post(other, QUERY + "order-trades", orderId=order_id)).code == 50005
    assert (await exchange.post(other, CANCEL, symbol="SHARP_USDT", order_id=order_id)).code == 50005


async def test_lists_are_newest_first_and_by_window(exchange: BitmartSandbox, key: ApiKey) -> None:
    ids, times = [], []
    for _ in range(4):
        times.append(exchange.engine.now_ms())
        ids.append(await exchange.placed(key))
        await exchange.clock.advance(1)

    async def listed(name: str, **fields: object) -> list[str]:
        return [row["orderId"] for row in (await exchange.post(key, QUERY + name, **fields)).data]

    assert await listed("open-orders") == ids[::-1]
    assert await listed("open-orders", symbol="ETH_USDT") == []
    assert await listed("open-orders", startTime=times[1], endTime=times[2]) == [ids[2], ids[1]]
    assert await listed("open-orders", limit=1) == [ids[3]]
    assert (await exchange.post(key, QUERY + "open-orders", limit=201)).code == 50013
    assert (await exchange.post(key, QUERY + "open-orders", startTime=2, endTime=1)).code == 52004
    assert await listed("history-orders") == []
    await exchange.post(key, CANCEL_ALL, symbol="SHARP_USDT", side="sell")
    assert len(await listed("open-orders")) == 4
    assert (await exchange.post(key, CANCEL_ALL)).data == {}
    assert await listed("history-orders", symbol="SHARP_USDT", limit=3) == ids[:0:-1]
    assert await listed("open-orders") == []


@pytest.mark.parametrize(("state", "found"), [("open", True), ("history", False), (None, True)])
async def test_queries_by_state(exchange: BitmartSandbox, key: ApiKey, state: str | None, found: bool) -> None:
    order_id = await exchange.placed(key)
    fields = {} if state is None else {"queryState": state}
    said = await exchange.post(key, QUERY + "order", orderId=order_id, **fields)
    assert (said.code == 1000) is found


async def test_own_trades_by_window(exchange: BitmartSandbox, key: ApiKey) -> None:
    times = []
    for _ in range(3):
        exchange.quote(SELL, 25_000, 300_00)
        times.append(exchange.engine.now_ms())
        await exchange.placed(key)
        await exchange.clock.advance(1)
    said = await exchange.post(key, QUERY + "trades", symbol="SHARP_USDT")
    assert [row["createTime"] for row in said.data] == times[::-1]
    assert len({row["tradeId"] for row in said.data}) == 3
    windowed = await exchange.post(key, QUERY + "trades", startTime=times[1], endTime=times[1])
    assert [row["createTime"] for row in windowed.data] == [times[1]]
    assert len((await exchange.post(key, QUERY + "trades", limit=2)).data) == 2


async def test_one_account_seen_from_two_exchanges(exchange: BitmartSandbox, key: ApiKey) -> None:
    """Dialects share engine and accounts."""
    order_id = await exchange.placed(key)
    answer = await exchange.signed(key, "GET", "/trade/order/active")
    assert [row["ordId"] for row in answer.data] == [order_id]


async def test_each_answer_carries_the_ledgers_number(exchange: BitmartSandbox, key: ApiKey) -> None:
    said = await exchange.keyed(key, "/spot/v1/wallet")
    assert said.answer.headers["x-request-id"] == str(exchange.engine.sequence)
    assert said.answer.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
