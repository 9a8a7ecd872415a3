"""The rolling window, counted from outside: never more than the rate in any window, and cancels first."""

import asyncio
from collections import deque

import pytest

from trading_bridge.clock import ManualClock
from trading_bridge.exchanges.limiter import BACKOFF_MAX_S, CANCEL_SHARE, JITTER_S, CallKind, Limiter
from trading_bridge.exchanges.registry import RateLimit, exchange_info

RATE = RateLimit(calls=10, per_s=3.0)
READ, CANCEL, CREATE = CallKind.READ, CallKind.CANCEL, CallKind.CREATE


async def take(limiter: Limiter, clock: ManualClock, kind: CallKind, granted: list[tuple[float, CallKind]]) -> None:
    await limiter.grant(kind)
    granted.append((clock.monotonic(), kind))


def most_in_a_window(moments: list[float], window_s: float) -> int:
    most, inside = 0, deque[float]()
    for moment in sorted(moments):
        inside.append(moment)
        while moment - inside[0] >= window_s:
            inside.popleft()
        most = max(most, len(inside))
    return most


@pytest.mark.parametrize("kinds", [[READ], [CANCEL], [READ, CANCEL], [CREATE, READ, CANCEL, CANCEL]])
async def test_never_more_than_the_rate_in_any_window(kinds: list[CallKind]) -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    granted: list[tuple[float, CallKind]] = []
    async with asyncio.TaskGroup() as tasks:
        for number in range(60):
            tasks.create_task(take(limiter, clock, kinds[number % len(kinds)], granted))
        await clock.advance(100)
    assert len(granted) == 60
    assert most_in_a_window([moment for moment, _ in granted], RATE.per_s) <= RATE.calls


async def test_the_rate_is_used() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    granted: list[tuple[float, CallKind]] = []
    async with asyncio.TaskGroup() as tasks:
        for _ in range(24):
            tasks.create_task(take(limiter, clock, READ, granted))
        await clock.advance(100)
    window = RATE.per_s + JITTER_S
    assert [moment for moment, _ in granted] == [0.0] * 8 + [window] * 8 + [2 * window] * 8  # 2 of 10 are for cancels


async def test_a_cancel_passes_a_queue_of_reads() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    granted: list[tuple[float, CallKind]] = []
    async with asyncio.TaskGroup() as tasks:
        for _ in range(50):
            tasks.create_task(take(limiter, clock, READ, granted))
        await clock.advance(0)
        tasks.create_task(take(limiter, clock, CANCEL, granted))
        await clock.advance(0)
        assert (0.0, CANCEL) in granted
        await clock.advance(100)


async def test_cancels_alone_may_use_everything() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    assert [limiter.book(CANCEL) for _ in range(10)] == [0.0] * 10
    assert limiter.book(CANCEL) > 0


def test_turns_are_in_the_order_of_asking() -> None:
    limiter = Limiter(ManualClock(), RATE)
    waits = [limiter.book(READ) for _ in range(100)]
    assert waits == sorted(waits)


def test_asking_takes_no_turn() -> None:
    limiter = Limiter(ManualClock(), RATE)
    for _ in range(20):
        assert limiter.delay(READ) == limiter.delay(CANCEL) == 0.0
    for _ in range(8):
        limiter.book(READ)
    assert limiter.delay(READ) == RATE.per_s + JITTER_S
    assert limiter.delay(CANCEL) == 0.0


async def test_too_much_is_waited_out_longer_each_time() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    waits = []
    for _ in range(7):
        waits.append(limiter.exceeded())
        assert limiter.delay(READ) == waits[-1]
        assert limiter.delay(CANCEL) == 0.0
        await clock.advance(waits[-1])
    assert waits == [3.0, 6.0, 12.0, 24.0, 48.0, BACKOFF_MAX_S, BACKOFF_MAX_S]
    limiter.accepted()
    assert limiter.exceeded() == 3.0


async def test_answers_of_calls_under_way_are_one_strike() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    assert [limiter.exceeded() for _ in range(20)] == [3.0] * 20
    limiter.accepted()  # of a call that was sent before: the wait goes on
    assert limiter.delay(READ) == 3.0


async def test_a_named_wait_is_obeyed() -> None:
    limiter = Limiter(ManualClock(), RATE)
    assert limiter.exceeded(retry_after_s=90) == 90
    assert limiter.exceeded(retry_after_s=1) == 90


def test_a_thousand_strikes_do_not_overflow() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, RATE)
    for _ in range(2000):
        limiter._blocked_until = float("-inf")
        wait_s = limiter.exceeded()
    assert wait_s == BACKOFF_MAX_S


async def test_a_clock_that_steps_back_neither_stalls_nor_bursts() -> None:
    """Fault T2: only the monotonic clock is read."""

    class Stepping(ManualClock):
        def now(self):  # type: ignore[no-untyped-def]
            raise AssertionError("the limiter reads the wall clock")

    limiter = Limiter(Stepping(), RATE)
    for _ in range(20):
        limiter.book(READ)
    limiter.exceeded()
    limiter.accepted()


def test_coinstores_rates() -> None:
    info = exchange_info("coinstore")
    assert info is not None
    user, address = Limiter.for_user(info, ManualClock()), Limiter.for_address(info, ManualClock())
    for limiter, calls in ((user, 120), (address, 300)):
        at_once = sum(1 for _ in range(500) if limiter.book(READ) == 0)
        assert at_once == calls - int(calls * CANCEL_SHARE)
