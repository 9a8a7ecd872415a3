"""CPU time that the journal takes per order: two group commits, the intent and what became of it, on SQLite."""

import argparse
import asyncio
import itertools
import resource
import statistics
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from cryptography.fernet import Fernet

from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.order import Order, OrderState, OrderType, Side, TimeInForce, client_order_id
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, UpdateOrder

IN_FLIGHT = (32, 4, 1)
SHARD = 0


async def main(rounds: int) -> None:
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
            costs: dict[int, list[float]] = {in_flight: [] for in_flight in IN_FLIGHT}
            for _, in_flight in itertools.product(range(rounds), IN_FLIGHT):
                made = [_order(database, bot.id, connector.id, epoch) for _ in range(max(20 * in_flight, 100))]
                costs[in_flight].append(await _round(journal, made, in_flight))
            journal.close()
            await writer
        finally:
            await database.close()
    print("in flight  CPU us per order (median of rounds)")
    for in_flight, measured in costs.items():
        print(f"{in_flight:9}  {statistics.median(measured):8.0f}")


async def _round(journal: Journal, orders: list[Order], in_flight: int) -> float:
    waiting = iter(orders)

    async def place() -> None:
        for order in waiting:
            await journal.write(OpenIntent(order=order, shard=SHARD))
            await journal.write(
                UpdateOrder(client_order_id=order.client_order_id, state=OrderState.NEW, exchange_order_id="9007199254")
            )

    before = _cpu()
    await asyncio.gather(*(place() for _ in range(in_flight)))
    return (_cpu() - before) / len(orders) * 1e6


def _order(database: Database, bot_id: str, connector_id: str, epoch: int) -> Order:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Order(
        client_order_id=client_order_id(
            installation_id=database.installation_id, epoch=epoch, random_part=SystemEntropy().token(12)
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


def _cpu() -> float:
    """Of every thread, the commits' own included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    asyncio.run(main(given.rounds))
