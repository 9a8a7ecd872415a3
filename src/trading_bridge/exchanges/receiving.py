"""How the messages of a websocket reach ccxt's class: one task for a connection.

ccxt starts a task for each message, and what its class cannot read ends its receiving without a word, while the
connection stays and whoever waits goes on waiting. Here that ends the connection, and is told.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ccxt.base.errors import NetworkError

from trading_bridge.exchanges.streaming import FAILURES

#: older than so, a book that nobody waited for says nothing any more
UNTOLD_S = 1.0
_GONE = 1006  # closed without a word, RFC 6455


class ToldBooks:
    """The books that ccxt's class keeps and tells of. One that it tells of while nobody waits is not lost."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[Any, str]] = {}  # symbol -> connection, what is waited for on it
        self._untold: dict[str, tuple[Any, float]] = {}  # symbol -> book, time of the loop

    def told(self, connection: Any, book: Any, place: str) -> None:
        if not isinstance(book, dict) or "bids" not in book:
            return
        symbol = book["symbol"]
        if place in connection.futures:
            self._places[symbol] = connection, place
            self._untold.pop(symbol, None)
        elif symbol in self._places:
            self._untold[symbol] = book, connection.asyncio_loop.time()

    def is_subscribed(self, symbol: str, connections: Mapping[str, Any] | None) -> bool:
        connection, _ = self._places.get(symbol, (None, ""))
        if connection is None:
            return False
        stands = connections is not None and connections.get(connection.url) is connection
        if not stands:
            self.forget(symbol)
        return stands

    async def next(self, symbol: str) -> Any:
        """Of one that is subscribed: the newest that was told a moment ago and not taken, else the one to come."""
        connection, place = self._places[symbol]
        untold = self._untold.pop(symbol, None)
        if untold is not None and place not in connection.rejections:
            book, at = untold
            if connection.asyncio_loop.time() - at <= UNTOLD_S:
                return book
        try:
            return await connection.future(place)
        except FAILURES:
            self.forget(symbol)  # ccxt's class may have ended the subscription
            raise

    def forget(self, symbol: str) -> None:
        self._places.pop(symbol, None)
        self._untold.pop(symbol, None)


def receive_in_one_task(connection: Any, books: ToldBooks, *, shown: int) -> None:
    """Of ccxt's `Client`, before it connects; `shown`: so much of a message that cannot be read is told."""
    if "handle_message" in vars(connection):
        return
    connection.resolve = partial(_resolve, connection, connection.resolve, books)
    connection.handle_message = partial(_handled, connection, connection.handle_message, shown)
    connection.receive_loop = partial(_begin, connection)


def _resolve(connection: Any, resolve: Callable[[Any, str], Any], books: ToldBooks, result: Any, place: str) -> Any:
    books.told(connection, result, place)
    return resolve(result, place)


def _begin(connection: Any) -> "asyncio.Task[None]":
    connection.receiving = connection.asyncio_loop.create_task(_receive(connection))
    return connection.receiving  # type: ignore[no-any-return]


async def _receive(connection: Any) -> None:
    while not connection.closed():
        try:
            message = await connection.receive()
        except FAILURES as error:
            connection.on_error(NetworkError(str(error)))
            return
        connection.handle_message(message)
    connection.on_close(_GONE)


def _handled(connection: Any, handle: Callable[[Any], None], shown: int, message: Any) -> None:
    try:
        handle(message)
    except FAILURES as error:
        found = f": {error}: {message.data}"[:shown]
        connection.on_error(NetworkError(f"a message could not be read ({type(error).__name__}){found}"))
