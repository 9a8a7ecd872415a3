"""Trades, orders and the chart over HTTP, from what the journal stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.factories import order
from tests.unit.api.conftest import Api
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.trade import Trade
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import OpenIntent, StoreFill, UpdateOrder


@asynccontextmanager
async def journal(api: Api) -> AsyncIterator[Journal]:
    writer = Journal(api.world.database)
    running = asyncio.create_task(writer.run())
    yield writer
    writer.close()
    await running


def trade(number: int, **changed: object) -> Trade:
    values: dict[str, object] = {
        "trade_id": str(9007199254740993 + number),
        "exchange_account": "1134971",
        "exchange_order_id": "1",
        "symbol": "SHARP/USDT",
        "side": Side.BUY,
        "price": Decimal("0.00000034"),
        "amount": Decimal("171690026.123456789012345678"),
        "cost": Decimal("58.37460888197530826419753052"),
        "fee": Decimal("-0.0100"),
        "fee_currency": "USDT",
        "is_maker": True,
        "exchange_time": order().decided_at + timedelta(minutes=number),
    }
    return Trade(**(values | changed))  # type: ignore[arg-type]


async def filled(api: Api, count: int) -> tuple[str, str]:
    """A bot with so many fills, a minute apart, and its connector."""
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    async with journal(api) as writer:
        for number in range(count):
            await writer.write(
                StoreFill(
                    trade=trade(number), exchange="coinstore", connector_id=connector_id,
                    bot_id=bot_id, client_order_id=None,
                )
            )  # fmt: skip
    return bot_id, connector_id


async def test_trades_keep_every_digit_and_come_newest_first(api: Api) -> None:
    bot_id, _ = await filled(api, 2)
    listed = (await api.client.get(f"/bots/{bot_id}/trades")).json
    assert listed["next"] is None
    assert [one["id"] for one in listed["trades"]] == ["9007199254740994", "9007199254740993"]
    assert listed["trades"][1] == {
        "id": "9007199254740993",
        "time": "2026-01-01T00:00:00Z",
        "side": "buy",
        "price": "0.00000034",
        "amount": "171690026.123456789012345678",
        "cost": "58.37460888197530826419753052",
        "fee": "-0.01",
        "fee_currency": "USDT",
        "role": "maker",
    }
    assert (await api.client.get(f"/bots/{bot_id}/stats")).json["recent_trades"] == listed["trades"]


async def test_what_the_exchange_did_not_say_stays_open(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    async with journal(api) as writer:
        silent = trade(0, fee=None, fee_currency=None, is_maker=None)
        await writer.write(
            StoreFill(
                trade=silent, exchange="coinstore", connector_id=connector_id, bot_id=bot_id, client_order_id=None
            )
        )
    (row,) = (await api.client.get(f"/bots/{bot_id}/trades")).json["trades"]
    assert (row["fee"], row["fee_currency"], row["role"]) == (None, None, None)


async def test_trades_come_in_pages(api: Api) -> None:
    bot_id, _ = await filled(api, 103)
    first = (await api.client.get(f"/bots/{bot_id}/trades")).json
    second = (await api.client.get(f"/bots/{bot_id}/trades?cursor={first['next']}")).json
    assert (len(first["trades"]), len(second["trades"]), second["next"]) == (100, 3, None)
    assert len((await api.client.get(f"/bots/{bot_id}/stats")).json["recent_trades"]) == 10


async def test_orders_show_their_state_and_what_refused_them(api: Api) -> None:
    connector_id = await api.make_connector(await api.make_client())
    bot_id = await api.make_bot()
    epoch = await api.world.database.take_lease(0)
    live = order(bot_id=bot_id, connector_id=connector_id, epoch=epoch)
    refused = replace(live, client_order_id="tbxxxxx1000000000002", side=Side.SELL)
    async with journal(api) as writer:
        await writer.write(OpenIntent(order=live, shard=0), OpenIntent(order=refused, shard=0))
        await writer.write(
            UpdateOrder(client_order_id=live.client_order_id, state=OrderState.NEW, exchange_order_id="77"),
            UpdateOrder(
                client_order_id=refused.client_order_id, state=OrderState.REJECTED,
                refusal_code="3018", refusal_text="insufficient balance",
            ),
        )  # fmt: skip
    rows = {one["id"]: one for one in (await api.client.get(f"/bots/{bot_id}/orders")).json["orders"]}
    assert rows[live.client_order_id]["exchange_order_id"] == "77"
    assert rows[live.client_order_id]["price"] == "0.02559"
    row = rows[refused.client_order_id]
    assert (row["state"], row["refusal_code"], row["refusal_text"]) == ("rejected", "3018", "insufficient balance")
    chart = (await api.client.get(f"/bots/{bot_id}/chart")).json
    assert [one["id"] for one in chart["orders"]] == [live.client_order_id]
    refusal = await api.client.delete(f"/bots/{bot_id}")
    assert (refusal.status, refusal.json["code"]) == (409, "bot.orders_live")
    client_id = (await api.client.get(f"/bots/{bot_id}")).json["client_id"]
    kept = await api.client.delete(f"/clients/{client_id}/connectors/{connector_id}")
    assert (kept.status, kept.json["code"]) == (409, "connector.in_use")


async def test_the_chart_is_an_hour_of_mids_and_fills_and_keeps_the_market_polled(api: Api) -> None:
    bot_id, connector_id = await filled(api, 3)
    now = api.world.clock.now()
    api.world.manager.history = ((now, Decimal("0.0256100")), (now + timedelta(seconds=1), Decimal("0.02562")))
    await api.world.clock.advance(3601)
    chart = (await api.client.get(f"/bots/{bot_id}/chart")).json
    assert chart["pair"] == "SHARP/USDT"
    assert chart["mids"] == [[1767225600000, "0.02561"], [1767225601000, "0.02562"]]
    assert [fill["time_ms"] for fill in chart["fills"]] == [1767225660000, 1767225720000]
    assert api.world.manager.watched == [(connector_id, "SHARP/USDT")]


async def test_the_chart_of_a_bot_without_a_connector_is_empty(api: Api) -> None:
    await api.make_client()
    bot_id = await api.make_bot()
    chart = (await api.client.get(f"/bots/{bot_id}/chart")).json
    assert (chart["mids"], chart["orders"], chart["fills"]) == ([], [], [])
    assert api.world.manager.watched == []
