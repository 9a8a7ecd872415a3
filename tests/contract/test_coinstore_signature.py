"""The vectors of Coinstore's reference, made by the ccxt class: as bare signatures and as whole requests."""

import json

import pytest

from tests.coinstore_wire import NOW_MS, SECRET, exchange

DOCS_MS = 1627384801051
PLACE = "trade/order/place"
C5 = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "ordType": "LIMIT",
    "timeInForce": "GTC",
    "ordPrice": "60000.5",
    "ordQty": "0.001",
    "clOrdId": "tb-000001",
    "timestamp": 1700000012345,
}
C8 = {
    "symbol": "BTCUSDT",
    "orders": [
        {"side": "BUY", "ordType": "LIMIT", "ordPrice": "60000", "ordQty": "0.001", "clOrdId": "tb-a"},
        {"side": "SELL", "ordType": "LIMIT", "ordPrice": "61000", "ordQty": "0.001", "clOrdId": "tb-b"},
    ],
    "timestamp": 1700000012345,
}
C9 = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "ordType": "MARKET",
    "ordAmt": "25.5",
    "clOrdId": "tb-000002",
    "timestamp": 1700000012345,
}
DOCS_BODY = {
    "symbol": "aaaa88",
    "side": "SELL",
    "ordType": "LIMIT",
    "ordPrice": 2,
    "ordQty": 1,
    "timestamp": 1627384801051,
}


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


# name, time, payload, signature
VECTORS = [
    ("C1", NOW_MS, "", "010bbbb0ef552922bef1771b0a180c107ab05965ffca71c51f360826770e6a7f"),
    ("C2", NOW_MS, "symbol=BTCUSDT", "6dd227f81b996d3a3eef280ce570efe63ecb360fa751dcb6f41fc42d6d24d9c7"),
    (
        "C3",
        NOW_MS,
        "symbol=BTCUSDT&pageNum=1&pageSize=50",
        "1746febb13592f70f85ec11a6a102b75816b7f7ea0badfb700b173c39fb6aef7",
    ),
    (
        "C3 sorted",
        NOW_MS,
        "pageNum=1&pageSize=50&symbol=BTCUSDT",
        "252bc559ea2ba6b730bbf54b41623331b573ef15c5e6c6b7650a086c25f17507",
    ),
    ("C4", NOW_MS, "{}", "c893e17c94f88e40a9191fabf5a9b6335b8e3ce62d7cb37be47237686e0da7c0"),
    ("C5", NOW_MS, compact(C5), "eef6ee1cb4da09b1562f8c3438e4089105272184dc7fdf8c4366363e2c35b77b"),
    ("C6", NOW_MS, json.dumps(C5), "c1302cadfe4564bfce3511b0ca5a34342a617c1dd8537ea4d691a64bac171746"),
    (
        "C7",
        NOW_MS,
        'symbol=BTCUSDT{"ordId":1722183748419690}',
        "0b9b6ce119ea483dcfe7dcf12afaa9a2ab4ca494f64f7fa2f246fce5dc426d4f",
    ),
    ("C8", NOW_MS, compact(C8), "62b33e7c34bb151fe93d47586359b567f6f46631ab9215f722d341466a505fbc"),
    ("C9", NOW_MS, compact(C9), "3ac2aa11f172ee5ac598f54ce2df938578b3f251e02a496c3b0661d3c8433109"),
    (
        "C10",
        NOW_MS,
        '{"symbol":"BTCUSDT","ordId":1722183748419690}',
        "c13411b411ce74cfae5408440cd99136e547d356bb1a82cfb09c1095a7f2ed21",
    ),
    ("C11", NOW_MS, '{"clOrdId":"café"}', "0c48a326a0e2b882f51e85a4b975f5e737841d81d71453ab21c81e2624fdf24b"),
    ("C12", 1700000009999, "{}", "867194e43e5c9a3d1e621d63e8e9efb9e969f7665196dafd764f59f4553e13b4"),
    ("C13", 1700000010000, "{}", "c893e17c94f88e40a9191fabf5a9b6335b8e3ce62d7cb37be47237686e0da7c0"),
    (
        "docs query",
        DOCS_MS,
        "symbol=aaaa88&size=10",
        "14e388582b131f2e78dce43f27ac239caa7b05eaba2ece968bc088a143e08297",
    ),
    ("docs body", DOCS_MS, compact(DOCS_BODY), "aaf0d0a7d1236e7d4e50c22ab15dfdf9f17b410e970e330b126fe8408e2d46f0"),
    (
        "docs both",
        DOCS_MS,
        "symbol=aaaa88&size=10" + compact(DOCS_BODY),
        "fa37e41dcc6c6552fb762a5889fb693d5f19216a17c221a7eb77680eb2c87c33",
    ),
]
SIGNATURES = {name: signature for name, _, _, signature in VECTORS}
#: made with the second key decoded from hex, the classic mistake
WRONG = {
    "C1": "783751a34f6a0ae4ff67c2f782f6c0fc341d2851219dd83f0c1ee0ccda1ef79c",
    "C2": "07ad2e94789e27be37eb191eabaa561107cc3ba32070eda19229ff14ddb1a9c9",
    "C4": "b18ddfaa401faae734e7f949bc209836bd8164c1fda6d118065ad831b41ef9fd",
}


@pytest.mark.parametrize(("name", "time_ms", "payload", "signature"), VECTORS, ids=SIGNATURES)
def test_signature(name: str, time_ms: int, payload: str, signature: str) -> None:
    made, _ = exchange()
    assert made.signature(time_ms, payload) == signature
    assert made.signature(time_ms, payload) != WRONG.get(name)
    assert made.signature(time_ms, payload + " ") != signature


def test_the_derived_key_follows_slot_and_secret() -> None:
    """It is kept between requests, so both of its inputs must be looked at each time."""
    made, _ = exchange()
    assert made.signature(1700000009999, "{}") == SIGNATURES["C12"]
    assert made.signature(1700000010000, "{}") == SIGNATURES["C13"]
    assert made.signature(1700000009999, "{}") == SIGNATURES["C12"]
    made.secret = "another"
    assert made.signature(1700000009999, "{}") != SIGNATURES["C12"]
    made.secret = SECRET
    assert made.signature(1700000009999, "{}") == SIGNATURES["C12"]


def test_two_instances_do_not_share_a_key() -> None:
    one, _ = exchange()
    other, _ = exchange(secret="another")
    assert one.signature(NOW_MS, "{}") != other.signature(NOW_MS, "{}")
    assert one.signature(NOW_MS, "{}") == SIGNATURES["C4"]


# name, path, method, params, body, expected query, expected body
REQUESTS = [
    ("C1", "trade/order/active", "GET", {}, None, "", None),
    ("C2", "v2/trade/order/active", "GET", {"symbol": "BTCUSDT"}, None, "symbol=BTCUSDT", None),
    (
        "C3",
        "trade/match/accountMatches",
        "GET",
        {"symbol": "BTCUSDT", "pageNum": 1, "pageSize": 50},
        None,
        "symbol=BTCUSDT&pageNum=1&pageSize=50",
        None,
    ),
    ("C4", "spot/accountList", "POST", {}, None, "", "{}"),
    ("C5", PLACE, "POST", C5, None, "", compact(C5)),
    ("C6", PLACE, "POST", {}, json.dumps(C5), "", json.dumps(C5)),
    (
        "C7",
        "trade/order/cancel",
        "POST",
        {"symbol": "BTCUSDT"},
        '{"ordId":1722183748419690}',
        "symbol=BTCUSDT",
        '{"ordId":1722183748419690}',
    ),
    ("C8", "trade/order/placeBatch", "POST", C8, None, "", compact(C8)),
    ("C9", PLACE, "POST", C9, None, "", compact(C9)),
    ("C11", PLACE, "POST", {"clOrdId": "café"}, None, "", '{"clOrdId":"café"}'),
]


@pytest.mark.parametrize(
    ("name", "path", "method", "params", "body", "query", "sent"), REQUESTS, ids=[row[0] for row in REQUESTS]
)
def test_whole_request(
    name: str, path: str, method: str, params: dict, body: str | None, query: str, sent: str | None
) -> None:
    made, _ = exchange()
    request = made.sign(path, "private", method, params, None, body)
    url = f"https://api.coinstore.com/api/{path}"
    assert request["url"] == (f"{url}?{query}" if query else url)
    assert request["method"] == method
    assert request["body"] == sent
    assert request["headers"] == {
        "X-CS-APIKEY": "cs-key",
        "X-CS-EXPIRES": str(NOW_MS),
        "X-CS-SIGN": SIGNATURES[name],
        "Content-Type": "application/json",
    }


def test_an_escaped_query_is_signed_as_it_is_sent() -> None:
    made, _ = exchange()
    request = made.sign("v2/trade/order/orderInfo", "private", "GET", {"clOrdId": "a b&c"})
    query = request["url"].partition("?")[2]
    assert query == "clOrdId=a%20b%26c"
    assert request["headers"]["X-CS-SIGN"] == made.signature(NOW_MS, query)


def test_public_requests_carry_no_key() -> None:
    made, _ = exchange()
    request = made.sign("v2/public/config/spot/symbols", "public", "POST", {})
    assert request["headers"] == {"Content-Type": "application/json"}
    assert request["body"] == "{}"
