"""The book of one market on one route, while somebody wants it, shared by all who do: polled each second, or pushed by
a stream and polled to check it."""

import asyncio
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trading_bridge.accounts.heard import HeardBooks
from trading_bridge.accounts.mids import Mids
from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.stillness import Stillness
from trading_bridge.clock import Clock, wall_time_of, within
from trading_bridge.core.book import FROZEN, Book
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.book_stream import StreamBroken
from trading_bridge.exchanges.session import Session

POLL_EVERY_S = 1.0
#: while a stream tells of books
CHECK_EVERY_S = 10.0
#: a book that was pushed was made within so long before it came
PUSHED_WITHIN_S = 2.0
#: the first wait before a stream that broke is asked again; it doubles up to the second
AGAIN_AFTER_S, AGAIN_AFTER_MAX_S = 1.0, 60.0
DEPTH = 20
#: the first book is waited for no longer than this
FIRST_WITHIN_S = 5.0
#: a look at what a stream is silent about is waited for no longer than this
LOOK_WITHIN_S = 1.0
_JUST_AFTER_S = 0.001
TRADES_LOOKED_AT = 50


class Stream(Protocol):
    """Of a whole way to the exchange."""

    async def next_book(self, market: Market, depth: int) -> Book:
        """Raises StreamBroken."""
        ...

    async def leave(self, symbol: str) -> None: ...

    def drop(self) -> None: ...


class MarketFeed:
    def __init__(self, symbol: str, session: Session, rules: Rules, clock: Clock, stream: Stream | None = None) -> None:
        """`stream` None: the exchange has none."""
        self._symbol = symbol
        self._session = session
        self._rules = rules
        self._clock = clock
        self._wanted_until = 0.0
        self._wanted = asyncio.Event()
        self._polled = asyncio.Event()
        self._book: Book | None = None
        self._span = (0.0, 0.0)
        self._failure: Finding | None = None
        #: why the last book cannot be trusted, although the poll went well
        self._doubt: Finding | None = None
        self._stream = stream
        self._heard = HeardBooks()
        #: the stream told the last book
        self._pushed = False
        #: a poll has ended, or a book was told
        self._looked = asyncio.Event()
        #: a poll was answered after one that was not: the stream may come again as well
        self._reached = asyncio.Event()
        #: why the stream tells nothing; None: it does, or there is none, or nobody wants it
        self.broken: Finding | None = None
        self._stillness = Stillness()
        self._mids = Mids()
        self._noted = float("-inf")

    def want(self, seconds: float) -> None:
        """Keeps the poller going for so long."""
        self._wanted_until = max(self._wanted_until, self._clock.monotonic() + seconds)
        self._wanted.set()

    async def polled(self) -> None:
        """Returns once the first poll that somebody wanted has ended, well or not, and one since the stream fell silent
        that told the last book; or takes too long."""
        if not self._polled.is_set():
            await within(self._clock, FIRST_WITHIN_S, self._polled.wait())
        if self._pushed and not self._streaming:
            self._looked.clear()
            await within(self._clock, LOOK_WITHIN_S, self._looked.wait())

    def book(self) -> Known[Book]:
        if self._book is None:
            never = Finding(code="book.unknown", severity=Severity.INFO, since=self._clock.now())
            return Unknown(finding=self._failure or never)
        if self._failure is not None:
            return Stale(value=self._book, as_of=self._book.observed_at, finding=self._failure)
        if self._doubt is not None and self._doubt.code == FROZEN:
            return Stale(value=self._book, as_of=self._doubt.since, finding=self._doubt)
        return Ok(value=self._book, as_of=self._book.observed_at)

    def stepped(self) -> None:
        """The wall clock was set a moment ago: a book that was read before, or since, is as old as it is."""
        if self._book is not None:
            self._book = replace(self._book, observed_at=wall_time_of(self._clock, self._span[1]))

    @property
    def trouble(self) -> Finding | None:
        """Why the last poll gave no book that can be trusted; None: it did, or nobody wants one."""
        return (self._failure or self._doubt) if self._clock.monotonic() <= self._wanted_until else None

    @property
    def span(self) -> tuple[float, float]:
        """Monotonic times between which the exchange made the last book."""
        return self._span

    def mids(self) -> tuple[tuple[datetime, Decimal], ...]:
        """Mids of the whole book, own orders included; oldest first, at most an hour of them."""
        return self._mids.all()

    async def run(self) -> None:
        """For ever; its owner cancels it."""
        if self._stream is None:
            await self._keep_polling()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_polling())
            group.create_task(self._listen(self._stream))

    async def _keep_polling(self) -> None:
        while True:
            await self._while_unwanted()
            started = self._clock.monotonic()
            market = await self._poll()
            self._polled.set()
            self._looked.set()
            if market is not None and self._stillness.wants_trades(self._clock.monotonic()):
                await within(self._clock, self._left_of_turn(started), self._look_at_trades(market))
            await self._clock.sleep(self._left_of_turn(started))
            while self._streaming and (left := CHECK_EVERY_S - (self._clock.monotonic() - started)) > 0:
                await self._clock.sleep(min(left, self._heard.silent_at - self._clock.monotonic()) + _JUST_AFTER_S)

    async def _listen(self, stream: Stream) -> None:
        wait_s, now = AGAIN_AFTER_S, self._clock.monotonic()
        while True:
            if now > self._wanted_until:
                await stream.leave(self._symbol)
                self._silence(None)
                await self._while_unwanted()
            rules = await self._rules.market(self._symbol)
            market = None if isinstance(rules, Unknown) else rules.value
            if market is None:
                await self._clock.sleep(POLL_EVERY_S)
                now = self._clock.monotonic()
                continue
            try:
                book = await stream.next_book(market, DEPTH)
                now = self._clock.monotonic()
            except StreamBroken as error:
                self._silence(self._finding("stream.broken", detail=str(error)))
                self._reached.clear()
                over = await within(self._clock, wait_s, self._reached.wait())
                wait_s = AGAIN_AFTER_S if over else min(wait_s * 2, AGAIN_AFTER_MAX_S)
                now = self._clock.monotonic()
                continue
            wait_s, self.broken = AGAIN_AFTER_S, None
            self._take_pushed(book, market, now)

    async def _while_unwanted(self) -> None:
        if self._clock.monotonic() > self._wanted_until:
            self._wanted.clear()
            await self._wanted.wait()

    @property
    def _streaming(self) -> bool:
        return self._heard.alive(self._clock.monotonic())

    def _silence(self, why: Finding | None) -> None:
        self._heard.forget()
        if self.broken is None or why is None:
            self.broken = why

    def _take_pushed(self, book: Book, market: Market, now: float) -> None:
        self._heard.told(book, now)
        moved = self._book is None or not book.says_the_same(self._book)
        self._book, self._failure, self._pushed = book, None, True
        self._looked.set()
        self._span = (now - PUSHED_WITHIN_S, now)
        if moved:
            self._stillness.saw(book, now)
        self._judge(book)
        if now - self._noted >= POLL_EVERY_S:
            self._note(book, market)

    def _left_of_turn(self, started: float) -> float:
        return max(0.0, POLL_EVERY_S - (self._clock.monotonic() - started))

    async def _poll(self) -> Market | None:
        """The market, where its book was read."""
        rules = await self._rules.market(self._symbol)
        if isinstance(rules, Unknown):
            self._fail(rules.finding)
            return None
        if rules.value is None:
            self._fail(rules.finding or self._finding("market.unknown"))
            return None
        return await self._poll_book(rules.value)

    async def _poll_book(self, market: Market) -> Market | None:
        began = self._clock.monotonic()
        outcome = await self._session.order_book(market, DEPTH)
        if not isinstance(outcome, Answered):
            if not self._streaming:
                self._fail(outcome.finding)
            return None
        if self._heard.since(began):
            return market  # what was pushed meanwhile is newer
        if self._stream is not None and self._heard.behind(outcome.value, began):
            self._silence(self._finding("stream.broken", detail="it was behind the exchange's own answers"))
            self._stream.drop()
        if self._failure is not None:
            self._reached.set()
        self._book, self._failure, self._pushed = outcome.value, None, False
        self._span = (began, self._clock.monotonic())
        self._stillness.saw(outcome.value, began)
        self._judge(outcome.value)
        self._note(outcome.value, market)
        return market

    async def _look_at_trades(self, market: Market) -> None:
        """A look that fails says nothing of the book."""
        outcome = await self._session.public_trades(market, TRADES_LOOKED_AT)
        if isinstance(outcome, Answered):
            self._stillness.traded(outcome.value, market, self._clock.monotonic())

    def _judge(self, book: Book) -> None:
        since = self._stillness.frozen_since
        if since is not None:
            seconds = f"{(book.observed_at - since).total_seconds():.0f}"
            self._doubt = self._finding(FROZEN, since=since, seconds=seconds)
        elif book.refused is None:
            self._doubt = None
        elif self._doubt is None or self._doubt.code != book.refused:
            self._doubt = self._finding(book.refused)

    def _note(self, book: Book, market: Market) -> None:
        bid, ask = book.best_bid, book.best_ask
        if bid is not None and ask is not None and self._doubt is None:
            self._mids.add(book.observed_at, bid + ask, market.tick_size)
            self._noted = self._clock.monotonic()

    def _fail(self, finding: Finding) -> None:
        if self._failure is None or self._failure.code != finding.code:
            self._failure = finding

    def _finding(self, code: str, since: datetime | None = None, **parameters: str) -> Finding:
        return Finding(
            code=code,
            severity=Severity.WARNING,
            since=since or self._clock.now(),
            parameters={"symbol": self._symbol, **parameters},
        )
