"""What BitMart answers, as ccxt's structures; the samples are its reference's."""

import json
from typing import Any

import pytest
from ccxt.base.errors import BadResponse, ExchangeError

from tests.bitmart_wire import ORDER, PLACED, ROWS, answer, exchange

MARKET_BUY = {
    **ORDER,
    "clientOrderId": ORDER["orderId"],
    "side": "buy",
    "type": "market",
    "state": "partially_canceled",
    "price": "0.000000",
    "priceAvg": "70.2500",
    "size": "0.00",
    "filledSize": "0.142",
    "notional": "10.00000000",
    "filledNotional": "9.99712500",
}
TRADE = {
    "tradeId": "223456789012345678",
    "orderId": "123456789012345678",
    "clientOrderId": "123456789012345678",
    "symbol": "LTC_USDT",
    "side": "buy",
    "orderMode": "spot",
    "type": "market",
    "stpMode": "none",
    "price": "70.2500",
    "size": "0.100",
    "notional": "7.02500000",
    "fee": "0.00702500",
    "feeCoinName": "USDT",
    "tradeRole": "taker",
    "createTime": 1700000000697,
    "updateTime": 1700000000697,
}
WITHDRAWAL = {
    "withdraw_id": "1679952",
    "deposit_id": "",
    "operation_type": "withdraw",
    "currency": "USDT-TRC20",
    "apply_time": 1588867374000,
    "arrival_amount": "59.000000000000",
    "fee": "1.000000000000",
    "status": 3,
    "address": "T1",
    "address_memo": "",
    "tx_id": "0x1",
}


def part(found: Any, *names: str) -> tuple[Any, ...]:
    return tuple(found[name] for name in names)


def test_market() -> None:
    made, _ = exchange()
    market = made.market("LTC/USDT")
    assert part(market, "id", "base", "quote", "active") == ("LTC_USDT", "LTC", "USDT", True)
    assert market["precision"] == {"amount": "0.001", "price": "0.0001"}
    assert market["limits"]["amount"]["min"] == "0.001"
    assert market["limits"]["cost"]["min"] == "5.000000000000000000000000000000"
    assert part(market, "maker", "taker") == (None, None)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"quote_increment": "0.1", "base_min_size": "2"}, ("0.1", "2")),  # the step is not the smallest quantity
        ({"price_max_precision": 0}, ("0.001", "0.001")),
    ],
)
def test_steps(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    made, _ = exchange()
    market = made.parse_market({**ROWS[1], **changed})
    assert (market["precision"]["amount"], market["limits"]["amount"]["min"]) == expected
    assert market["precision"]["price"] == ("1" if "price_max_precision" in changed else "0.0001")


@pytest.mark.parametrize(("status", "active"), [("pre-trade", False), ("halt", False), (None, None)])
def test_a_market_that_does_not_trade(status: str | None, active: bool | None) -> None:
    made, _ = exchange()
    assert made.parse_market({**ROWS[1], "trade_status": status})["active"] is active


async def test_book_by_value() -> None:
    data = {"ts": "1700000000000", "asks": [["67000.50", "0.32"], ["9.5", "1"]], "bids": [["9", "1"], ["10", "2"]]}
    made, _ = exchange(answer(data))
    book = await made.fetch_order_book("BTC/USDT")
    assert book["asks"] == [["9.5", "1"], ["67000.50", "0.32"]]
    assert book["bids"] == [["10", "2"], ["9", "1"]]
    assert book["timestamp"] == 1700000000000


async def test_public_trades_get_ids_that_last() -> None:
    """BitMart gives none; the same trade has the same in each answer, and two alike are told apart."""
    older = ["BTC_USDT", "1700000000000", "67000.00", "0.1500", "buy"]
    newer = ["BTC_USDT", "1700000000001", "67000.00", "0.1500", "sell"]
    made, _ = exchange(answer([older, older]), answer([newer, older, older]))
    first = await made.fetch_trades("BTC/USDT")
    second = await made.fetch_trades("BTC/USDT")
    assert [trade["id"] for trade in second[:2]] == [trade["id"] for trade in first]
    assert len({trade["id"] for trade in second}) == 3
    assert part(second[2], "side", "price", "amount", "timestamp") == ("sell", "67000.00", "0.1500", 1700000000001)


async def test_balance() -> None:
    wallet = [
        {"id": "USDT", "name": "Tether USD", "available": "50000.00000000", "frozen": "5000.5", "total": "55000.5"},
        {"id": "BTC", "name": "Bitcoin", "available": "0.1", "frozen": "0"},
    ]
    made, _ = exchange(answer({"wallet": wallet}))
    balance = await made.fetch_balance()
    assert balance["USDT"] == {"free": "50000.00000000", "used": "5000.5", "total": "55000.5"}
    assert balance["BTC"] == {"free": "0.1", "used": "0", "total": "0.1"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"wallet": None},
        {"wallet": {}},
        {"wallet": [{"id": "USDT", "available": "1"}]},
        {"wallet": [{"id": "USDT", "available": "1", "frozen": None}]},
        {"wallet": [{"available": "1", "frozen": "0"}]},
        {"wallet": [{"id": "USDT", "available": "1", "frozen": "0"}, {"id": "USDT", "available": "2", "frozen": "0"}]},
    ],
)
async def test_a_balance_that_cannot_be_read_is_no_zero(data: object) -> None:
    made, _ = exchange(answer(data))
    with pytest.raises(BadResponse):
        await made.fetch_balance()


async def test_an_acknowledgement_says_the_id_and_no_more() -> None:
    made, _ = exchange(PLACED)
    order = await made.create_order("BTC/USDT", "limit", "buy", "0.001", "60000.5", {"clientOrderId": "tb1"})
    assert part(order, "id", "clientOrderId", "status", "filled") == ("1234567890", "tb1", None, None)
    assert order["info"] == json.loads(PLACED)


@pytest.mark.parametrize("data", [None, {}, {"order_id": None}, {"order_id": ""}, []])
async def test_an_order_without_an_id_is_no_answer(data: object) -> None:
    made, _ = exchange(answer(data))
    with pytest.raises(BadResponse):
        await made.create_order("BTC/USDT", "limit", "buy", "0.001", "60000.5")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("123456789012345678", "tb000001", "open", "sell", "limit", "70.2500", "0.200", "0.000")),
        ({"state": "partially_filled", "filledSize": "0.1"}, (..., ..., "open", ..., ..., ..., ..., "0.1")),
        ({"state": "filled"}, (..., ..., "closed", ..., ..., ..., ..., ...)),
        ({"state": "canceled"}, (..., ..., "canceled", ..., ..., ..., ..., ...)),
        ({"state": "partially_canceled"}, (..., ..., "canceled", ..., ..., ..., ..., ...)),
        ({"state": "failed"}, (..., ..., "rejected", ..., ..., ..., ..., ...)),
        ({"state": "new_word"}, (..., ..., None, ..., ..., ..., ..., ...)),
        ({"clientOrderId": "123456789012345678"}, (..., None, ..., ..., ..., ..., ..., ...)),
    ],
)
async def test_order(changed: dict[str, Any], expected: tuple[Any, ...]) -> None:
    made, _ = exchange(answer({**ORDER, **changed}))
    order = await made.fetch_order("123456789012345678", "LTC/USDT")
    names = ("id", "clientOrderId", "status", "side", "type", "price", "amount", "filled")
    found = part(order, *names)
    assert [one for one, wanted in zip(found, expected, strict=True) if wanted is not ...] == [
        wanted for wanted in expected if wanted is not ...
    ]
    assert part(order, "timestamp", "lastUpdateTimestamp") == (1700000000644, 1700000000697)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "closed"),  # what is left buys nothing
        ({"filledNotional": "4.99999999"}, "canceled"),  # another order could be placed for the rest
        ({"side": "sell", "notional": "0.00000000"}, "canceled"),
        ({"filledNotional": "5.00000001"}, "closed"),
    ],
)
def test_a_market_buy_ends_as_partially_canceled(changed: dict[str, Any], status: str) -> None:
    made, _ = exchange()
    order = made.parse_order({**MARKET_BUY, **changed})
    assert order["status"] == status
    if not changed:
        assert part(order, "amount", "filled", "cost") == ("0.142", "0.142", "9.99712500")
        assert order["clientOrderId"] is None


@pytest.mark.parametrize("mark", ["limit_maker", "ioc", "limit"])
def test_kinds_of_order(mark: str) -> None:
    made, _ = exchange()
    order = made.parse_order({**ORDER, "type": mark})
    assert order["type"] == "limit"
    assert order["postOnly"] is (mark == "limit_maker")
    assert order["timeInForce"] == {"limit_maker": "PO", "ioc": "IOC", "limit": "GTC"}[mark]


async def test_own_trade() -> None:
    made, _ = exchange(answer([TRADE]))
    (trade,) = await made.fetch_my_trades("LTC/USDT")
    assert part(trade, "id", "order", "side", "takerOrMaker") == (
        "223456789012345678",
        "123456789012345678",
        "buy",
        "taker",
    )
    assert part(trade, "price", "amount", "cost", "timestamp") == ("70.2500", "0.100", "7.02500000", 1700000000697)
    assert part(trade["fee"], "cost", "currency") == ("0.00702500", "USDT")


async def test_a_fee_in_another_coin_keeps_its_name() -> None:
    made, _ = exchange(answer([{**TRADE, "feeCoinName": "BMX", "fee": "1.5"}]))
    (trade,) = await made.fetch_my_trades("LTC/USDT")
    assert part(trade["fee"], "cost", "currency") == ("1.5", "BMX")


async def test_a_cancel_that_was_not_accepted() -> None:
    for data, error in (({"result": False}, ExchangeError), ({}, BadResponse), (True, BadResponse)):
        made, _ = exchange(answer(data))
        with pytest.raises(error):
            await made.cancel_order("1", "LTC/USDT")


async def test_transfers() -> None:
    deposit = {**WITHDRAWAL, "operation_type": "deposit", "deposit_id": "99", "withdraw_id": "", "currency": "BTC"}
    made, _ = exchange(answer({"records": [WITHDRAWAL]}), answer({"records": [{**deposit, "status": 2}]}))
    (out,) = await made.fetch_withdrawals()
    names = ("id", "type", "currency", "network", "amount", "status", "timestamp", "txid")
    assert part(out, *names) == (
        "1679952",
        "withdrawal",
        "USDT",
        "TRC20",
        "59.000000000000",
        "ok",
        1588867374000,
        "0x1",
    )
    assert out["fee"] == {"currency": "USDT", "cost": "1.000000000000"}
    (came,) = await made.fetch_deposits()
    assert part(came, "id", "type", "currency", "network", "status") == ("99", "deposit", "BTC", None, "pending")
