"""Books that an exchange pushes, with polls to check them: what is told, how often is asked, and whom to believe."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.factories import NOW, book
from tests.unit.accounts.scripted import ManualClock, OneMarket, answered, failed
from trading_bridge.accounts.market_feed import CHECK_EVERY_S, MarketFeed
from trading_bridge.core.book import Book
from trading_bridge.core.known import Ok, Stale
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Outcome
from trading_bridge.exchanges.book_stream import StreamBroken

SYMBOL = "SHARP/USDT"
ASK = 25_700


class Exchange:
    """Its book has one bid, which polls show."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.bid = 25_000
        self.polls = 0
        self.down = False
        #: how long a poll takes; its answer is made at once
        self.slow_s = 0.0

    def book(self) -> Book:
        return book(((self.bid, 1_000),), ((ASK, 1_000),), observed_at=self._clock.now())

    async def order_book(self, market: Market, depth: int) -> Outcome[Book]:
        self.polls += 1
        made = self.book()
        await self._clock.sleep(self.slow_s)
        return failed() if self.down else answered(made)

    async def public_trades(self, market: Market, limit: int) -> Outcome[tuple[()]]:
        return answered(())


class Pushed:
    """Tells what the test pushes."""

    def __init__(self) -> None:
        self._books: asyncio.Queue[Book | None] = asyncio.Queue()
        self.drops = 0
        self.left: list[str] = []

    def push(self, book: Book) -> None:
        self._books.put_nowait(book)

    def end(self) -> None:
        self._books.put_nowait(None)

    def forget(self) -> None:
        while not self._books.empty():
            self._books.get_nowait()

    async def next_book(self, market: Market, depth: int) -> Book:
        told = await self._books.get()
        if told is None:
            raise StreamBroken("cut")
        return told

    async def leave(self, symbol: str) -> None:
        self.left.append(symbol)

    def drop(self) -> None:
        self.drops += 1
        self.end()


class Feeding:
    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.exchange, self.stream = Exchange(self.clock), Pushed()
        self.feed = MarketFeed(SYMBOL, self.exchange, OneMarket(), self.clock, self.stream)  # type: ignore[arg-type]
        self.feed.want(1000)

    async def pushing(self, seconds: float, every_s: float = 1.0) -> None:
        """A new bid each time, told at once."""
        for _ in range(round(seconds / every_s)):
            self.exchange.bid += 1
            self.stream.push(self.exchange.book())
            await self.clock.advance(every_s)

    def best_bid(self) -> int | None:
        known = self.feed.book()
        assert isinstance(known, Ok)
        return known.value.best_bid


@asynccontextmanager
async def feeding() -> AsyncIterator[Feeding]:
    made = Feeding()
    running = asyncio.ensure_future(made.feed.run())
    try:
        await made.clock.advance(0)
        yield made
    finally:
        running.cancel()


async def test_while_a_stream_tells_polls_only_check_it() -> None:
    async with feeding() as made:
        await made.pushing(2)
        before = made.exchange.polls
        await made.pushing(3 * CHECK_EVERY_S)
        assert made.exchange.polls - before == 3
        assert made.best_bid() == made.exchange.bid
        assert made.feed.broken is None


async def test_fault_N8_a_silent_stream_leaves_the_market_to_polls() -> None:
    """Nothing says whether nothing happens or nothing arrives."""
    async with feeding() as made:
        await made.pushing(5)
        await made.clock.advance(3)
        before = made.exchange.polls
        await made.clock.advance(10)
        assert made.exchange.polls - before == 10
        assert made.stream.drops == 0
        assert made.feed.broken is None


async def test_fault_N8_a_stream_that_keeps_silent_about_what_polls_show_is_dropped() -> None:
    async with feeding() as made:
        await made.pushing(5)
        made.exchange.bid += 1
        await made.clock.advance(5)
        assert made.best_bid() == made.exchange.bid
        assert made.stream.drops == 1
        assert made.feed.broken is not None
        assert made.feed.broken.code == "stream.broken"
        await made.pushing(3)
        assert made.feed.broken is None
        assert made.stream.drops == 1


async def test_fault_N9_a_poll_that_was_asked_before_the_last_push_does_not_undo_it() -> None:
    async with feeding() as made:
        await made.pushing(2)
        made.exchange.slow_s = 1.0
        await made.pushing(2 * CHECK_EVERY_S)
        assert made.best_bid() == made.exchange.bid
        assert made.stream.drops == 0


async def test_a_stream_that_breaks_is_told_and_asked_again_ever_later() -> None:
    async with feeding() as made:
        await made.pushing(2)
        for _ in range(4):
            made.stream.end()
        await made.clock.advance(30)
        assert made.feed.broken is not None
        assert dict(made.feed.broken.parameters) == {"symbol": SYMBOL, "detail": "cut"}
        assert made.feed.broken.since < made.clock.now()
        assert made.best_bid() == made.exchange.bid
        await made.pushing(1)
        assert made.feed.broken is None


async def test_a_stream_is_asked_again_as_soon_as_polls_are_answered_again() -> None:
    async with feeding() as made:
        await made.pushing(2)
        made.exchange.down = True
        for _ in range(20):
            made.stream.end()
        await made.clock.advance(70)  # it is asked once a minute by now
        assert made.feed.broken is not None
        made.exchange.down = False
        made.stream.forget()
        await made.clock.advance(1)
        await made.pushing(1)
        assert made.feed.broken is None


async def test_polls_that_fail_do_not_touch_what_is_pushed() -> None:
    async with feeding() as made:
        await made.pushing(2)
        made.exchange.down = True
        await made.pushing(2 * CHECK_EVERY_S)
        assert made.best_bid() == made.exchange.bid
        await made.clock.advance(3)
        assert isinstance(made.feed.book(), Stale)


async def test_a_market_that_nobody_wants_is_left() -> None:
    async with feeding() as made:
        await made.pushing(2)
        await made.clock.advance(1000)
        made.stream.push(made.exchange.book())
        await made.clock.advance(10)
        assert made.stream.left == [SYMBOL]
        polls = made.exchange.polls
        await made.clock.advance(100)
        assert made.exchange.polls == polls
        assert made.feed.broken is None


async def test_a_busy_stream_that_falls_silent_is_looked_after_at_once() -> None:
    async with feeding() as made:
        await made.pushing(5, every_s=0.1)
        before = made.exchange.polls
        await made.clock.advance(0.15)
        assert made.exchange.polls == before
        await made.clock.advance(0.1)
        assert made.exchange.polls - before == 1
        await made.clock.advance(10)
        assert made.exchange.polls - before == 11
        assert made.best_bid() == made.exchange.bid
        assert made.stream.drops == 0


async def test_a_decision_waits_for_the_look_at_what_a_stream_is_silent_about() -> None:
    async with feeding() as made:
        await made.pushing(5, every_s=0.1)
        made.exchange.slow_s = 0.2
        made.exchange.bid += 7
        await made.clock.advance(0.205)
        looking = asyncio.ensure_future(made.feed.polled())
        await made.clock.advance(0.1)
        assert not looking.done()
        await made.clock.advance(0.2)
        assert looking.done()
        assert made.best_bid() == made.exchange.bid


async def test_a_decision_does_not_wait_while_a_stream_tells_or_polls_do_alone() -> None:
    async with feeding() as made:
        await made.pushing(5, every_s=0.1)
        made.exchange.slow_s = 0.5
        await asyncio.wait_for(made.feed.polled(), timeout=5)
        await made.clock.advance(5)
        await asyncio.wait_for(made.feed.polled(), timeout=5)
