"""A process that stood still places nothing before it knows what became of its orders (faults T5)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest

from tests.factories import order
from trading_bridge.clock import ManualClock
from trading_bridge.core.order import Order
from trading_bridge.runner.stall import SHOWN_S, STALLED_S, StallWatch


class Orders:
    """One live order of bot `a`, looked at when a test says so."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.known_until = clock.now()

    def live(self, bot_id: str | None = None) -> tuple[Order, ...]:
        return (replace(order(), bot_id="a"),)

    def complete_as_of(self, bot_id: str) -> datetime:
        return self.known_until if bot_id == "a" else self._clock.now()

    def look(self) -> None:
        self.known_until = self._clock.now()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def orders(clock: ManualClock) -> Orders:
    return Orders(clock)


@pytest.fixture
async def watch(clock: ManualClock, orders: Orders) -> AsyncIterator[StallWatch]:
    made = StallWatch(clock, lambda: (orders,))
    running = asyncio.create_task(made.run())
    await clock.advance(10)
    yield made
    running.cancel()


async def test_a_loop_that_runs_is_no_standstill(watch: StallWatch, clock: ManualClock) -> None:
    await clock.advance(3600)
    clock.jump(STALLED_S - 0.1)
    await clock.advance(1)
    assert watch.barred("a") is None
    assert watch.finding() is None


async def test_fault_T5_after_a_standstill_orders_are_looked_at_first(
    watch: StallWatch, clock: ManualClock, orders: Orders
) -> None:
    clock.jump(41)
    await clock.advance(1)
    barred, found = watch.barred("a"), watch.finding()
    assert barred is not None
    assert found is not None
    assert (barred.code, found.code) == ("runner.stalled", "runner.stalled")
    assert found.parameters == {"seconds": "40"}
    assert watch.barred("b") is None, "of which nothing is in doubt"
    orders.look()
    assert watch.barred("a") is None
    await clock.advance(1)
    assert watch.finding() is not None, "it is shown for a while"
    await clock.advance(SHOWN_S)
    assert watch.finding() is None


async def test_fault_T5_a_send_that_runs_before_the_first_beat_is_barred_too(
    watch: StallWatch, clock: ManualClock
) -> None:
    clock.jump(7200)
    assert watch.barred("a") is not None


async def test_fault_T2_a_wall_clock_that_steps_is_no_standstill_and_holds_nobody(
    watch: StallWatch, clock: ManualClock, orders: Orders
) -> None:
    for hours in (1, -2, 1):
        clock.step(3600 * hours)
        await clock.advance(2)
        assert watch.finding() is None
    clock.jump(60)
    await clock.advance(1)
    clock.step(-3600)
    await clock.advance(1)
    orders.look()
    await clock.advance(1)
    assert watch.barred("a") is None
