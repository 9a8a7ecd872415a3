"""What the record, the limits and the look at other own orders add to an order: CPU of the way with and without them.

Both ways are composed of the same real parts (see `order_path`); the bare one has a journal that writes nothing, and
nobody reviews or screens what it sends.
"""

import asyncio
from functools import partial

from benchmarks.local_exchange import local_exchange
from benchmarks.order_path import ORDERS, ORDERS_A_DECISION, platform_at
from benchmarks.rows import BenchRow, Measure, Rounds, interleaved
from trading_bridge.app import calm_collector

ADDED_US = 150.0
#: a busy platform's orders share commits; the others are printed
BUSY = 32


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(_measure(rounds))
    return [
        BenchRow(
            name=f"record, limits and self-trade check, {in_flight} in flight",
            value=found.difference(f"guarded {in_flight}", f"bare {in_flight}"),
            unit="us CPU",
            limit=ADDED_US if in_flight == BUSY else None,
        )
        for in_flight in ORDERS
    ]


async def _measure(rounds: int) -> Rounds:
    async with (
        local_exchange() as address,
        platform_at(f"{address}/c") as guarded,
        platform_at(f"{address}/c", guarded=False) as bare,
    ):
        calm_collector()
        measures: dict[str, Measure] = {}
        for in_flight, orders in ORDERS.items():
            each = ORDERS_A_DECISION[in_flight]
            measures[f"guarded {in_flight}"] = partial(guarded.cost, orders, in_flight, each)
            measures[f"bare {in_flight}"] = partial(bare.cost, orders, in_flight, each)
        return await interleaved(measures, rounds)
