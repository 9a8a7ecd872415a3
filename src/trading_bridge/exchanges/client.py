"""An exchange's ccxt class as the platform uses it: our clock, our record of the call, none of ccxt's own habits."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from ccxt.base.errors import BadResponse

from trading_bridge.clock import Clock
from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.registry import load_class
from trading_bridge.exchanges.socks import is_socks
from trading_bridge.exchanges.trace import CALL, unix_ms

TIMEOUT_MS = 10_000
#: names of the addresses that ccxt's classes sign for, the likelier first
_SIGNED = ("private", "spotPrivate", "spot", "rest", "v1")
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
    streaming: bool = False,
) -> Any:
    """ccxt's throttler, retries, logging and records of requests are off; session and SSL context are shared."""
    config: dict[str, Any] = {
        "platform_clock": clock,
        "session": http.session(family, proxy_url),
        "ssl_context": http.ssl_context,
        "logger": _SILENT,
        "userAgent": _USER_AGENT,
        "number": str,
        "timeout": TIMEOUT_MS,
        "enableRateLimit": False,
        "enableLastHttpResponse": False,
        "enableLastJsonResponse": False,
        "enableLastResponseHeaders": False,
        "timeout_on_exit": 0,
        "has": {"fetchCurrencies": False},  # a signed call that ccxt would make beside the markets
        "options": {**info.wire.options, "maxRetriesOnFailure": 0},
    }
    if streaming:
        config["number"] = float  # its books sort by price
    if credentials is not None:
        entered = {"api_key": credentials.api_key, "secret": credentials.secret, "memo": credentials.memo}
        for wanted in info.credential_fields:
            if entered[wanted.name] is not None:
                config[wanted.ccxt] = entered[wanted.name]
    if proxy_url is not None and not is_socks(proxy_url):  # by SOCKS ccxt would leave our session for its own
        config["httpProxy"] = proxy_url  # for https addresses as well
        if streaming:
            config["wsProxy"] = proxy_url
    client = _client_class(info.id, streaming)(config)
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
        return Client

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
