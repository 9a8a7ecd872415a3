"""Clients that we did not write, unchanged but for where they call: ccxt's own binance, and binance-connector."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import ccxt.pro as pro
import pytest
from binance.error import ClientError
from binance.spot import Spot

from tests.sandbox_exchange import SHARP, SandboxExchange
from tests.sandbox_server import serving
from trading_bridge.clock import SystemClock
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.transport import InProcessSession

BUY, SELL = Side.BUY, Side.SELL
Opened = Callable[[SandboxExchange, ApiKey], AbstractAsyncContextManager[Any]]


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange(clock=SystemClock())  # type: ignore[arg-type] # these clients sign by the wall clock
    made.account("alice", USDT="1000", SHARP="1000")
    return made


def config(base_url: str, key: ApiKey) -> dict[str, Any]:
    """All that a user of ccxt sets to reach this exchange."""
    api, sapi = f"{base_url}/binance/api", f"{base_url}/binance/sapi"
    return {
        "apiKey": key.api_key,
        "secret": key.secret,
        "number": str,
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {
            "api": {
                "public": f"{api}/v3",
                "private": f"{api}/v3",
                "v1": f"{api}/v1",
                "sapi": f"{sapi}/v1",
                "sapiV2": f"{sapi}/v2",
                "sapiV3": f"{sapi}/v3",
            }
        },
    }


@asynccontextmanager
async def in_process(exchange: SandboxExchange, key: ApiKey) -> AsyncIterator[ccxt.binance]:
    client = ccxt.binance({**config("http://sandbox", key), "session": InProcessSession(exchange.app)})
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def over_http(exchange: SandboxExchange, key: ApiKey) -> AsyncIterator[ccxt.binance]:
    async with serving(exchange.app) as base_url:
        client = ccxt.binance(config(base_url, key))
        try:
            yield client
        finally:
            await client.close()


ways = pytest.mark.parametrize("opened", [in_process, over_http])


@ways
async def test_a_session_of_ccxt(exchange: SandboxExchange, opened: Opened) -> None:
    exchange.quote(SELL, 26_000, 5_000)
    exchange.quote(BUY, 24_000, 5_000)
    async with opened(exchange, exchange.key("alice")) as client:
        markets = await client.load_markets()
        assert set(markets) == {"SHARP/USDT", "ETH/USDT"}
        market = markets[SHARP]
        assert tuple(Decimal(market["precision"][name]) for name in ("price", "amount")) == (
            Decimal("0.000001"),
            Decimal("0.01"),
        )
        assert tuple(Decimal(market["limits"][name]["min"]) for name in ("amount", "cost")) == (1, 1)
        assert market["active"] is True

        balance = await client.fetch_balance()
        assert {name: Decimal(amount) for name, amount in balance["USDT"].items()} == {
            "free": 1000,
            "used": 0,
            "total": 1000,
        }
        book = await client.fetch_order_book(SHARP)
        assert book["asks"] == [[0.026, 50.0]]
        assert book["nonce"] is not None

        placed = await client.create_order(SHARP, "limit", "buy", 100, 0.025, {"clientOrderId": "tbmine1"})
        assert (placed["status"], placed["clientOrderId"], Decimal(placed["remaining"])) == ("open", "tbmine1", 100)
        exchange.take(SELL, 25_000, 4_000)
        partly = await client.fetch_order(placed["id"], SHARP)
        assert (partly["status"], Decimal(partly["filled"]), Decimal(partly["remaining"])) == ("open", 40, 60)
        assert [order["id"] for order in await client.fetch_open_orders(SHARP)] == [placed["id"]]
        assert Decimal((await client.fetch_balance())["USDT"]["used"]) == Decimal("1.5")
        exchange.take(SELL, 25_000, 6_000)
        done = await client.fetch_order(None, SHARP, {"clientOrderId": "tbmine1"})
        assert (done["status"], Decimal(done["filled"]), Decimal(done["average"])) == ("closed", 100, Decimal("0.025"))

        post_only = await client.create_order(SHARP, "limit", "sell", 100, 0.03, {"postOnly": True})
        resting = await client.fetch_order(post_only["id"], SHARP)
        assert (resting["postOnly"], resting["status"]) == (True, "open")
        cancelled = await client.cancel_order(post_only["id"], SHARP)
        assert cancelled["status"] == "canceled"
        ioc = await client.create_order(SHARP, "limit", "buy", 60, 0.026, {"timeInForce": "IOC"})
        assert (ioc["status"], Decimal(ioc["filled"])) == ("expired", 50)

        trades = await client.fetch_my_trades(SHARP)
        assert [(t["id"], t["takerOrMaker"], Decimal(t["amount"]), t["fee"]["currency"]) for t in trades] == [
            ("1", "maker", 40, "SHARP"),
            ("2", "maker", 60, "SHARP"),
            ("3", "taker", 50, "SHARP"),
        ]
        assert [t["id"] for t in await client.fetch_my_trades(SHARP, params={"fromId": 2})] == ["2", "3"]
        assert [t["order"] for t in await client.fetch_order_trades(ioc["id"], SHARP)] == [ioc["id"]]
        assert [t["id"] for t in await client.fetch_trades(SHARP)] == ["1", "2", "3"]
        assert len(await client.fetch_orders(SHARP)) == 3
        assert Decimal((await client.fetch_ticker(SHARP))["last"]) == Decimal("0.026")
        assert [Decimal(row[5]) for row in await client.fetch_ohlcv(SHARP, "1d")] == [150]


@ways
async def test_the_rest_that_ccxt_asks(exchange: SandboxExchange, opened: Opened) -> None:
    exchange.engine.withdraw("alice", "USDT", 10**18)
    async with opened(exchange, exchange.key("alice")) as client:
        client.options["fetchCurrencies"] = True
        currencies = await client.fetch_currencies()
        assert set(currencies) == {"SHARP", "USDT", "ETH"}
        deposits = {(row["currency"], Decimal(row["amount"]), row["status"]) for row in await client.fetch_deposits()}
        assert deposits == {("USDT", 1000, "ok"), ("SHARP", 1000, "ok")}
        (gone,) = await client.fetch_withdrawals()
        assert (gone["currency"], Decimal(gone["amount"]), gone["status"]) == ("USDT", 1, "ok")
        assert abs(await client.fetch_time() - exchange.engine.now_ms()) < 5_000
        assert (await client.fetch_status())["status"] == "ok"
        assert Decimal((await client.fetch_trading_fee(SHARP))["maker"]) == Decimal("0.002")
        exchange.quote(BUY, 19_000, 5_000)
        assert Decimal((await client.fetch_bids_asks())[SHARP]["bid"]) == Decimal("0.019")
        await client.create_order(SHARP, "limit", "buy", 100, 0.02)
        await client.create_order(SHARP, "limit", "buy", 100, 0.021)
        assert len(await client.fetch_open_orders(SHARP)) == 2
        assert len(await client.cancel_all_orders(SHARP)) == 2
        exchange.quote(SELL, 25_000, 50_000)
        bought = await client.create_market_buy_order_with_cost(SHARP, 5)
        assert (bought["status"], Decimal(bought["cost"]), Decimal(bought["filled"])) == ("closed", 5, 200)
        assert Decimal((await client.create_order(SHARP, "market", "buy", 100))["filled"]) == 100


@ways
async def test_errors_as_ccxt_raises_them(exchange: SandboxExchange, opened: Opened) -> None:
    exchange.quote(SELL, 26_000, 5_000)
    async with opened(exchange, exchange.key("alice")) as client:
        await client.load_markets()
        for error, how in (
            (ccxt.InsufficientFunds, ("limit", "buy", 900_000, 0.025)),
            (ccxt.InvalidOrder, ("limit", "buy", 0.5, 0.025)),
            (ccxt.OrderImmediatelyFillable, ("limit", "buy", 100, 0.026, {"postOnly": True})),
        ):
            with pytest.raises(error):
                await client.create_order(SHARP, *how)
        await client.create_order(SHARP, "limit", "buy", 100, 0.025, {"clientOrderId": "once"})
        with pytest.raises(ccxt.InvalidOrder, match="Duplicate order sent"):
            await client.create_order(SHARP, "limit", "buy", 100, 0.025, {"clientOrderId": "once"})
        for call in (client.cancel_order, client.fetch_order):
            with pytest.raises(ccxt.OrderNotFound):
                await call("99", SHARP)
    for wrong, code in (("secret", "-1022"), ("apiKey", "-2015")):
        async with opened(exchange, exchange.key("alice")) as client:
            setattr(client, wrong, "nobodys")
            with pytest.raises(ccxt.AuthenticationError, match=code):
                await client.fetch_balance()


async def test_a_streaming_session_of_ccxt(exchange: SandboxExchange) -> None:
    key = exchange.key("alice")
    exchange.quote(SELL, 26_000, 5_000)
    exchange.quote(BUY, 24_000, 5_000)
    async with serving(exchange.app) as base_url:
        streams = base_url.replace("http://", "ws://") + "/binance"
        told = config(base_url, key)
        told["urls"]["api"]["ws"] = {"spot": f"{streams}/ws", "ws-api": {"spot": f"{streams}/ws-api/v3"}}
        client = pro.binance(told)

        async def next_of(watched: Awaitable[Any]) -> Any:
            return await asyncio.wait_for(watched, 10)

        try:
            await client.load_markets()
            book = await next_of(client.watch_order_book(SHARP))
            assert (book["bids"][0], book["asks"][0]) == ([0.024, 50.0], [0.026, 50.0])
            await client.authenticate()  # what is told from now on is told to this client
            orders, own_trades = (
                asyncio.ensure_future(watch(SHARP)) for watch in (client.watch_orders, client.watch_my_trades)
            )
            placed = await client.create_order(SHARP, "limit", "buy", 100, 0.025)
            (order,) = await next_of(orders)
            assert (order["id"], order["status"]) == (placed["id"], "open")
            orders, balance = asyncio.ensure_future(client.watch_orders(SHARP)), await client.watch_balance()
            assert Decimal(balance["USDT"]["used"]) == Decimal("2.5")
            exchange.take(SELL, 25_000, 4_000)
            exchange.engine.commit()
            (fill,) = await next_of(own_trades)
            assert (fill["id"], Decimal(fill["amount"]), fill["takerOrMaker"]) == ("1", 40, "maker")
            assert Decimal((await next_of(orders))[-1]["filled"]) == 40
            while (book := await next_of(client.watch_order_book(SHARP)))["bids"][0] != [0.025, 60.0]:
                pass
            trades = asyncio.ensure_future(client.watch_trades(SHARP))
            while not trades.done():  # it does not say when it is subscribed
                exchange.take(SELL, 25_000, 1)
                exchange.engine.commit()
                await asyncio.wait({trades}, timeout=0.05)
            assert Decimal((await trades)[-1]["amount"]) == Decimal("0.01")
            best = await next_of(client.watch_bids_asks([SHARP]))
            assert Decimal(best[SHARP]["bid"]) == Decimal("0.025")
            sent = await next_of(client.create_order_ws(SHARP, "limit", "sell", 100, 0.03))
            gone = await next_of(client.cancel_order_ws(sent["id"], SHARP))
            assert gone["status"] == "canceled"
        finally:
            await client.close()


async def test_a_session_of_binance_connector(exchange: SandboxExchange) -> None:
    key = exchange.key("alice")
    exchange.quote(SELL, 26_000, 5_000)
    async with serving(exchange.app) as base_url:
        client = Spot(key.api_key, key.secret, base_url=f"{base_url}/binance")

        async def call(method: Callable[..., Any], *args: object, **params: object) -> Any:
            return await asyncio.to_thread(method, *args, **params)

        try:
            (market,) = (await call(client.exchange_info, "SHARPUSDT"))["symbols"]
            assert market["filters"][0]["tickSize"] == "0.00000100"
            assert (await call(client.depth, "SHARPUSDT"))["asks"] == [["0.02600000", "50.00000000"]]
            balances = (await call(client.account, omitZeroBalances="true"))["balances"]
            assert {row["asset"]: row["free"] for row in balances} == {
                "SHARP": "1000.00000000",
                "USDT": "1000.00000000",
            }
            limit = {"type": "LIMIT", "timeInForce": "GTC"}
            placed = await call(client.new_order, "SHARPUSDT", "BUY", **limit, quantity=100, price="0.025")
            by_id = {"symbol": "SHARPUSDT", "orderId": placed["orderId"]}
            assert placed["status"] == "NEW"
            exchange.take(SELL, 25_000, 4_000)
            row = await call(client.get_order, **by_id)
            assert (row["status"], row["executedQty"]) == ("PARTIALLY_FILLED", "40.00000000")
            exchange.take(SELL, 25_000, 6_000)
            assert (await call(client.get_order, **by_id))["status"] == "FILLED"
            other = await call(client.new_order, "SHARPUSDT", "SELL", **limit, quantity=50, price="0.03")
            assert [order["orderId"] for order in await call(client.get_open_orders)] == [other["orderId"]]
            gone = await call(client.cancel_order, "SHARPUSDT", orderId=other["orderId"])
            assert gone["status"] == "CANCELED"
            bought = await call(client.new_order, "SHARPUSDT", "BUY", type="MARKET", quantity=40)
            assert Decimal(bought["cummulativeQuoteQty"]) == Decimal("1.04")
            trades = await call(client.my_trades, "SHARPUSDT")
            assert [(trade["id"], trade["isMaker"]) for trade in trades] == [(1, True), (2, True), (3, False)]
            assert len(await call(client.get_orders, "SHARPUSDT")) == 3
            assert len(await call(client.deposit_history)) == 2
            assert (await call(client.trade_fee))[0]["takerCommission"] == "0.00200000"
            assert (await call(client.klines, "SHARPUSDT", "1m"))[-1][8] >= 1
            assert (await call(client.api_key_permissions))["enableSpotAndMarginTrading"] is True
            with pytest.raises(ClientError) as refused:
                await call(client.cancel_order, "SHARPUSDT", orderId=other["orderId"])
            assert (refused.value.error_code, refused.value.status_code) == (-2011, 400)
        finally:
            client.session.close()
