"""Books by websocket without sockets: the same classes, carried in process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.contract.test_book_stream import PREFIX, SOCKET, Way, a_way
from tests.sandbox_exchange import SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.book_stream import StreamBroken
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.transport import InProcessSession


@asynccontextmanager
async def in_process(exchange: SandboxExchange) -> AsyncIterator[tuple[str, HttpSessions]]:
    yield "http://sandbox", HttpSessions(lambda family: InProcessSession(exchange.app), websockets=True)


@pytest.fixture(params=PREFIX)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def way(name: str) -> AsyncIterator[Way]:
    async with a_way(name, carried=in_process) as made:
        yield made


async def test_a_pushed_book_is_the_polled_one(way: Way) -> None:
    assert (await way.book()).best_bid == 24_000
    way.quoted(Side.BUY, 24_500, 1_000)
    pushed = await way.until_best_bid(24_500)
    polled = await way.session.order_book(way.market)
    assert isinstance(polled, Answered)
    assert pushed.says_the_same(polled.value)


async def test_a_connection_that_the_exchange_ends_is_told_and_the_next_book_connects_anew(way: Way, name: str) -> None:
    await way.book()
    waiting = asyncio.ensure_future(way.book())
    ending = way.exchange.faults.add(Fault(kind=FaultKind.DROPPED, endpoint=SOCKET[name]))
    with pytest.raises(StreamBroken, match="closed by remote server"):
        await waiting
    way.exchange.faults.clear(ending)
    way.quoted(Side.BUY, 24_700, 1_000)
    await way.until_best_bid(24_700)


async def test_a_handshake_that_is_refused_is_told_with_its_status(way: Way, name: str) -> None:
    way.exchange.faults.add(Fault(kind=FaultKind.SERVER_ERROR, endpoint=SOCKET[name], status=502))
    with pytest.raises(StreamBroken, match="502"):
        await way.book()
