"""Each unified call of the Coinstore class, to the bytes that leave."""

from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from ccxt.base.errors import (
    ArgumentsRequired,
    AuthenticationError,
    BadSymbol,
    InvalidOrder,
    InvalidProxySettings,
    NotSupported,
)

from tests.coinstore_wire import NOW_MS, PLACED, SYMBOLS, exchange
from trading_bridge.exchanges.coinstore import coinstore

BASE = "https://api.coinstore.com/api"
EMPTY = '{"code":0,"data":[]}'
LIMIT = ("BTC/USDT", "limit", "buy", "0.001", "60000.5")

# call, its arguments, the answer it gets, method, path with query, body
CALLS: list[tuple[str, tuple[Any, ...], str, str, str, str | None]] = [
    ("fetch_markets", (), SYMBOLS, "POST", "/v2/public/config/spot/symbols", "{}"),
    (
        "fetch_order_book",
        ("BTC/USDT",),
        '{"data":{"a":[],"b":[]},"code":0}',
        "GET",
        "/v1/market/depth/BTCUSDT",
        None,
    ),
    (
        "fetch_order_book",
        ("BTC/USDT", 15),
        '{"data":{"a":[],"b":[]},"code":0}',
        "GET",
        "/v1/market/depth/BTCUSDT?depth=20",
        None,
    ),
    (
        "fetch_order_book",
        ("BTC/USDT", 500),
        '{"data":{"a":[],"b":[]},"code":0}',
        "GET",
        "/v1/market/depth/BTCUSDT?depth=100",
        None,
    ),
    ("fetch_tickers", (), EMPTY, "GET", "/v1/market/tickers", None),
    (
        "fetch_ohlcv",
        ("BTC/USDT",),
        '{"data":{"item":[]},"code":0}',
        "GET",
        "/v1/market/kline/BTCUSDT?period=1min&size=100",
        None,
    ),
    (
        "fetch_ohlcv",
        ("BTC/USDT", "1h", NOW_MS - 5 * 3_600_000, 3),
        '{"data":{"item":[]},"code":0}',
        "GET",
        "/v1/market/kline/BTCUSDT?period=60min&size=6",
        None,
    ),
    (
        "fetch_ohlcv",
        ("BTC/USDT", "1w", None, 5000),
        '{"data":{"item":[]},"code":0}',
        "GET",
        "/v1/market/kline/BTCUSDT?period=1week&size=2000",
        None,
    ),
    (
        "cancel_orders",
        (["1722364585836586", "1722364585836585"], "LUFFY/USDT"),
        '{"data":{"success":[],"reject":[]},"code":0}',
        "POST",
        "/trade/order/cancelBatch",
        '{"symbol":"LUFFYUSDT","orderIds":[1722364585836586,1722364585836585]}',
    ),
    ("fetch_trades", ("BTC/USDT", None, 50), EMPTY, "GET", "/v1/market/trade/BTCUSDT?size=50", None),
    ("fetch_trades", ("BTC/USDT", None, 5000), EMPTY, "GET", "/v1/market/trade/BTCUSDT?size=100", None),
    ("fetch_balance", (), EMPTY, "POST", "/spot/accountList", "{}"),
    ("fetch_open_orders", (), EMPTY, "GET", "/trade/order/active", None),
    ("fetch_open_orders", ("BTC/USDT",), EMPTY, "GET", "/v2/trade/order/active?symbol=BTCUSDT", None),
    (
        "fetch_order",
        ("1722183748419690", "BTC/USDT"),
        '{"data":{"ordId":1722183748419690},"code":0}',
        "GET",
        "/v2/trade/order/orderInfo?ordId=1722183748419690",
        None,
    ),
    (
        "fetch_order",
        (None, "BTC/USDT", {"clientOrderId": "tbabcde0001"}),
        '{"data":{"ordId":1722183748419690},"code":0}',
        "GET",
        "/v2/trade/order/orderInfo?clOrdId=tbabcde0001",
        None,
    ),
    ("fetch_my_trades", ("BTC/USDT",), EMPTY, "GET", "/trade/match/accountMatches?symbol=BTCUSDT", None),
    (
        "fetch_my_trades",
        ("BTC/USDT", None, 100, {"ordId": "1722183748419690", "pageNum": 2}),
        EMPTY,
        "GET",
        "/trade/match/accountMatches?symbol=BTCUSDT&pageSize=100&ordId=1722183748419690&pageNum=2",
        None,
    ),
    (
        "cancel_order",
        ("1722183748419690", "BTC/USDT"),
        '{"code":0,"data":{"state":"CANCELED","ordId":1722183748419690}}',
        "POST",
        "/trade/order/cancel",
        '{"symbol":"BTCUSDT","ordId":1722183748419690}',
    ),
    (
        "cancel_order",
        ("11594964764657880", "BTC/USDT"),  # beyond 2^53
        '{"code":0,"data":{"state":"CANCELED","ordId":11594964764657880}}',
        "POST",
        "/trade/order/cancel",
        '{"symbol":"BTCUSDT","ordId":11594964764657880}',
    ),
    ("cancel_all_orders", ("BTC/USDT",), '{"code":0}', "POST", "/trade/order/cancelAll", '{"symbol":"BTCUSDT"}'),
    (
        "fetch_deposits",
        ("BTC", 1709026598000, 10),
        '{"code":"0","data":{"depositList":[]}}',
        "POST",
        "/fi/v3/asset/deposit/record/list",
        '{"currencyCode":"BTC","startDate":"2024-02-27 09:36:38","limit":10}',
    ),
    (
        "fetch_withdrawals",
        (),
        '{"code":"0","data":{"withdrawList":[]}}',
        "POST",
        "/fi/v3/asset/withdraw/record/list",
        "{}",
    ),
    (
        "create_order",
        (*LIMIT, {"clientOrderId": "tb-000001"}),
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"LIMIT","timeInForce":"GTC","ordPrice":"60000.5","ordQty":"0.001",'
        '"clOrdId":"tb-000001","timestamp":1700000012345}',
    ),
    (
        "create_order",
        (*LIMIT, {"clientOrderId": "tb1", "postOnly": True}),
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"POST_ONLY","ordPrice":"60000.5","ordQty":"0.001",'
        '"clOrdId":"tb1","timestamp":1700000012345}',
    ),
    (
        "create_order",
        ("BTC/USDT", "limit", "sell", "0.001", "60000.5", {"timeInForce": "IOC"}),
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"SELL","ordType":"LIMIT","timeInForce":"IOC","ordPrice":"60000.5",'
        '"ordQty":"0.001","timestamp":1700000012345}',
    ),
    (
        "create_order",
        ("BTC/USDT", "market", "sell", "0.00109"),
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"SELL","ordType":"MARKET","ordQty":"0.001","timestamp":1700000012345}',
    ),
    (
        "create_order",
        ("BTC/USDT", "market", "buy", None, None, {"cost": "25.5", "clientOrderId": "tb-000002"}),
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"MARKET","ordAmt":"25.5","clOrdId":"tb-000002",'
        '"timestamp":1700000012345}',
    ),
    (
        "create_order",
        ("LUFFY/USDT", "market", "buy", "3", "1.239"),  # the amount to spend has 2 decimals, rounded down
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"LUFFYUSDT","side":"BUY","ordType":"MARKET","ordAmt":"3.71","timestamp":1700000012345}',
    ),
    (
        "create_market_buy_order_with_cost",
        ("BTC/USDT", "25.57"),  # a market of one decimal
        PLACED,
        "POST",
        "/trade/order/place",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"MARKET","ordAmt":"25.5","timestamp":1700000012345}',
    ),
]


@pytest.mark.parametrize(
    ("call", "arguments", "answer", "method", "path", "body"),
    CALLS,
    ids=[f"{row[0]} {row[4]}" for row in CALLS],
)
async def test_bytes(
    call: str, arguments: tuple[Any, ...], answer: str, method: str, path: str, body: str | None
) -> None:
    made, wire = exchange(answer)
    await getattr(made, call)(*arguments)
    (sent,) = wire.sent
    assert (sent.method, sent.url, sent.body) == (method, BASE + path, body)
    if not path.startswith(("/v1/market", "/v2/public")):
        query = path.partition("?")[2]
        assert sent.headers["X-CS-SIGN"] == made.signature(NOW_MS, query + (body or ""))
        assert sent.headers["X-CS-EXPIRES"] == str(NOW_MS)
        assert sent.headers["X-CS-APIKEY"] == "cs-key"
    else:
        assert not [name for name in sent.headers if name.startswith("X-CS")]
    assert sent.headers["Content-Type"] == "application/json"
    await made.close()


async def test_the_short_road_sends_what_ccxts_own_sends() -> None:
    """An order takes fewer steps than ccxt's; to the wire there is no difference but the time left to connect."""
    order = (*LIMIT, {"clientOrderId": "tb1"})
    short, short_wire = exchange(PLACED)
    made, long_wire = exchange(PLACED)
    await short.create_order(*order)
    await made.privatePostTradeOrderPlace(made.create_order_request(made.market("BTC/USDT"), *order[1:]))
    (one,), (other,) = short_wire.sent, long_wire.sent
    assert one.url == other.url
    assert one.body == other.body
    assert one.headers == other.headers
    assert one.options["proxy"] is other.options["proxy"] is None
    assert one.options["timeout"].total == other.options["timeout"].total == 10
    assert isinstance(one.options["timeout"], aiohttp.ClientTimeout)


@pytest.mark.parametrize("setting", ["httpProxy", "httpsProxy", "http_proxy", "aiohttp_proxy"])
async def test_a_proxy_is_obeyed_on_both_roads(setting: str) -> None:
    made, wire = exchange(PLACED, EMPTY, **{setting: "http://10.0.0.8:3128"})
    await made.create_order(*LIMIT)
    await made.fetch_balance()
    assert [sent.options["proxy"] for sent in wire.sent] == ["http://10.0.0.8:3128"] * 2


async def test_a_relay_by_prefix_is_never_passed_by() -> None:
    """ccxt's Python refuses this setting at the request; the short road must not go round it."""
    made, wire = exchange(PLACED, proxyUrl="http://relay/?")
    with pytest.raises(InvalidProxySettings):
        await made.create_order(*LIMIT)
    assert wire.sent == []


@pytest.mark.parametrize("number", [str, float, Decimal])
@pytest.mark.parametrize(
    ("price", "amount", "sent"),
    [
        ("60000.54", "0.00109", ("60000.5", "0.001")),  # prices to the nearest step, amounts down
        ("60000.56", "0.00199", ("60000.6", "0.0019")),
        (60000.5, 0.001, ("60000.5", "0.001")),
        ("1E+3", "1e-3", ("1000", "0.001")),
    ],
)
async def test_steps(number: Any, price: Any, amount: Any, sent: tuple[str, str]) -> None:
    made, wire = exchange(PLACED, number=number)
    rows = await exchange(SYMBOLS, number=number)[0].fetch_markets()
    made.set_markets(rows)
    await made.create_order("BTC/USDT", "limit", "buy", amount, price)
    body = wire.sent[0].body
    assert f'"ordPrice":"{sent[0]}","ordQty":"{sent[1]}"' in body


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("BTC/USDT", "limit", "buy", "0.00009", "60000.5"), InvalidOrder),  # below one step
        (("BTC/USDT", "limit", "buy", "0", "60000.5"), InvalidOrder),
        (("BTC/USDT", "stop", "buy", "0.001", "60000.5"), InvalidOrder),
        (("BTC/USDT", "market", "buy", "0.001"), InvalidOrder),
        (("BTC/USDT", "market", "sell", "0.001", None, {"postOnly": True}), InvalidOrder),
        (("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"postOnly": True, "timeInForce": "IOC"}), InvalidOrder),
        (("NOPE/USDT", "limit", "buy", "0.001", "60000.5"), BadSymbol),
    ],
)
async def test_what_cannot_be_sent_is_not(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    made, wire = exchange()
    with pytest.raises(error):
        await made.create_order(*arguments)
    assert wire.sent == []


async def test_no_key_no_request() -> None:
    made, wire = exchange(apiKey="", secret="")
    with pytest.raises(AuthenticationError):
        await made.create_order(*LIMIT)
    with pytest.raises(AuthenticationError):
        await made.fetch_balance()
    assert wire.sent == []


@pytest.mark.parametrize("call", ["fetch_my_trades", "cancel_all_orders", "fetch_order"])
async def test_required_arguments(call: str) -> None:
    made, wire = exchange()
    with pytest.raises(ArgumentsRequired):
        await getattr(made, call)(*([None] if call == "fetch_order" else []))
    with pytest.raises(ArgumentsRequired):
        await made.cancel_order("1")
    assert wire.sent == []


MOVES_FUNDS = ("doWithdraw", "cancelWithdraw", "deposit/do", "future/transfer")


def test_nothing_in_the_class_moves_funds() -> None:
    made, _ = exchange()
    entries = {
        name: entry.__closure__[0].cell_contents.path
        for base in coinstore.__mro__
        if base.__name__ == "ImplicitAPI"
        for name, entry in ((name, getattr(base, name)) for name in vars(base) if not name.startswith("_"))
    }
    assert len(entries) > 20
    paths = [*entries.values(), *(path for kinds in made.api.values() for verbs in kinds.values() for path in verbs)]
    assert not [path for path in paths for forbidden in MOVES_FUNDS if forbidden in path]
    own = {
        name.lower()
        for base in coinstore.__mro__
        if base.__module__.startswith("trading_bridge")
        for name, value in vars(base).items()
        # ccxt hangs camel-case names of its own methods on the class when it is first made
        if str(getattr(value, "__module__", "")).startswith("trading_bridge")
    }
    assert {"create_order", "cancel_order", "fetch_deposits"} <= own
    assert not [
        name
        for name in own
        if any(word in name for word in ("withdraw", "transfer", "deposit"))
        and not any(word in name for word in ("fetch", "record"))
    ]
    assert made.has["withdraw"] is made.has["transfer"] is made.has["createDepositAddress"] is False


async def test_ccxts_calls_that_move_funds_end_before_the_wire() -> None:
    made, wire = exchange()
    for call in (
        made.withdraw("BTC", "1", "address"),
        made.transfer("BTC", "1", "spot", "swap"),
        made.create_deposit_address("BTC"),
    ):
        with pytest.raises(NotSupported):
            await call
    assert wire.sent == []


def test_every_capability_that_is_claimed_is_there() -> None:
    made, _ = exchange()
    for name in (
        "cancelAllOrders",
        "cancelOrder",
        "createOrder",
        "fetchBalance",
        "fetchDeposits",
        "fetchMarkets",
        "fetchMyTrades",
        "fetchOpenOrders",
        "fetchOrder",
        "fetchOrderBook",
        "fetchTrades",
        "fetchWithdrawals",
    ):
        assert made.has[name] is True
        assert any(name in vars(base) or _snake(name) in vars(base) for base in (coinstore,))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
