"""The book of one market on one route: polled each second while somebody wants it, shared by all who do."""

import asyncio
from datetime import datetime
from decimal import Decimal

from trading_bridge.accounts.mids import Mids
from trading_bridge.accounts.rules import Rules
from trading_bridge.clock import Clock
from trading_bridge.core.book import Book
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.exchanges.session import Session

POLL_EVERY_S = 1.0
DEPTH = 20


class MarketFeed:
    def __init__(self, symbol: str, session: Session, rules: Rules, clock: Clock) -> None:
        self._symbol = symbol
        self._session = session
        self._rules = rules
        self._clock = clock
        self._wanted_until = 0.0
        self._wanted = asyncio.Event()
        self._fresh = asyncio.Event()
        self._book: Book | None = None
        self._span = (0.0, 0.0)
        self._failure: Finding | None = None
        self._mids = Mids()

    def want(self, seconds: float) -> None:
        """Keeps the poller going for so long."""
        self._wanted_until = max(self._wanted_until, self._clock.monotonic() + seconds)
        self._wanted.set()

    def book(self) -> Known[Book]:
        if self._book is None:
            never = Finding(code="book.unknown", severity=Severity.WARNING, since=self._clock.now())
            return Unknown(finding=self._failure or never)
        if self._failure is not None:
            return Stale(value=self._book, as_of=self._book.observed_at, finding=self._failure)
        return Ok(value=self._book, as_of=self._book.observed_at)

    @property
    def trouble(self) -> Finding | None:
        """Why the last poll gave no book that can be trusted; None: it did, or nobody wants one."""
        return self._failure if self._clock.monotonic() <= self._wanted_until else None

    @property
    def span(self) -> tuple[float, float]:
        """Monotonic times between which the exchange made the last book."""
        return self._span

    async def next_book(self) -> None:
        """Waits for the next poll to end, well or badly."""
        await self._fresh.wait()

    def mids(self) -> tuple[tuple[datetime, Decimal], ...]:
        """Mids of the whole book, own orders included; oldest first, at most an hour of them."""
        return self._mids.all()

    def recent_mids(self, count: int) -> list[Decimal]:
        """At most `count` of the newest."""
        return self._mids.newest(count)

    async def run(self) -> None:
        """Polls for ever; its owner cancels it."""
        while True:
            if self._clock.monotonic() > self._wanted_until:
                self._wanted.clear()
                await self._wanted.wait()
            started = self._clock.monotonic()
            await self._poll()
            await self._clock.sleep(max(0.0, POLL_EVERY_S - (self._clock.monotonic() - started)))

    async def _poll(self) -> None:
        rules = await self._rules.market(self._symbol)
        if isinstance(rules, Unknown):
            self._fail(rules.finding)
        elif rules.value is None:
            self._fail(Finding(code="market.unknown", severity=Severity.WARNING, since=self._clock.now()))
        else:
            began = self._clock.monotonic()
            outcome = await self._session.order_book(rules.value, DEPTH)
            if isinstance(outcome, Answered):
                self._book, self._failure = outcome.value, None
                self._span = (began, self._clock.monotonic())
                self._note(outcome.value, rules.value)
            else:
                self._fail(outcome.finding)
        self._fresh.set()
        self._fresh = asyncio.Event()

    def _note(self, book: Book, market: Market) -> None:
        bid, ask = book.best_bid, book.best_ask
        if bid is not None and ask is not None and not book.crossed:
            self._mids.add(book.observed_at, bid + ask, market.tick_size)

    def _fail(self, finding: Finding) -> None:
        if self._failure is None or self._failure.code != finding.code:
            self._failure = finding
