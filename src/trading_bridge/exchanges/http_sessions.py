"""The HTTP sessions of the process: one per address family, and per SOCKS proxy; one SSL context, no cookies, no
redirects."""

import socket
import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver
from yarl import URL

from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.hosts import CheckedNames, Hosts, PrivateAddress
from trading_bridge.exchanges.socks import ProxyFailed, SocksConnector, is_socks
from trading_bridge.exchanges.trace import CALL

#: connections at once, over all exchanges and accounts
CONNECTIONS_MAX = 512
#: as RFC 8305 recommends
OTHER_FAMILY_AFTER_S = 0.25
_SOCKET_FAMILIES = {Family.ANY: socket.AF_UNSPEC, Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}


class HttpSession(Protocol):
    """What ccxt uses of aiohttp's session; a fake needs no more."""

    def get(self, url: URL, **options: Any) -> Any: ...

    def post(self, url: URL, **options: Any) -> Any: ...

    def put(self, url: URL, **options: Any) -> Any: ...

    def delete(self, url: URL, **options: Any) -> Any: ...

    async def close(self) -> None: ...


class HttpSessions:
    def __init__(
        self,
        factory: Callable[[Family], HttpSession],
        by_socks: Callable[[Family, str], HttpSession] | None = None,
        *,
        websockets: bool = False,
    ) -> None:
        """`factory(family)` is called at the first request of its kind, `by_socks(family, proxy_url)` at the first by a
        SOCKS proxy; None: what goes by one fails. `websockets`: sessions have `ws_connect` as well."""
        self.websockets = websockets
        self._factory = factory
        self._by_socks = by_socks
        self._sessions: dict[tuple[Family, str | None], TracedSession] = {}
        self._ssl_context: ssl.SSLContext | None = None

    @classmethod
    def aiohttp(
        cls,
        resolver: AbstractResolver | None = None,
        *,
        other_family_after_s: float = OTHER_FAMILY_AFTER_S,
        hosts: Hosts | None = None,
    ) -> "HttpSessions":
        """`resolver` None: the system's; `hosts` None: any address may be gone to.

        So long may a host's first family take to connect before its other one is tried beside it."""
        made: list[HttpSessions] = []

        def session(family: Family, socks: str | None = None) -> HttpSession:
            options: dict[str, Any] = {
                "family": _SOCKET_FAMILIES[family],
                "ssl": made[0].ssl_context,
                "limit": CONNECTIONS_MAX,
                "resolver": resolver if hosts is None else CheckedNames(resolver or aiohttp.DefaultResolver(), hosts),
                "happy_eyeballs_delay": other_family_after_s,
                "use_dns_cache": False,  # its entries take turns: a host would leave by one family, then by the other
            }
            connector = aiohttp.TCPConnector(**options) if socks is None else SocksConnector(socks, **options)
            # a cookie of one account has no business in another's request; the environment's proxies are not ours
            real = _NoRedirects(
                aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
            )
            return real if hosts is None else _Checked(real, hosts, socks)

        made.append(cls(session, session, websockets=True))
        return made[0]

    @property
    def ssl_context(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            self._ssl_context = ssl.create_default_context(cafile=certifi.where())
        return self._ssl_context

    def session(self, family: Family, proxy_url: str | None = None) -> "TracedSession":
        """By a SOCKS proxy all that it does goes by it; any other proxy is named with each request."""
        socks = proxy_url if is_socks(proxy_url) else None
        known = self._sessions.get((family, socks))
        if known is None:
            known = self._sessions[family, socks] = TracedSession(lambda: self._make(family, socks))
        return known

    def _make(self, family: Family, socks: str | None) -> HttpSession:
        if socks is None:
            return self._factory(family)
        if self._by_socks is None:
            raise ProxyFailed("address", "there are no SOCKS proxies here")
        return self._by_socks(family, socks)

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()


class TracedSession:
    """The session that ccxt is given: it makes the real one at the first request, and writes down what it hears."""

    def __init__(self, make: Callable[[], HttpSession]) -> None:
        self._make = make
        self._inner: HttpSession | None = None
        self._closed = False
        #: ccxt adds these to each request
        self.headers: dict[str, str] = {}

    def get(self, url: URL, **options: Any) -> "_TracedCall":
        return _TracedCall("GET", url, self._session().get(url, **_in_time(options)))

    def post(self, url: URL, **options: Any) -> "_TracedCall":
        return _TracedCall("POST", url, self._session().post(url, **_in_time(options)))

    def put(self, url: URL, **options: Any) -> "_TracedCall":
        return _TracedCall("PUT", url, self._session().put(url, **_in_time(options)))

    def delete(self, url: URL, **options: Any) -> "_TracedCall":
        return _TracedCall("DELETE", url, self._session().delete(url, **_in_time(options)))

    def ws_connect(self, url: str, **options: Any) -> Any:
        """As aiohttp's; not where only HTTP is spoken."""
        session: Any = self._session()
        return session.ws_connect(url, **options)

    async def close(self) -> None:
        """For good: what ccxt still means to connect must not open another that nobody closes."""
        self._closed = True
        if self._inner is not None:
            await self._inner.close()
            self._inner = None

    def _session(self) -> HttpSession:
        if self._closed:
            raise aiohttp.ClientConnectionError("the session is closed")
        if self._inner is None:
            self._inner = self._make()
        return self._inner


def _in_time(options: dict[str, Any]) -> dict[str, Any]:
    trace = CALL.get()
    if trace is None or trace.within_s is None:
        return options
    return {**options, "timeout": aiohttp.ClientTimeout(total=trace.within_s)}


class _TracedCall:
    def __init__(self, method: str, url: URL, call: Any) -> None:
        self._method = method
        self._url = url
        self._call = call

    async def __aenter__(self) -> Any:
        trace = CALL.get()
        if trace is None:
            return await self._call.__aenter__()
        trace.began, trace.method, trace.url = True, self._method, self._url
        trace.requests += 1
        response = await self._call.__aenter__()
        trace.status, trace.headers = response.status, response.headers
        return response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        return await self._call.__aexit__(kind, error, trace)


class _NoRedirects:
    """A redirect would send a signed order a second time, or to a stranger: it is an answer like any other."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def get(self, url: URL, **options: Any) -> Any:
        return self._session.get(url, allow_redirects=False, **options)

    def post(self, url: URL, **options: Any) -> Any:
        return self._session.post(url, allow_redirects=False, **options)

    def put(self, url: URL, **options: Any) -> Any:
        return self._session.put(url, allow_redirects=False, **options)

    def delete(self, url: URL, **options: Any) -> Any:
        return self._session.delete(url, allow_redirects=False, **options)

    def ws_connect(self, url: str, **options: Any) -> Any:
        return self._session.ws_connect(url, **options)

    async def close(self) -> None:
        await self._session.close()


class _Checked:
    """Addresses are not looked up, so what is written as one is looked at here; names are where they are looked up."""

    def __init__(self, session: _NoRedirects, hosts: Hosts, socks: str | None) -> None:
        self._session = session
        self._hosts = hosts
        self._socks = socks
        self._known: dict[str, str | None] = {}

    def get(self, url: URL, **options: Any) -> Any:
        self._look(url, options)
        return self._session.get(url, **options)

    def post(self, url: URL, **options: Any) -> Any:
        self._look(url, options)
        return self._session.post(url, **options)

    def put(self, url: URL, **options: Any) -> Any:
        self._look(url, options)
        return self._session.put(url, **options)

    def delete(self, url: URL, **options: Any) -> Any:
        self._look(url, options)
        return self._session.delete(url, **options)

    def ws_connect(self, url: str, **options: Any) -> Any:
        self._look(URL(url), options)
        return self._session.ws_connect(url, **options)

    async def close(self) -> None:
        await self._session.close()

    def _look(self, url: URL, options: Mapping[str, Any]) -> None:
        proxy = options.get("proxy") or self._socks
        for place, is_proxy in ((proxy, True), (url, False)):
            host = None if place is None else URL(place).host
            if host is None:
                continue
            if host not in self._known:
                self._known[host] = self._hosts.why_not(host)
            why = self._known[host]
            if why is not None:
                raise PrivateAddress(why, proxy=is_proxy)
