"""Each unified call of the BitMart class, to the bytes that leave."""

from typing import Any

import pytest
from ccxt.base.errors import ArgumentsRequired, AuthenticationError, BadResponse, BadSymbol, InvalidOrder, NotSupported

from tests.bitmart_wire import KEY, NOW_MS, ORDER, PLACED, SYMBOLS, answer, exchange
from trading_bridge.exchanges.bitmart import PAGE, bitmart

BASE = "https://api-cloud.bitmart.com"
BOOK = answer({"ts": "1700000000000", "symbol": "BTC_USDT", "asks": [], "bids": []})
LIMIT = ("BTC/USDT", "limit", "buy", "0.001", "60000.5")
RECORDS = "/account/v2/deposit-withdraw/history"

# call, its arguments, the answer it gets, path with query, body; without a body it is a GET
CALLS: list[tuple[str, tuple[Any, ...], str, str, str | None]] = [
    ("fetch_time", (), answer({"server_time": 1527777538000}), "/system/time", None),
    ("fetch_markets", (), SYMBOLS, "/spot/v1/symbols/details", None),
    ("fetch_order_book", ("BTC/USDT",), BOOK, "/spot/quotation/v3/books?symbol=BTC_USDT", None),
    ("fetch_order_book", ("BTC/USDT", 500), BOOK, "/spot/quotation/v3/books?symbol=BTC_USDT&limit=50", None),
    ("fetch_trades", ("BTC/USDT", None, 9), answer([]), "/spot/quotation/v3/trades?symbol=BTC_USDT&limit=9", None),
    ("fetch_trades", ("BTC/USDT", None, 900), answer([]), "/spot/quotation/v3/trades?symbol=BTC_USDT&limit=50", None),
    ("fetch_balance", (), answer({"wallet": []}), "/spot/v1/wallet", None),
    ("fetch_deposits", (), answer({"records": []}), RECORDS + "?operation_type=deposit&N=100", None),
    (
        "fetch_withdrawals",
        ("BTC", 1700000000000, 10),
        answer({"records": []}),
        RECORDS + "?operation_type=withdraw&N=10&currency=BTC&startTime=1700000000000",
        None,
    ),
    ("fetch_open_orders", (), answer([]), "/spot/v4/query/open-orders", '{"limit":200}'),
    (
        "fetch_open_orders",
        ("BTC/USDT",),
        answer([]),
        "/spot/v4/query/open-orders",
        '{"symbol":"BTC_USDT","limit":200}',
    ),
    (
        "fetch_order",
        ("123456789012345678", "LTC/USDT"),
        answer(ORDER),
        "/spot/v4/query/order",
        '{"orderId":"123456789012345678"}',
    ),
    (
        "fetch_order",
        (None, "LTC/USDT", {"clientOrderId": "tb000001"}),
        answer(ORDER),
        "/spot/v4/query/client-order",
        '{"clientOrderId":"tb000001"}',
    ),
    ("fetch_my_trades", ("BTC/USDT",), answer([]), "/spot/v4/query/trades", '{"symbol":"BTC_USDT"}'),
    (
        "fetch_my_trades",
        ("BTC/USDT", 1700000000000, 500, {"until": 1700000001000}),
        answer([]),
        "/spot/v4/query/trades",
        '{"symbol":"BTC_USDT","startTime":1700000000000,"endTime":1700000001000,"limit":200}',
    ),
    (
        "fetch_my_trades",
        ("BTC/USDT", None, 200, {"orderId": "123456789012345678"}),
        answer([]),
        "/spot/v4/query/order-trades",
        '{"orderId":"123456789012345678"}',
    ),
    (
        "cancel_order",
        ("123456789012345678", "BTC/USDT"),
        answer({"result": True}),
        "/spot/v3/cancel_order",
        '{"symbol":"BTC_USDT","order_id":"123456789012345678"}',
    ),
    (
        "cancel_order",
        (None, "BTC/USDT", {"clientOrderId": "tb000001"}),
        answer({"result": True}),
        "/spot/v3/cancel_order",
        '{"symbol":"BTC_USDT","client_order_id":"tb000001"}',
    ),
    ("cancel_all_orders", ("BTC/USDT",), answer({}), "/spot/v4/cancel_all", '{"symbol":"BTC_USDT"}'),
    (
        "create_order",
        (*LIMIT, {"clientOrderId": "tb1", "postOnly": True}),
        PLACED,
        "/spot/v2/submit_order",
        '{"symbol":"BTC_USDT","side":"buy","type":"limit_maker","size":"0.001","price":"60000.5",'
        '"client_order_id":"tb1"}',
    ),
    (
        "create_order",
        ("BTC/USDT", "limit", "sell", "0.001", "60000.5", {"timeInForce": "IOC"}),
        PLACED,
        "/spot/v2/submit_order",
        '{"symbol":"BTC_USDT","side":"sell","type":"ioc","size":"0.001","price":"60000.5"}',
    ),
    (
        "create_order",
        ("BTC/USDT", "market", "sell", "0.000019"),
        PLACED,
        "/spot/v2/submit_order",
        '{"symbol":"BTC_USDT","side":"sell","type":"market","size":"0.00001"}',
    ),
    (
        "create_order",
        ("BTC/USDT", "market", "buy", "0.5", "51.239"),  # the amount to spend has the price's decimals, cut off
        PLACED,
        "/spot/v2/submit_order",
        '{"symbol":"BTC_USDT","side":"buy","type":"market","notional":"25.61"}',
    ),
    (
        "create_market_buy_order_with_cost",
        ("BTC/USDT", "25.5", {"clientOrderId": "tb2"}),
        PLACED,
        "/spot/v2/submit_order",
        '{"symbol":"BTC_USDT","side":"buy","type":"market","notional":"25.5","client_order_id":"tb2"}',
    ),
]


@pytest.mark.parametrize(
    ("call", "arguments", "reply", "path", "body"), CALLS, ids=[f"{row[0]} {row[3]} {row[4]}" for row in CALLS]
)
async def test_bytes(call: str, arguments: tuple[Any, ...], reply: str, path: str, body: str | None) -> None:
    made, wire = exchange(reply)
    await getattr(made, call)(*arguments)
    (sent,) = wire.sent
    assert (sent.method, sent.url, sent.body) == ("GET" if body is None else "POST", BASE + path, body)
    assert sent.headers["Content-Type"] == "application/json"
    shown = {name: value for name, value in sent.headers.items() if name.startswith("X-BM")}
    if body is not None:
        sign = made.signature(NOW_MS, body)
        assert shown == {"X-BM-KEY": KEY, "X-BM-TIMESTAMP": str(NOW_MS), "X-BM-SIGN": sign}
    else:
        assert shown == (
            {} if path.startswith(("/system", "/spot/quotation", "/spot/v1/symbols")) else {"X-BM-KEY": KEY}
        )
    await made.close()


@pytest.mark.parametrize(
    ("price", "amount", "sent"),
    [
        ("60000.50", "0.00100", ('"size":"0.00100"', '"price":"60000.50"')),  # fits: as it stands
        ("60000.549", "0.000019", ('"size":"0.00001"', '"price":"60000.55"')),  # amounts down, prices to the nearest
        ("1E+3", "1e-3", ('"size":"0.001"', '"price":"1000"')),
    ],
)
async def test_steps(price: str, amount: str, sent: tuple[str, str]) -> None:
    made, wire = exchange(PLACED)
    await made.create_order("BTC/USDT", "limit", "buy", amount, price)
    assert all(part in wire.sent[0].body for part in sent), wire.sent[0].body


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("BTC/USDT", "limit", "buy", "0.000009", "60000.5"), InvalidOrder),  # below one step
        (("BTC/USDT", "limit", "buy", "0", "60000.5"), InvalidOrder),
        (("BTC/USDT", "stop", "buy", "0.001", "60000.5"), InvalidOrder),
        (("BTC/USDT", "market", "buy", "0.001"), InvalidOrder),
        (("BTC/USDT", "market", "sell", "0.001", None, {"postOnly": True}), InvalidOrder),
        (("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"postOnly": True, "timeInForce": "IOC"}), InvalidOrder),
        (("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"timeInForce": "FOK"}), InvalidOrder),
        (("NOPE/USDT", "limit", "buy", "0.001", "60000.5"), BadSymbol),
    ],
)
async def test_what_cannot_be_sent_is_not(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    made, wire = exchange()
    with pytest.raises(error):
        await made.create_order(*arguments)
    assert wire.sent == []


@pytest.mark.parametrize("missing", ["apiKey", "secret", "uid"])
async def test_no_key_no_request(missing: str) -> None:
    made, wire = exchange(**{missing: ""})
    for call in (made.create_order(*LIMIT), made.fetch_balance()):
        with pytest.raises(AuthenticationError):
            await call
    assert wire.sent == []


async def test_required_arguments() -> None:
    made, wire = exchange()
    for call in (made.fetch_my_trades(), made.cancel_order("1"), made.fetch_order(None)):
        with pytest.raises(ArgumentsRequired):
            await call
    assert wire.sent == []


async def test_a_full_list_of_open_orders_is_asked_for_further() -> None:
    newest = [{**ORDER, "orderId": str(1000 + n), "createTime": 1700000001000 + n} for n in range(PAGE)]
    oldest = [{**ORDER, "orderId": str(900 + n), "createTime": 1700000000900 + n} for n in range(101)]
    made, wire = exchange(answer(newest), answer(oldest))
    orders = await made.fetch_open_orders()
    assert len({order["id"] for order in orders}) == PAGE + 101 - 1  # one stands in both
    assert wire.sent[1].body == '{"limit":200,"endTime":1700000001000}'


async def test_more_records_than_one_answer_has_are_asked_for_further() -> None:
    def record(number: int) -> dict[str, object]:
        return {
            "deposit_id": str(number),
            "operation_type": "deposit",
            "currency": "BTC",
            "apply_time": 1700000000000 + number,
            "arrival_amount": "1",
            "status": 3,
        }

    newest, oldest = [record(n) for n in range(100, 200)], [record(n) for n in range(60, 101)]
    made, wire = exchange(answer({"records": newest}), answer({"records": oldest}))
    assert len(await made.fetch_deposits(None, None, 1000)) == 140
    assert wire.sent[1].url.endswith("?operation_type=deposit&N=100&endTime=1700000000100")


async def test_a_list_that_never_goes_on_is_no_answer() -> None:
    page = answer([{**ORDER, "orderId": str(1000 + n)} for n in range(PAGE)])
    made, wire = exchange(page, page)
    with pytest.raises(BadResponse, match="more rows"):
        await made.fetch_open_orders()
    assert len(wire.sent) == 2


MOVES_FUNDS = ("withdraw/apply", "transfer", "borrow", "repay", "deposit/address")


def test_nothing_in_the_class_moves_funds() -> None:
    made, _ = exchange()
    paths = [path for kinds in made.api.values() for verbs in kinds.values() for path in verbs]
    assert len(paths) > 10
    assert not [path for path in paths for forbidden in MOVES_FUNDS if forbidden in path]
    own = {name for name, value in vars(bitmart).items() if str(getattr(value, "__module__", "")).startswith("trading")}
    assert {"create_order", "cancel_order", "fetch_deposits"} <= own
    assert not own & {"withdraw", "transfer", "create_deposit_address"}
    assert made.has["withdraw"] is made.has["transfer"] is made.has["createDepositAddress"] is False


async def test_ccxts_calls_that_move_funds_end_before_the_wire() -> None:
    made, wire = exchange()
    for call in (made.withdraw("BTC", "1", "address"), made.transfer("BTC", "1", "spot", "swap")):
        with pytest.raises(NotSupported):
            await call
    assert wire.sent == []
