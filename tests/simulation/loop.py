"""An event loop without sockets and threads: time jumps to the next timer, a seed decides which ready task goes first,
and all that one process of the simulated world does can be paused or ended at any step of it."""

import asyncio
import gc
import heapq
import inspect
import logging
import sys
import warnings
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from itertools import count
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

#: how often a coroutine that is taken apart may wait for something
_WAYS_OUT = 20


class Stalled(Exception):
    """Nothing is ready and nobody waits for a time: it would stand still for ever."""


class Life:
    """One process: every task that it starts, and every callback that these leave, is its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.paused = False
        #: steps that it has run
        self.steps = 0
        #: at this step of it, before the step is run
        self.at_step: tuple[int, Callable[[], None]] | None = None
        self._parked: list[events.Handle] = []

    def in_steps(self, steps: int, then: Callable[[], None]) -> None:
        """`then` happens so many steps from now, between two of them."""
        self.at_step = (self.steps + steps, then)

    def end(self) -> None:
        """As SIGKILL: none of its tasks goes on, no `finally` runs."""
        self.alive = False
        self._parked.clear()

    def pause(self) -> None:
        """As SIGSTOP: what is ready, and what becomes so, waits for `SimLoop.resume`."""
        self.paused = True

    def park(self, handle: events.Handle) -> None:
        self._parked.append(handle)

    def unpark(self) -> list[events.Handle]:
        self.paused = False
        parked, self._parked = self._parked, []
        return parked


#: whose code this is; None: of the world around the platform (exchange, people, oracle)
LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)


class SimTask(asyncio.Task[T]):
    """Knows its place in the order of creation, so that a set of tasks has the same order at every run."""

    serial: int
    life: "Life | None"
    #: what it runs in
    context: Context

    def __hash__(self) -> int:
        return self.serial


class SimHandle(events.Handle):
    """Knows which task is behind it, and whose it is."""

    __slots__ = ("life", "task")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], loop: "SimLoop", context: Context):
        self._context = context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = self._source_traceback = None
        owner = getattr(callback, "__self__", None)
        self.task: SimTask[Any] | None = owner if isinstance(owner, SimTask) else None
        self.life: Life | None = context.get(LIFE)


class SimLoop(asyncio.BaseEventLoop):
    def __init__(self, rng: Random) -> None:
        """`rng` decides between ready tasks. Callbacks keep their order, as asyncio promises."""
        super().__init__()
        self._rng = rng
        self._now = 0.0
        self._serials = count(1)
        #: turns of tasks and callbacks that were run
        self.steps = 0
        #: errors that nobody caught
        self.unhandled: list[str] = []
        #: oldest first: all that are not done or whose error nobody has asked for, and some others; none is left to the
        #: garbage collector, whose time to come is nobody's choice
        self._tasks: list[SimTask[Any]] = []
        self._sweep_at = 1_000
        self._ready: deque[events.Handle] = deque()
        self._below = rng._randbelow  # type: ignore[attr-defined]
        self._clock_resolution = 0.0
        self.set_task_factory(self._make_task)
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Seconds since the beginning of the run."""
        return self._now

    def unasked(self) -> list[str]:
        """Errors of tasks that nobody has asked for so far; not of ended processes."""
        return [
            f"task {task.get_name()}: {_error_of(task)!r}"
            for task in self._tasks
            if _is_unasked(task) and (task.life is None or task.life.alive)
        ]

    def spawn(self, life: Life | None, work: Coroutine[Any, Any, T], *, name: str | None = None) -> "asyncio.Task[T]":
        """A task of that process."""
        context = copy_context()
        context.run(LIFE.set, life)
        return self.create_task(work, name=name, context=context)

    def end(self, life: Life) -> None:
        life.end()

    def resume(self, life: Life) -> None:
        self._ready.extend(life.unpark())

    def run_forever(self) -> None:
        self._check_running()
        try:
            events._set_running_loop(self)
            while not self._stopping:
                self._run_once()
        finally:
            self._stopping = False
            events._set_running_loop(None)

    def close(self) -> None:
        """What is left of processes is taken apart, task by task; what they say to it is nobody's concern any more."""
        hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
        around = events._get_running_loop()
        events._set_running_loop(self)
        logging.disable()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of coroutines that were never awaited
                for task in self._tasks:
                    _take_apart(task)
                self._tasks.clear()
                self._ready.clear()
                self._scheduled.clear()
                gc.collect()
        finally:
            logging.disable(logging.NOTSET)
            events._set_running_loop(around)
            sys.unraisablehook = hook
        super().close()

    def run_in_executor(self, *given: Any) -> Any:
        raise RuntimeError("what a thread does has no place in the order of a run")

    def is_running(self) -> bool:
        return events._get_running_loop() is self

    def _check_running(self) -> None:
        if events._get_running_loop() is not None:
            raise RuntimeError("a loop runs already")

    def _run_once(self) -> None:
        self._ripen()
        if not self._ready:
            if not self._scheduled:
                raise Stalled
            self._now = max(self._now, self._scheduled[0]._when)
            self._ripen()
        for _ in range(len(self._ready)):
            self._step(self._next())
            if self._stopping:
                return

    def _ripen(self) -> None:
        while self._scheduled and (self._scheduled[0]._cancelled or self._scheduled[0]._when <= self._now):
            timer = heapq.heappop(self._scheduled)
            timer._scheduled = False
            if timer._cancelled:
                self._timer_cancelled_count -= 1
            else:
                self._ready.append(timer)

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> SimHandle:
        handle = SimHandle(callback, args, self, copy_context() if context is None else context)
        self._ready.append(handle)
        return handle

    def _next(self) -> events.Handle:
        """One of the tasks that are ready before the next callback, whatever order they were made ready in."""
        ready = self._ready
        if len(ready) == 1 or _task_of(ready[0]) is None or _task_of(ready[1]) is None:
            return ready.popleft()
        run = []
        for handle in ready:
            task = _task_of(handle)
            if task is None:
                break
            run.append((task.serial, len(run)))
        run.sort()
        place = run[self._below(len(run))][1]
        chosen = ready[place]
        del ready[place]
        return chosen

    def _step(self, handle: events.Handle) -> None:
        if handle._cancelled:
            return
        life = handle.life if type(handle) is SimHandle else handle._context.get(LIFE)  # type: ignore[attr-defined]
        if life is not None:
            if life.at_step is not None and life.steps >= life.at_step[0]:
                (_, then), life.at_step = life.at_step, None
                then()
            if not life.alive:
                return
            if life.paused:
                life.park(handle)
                return
            life.steps += 1
        self.steps += 1
        handle._run()

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], **more: Any) -> "SimTask[T]":
        task = SimTask.__new__(SimTask)
        task.serial = next(self._serials)
        task.context = more.pop("context", None) or copy_context()
        task.life = task.context.get(LIFE)
        SimTask.__init__(task, work, loop=loop, context=task.context, **more)
        self._tasks.append(task)
        if len(self._tasks) > self._sweep_at:
            self._tasks = [task for task in self._tasks if not task.done() or _is_unasked(task)]
            self._sweep_at = 2 * len(self._tasks) + 1_000
        return task

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "future" in context or "task" in context:
            return  # a destructor's words; see `unasked`
        life = LIFE.get()
        if life is not None and not life.alive:
            return
        error = context.get("exception")
        self.unhandled.append(f"{context['message']}: {error!r}" if error is not None else str(context["message"]))

    def _write_to_self(self) -> None:
        """Nobody waits in a selector."""

    def _process_events(self, event_list: Any) -> None:
        raise AssertionError("there is no selector")


def _is_unasked(task: SimTask[Any]) -> bool:
    """It has failed, and nobody has looked at its error."""
    return bool(task._log_traceback)  # type: ignore[attr-defined]


def _error_of(task: SimTask[Any]) -> BaseException | None:
    """Without asking for it."""
    return task._exception  # type: ignore[attr-defined, no-any-return]


def _take_apart(task: SimTask[Any]) -> None:
    """Ends its coroutine, which may wait for something on its way out, more than once."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    task._log_traceback = False  # type: ignore[attr-defined]
    work = task.get_coro()
    for _ in range(_WAYS_OUT):
        if task.done() or inspect.getcoroutinestate(work) == inspect.CORO_CLOSED:
            return
        with suppress(BaseException):
            task.context.run(work.close)


def _task_of(handle: events.Handle) -> "SimTask[Any] | None":
    """Only what was called at once steps a task; a timer never does."""
    return handle.task if type(handle) is SimHandle else None


def run_simulated(loop: SimLoop, work: Coroutine[Any, Any, T]) -> T:
    """Runs `work`, as part of the world, to its end."""
    return loop.run_until_complete(loop.spawn(None, work, name="world"))
