"""An exchange's ccxt class as the platform uses it: our clock, our record of the call, none of ccxt's own habits."""

import logging
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from ccxt.base.errors import BadResponse, NetworkError

from trading_bridge.clock import Clock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.receiving import ToldBooks, receive_in_one_task
from trading_bridge.exchanges.registry import exchange_info, load_class
from trading_bridge.exchanges.socks import is_socks
from trading_bridge.exchanges.trace import CALL, unix_ms

#: how long the answer to an order or a cancel is waited for, unless a connector says otherwise
TIMEOUT_S = 10
#: names of the addresses that ccxt's classes sign for, the likelier first
_SIGNED = ("private", "spotPrivate", "spot", "rest", "v1")
_SHOWN = 300
_USER_AGENT = "trading-bridge"
#: ccxt's debug lines hold signed headers
_SILENT = logging.getLogger("trading_bridge.ccxt")
_SILENT.disabled = True


def make_client(
    info: ExchangeInfo,
    *,
    credentials: Credentials | None,
    base_url: str | None,
    proxy_url: str | None,
    family: Family,
    clock: Clock,
    http: HttpSessions,
    timeout_s: int | None = None,
    streaming: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Any:
    """ccxt's throttler, retries, logging and records of requests are off; session and SSL context are shared. `more`
    goes before what is set here."""
    timeout_ms = (timeout_s or TIMEOUT_S) * 1000
    config: dict[str, Any] = {
        "platform_clock": clock,
        "session": http.session(family, proxy_url),
        "ssl_context": http.ssl_context,
        "logger": _SILENT,
        "userAgent": _USER_AGENT,
        "number": str,
        "timeout": timeout_ms,
        "enableRateLimit": False,
        "enableLastHttpResponse": False,
        "enableLastJsonResponse": False,
        "enableLastResponseHeaders": False,
        "timeout_on_exit": 0,
        "has": {"fetchCurrencies": False},  # a signed call that ccxt would make beside the markets
        "options": {**info.wire.options, "maxRetriesOnFailure": 0},
    }
    if streaming:
        config["number"] = info.wire.streamed_number
        config["options"]["ws"] = {**info.wire.options.get("ws", {}), "connectionTimeout": timeout_ms}
    if credentials is not None:
        entered = {"api_key": credentials.api_key, "secret": credentials.secret, "memo": credentials.memo}
        for wanted in info.credential_fields:
            if entered[wanted.name] is not None:
                config[wanted.ccxt] = entered[wanted.name]
    if proxy_url is not None and not is_socks(proxy_url):  # by SOCKS ccxt would leave our session for its own
        config["httpProxy"] = proxy_url  # for https addresses as well
        if streaming:
            config["wsProxy"] = proxy_url
    client = _client_class(info.id, streaming)({**config, **(more or {})})
    _spot_only(client.options)
    if base_url is not None:
        client.urls["api"] = info.wire.urls(client.urls["api"], base_url.rstrip("/"))
    return client


def _spot_only(options: dict[str, Any]) -> None:
    """Where a class lists kinds of markets, the others are neither asked for nor waited for."""
    asked = options.get("fetchMarkets")
    types = asked.get("types") if isinstance(asked, dict) else asked
    if not isinstance(types, list | dict) or "spot" not in types:
        return
    only: Any = ["spot"] if isinstance(types, list) else {name: name == "spot" for name in types}
    options["fetchMarkets"] = {**asked, "types": only} if isinstance(asked, dict) else only


def address_of(client: Any) -> str:
    """Where its signed calls go."""
    urls = client.urls["api"]
    while isinstance(urls, Mapping):
        urls = next((urls[name] for name in _SIGNED if name in urls), None) or next(iter(urls.values()))
    return str(client.implode_hostname(urls))


@cache
def _client_class(exchange_id: str, streaming: bool) -> type[Any]:
    base: Any = load_class(exchange_id, streaming=streaming)

    class Client(base):
        platform_clock: Clock | None = None

        def milliseconds(self) -> int:
            """The time that the current call must sign, else now."""
            trace = CALL.get()
            if trace is not None and trace.signed_ms is not None:
                return trace.signed_ms
            if self.platform_clock is None:
                return int(super().milliseconds())
            return unix_ms(self.platform_clock.now())

        def handle_errors(
            self, code: Any, reason: Any, url: Any, method: Any, headers: Any, body: Any, response: Any, *sent: Any
        ) -> Any:
            trace = CALL.get()
            if trace is not None:
                trace.body, trace.response = body, response
            return super().handle_errors(code, reason, url, method, headers, body, response, *sent)

    if streaming:
        return _heard_out(Client, exchange_id)

    class Polled(Client):
        def parse_order_book(
            self,
            orderbook: Any,
            symbol: Any,
            timestamp: Any = None,
            bidsKey: Any = "bids",
            asksKey: Any = "asks",
            *keys: Any,
            **named: Any,
        ) -> Any:
            """An answer without one of the sides is no book; ccxt reads it as an empty one."""
            for key in (bidsKey, asksKey):
                if not isinstance(self.safe_value(orderbook, key), list | dict):
                    raise BadResponse(f"{self.id} answered without a book")
            return super().parse_order_book(orderbook, symbol, timestamp, bidsKey, asksKey, *keys, **named)

        def parse_order_book_bid_ask(
            self, bidask: Any, priceKey: Any = 0, amountKey: Any = 1, countOrIdKey: Any = 2
        ) -> Any:
            """As text: ccxt makes doubles of them."""
            return [self.safe_string(bidask, priceKey), self.safe_string(bidask, amountKey)]

    return Polled


def _heard_out(base: Any, exchange_id: str) -> type[Any]:
    info = exchange_info(exchange_id)
    assert info is not None, "its class was loaded"
    ends = info.wire.ends_stream

    class Streamed(base):
        def client(self, url: Any) -> Any:
            connection = super().client(url)
            # what is one's own is not for everybody who reads findings
            receive_in_one_task(connection, self.told_books, shown=0 if self.apiKey else _SHOWN)
            return connection

        @cached_property
        def told_books(self) -> ToldBooks:
            return ToldBooks()

        async def watch_order_book(self, symbol: str, limit: Any = None, params: Any = {}) -> Any:  # noqa: B006
            """ccxt's class makes a subscription for every book, and throws it away where there is one."""
            if self.told_books.is_subscribed(symbol, self.clients):
                return await self.told_books.next(symbol)
            return await super().watch_order_book(symbol, limit, params)

        async def un_watch_order_book(self, symbol: str, params: Any = {}) -> Any:  # noqa: B006
            self.told_books.forget(symbol)
            return await super().un_watch_order_book(symbol, params)

        def handle_message(self, client: Any, message: Any) -> None:
            super().handle_message(client, message)
            if ends(message):
                client.on_error(NetworkError("the exchange ended the stream's session"))

    return Streamed
