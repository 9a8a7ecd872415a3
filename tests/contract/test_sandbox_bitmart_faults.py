"""Faults of the sandbox as BitMart's clients meet them; refusals of orders and reads are in the suite."""

from typing import Any

import pytest

from tests.bitmart_sandbox import BitmartSandbox
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.faults import Fault, FaultKind, Form

K = FaultKind
BOOK = ("/spot/quotation/v3/books", "symbol=SHARP_USDT")


@pytest.fixture
def exchange() -> BitmartSandbox:
    made = BitmartSandbox()
    made.account("alice", USDT="1000", SHARP="1000")
    made.quote(Side.SELL, 25_610, 500)
    made.quote(Side.BUY, 25_590, 300)
    return made


@pytest.fixture
def key(exchange: BitmartSandbox) -> ApiKey:
    return exchange.key("alice")


def switch(exchange: BitmartSandbox, kind: FaultKind, **more: Any) -> None:
    exchange.faults.add(Fault(kind=kind, **more))


async def test_books(exchange: BitmartSandbox) -> None:
    switch(exchange, K.BOOK_FROZEN)
    exchange.quote(Side.SELL, 25_600, 100)
    frozen = (await exchange.public(*BOOK)).data
    assert frozen["asks"] == [["0.02561", "5"]]
    exchange.faults.clear()
    switch(exchange, K.BOOK_CROSSED)
    crossed = (await exchange.public(*BOOK)).data
    assert (crossed["bids"][0], crossed["asks"][0]) == (["0.0256", "1"], ["0.02559", "3"])
    exchange.faults.clear()
    switch(exchange, K.BOOK_EMPTY)
    empty = (await exchange.public(*BOOK)).data
    assert (empty["bids"], empty["asks"]) == ([], [])


@pytest.mark.parametrize(
    ("kind", "more", "status", "code"),
    [
        (K.MAINTENANCE, {}, 503, 30014),
        (K.MAINTENANCE, {"form": Form.CODE}, 200, 30016),
        (K.RATE_LIMITED, {"retry_after_s": 7}, 429, 30013),
        (K.SERVER_ERROR, {}, 500, 59002),
    ],
)
async def test_what_stands_in_the_place_of_an_answer(
    exchange: BitmartSandbox, kind: FaultKind, more: dict[str, Any], status: int, code: int
) -> None:
    switch(exchange, kind, **more)
    said = await exchange.public(*BOOK)
    assert (said.status, said.code) == (status, code)
    assert said.answer.headers.get("retry-after") == ("7" if kind is K.RATE_LIMITED else None)


async def test_a_page_in_its_place(exchange: BitmartSandbox) -> None:
    for more in ({"kind": K.MAINTENANCE, "form": Form.HTML}, {"kind": K.HTML_BODY}):
        exchange.faults.add(Fault(**more))  # type: ignore[arg-type]
        answer = await exchange.send("GET", "/bitmart/system/time")
        assert answer.text.startswith("<!DOCTYPE html>")
        exchange.faults.clear()


async def test_a_market_by_another_name(exchange: BitmartSandbox, key: ApiKey) -> None:
    order_id = await exchange.placed(key)
    switch(exchange, K.MARKET_RENAMED, symbol="SHARP/USDT", to="SHARPX/USDT")
    assert (await exchange.public("/spot/v1/symbols")).data == {"symbols": ["SHARPX_USDT", "ETH_USDT"]}
    assert (await exchange.public(*BOOK)).code == 70002
    assert (await exchange.order(key, order_id))["symbol"] == "SHARPX_USDT"


async def test_money_that_is_shown_otherwise(exchange: BitmartSandbox, key: ApiKey) -> None:
    async def shown() -> list[str]:
        return [row["id"] for row in (await exchange.keyed(key, "/spot/v1/wallet")).data["wallet"]]

    switch(exchange, K.CURRENCY_MISSING, currency="SHARP")
    assert await shown() == ["USDT"]
    exchange.faults.clear()
    switch(exchange, K.CURRENCY_RENAMED, currency="SHARP", to="SHARP2")
    assert await shown() == ["SHARP2", "USDT"]
    exchange.faults.clear()
    switch(exchange, K.OTHER_WALLET, currency="USDT")
    assert await shown() == ["SHARP"]
    refused = await exchange.post(
        key, "/spot/v2/submit_order", symbol="SHARP_USDT", side="buy", type="limit", size="300", price="0.025"
    )
    assert refused.code == 50020


async def test_a_clock_that_is_off_is_told_by_header_and_time(exchange: BitmartSandbox, key: ApiKey) -> None:
    switch(exchange, K.CLOCK_SKEW, seconds_off=90)
    said = await exchange.public("/system/time")
    assert said.data["server_time"] == exchange.engine.now_ms() + 90_000
    assert said.answer.headers["date"] == "Thu, 01 Jan 2026 00:01:30 GMT"
    assert (await exchange.post(key, "/spot/v4/cancel_all")).code == 30007


async def test_a_fault_of_one_endpoint_and_of_one_dialect(exchange: BitmartSandbox, key: ApiKey) -> None:
    for endpoint in ("/bitmart/spot/v1/wallet", "/bitmart/spot"):
        made = await exchange.control("POST", "/faults", {"kind": "server_error", "endpoint": endpoint})
        assert made.status == 200
        assert (await exchange.keyed(key, "/spot/v1/wallet")).status == 500
        assert (await exchange.public("/system/time")).status == 200
        assert (await exchange.signed(key, "POST", "/spot/accountList")).status == 200
        exchange.faults.clear()
