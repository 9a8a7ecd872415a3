"""Recorded answers of exchanges that have no dialect here, through our session and ccxt's class as it is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import order
from tests.replayed import KUCOIN, REPLAYED, Opened, Replayed, Row, recorded
from trading_bridge.core.balance import Balances
from trading_bridge.core.book import Book
from trading_bridge.core.order import OrderReport, OrderState
from trading_bridge.core.outcome import Answered, Outcome, Unresolved
from trading_bridge.core.trade import PublicTrade, Trade

#: calls that the platform never makes, and wallets that it does not trade from
UNASKED = frozenset({"fetchTicker", "cancelAllOrders", "createOrders"})
OTHER_SHAPES = ("margin", "unified")
HISTORY = frozenset({"fetchOrders", "fetchClosedOrders"})
PUBLIC = frozenset({"fetchTrades", "fetchOrderBook"})
#: its only example is cut short and has no time, without which a record cannot be told from another
TIMELESS = ("gate", "fetchWithdrawals")

#: what Gate writes where no client order id was given
NO_ID = ("apiv4", "web", None)

STATES = {
    "open": {OrderState.NEW, OrderState.PARTIALLY_FILLED},
    "closed": {OrderState.FILLED},
    "canceled": {OrderState.CANCELED},
}


def asked(row: Row) -> bool:
    beside = row["method"] == "fetchBalance" and any(word in row["description"] for word in OTHER_SHAPES)
    return row["method"] not in UNASKED and not beside


ROWS = [
    pytest.param(venue, row, id=f"{venue.id} {row['method']} {row['description'][:40]}")
    for venue in REPLAYED
    for row in recorded(venue.id, "responses")
    if asked(row)
]


def symbol_of(row: Row) -> str:
    return next((one for one in row["input"] if isinstance(one, str) and "/" in one), "LTC/USDT")


def body_of(venue: Replayed, row: Row) -> str:
    """A row of a history is as the answer about that one order."""
    raw = row["raw"]
    if row["method"] in HISTORY:
        raw = raw | {"data": raw["data"]["items"][0]} if venue is KUCOIN else raw[0]
    return json.dumps(raw)


async def answer(row: Row, opened: Opened) -> Outcome[Any]:
    session, market, given = opened.session, opened.market, row["input"]
    match row["method"]:
        case "fetchBalance":
            return await session.balances()
        case "fetchOrderBook":
            return await session.order_book(market)
        case "fetchTrades":
            return await session.public_trades(market)
        case "fetchOpenOrders":
            return await session.open_orders()
        case "fetchOrder":
            return await session.order_report(market, exchange_order_id=given[0])
        case "fetchOrders" | "fetchClosedOrders":
            return await session.order_report(market, exchange_order_id=row["expect"][0]["id"])
        case "fetchMyTrades":
            return await session.my_trades(market, exchange_order_id="asked by one page")
        case "createOrder":
            return await session.create_order(
                market, order(symbol=market.symbol, price=market.tick_size * 100, amount=market.lot_size * 100)
            )
        case "cancelOrder":
            return await session.cancel_order(market, given[0] or "by its client id")
        case "fetchDeposits":
            return await session.deposits()
        case "fetchWithdrawals":
            return await session.withdrawals()
    raise AssertionError(row["method"])


def same(value: Decimal | None, pinned: Any) -> bool:
    """Numbers are pinned as doubles."""
    if pinned is None or value is None:
        return value is None and pinned is None
    return abs(value - Decimal(str(pinned))) <= abs(value) * Decimal("1e-12")


def as_pinned(value: Any, pinned: Any) -> None:
    match value:
        case str():
            assert value == pinned["id"]
        case Balances():
            told = {code: pinned[code]["total"] for code in value.by_currency}
            assert all(same(held.total, told[code]) for code, held in value.by_currency.items())
            assert value.by_currency.keys() == pinned.get("total", told).keys()
        case Book():
            assert len(value.bids) == len(pinned["bids"])
        case OrderReport():
            assert (value.exchange_order_id, value.symbol, value.side) == (
                pinned["id"],
                pinned["symbol"],
                pinned["side"],
            )
            assert value.client_order_id == (None if pinned["clientOrderId"] in NO_ID else pinned["clientOrderId"])
            assert same(value.amount, pinned["amount"])
            assert same(value.filled, pinned["filled"])
            assert value.state in STATES[pinned["status"]]
        case Trade():
            assert (value.trade_id, value.exchange_order_id, value.side) == (
                pinned["id"],
                pinned["order"],
                pinned["side"],
            )
            assert same(value.price, pinned["price"])
            assert same(value.amount, pinned["amount"])
            assert same(value.cost, pinned["cost"])
            assert same(value.fee, pinned["fee"]["cost"])
            assert value.fee_currency == pinned["fee"]["currency"]
        case PublicTrade():
            assert value.side == pinned["side"]
            assert same(value.price, pinned["price"])
            assert same(value.amount, pinned["amount"])
        case tuple():
            rows = sorted(pinned, key=lambda one: one.get("timestamp") or 0)
            assert len(value) == len(rows)
            for one, row in zip(value, rows, strict=True):
                as_pinned(one, row)
        case None:
            pass  # a cancel without a state
        case _:
            raise AssertionError(value)


@pytest.mark.parametrize(("venue", "row"), ROWS)
async def test_each_recorded_answer_is_read_as_pinned(venue: Replayed, row: Row) -> None:
    others = venue.others if row["method"] == "fetchBalance" else ()
    signed = row["method"] not in PUBLIC
    opened = await venue.opened(body_of(venue, row), *others, symbol=symbol_of(row), signed=signed)
    outcome = await answer(row, opened)
    if (venue.id, row["method"]) == TIMELESS:
        assert isinstance(outcome, Unresolved)
        return
    assert isinstance(outcome, Answered), outcome
    pinned = row.get("expect")
    if row["method"] in HISTORY:
        pinned = pinned[0]
    if pinned is not None:
        as_pinned(outcome.value, pinned)
