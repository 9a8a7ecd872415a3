"""Order books as the exchange pushes them, through its ccxt class with websockets: one connection for a whole way."""

from typing import Any

from ccxt.base.errors import NetworkError

from trading_bridge.clock import Clock, within
from trading_bridge.core.book import Book
from trading_bridge.core.market import Market
from trading_bridge.exchanges.book_reader import BookReader
from trading_bridge.exchanges.client import make_client
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.exchanges.session import Session
from trading_bridge.exchanges.streaming import BROKEN, CLOSED_WITHIN_S, FAILURES, StreamBroken, broken_by

__all__ = ["BookStream", "StreamBroken"]

_CALL = "watch_order_book"


class BookStream:
    def __init__(
        self,
        *,
        info: ExchangeInfo,
        public: Session,
        base_url: str | None,
        proxy_url: str | None,
        ipv4_only: bool,
        clock: Clock,
        http: HttpSessions,
        timeout_s: int | None = None,
    ) -> None:
        """`public` reads the markets, and its limits count what subscribing costs."""
        self._public = public
        self._clock = clock
        self._client: Any = make_client(
            info,
            credentials=None,
            base_url=base_url,
            proxy_url=proxy_url,
            family=Family.IPV4 if ipv4_only else Family.ANY,
            clock=clock,
            http=http,
            timeout_s=timeout_s,
            streaming=True,
        )
        self._subscribed: set[str] = set()
        self._readers: dict[str, BookReader] = {}  # symbol -> reader

    async def next_book(self, market: Market, depth: int) -> Book:
        """The market's book once it has changed; the first subscribes to it. Raises StreamBroken."""
        if not self._public.lend_markets(self._client):
            raise StreamBroken("the markets are not known yet")
        if market.symbol not in self._subscribed:
            await self._public.grant(CallKind.PUBLIC, _CALL)
            self._subscribed.add(market.symbol)
        try:
            answer = await self._client.watch_order_book(market.symbol)
            return self._reader(market).book(answer, self._clock.now(), depth)
        except BROKEN as error:
            self._subscribed.discard(market.symbol)
            raise broken_by(error) from error

    def _reader(self, market: Market) -> BookReader:
        reader = self._readers.get(market.symbol)
        if reader is None or reader.market is not market:
            reader = self._readers[market.symbol] = BookReader(market)
        return reader

    async def leave(self, symbol: str) -> None:
        """Nobody wants the market's books any more."""
        if symbol not in self._subscribed:
            return
        self._subscribed.discard(symbol)
        try:
            await self._client.un_watch_order_book(symbol)
        except FAILURES:
            self.drop()  # what cannot be taken back ends with its connection

    def drop(self) -> None:
        """Ends the connection: whoever waits for a book hears StreamBroken, and the next one connects anew."""
        self._subscribed.clear()
        for connection in list((self._client.clients or {}).values()):
            connection.on_error(NetworkError("the stream was behind the exchange's own answers"))

    async def close(self) -> None:
        await within(self._clock, CLOSED_WITHIN_S, self._client.close())
