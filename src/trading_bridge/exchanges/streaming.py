"""What every stream of an exchange shares: what can go wrong with one, and how that is told."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
from ccxt.base.errors import BaseError

from trading_bridge.exchanges.parsing import Unreadable
from trading_bridge.redaction import scrubbed

#: a line on which nothing passes answers no farewell
CLOSED_WITHIN_S = 1.0
_WORDS_MAX = 400
#: what ccxt lets through where a message has an unexpected shape
ODD_MESSAGE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
FAILURES = (BaseError, aiohttp.ClientError, OSError, *ODD_MESSAGE)
#: also of what ccxt made of a message, and of a wait that ended with its connection
BROKEN = (*FAILURES, Unreadable, asyncio.InvalidStateError)


class StreamBroken(Exception):
    """Nothing came, and nothing will before it is asked for anew. The words are the exchange's or the transport's."""


def broken_by(error: BaseException) -> StreamBroken:
    words = scrubbed(str(error))[:_WORDS_MAX]
    return StreamBroken(f"{type(error).__name__}: {words}" if words else type(error).__name__)


async def until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Raises what that one raises, of several the first. A group of tasks that breaks while it is cancelled forgets the
    cancel."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
