"""The first SIGTERM or Ctrl-C ends the process in good order; a second one is a crash, which is safe."""

import asyncio
import signal
from collections.abc import Callable

_ENDING = (signal.SIGINT, signal.SIGTERM)


def stop_on_signals(end_within_s: int | None = None) -> asyncio.Event:
    """An event that the first signal sets; after it the process's own handling is back. Where good order has not come
    to its end within the time the system ends the process, whatever it is busy with."""
    asked = asyncio.Event()

    def ask() -> None:
        asked.set()
        if end_within_s is not None:
            signal.alarm(end_within_s)

    _at_first_signal(ask)
    return asked


def cancel_on_signals() -> None:
    """The task that calls it is cancelled, and may clean up."""
    task = asyncio.current_task()
    assert task is not None
    _at_first_signal(task.cancel)


def _at_first_signal(do: Callable[[], object]) -> None:
    """Also in a process whose Ctrl-C was ignored from its start, as a shell has it in the background."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        for number in _ENDING:
            loop.remove_signal_handler(number)
        do()

    for number in _ENDING:
        loop.add_signal_handler(number, first)
