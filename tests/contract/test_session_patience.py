"""How long each call waits for its answer, by the connector's own setting."""

from decimal import Decimal

import pytest

from tests.coinstore_wire import PLACED, session
from tests.factories import order
from trading_bridge.clock import ManualClock
from trading_bridge.exchanges.book_stream import BookStream
from trading_bridge.exchanges.described import binance
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.session import HttpSessions, Session

NOTHING = '{"code":0,"data":[]}'
BOOK = '{"code":0,"data":{"a":[],"b":[]}}'


@pytest.mark.parametrize(
    ("timeout_s", "markets", "orders", "aging", "trades"),
    [
        (None, 5.0, 10.0, 5.0, 5.0),
        (2, 2.0, 2.0, 2.0, 2.0),
        (30, 30.0, 30.0, 5.0, 30.0),
    ],
)
async def test_what_ages_is_never_waited_for_longer_than_by_default(
    timeout_s: int | None, markets: float, orders: float, aging: float, trades: float
) -> None:
    made, wire = session(BOOK, NOTHING, NOTHING, NOTHING, PLACED, "{}", timeout_s=timeout_s)
    listed = await made.markets()
    market = listed.value["SHARP/USDT"]  # type: ignore[union-attr]
    await made.order_book(market)
    await made.balances()
    await made.open_orders()
    await made.my_trades(market)
    await made.create_order(market, order(price=Decimal("0.0255"), amount=Decimal("100")))
    await made.cancel_order(market, "1722183748419690")
    waited = [sent.options["timeout"].total for sent in wire.sent]
    assert waited == [markets, aging, aging, aging, trades, orders, orders]


@pytest.mark.parametrize(("timeout_s", "within_ms"), [(None, 10_000), (25, 25_000)])
async def test_a_stream_is_connected_within_it(timeout_s: int | None, within_ms: int) -> None:
    clock, http = ManualClock(), HttpSessions.aiohttp()
    way = {"base_url": None, "proxy_url": None, "ipv4_only": False, "clock": clock, "http": http}
    public = Session(info=binance.INFO, credentials=None, limiters=Limiters(clock), timeout_s=timeout_s, **way)  # type: ignore[arg-type]
    stream = BookStream(info=binance.INFO, public=public, timeout_s=timeout_s, **way)  # type: ignore[arg-type]
    connection = stream._client.client("wss://stream.example/ws")
    assert connection.connectionTimeout == within_ms
    stream._client.clients.clear()
    await stream.close()
    await public.close()
    await http.close()
