"""CPU that the journal takes for one order: two group commits, the intent and what became of it, on SQLite."""

import asyncio
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.rows import BenchRow, Rounds, cpu_us, interleaved
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.order import Order, OrderState, OrderType, Side, TimeInForce, client_order_id
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, UpdateOrder

#: in flight -> orders in a round
ORDERS = {32: 320, 4: 120, 1: 60}
SHARD = 0


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(_measure(rounds))
    return [
        BenchRow(name=f"journal, both commits of an order, {name}", value=found.median(name), unit="us CPU")
        for name in _NAMES.values()
    ]


async def _measure(rounds: int) -> Rounds:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(
            f"sqlite:///{Path(folder) / 'journal.db'}",
            secret_keys=[Fernet.generate_key().decode()],
            clock=SystemClock(),
            entropy=SystemEntropy(),
        )
        await database.open()
        try:
            async with database.unit_of_work() as uow:
                client = await uow.clients.add(name="Bench", account="bench")
                connector = await uow.connectors.add(
                    client_id=client.id, name="coinstore", exchange="coinstore", credentials=None
                )
                bot = await uow.bots.add(
                    client_id=client.id,
                    name="bench",
                    connector="coinstore",
                    symbol="SHARP/USDT",
                    bot_type="spread",
                    config={},
                )
            journal = Journal(database)
            epoch = await database.take_lease(SHARD)
            writer = asyncio.create_task(journal.run())

            numbers = count()

            async def cost(in_flight: int) -> float:
                made = [_order(database, bot.id, connector.id, epoch, next(numbers)) for _ in range(ORDERS[in_flight])]
                return await cpu_us(partial(_write, journal), made, in_flight)

            found = await interleaved({name: partial(cost, count) for count, name in _NAMES.items()}, rounds)
            journal.close()
            await writer
            return found
        finally:
            await database.close()


async def _write(journal: Journal, order: Order) -> None:
    await journal.write(OpenIntent(order=order, shard=SHARD))
    await journal.write(
        UpdateOrder(client_order_id=order.client_order_id, state=OrderState.NEW, exchange_order_id="9007199254")
    )


def _order(database: Database, bot_id: str, connector_id: str, epoch: int, number: int) -> Order:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Order(
        client_order_id=client_order_id(
            installation_id=database.installation_id, epoch=epoch, number=number, random_part=SystemEntropy().token(12)
        ),
        exchange_order_id=None,
        bot_id=bot_id,
        connector_id=connector_id,
        symbol="SHARP/USDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        price=Decimal("0.025610"),
        amount=Decimal("1952.37"),
        filled=Decimal(0),
        time_in_force=TimeInForce.GTC,
        post_only=True,
        state=OrderState.PENDING_NEW,
        epoch=epoch,
        decision_id="d1",
        decided_at=now,
        signed_at=now,
    )


_NAMES = {in_flight: f"{in_flight} in flight" for in_flight in ORDERS}
