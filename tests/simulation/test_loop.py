"""The loop's own promises: virtual time, one seed one order, and a process that can be ended or held at any step."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from tests.simulation.loop import LIFE, Life, SimLoop, Stalled, run_simulated


@pytest.fixture
def loop() -> Iterator[SimLoop]:
    with _loop(1) as made:
        yield made


@contextmanager
def _loop(seed: int) -> Iterator[SimLoop]:
    made = SimLoop(Random(seed))
    try:
        yield made
    finally:
        made.close()


def run(loop: SimLoop, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return run_simulated(loop, work())


# -- time


def test_time_jumps_to_the_next_timer(loop: SimLoop) -> None:
    async def main() -> list[tuple[str, float]]:
        woken: list[tuple[str, float]] = []

        async def sleeper(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append((name, loop.time()))

        await asyncio.gather(sleeper("a day", 86_400.0), sleeper("a millisecond", 0.001), sleeper("an hour", 3_600.0))
        return woken

    assert run(loop, main) == [("a millisecond", 0.001), ("an hour", 3_600.0), ("a day", 86_400.0)]


def test_no_time_passes_while_something_is_ready(loop: SimLoop) -> None:
    async def main() -> float:
        late = loop.create_task(asyncio.sleep(0.5))
        for _ in range(1_000):
            await asyncio.sleep(0)
        late.cancel()
        return loop.time()

    assert run(loop, main) == 0.0


def test_a_cancelled_timer_moves_no_time(loop: SimLoop) -> None:
    async def main() -> float:
        timer = loop.call_later(10.0, lambda: None)
        timer.cancel()
        await asyncio.sleep(1.0)
        return loop.time()

    assert run(loop, main) == 1.0


def test_a_world_in_which_nothing_can_happen_is_told(loop: SimLoop) -> None:
    async def main() -> None:
        await loop.create_future()

    with pytest.raises(Stalled):
        run(loop, main)


# -- order


def _order_of_turns(seed: int) -> list[str]:
    """In which order eight tasks take three turns each."""
    turns: list[str] = []

    async def worker(name: str) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            turns.append(name)

    async def main() -> None:
        await asyncio.gather(*(worker(name) for name in "abcdefgh"))

    with _loop(seed) as loop:
        run(loop, main)
    return turns


def test_the_seed_decides_between_ready_tasks() -> None:
    orders = {"".join(_order_of_turns(seed)) for seed in range(6)}
    assert len(orders) == 6


def test_one_seed_has_one_order() -> None:
    assert _order_of_turns(7) == _order_of_turns(7)


def test_a_task_takes_its_own_turns_in_order() -> None:
    """However tasks overtake each other, each goes on where it was."""
    assert sorted(_order_of_turns(3)) == sorted("abcdefgh" * 3)


def test_callbacks_keep_their_order() -> None:
    async def main() -> list[int]:
        called: list[int] = []
        for number in range(50):
            asyncio.get_running_loop().call_soon(called.append, number)
        await asyncio.sleep(0.001)
        return called

    for seed in range(4):
        with _loop(seed) as loop:
            assert run(loop, main) == list(range(50))


def test_sets_of_tasks_have_one_order() -> None:
    """By the order of creation, wherever the tasks lie in memory."""

    async def main() -> list[str]:
        ballast = [object() for _ in range(1_000)]
        tasks = [asyncio.create_task(asyncio.sleep(0), name=str(number)) for number in range(8)]
        del ballast
        found = [task.get_name() for task in set(tasks)]
        await asyncio.gather(*tasks)
        return found

    orders = []
    for _ in range(3):
        with _loop(2) as loop:
            orders.append(run(loop, main))
    assert orders == [orders[0]] * 3


# -- the end of a process


def test_a_killed_process_runs_nothing_more(loop: SimLoop) -> None:
    done: list[str] = []
    life = Life("server")

    async def process() -> None:
        loop.call_later(1.0, done.append, "its timer")
        asyncio.create_task(child(), name="child")  # noqa: RUF006 -- lives as long as the process
        try:
            await asyncio.sleep(1.0)
            done.append("after its sleep")
        finally:
            done.append("its finally")

    async def child() -> None:
        try:
            await asyncio.sleep(1.0)
        except BaseException:
            done.append("an error in its child")
            raise

    async def main() -> None:
        loop.spawn(life, process())
        await asyncio.sleep(0.5)
        loop.end(life)
        await asyncio.sleep(5.0)

    run(loop, main)
    gc.collect()
    assert done == []
    loop.close()
    assert loop.unhandled == loop.unasked() == []


def test_what_others_do_for_a_killed_process_goes_on(loop: SimLoop) -> None:
    """As an exchange does with a request that has reached it."""
    life = Life("server")
    carried: list[Life | None] = []

    async def exchange() -> None:
        await asyncio.sleep(1.0)
        carried.append(LIFE.get())

    async def process() -> None:
        await asyncio.shield(loop.spawn(None, exchange()))

    async def main() -> None:
        loop.spawn(life, process())
        await asyncio.sleep(0.5)
        loop.end(life)
        await asyncio.sleep(5.0)

    run(loop, main)
    assert carried == [None]


@pytest.mark.parametrize("steps", range(12))
def test_a_process_can_be_killed_at_each_step(loop: SimLoop, steps: int) -> None:
    life = Life("server")
    taken: list[int] = []
    never = 1_000

    async def process() -> None:
        for number in range(never):
            taken.append(number)
            await asyncio.sleep(0)

    async def main() -> None:
        life.in_steps(steps, lambda: loop.end(life))
        loop.spawn(life, process())
        await asyncio.sleep(1.0)

    run(loop, main)
    assert taken == list(range(steps))
    assert life.steps == steps


# -- a process that stands still


def test_a_paused_process_goes_on_where_it_was(loop: SimLoop) -> None:
    life = Life("server")
    woken: list[float] = []

    async def process() -> None:
        while True:
            await asyncio.sleep(1.0)
            woken.append(loop.time())

    async def main() -> None:
        loop.spawn(life, process())
        await asyncio.sleep(2.5)
        life.pause()
        await asyncio.sleep(10.0)
        assert woken == [1.0, 2.0]
        loop.resume(life)
        await asyncio.sleep(1.25)
        loop.end(life)

    run(loop, main)
    # the timer that ran out meanwhile comes at once, once
    assert woken == [1.0, 2.0, 12.5, 13.5]


def test_a_paused_process_can_be_killed(loop: SimLoop) -> None:
    life = Life("server")
    woken: list[float] = []

    async def process() -> None:
        await asyncio.sleep(1.0)
        woken.append(loop.time())

    async def main() -> None:
        loop.spawn(life, process())
        await asyncio.sleep(0.5)
        life.pause()
        await asyncio.sleep(5.0)
        loop.end(life)
        loop.resume(life)
        await asyncio.sleep(5.0)

    run(loop, main)
    assert woken == []


def test_others_go_on_beside_a_paused_process(loop: SimLoop) -> None:
    paused, other = Life("one"), Life("other")
    ticks: list[str] = []

    async def process(name: str) -> None:
        for _ in range(3):
            await asyncio.sleep(1.0)
            ticks.append(name)

    async def main() -> None:
        loop.spawn(paused, process("one"))
        loop.spawn(other, process("other"))
        paused.pause()
        await asyncio.sleep(10.0)

    run(loop, main)
    assert ticks == ["other"] * 3


# -- errors


def test_an_error_that_nobody_asked_for_is_noted(loop: SimLoop) -> None:
    async def fails() -> None:
        raise ValueError("lost")

    async def main() -> None:
        loop.spawn(Life("server"), fails(), name="lost one")
        for _ in range(5_000):
            await asyncio.create_task(asyncio.sleep(0))
        gc.collect()

    run(loop, main)
    assert loop.unasked() == ["task lost one: ValueError('lost')"]


def test_an_error_that_somebody_asked_for_is_not_noted(loop: SimLoop) -> None:
    async def fails() -> None:
        raise ValueError("told")

    async def main() -> None:
        failing = loop.spawn(Life("server"), fails())
        await asyncio.wait([failing])
        assert isinstance(failing.exception(), ValueError)

    run(loop, main)
    assert loop.unasked() == []


def test_an_error_of_a_killed_process_is_not_noted(loop: SimLoop) -> None:
    life = Life("server")

    async def fails() -> None:
        raise ValueError("lost")

    async def main() -> None:
        loop.spawn(life, fails())
        await asyncio.sleep(1.0)
        assert len(loop.unasked()) == 1
        loop.end(life)

    run(loop, main)
    assert loop.unasked() == []


def test_an_error_in_a_callback_is_noted(loop: SimLoop) -> None:
    async def main() -> None:
        loop.call_soon([].pop)
        await asyncio.sleep(1.0)

    run(loop, main)
    assert len(loop.unhandled) == 1
    assert "IndexError" in loop.unhandled[0]


def test_there_are_no_threads(loop: SimLoop) -> None:
    """What would run beside the loop would not run in one order."""

    async def main() -> None:
        await loop.run_in_executor(None, lambda: None)

    with pytest.raises(RuntimeError, match="thread"):
        run(loop, main)
