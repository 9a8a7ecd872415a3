"""The first SIGTERM or Ctrl-C ends the process in good order; a second one is a crash, which is safe."""

import asyncio
import signal


def stop_on_signals() -> asyncio.Event:
    """An event that the first signal sets; after it the process's own handling is back."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def ask() -> None:
        asked.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    return asked
