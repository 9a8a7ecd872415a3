"""The vectors of BitMart's reference, against the sandbox's own signature code and against its door."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.bitmart_sandbox import BitmartSandbox
from trading_bridge.clock import ManualClock
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.wire.bitmart_auth import signature

SECRET, MEMO, NOW = "bm-secret-0123456789abcdef", "tb-memo", 1700000012345
PUBLISHED_SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
B1 = '{"symbol":"BTC_USDT","side":"buy","type":"limit","size":"0.001","price":"60000.5","client_order_id":"tb000001"}'
B7 = (
    '{"symbol": "BTC_USDT", "side": "buy", "type": "limit", "size": "0.001", "price": "60000.5",'
    ' "client_order_id": "tb000001"}'
)
D1 = '{"symbol":"BTC_USDT","price":"8600","count":"100"}'

# name, secret, memo, time, body, sign
VECTORS = [
    ("B1", SECRET, MEMO, NOW, B1, "f456273ed77f7ae8277f79da57c66b9ab5787df1e2934ae76bbca380c858c368"),
    ("B2", SECRET, MEMO, NOW, "", "dfd046b451b2af04a23fab4538e0d96456c38553def5bb8207c10f1e9833ea28"),
    (
        "B3",
        SECRET,
        MEMO,
        NOW,
        "recvWindow=5000&symbol=BTC_USDT",
        "a64b7c7ff91f7cd537cf606e4b58bc8b7b6a96e73c6cc78008fc8adae491dede",
    ),
    ("B4", SECRET, MEMO, NOW, "bitmart.WebSocket", "7548c97ed5c0456fbddc3a7801b828e90deb4afc99b65fa5bdbd9bc134b8f49a"),
    ("B5", SECRET, "", NOW, "{}", "c8dfdd450c741215b88cf579a1ffe1bac56cd516a8836a76de295ae1a30d4c0e"),
    ("B6", SECRET, MEMO, NOW, "{}", "2a7b47c41be35cf3a60600d34871a1456186f595a6b34f58b339c82a28a903a3"),
    ("B7", SECRET, MEMO, NOW, B7, "030f75fc3e59ed55fa246f3343952947e5fede8258324d44e5e56d44c45d9661"),
    (
        "D1",
        PUBLISHED_SECRET,
        "test001",
        1589793796145,
        D1,
        "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d",
    ),
    (
        "D2",
        PUBLISHED_SECRET,
        "test001",
        1589267764859,
        "bitmart.WebSocket",
        "3ceeb7e1b8cb165a975e28a2e2dfaca4d30b358873c0351c1a071d8c83314556",
    ),
]
NAMES = [vector[0] for vector in VECTORS]
BODIES = [vector for vector in VECTORS if vector[4].startswith("{") and vector[2]]


@pytest.mark.parametrize(("name", "secret", "memo", "now", "body", "sign"), VECTORS, ids=NAMES)
def test_every_vector_is_reproduced(name: str, secret: str, memo: str, now: int, body: str, sign: str) -> None:
    assert signature(secret, memo, str(now), body.encode()) == sign


def exchange_at(now: int, memo: str, secret: str) -> tuple[BitmartSandbox, ApiKey]:
    clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now))
    exchange = BitmartSandbox(clock=clock)
    exchange.account(memo, USDT="1000")
    return exchange, exchange.key(memo, api_key="bm-key", secret=secret)


@pytest.mark.parametrize(
    ("name", "secret", "memo", "now", "body", "sign"), BODIES, ids=[vector[0] for vector in BODIES]
)
async def test_the_door_opens_to_each_vector_and_to_nothing_one_byte_beside_it(
    name: str, secret: str, memo: str, now: int, body: str, sign: str
) -> None:
    exchange, key = exchange_at(now, memo, secret)

    async def code(body: str, sign: str, time: int = now) -> int:
        changed = {"X-BM-SIGN": sign, "X-BM-TIMESTAMP": str(time)}
        return (await exchange.post(key, "/spot/v4/cancel_orders_of_nobody", body=body, changed=changed)).code

    async def cancel(body: str, sign: str, time: int = now) -> int:
        changed = {"X-BM-SIGN": sign, "X-BM-TIMESTAMP": str(time)}
        return (await exchange.post(key, "/spot/v3/cancel_order", body=body, changed=changed)).code

    assert await code(body, sign) == 30000  # the path comes before the signature
    assert await cancel(body, sign) in (50001, 50028)  # it is the market that is not there
    for place in range(len(body)):
        assert await cancel(changed(body, place), sign) == 30005
    for place in (0, 31, 63):
        assert await cancel(body, changed(sign, place)) == 30005
    assert await cancel(body + " ", sign) == 30005
    assert await cancel(body, sign.upper()) == 30005
    assert await cancel(body, sign, now + 1) == 30005


async def test_another_memo_is_another_signature() -> None:
    exchange, key = exchange_at(NOW, "other-memo", SECRET)
    sign = next(vector[5] for vector in VECTORS if vector[0] == "B6")
    said = await exchange.post(key, "/spot/v4/cancel_all", body="{}", changed={"X-BM-SIGN": sign})
    assert (said.status, said.code) == (401, 30005)


def changed(text: str, place: int) -> str:
    return text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
