"""The first SIGTERM or Ctrl-C ends the process in good order; a second one is a crash, which is safe."""

import asyncio
import signal


def stop_on_signals(end_within_s: int | None = None) -> asyncio.Event:
    """An event that the first signal sets; after it the process's own handling is back. Where good order has not come
    to its end within the time the system ends the process, whatever it is busy with."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def ask() -> None:
        asked.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        if end_within_s is not None:
            signal.alarm(end_within_s)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    return asked
