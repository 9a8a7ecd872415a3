"""One way to one exchange: host, proxy, address family. What is public is read once per route and shared."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from trading_bridge.accounts.market_feed import MarketFeed
from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.single_flight import Spawn
from trading_bridge.accounts.slowness import slow
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Subject, SubjectKind
from trading_bridge.exchanges.book_stream import BookStream
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import ExchangeInfo
from trading_bridge.exchanges.session import HttpSessions, Session

#: runs a coroutine for as long as the platform lives
Start = Callable[[str, Callable[[], Coroutine[Any, Any, None]]], "asyncio.Task[None]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteKey:
    exchange: str
    base_url: str | None
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: None: as long as the platform waits by itself
    timeout_s: int | None = None

    @property
    def label(self) -> str:
        """For people: the exchange, and what is not the usual way of host, proxy and patience; no sign-in."""
        parts = [self.exchange]
        if self.base_url is not None:
            parts.append(f"at {urlsplit(self.base_url).netloc}")
        if self.proxy_url is not None:
            proxy = urlsplit(self.proxy_url)
            parts.append(f"by {proxy.hostname}" if proxy.port is None else f"by {proxy.hostname}:{proxy.port}")
        if self.timeout_s is not None:
            parts.append(f"within {self.timeout_s} s")
        return " ".join(parts)


class Route:
    def __init__(
        self,
        key: RouteKey,
        info: ExchangeInfo,
        http: HttpSessions,
        limiters: Limiters,
        clock: Clock,
        spawn: Spawn[None],
        start: Start,
        *,
        label: str,
    ) -> None:
        """`label`: as findings name it, and no other way."""
        self.key = key
        self.label = label
        self.info = info
        self._clock = clock
        self._start = start
        self.limiters = limiters
        self.public = Session(
            info=info,
            credentials=None,
            base_url=key.base_url,
            proxy_url=key.proxy_url,
            ipv4_only=key.ipv4_only,
            clock=clock,
            http=http,
            limiters=limiters,
            timeout_s=key.timeout_s,
        )
        self.rules = Rules(self.public, clock, spawn)
        self._stream = self._streamed(http)
        self._feeds: dict[str, MarketFeed] = {}  # symbol -> its books

    @property
    def subject(self) -> Subject:
        return Subject(kind=SubjectKind.EXCHANGE, id=self.label)

    def findings(self) -> Iterator[tuple[Subject, Finding]]:
        """What is wrong with public calls now: with the whole way, or with one market."""
        way = self.subject
        for failure in (self.rules.failure, slow(self.public.calls, self._clock.now())):
            if failure is not None:
                yield way, failure
        for symbol, feed in self._feeds.items():
            if feed.trouble is not None:
                of_market = feed.trouble.code.startswith(("market.", "book."))
                yield self.market(symbol) if of_market else way, feed.trouble
            elif feed.broken is not None:  # where polls fail as well, their reason is the stream's
                yield self.market(symbol), feed.broken

    def stepped(self) -> None:
        """The wall clock was set: what was read moves with it, so that it is as old as it is."""
        self.rules.stepped()
        for feed in self._feeds.values():
            feed.stepped()

    def _streamed(self, http: HttpSessions) -> BookStream | None:
        """None: books are polled."""
        if self.info.streaming is None or not http.websockets:
            return None
        return BookStream(
            info=self.info,
            public=self.public,
            base_url=self.key.base_url,
            proxy_url=self.key.proxy_url,
            ipv4_only=self.key.ipv4_only,
            clock=self._clock,
            http=http,
            timeout_s=self.key.timeout_s,
        )

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.close()
        await self.public.close()

    def market(self, symbol: str) -> Subject:
        return Subject(kind=SubjectKind.MARKET, id=f"{self.label} {symbol}")

    def feed(self, symbol: str) -> MarketFeed:
        """The market's one feed, made when it is first asked for."""
        feed = self._feeds.get(symbol)
        if feed is None:
            feed = self._feeds[symbol] = MarketFeed(symbol, self.public, self.rules, self._clock, self._stream)
            self._start(f"feed {self.key.exchange} {symbol}", feed.run)
        return feed
