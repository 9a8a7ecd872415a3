"""Books that ccxt's class tells of while nobody waits."""

import asyncio
from collections.abc import Awaitable

import pytest
from ccxt.base.errors import NetworkError

from trading_bridge.exchanges.receiving import UNTOLD_S, ToldBooks

URL, PLACE, SYMBOL = "wss://exchange.test", "orderbook:SHARP/USDT", "SHARP/USDT"


class Loop:
    now = 0.0

    def time(self) -> float:
        return self.now


class Connection:
    """As far as ccxt's is used."""

    url = URL

    def __init__(self) -> None:
        self.futures: dict[str, asyncio.Future[object]] = {}
        self.rejections: dict[str, Exception] = {}
        self.asyncio_loop = Loop()

    def future(self, place: str) -> Awaitable[object]:
        if place in self.rejections:
            failed: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            failed.set_exception(self.rejections.pop(place))
            return failed
        return self.futures.setdefault(place, asyncio.get_running_loop().create_future())

    def resolve(self, books: ToldBooks, book: object) -> None:
        books.told(self, book, PLACE)
        if PLACE in self.futures:
            self.futures.pop(PLACE).set_result(book)


def book(number: int) -> dict[str, object]:
    return {"symbol": SYMBOL, "bids": [[number, 1]], "asks": []}


async def subscribed() -> tuple[ToldBooks, Connection]:
    books, connection = ToldBooks(), Connection()
    first = connection.future(PLACE)
    connection.resolve(books, book(1))
    assert await first == book(1)
    assert books.is_subscribed(SYMBOL, {URL: connection})
    return books, connection


async def test_the_newest_that_was_told_while_nobody_waited_comes_first_and_once() -> None:
    books, connection = await subscribed()
    connection.resolve(books, book(2))
    connection.resolve(books, book(3))
    assert await books.next(SYMBOL) == book(3)
    waiting = asyncio.ensure_future(books.next(SYMBOL))
    await asyncio.sleep(0)
    assert not waiting.done()
    connection.resolve(books, book(4))
    assert await waiting == book(4)


async def test_one_that_was_told_long_ago_says_nothing() -> None:
    books, connection = await subscribed()
    connection.resolve(books, book(2))
    connection.asyncio_loop.now += UNTOLD_S + 0.1
    waiting = asyncio.ensure_future(books.next(SYMBOL))
    await asyncio.sleep(0)
    connection.resolve(books, book(3))
    assert await waiting == book(3)


async def test_what_went_wrong_is_told_first_and_ends_the_subscription() -> None:
    books, connection = await subscribed()
    connection.rejections[PLACE] = NetworkError("lost")
    connection.resolve(books, book(2))
    with pytest.raises(NetworkError):
        await books.next(SYMBOL)
    assert not books.is_subscribed(SYMBOL, {URL: connection})


async def test_another_connection_is_subscribed_anew() -> None:
    books, connection = await subscribed()
    connection.resolve(books, book(2))
    assert not books.is_subscribed(SYMBOL, {URL: Connection()})
    assert not books.is_subscribed(SYMBOL, {URL: connection})
    assert not books.is_subscribed(SYMBOL, None)
