"""The ways to exchanges, each made when a connector first goes by it."""

from collections.abc import Iterator

from trading_bridge.accounts.route import Route, RouteKey, Start
from trading_bridge.accounts.single_flight import Spawn
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Subject
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import ExchangeInfo
from trading_bridge.exchanges.session import HttpSessions


class Routes:
    def __init__(self, http: HttpSessions, limiters: Limiters, clock: Clock, spawn: Spawn[None], start: Start) -> None:
        self._http = http
        self._limiters = limiters
        self._clock = clock
        self._spawn = spawn
        self._start = start
        self._routes: dict[RouteKey, Route] = {}

    def of(self, connector: Connector, info: ExchangeInfo) -> Route:
        key = RouteKey(
            exchange=connector.exchange,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            timeout_s=connector.timeout_s,
        )
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = Route(
                key,
                info,
                self._http,
                self._limiters,
                self._clock,
                self._spawn,
                self._start,
                label=self._label(key),
            )
        return route

    def _label(self, key: RouteKey) -> str:
        """Ways that differ in what is not shown, a sign-in or an address family, are told apart by number."""
        alike = sum(1 for known in self._routes if known.label == key.label)
        return f"{key.label} ({alike + 1})" if alike else key.label

    def stepped(self) -> None:
        """The wall clock was set (faults T2)."""
        for route in self._routes.values():
            route.stepped()

    def findings(self) -> Iterator[tuple[Subject, Finding]]:
        for route in self._routes.values():
            yield from route.findings()

    async def close(self) -> None:
        for route in self._routes.values():
            await route.close()
