"""The vectors of the Coinstore reference, against the sandbox's own signature code and against its door."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.clock import ManualClock
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.wire.coinstore_auth import signature

SECRET = "cs-secret-0123456789abcdef"
EXPIRES = 1700000012345
B = '{"symbol":"aaaa88","side":"SELL","ordType":"LIMIT","ordPrice":2,"ordQty":1,"timestamp":1627384801051}'
DOCS_EXPIRES = 1627384801051

# name, query, body, expires, sign
VECTORS = [
    ("C1", "", "", EXPIRES, "010bbbb0ef552922bef1771b0a180c107ab05965ffca71c51f360826770e6a7f"),
    ("C2", "symbol=BTCUSDT", "", EXPIRES, "6dd227f81b996d3a3eef280ce570efe63ecb360fa751dcb6f41fc42d6d24d9c7"),
    (
        "C3",
        "symbol=BTCUSDT&pageNum=1&pageSize=50",
        "",
        EXPIRES,
        "1746febb13592f70f85ec11a6a102b75816b7f7ea0badfb700b173c39fb6aef7",
    ),
    (
        "C3'",
        "pageNum=1&pageSize=50&symbol=BTCUSDT",
        "",
        EXPIRES,
        "252bc559ea2ba6b730bbf54b41623331b573ef15c5e6c6b7650a086c25f17507",
    ),
    ("C4", "", "{}", EXPIRES, "c893e17c94f88e40a9191fabf5a9b6335b8e3ce62d7cb37be47237686e0da7c0"),
    (
        "C5",
        "",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"LIMIT","timeInForce":"GTC","ordPrice":"60000.5","ordQty":"0.001",'
        '"clOrdId":"tb-000001","timestamp":1700000012345}',
        EXPIRES,
        "eef6ee1cb4da09b1562f8c3438e4089105272184dc7fdf8c4366363e2c35b77b",
    ),
    (
        "C6",
        "",
        '{"symbol": "BTCUSDT", "side": "BUY", "ordType": "LIMIT", "timeInForce": "GTC", "ordPrice": "60000.5", '
        '"ordQty": "0.001", "clOrdId": "tb-000001", "timestamp": 1700000012345}',
        EXPIRES,
        "c1302cadfe4564bfce3511b0ca5a34342a617c1dd8537ea4d691a64bac171746",
    ),
    (
        "C7",
        "symbol=BTCUSDT",
        '{"ordId":1722183748419690}',
        EXPIRES,
        "0b9b6ce119ea483dcfe7dcf12afaa9a2ab4ca494f64f7fa2f246fce5dc426d4f",
    ),
    (
        "C8",
        "",
        '{"symbol":"BTCUSDT","orders":[{"side":"BUY","ordType":"LIMIT","ordPrice":"60000","ordQty":"0.001",'
        '"clOrdId":"tb-a"},{"side":"SELL","ordType":"LIMIT","ordPrice":"61000","ordQty":"0.001","clOrdId":"tb-b"}],'
        '"timestamp":1700000012345}',
        EXPIRES,
        "62b33e7c34bb151fe93d47586359b567f6f46631ab9215f722d341466a505fbc",
    ),
    (
        "C9",
        "",
        '{"symbol":"BTCUSDT","side":"BUY","ordType":"MARKET","ordAmt":"25.5","clOrdId":"tb-000002",'
        '"timestamp":1700000012345}',
        EXPIRES,
        "3ac2aa11f172ee5ac598f54ce2df938578b3f251e02a496c3b0661d3c8433109",
    ),
    (
        "C10",
        "",
        '{"symbol":"BTCUSDT","ordId":1722183748419690}',
        EXPIRES,
        "c13411b411ce74cfae5408440cd99136e547d356bb1a82cfb09c1095a7f2ed21",
    ),
    ("C11", "", '{"clOrdId":"café"}', EXPIRES, "0c48a326a0e2b882f51e85a4b975f5e737841d81d71453ab21c81e2624fdf24b"),
    ("C12", "", "{}", 1700000009999, "867194e43e5c9a3d1e621d63e8e9efb9e969f7665196dafd764f59f4553e13b4"),
    ("C13", "", "{}", 1700000010000, "c893e17c94f88e40a9191fabf5a9b6335b8e3ce62d7cb37be47237686e0da7c0"),
    (
        "docs query",
        "symbol=aaaa88&size=10",
        "",
        DOCS_EXPIRES,
        "14e388582b131f2e78dce43f27ac239caa7b05eaba2ece968bc088a143e08297",
    ),
    ("docs body", "", B, DOCS_EXPIRES, "aaf0d0a7d1236e7d4e50c22ab15dfdf9f17b410e970e330b126fe8408e2d46f0"),
    (
        "docs query and body",
        "symbol=aaaa88&size=10",
        B,
        DOCS_EXPIRES,
        "fa37e41dcc6c6552fb762a5889fb693d5f19216a17c221a7eb77680eb2c87c33",
    ),
]
NAMES = [vector[0] for vector in VECTORS]
WRONG = {  # second key decoded from hex: the classic mistake
    "": "783751a34f6a0ae4ff67c2f782f6c0fc341d2851219dd83f0c1ee0ccda1ef79c",
    "symbol=BTCUSDT": "07ad2e94789e27be37eb191eabaa561107cc3ba32070eda19229ff14ddb1a9c9",
    "{}": "b18ddfaa401faae734e7f949bc209836bd8164c1fda6d118065ad831b41ef9fd",
}


@pytest.mark.parametrize(("name", "query", "body", "expires", "sign"), VECTORS, ids=NAMES)
def test_every_vector_is_reproduced(name: str, query: str, body: str, expires: int, sign: str) -> None:
    assert signature(SECRET, expires, (query + body).encode()) == sign


@pytest.mark.parametrize("payload", WRONG)
def test_the_hex_decoded_key_gives_something_else(payload: str) -> None:
    assert signature(SECRET, EXPIRES, payload.encode()) != WRONG[payload]


def exchange_at(expires: int) -> tuple[SandboxExchange, ApiKey]:
    clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=expires))
    exchange = SandboxExchange(clock=clock)
    exchange.account("alice", USDT="1000")
    return exchange, exchange.key("alice", api_key="cs-key", secret=SECRET)


async def status(exchange: SandboxExchange, query: str, body: str, expires: int, sign: str, key: str = "cs-key") -> int:
    method, path = ("POST", "/api/trade/order/cancel") if body else ("GET", "/api/trade/match/accountMatches")
    headers = {"X-CS-APIKEY": key, "X-CS-EXPIRES": str(expires), "X-CS-SIGN": sign}
    answer = await exchange.send(method, path, query, body, headers)
    if answer.status == 401:
        assert answer.json == {"message": "signature-failed", "code": 401}
    return answer.status


@pytest.mark.parametrize(("name", "query", "body", "expires", "sign"), VECTORS, ids=NAMES)
async def test_the_door_opens_to_each_vector_and_to_nothing_one_byte_beside_it(
    name: str, query: str, body: str, expires: int, sign: str
) -> None:
    exchange, _ = exchange_at(expires)
    assert await status(exchange, query, body, expires, sign) == 200
    for place in range(len(query)):
        assert await status(exchange, changed(query, place), body, expires, sign) == 401
    for place in range(len(body)):
        assert await status(exchange, query, changed(body, place), expires, sign) == 401
    for place in (0, 31, 63):
        assert await status(exchange, query, body, expires, changed(sign, place)) == 401
    assert await status(exchange, query + "&", body, expires, sign) == 401
    assert await status(exchange, query, body, expires, sign.upper()) == 401
    assert await status(exchange, query, body, expires, sign, key="cs-keY") == 401
    assert await status(exchange, query, body, expires + 30_000, sign) == 401  # the next slot has another key


@pytest.mark.parametrize("payload", WRONG)
async def test_the_door_stays_shut_for_the_hex_decoded_key(payload: str) -> None:
    exchange, _ = exchange_at(EXPIRES)
    query, body = ("", payload) if payload == "{}" else (payload, "")
    assert await status(exchange, query, body, EXPIRES, WRONG[payload]) == 401


def changed(text: str, place: int) -> str:
    """One byte of it replaced by another letter that needs no encoding."""
    return text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
