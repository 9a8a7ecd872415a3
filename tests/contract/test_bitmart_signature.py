"""The vectors of BitMart's reference, made by the ccxt class: as bare signatures and as whole requests."""

import json

import pytest

from tests.bitmart_wire import NOW_MS, PLACED, exchange

B1 = (
    '{"symbol":"BTC_USDT","side":"buy","type":"limit","size":"0.001","price":"60000.5","client_order_id":"tb000001"}',
    "f456273ed77f7ae8277f79da57c66b9ab5787df1e2934ae76bbca380c858c368",
)
#: body, signature
VECTORS = {
    "B1": B1,
    "B2": ("", "dfd046b451b2af04a23fab4538e0d96456c38553def5bb8207c10f1e9833ea28"),
    "B3": ("recvWindow=5000&symbol=BTC_USDT", "a64b7c7ff91f7cd537cf606e4b58bc8b7b6a96e73c6cc78008fc8adae491dede"),
    "B4": ("bitmart.WebSocket", "7548c97ed5c0456fbddc3a7801b828e90deb4afc99b65fa5bdbd9bc134b8f49a"),
    "B6": ("{}", "2a7b47c41be35cf3a60600d34871a1456186f595a6b34f58b339c82a28a903a3"),
    "B7": (json.dumps(json.loads(B1[0])), "030f75fc3e59ed55fa246f3343952947e5fede8258324d44e5e56d44c45d9661"),
}
PUBLISHED = ("6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9", "test001")
D1 = '{"symbol":"BTC_USDT","price":"8600","count":"100"}'


@pytest.mark.parametrize(("body", "sign"), VECTORS.values(), ids=VECTORS)
def test_signature(body: str, sign: str) -> None:
    made, _ = exchange()
    assert made.signature(NOW_MS, body) == sign
    assert made.signature(NOW_MS, body + " ") != sign
    assert made.signature(NOW_MS + 1, body) != sign
    made.uid = "another"
    assert made.signature(NOW_MS, body) != sign


def test_an_empty_memo_leaves_both_separators() -> None:
    made, _ = exchange(uid="")
    assert made.signature(NOW_MS, "{}") == "c8dfdd450c741215b88cf579a1ffe1bac56cd516a8836a76de295ae1a30d4c0e"


@pytest.mark.parametrize(
    ("now", "body", "sign"),
    [
        (1589793796145, D1, "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"),
        (1589267764859, "bitmart.WebSocket", "3ceeb7e1b8cb165a975e28a2e2dfaca4d30b358873c0351c1a071d8c83314556"),
    ],
    ids=["D1", "D2"],
)
def test_what_bitmart_published(now: int, body: str, sign: str) -> None:
    secret, memo = PUBLISHED
    made, _ = exchange(secret=secret, uid=memo)
    assert made.signature(now, body) == sign


async def test_an_order_is_signed_as_it_is_sent() -> None:
    made, wire = exchange(PLACED)
    await made.create_order("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"clientOrderId": "tb000001"})
    (sent,) = wire.sent
    assert sent.body == B1[0]
    assert sent.headers["X-BM-SIGN"] == B1[1]
    assert sent.headers["X-BM-TIMESTAMP"] == str(NOW_MS)
    assert sent.headers["X-BM-KEY"] == "bm-key"


async def test_without_parameters_the_body_is_an_empty_object() -> None:
    made, wire = exchange(PLACED)
    await made.cancel_all_orders()
    assert (wire.sent[0].body, wire.sent[0].headers["X-BM-SIGN"]) == VECTORS["B6"]
