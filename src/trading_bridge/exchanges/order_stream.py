"""Own orders and fills as the exchange pushes them, through its ccxt class with websockets: one connection for all bots
of an account.

Fills are those of `watch_my_trades`: a row for each, with trade id, amount, price and fee. `watch_orders`
tells how orders stand; no fill is taken from it: of what happens to an order between two looks it keeps the last only,
and it adds fees up as floats.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from trading_bridge.clock import Clock, within
from trading_bridge.core.client import Credentials
from trading_bridge.core.order import OrderReport
from trading_bridge.core.outcome import Answered
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges import convert
from trading_bridge.exchanges.client import make_client
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiter import CallKind
from trading_bridge.exchanges.session import Session
from trading_bridge.exchanges.streaming import BROKEN, CLOSED_WITHIN_S, StreamBroken, broken_by, until_one_ends

#: ccxt pings so often, and gives a connection up that left two pings without an answer
PING_EVERY_S = 3.0
SUBSCRIBED_WITHIN_S = 10.0
_CALL = "watch_orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What came, in the order in which it came within each."""

    reports: tuple[OrderReport, ...] = ()
    fills: tuple[Trade, ...] = ()


class OrderStream:
    def __init__(
        self,
        *,
        info: ExchangeInfo,
        session: Session,
        credentials: Credentials,
        base_url: str | None,
        proxy_url: str | None,
        ipv4_only: bool,
        clock: Clock,
        http: HttpSessions,
        timeout_s: int | None = None,
        ping_every_s: float = PING_EVERY_S,
    ) -> None:
        """`session`: of the same account and way; its limits count what subscribing costs. `timeout_s` None: as long as
        the platform waits by itself."""
        self._info = info
        self._session = session
        self._clock = clock
        self._within_s = SUBSCRIBED_WITHIN_S if timeout_s is None else float(timeout_s)
        self._make: Callable[[], Any] = lambda: make_client(
            info,
            credentials=credentials,
            base_url=base_url,
            proxy_url=proxy_url,
            family=Family.IPV4 if ipv4_only else Family.ANY,
            clock=clock,
            http=http,
            timeout_s=timeout_s,
            streaming=True,
            more={"number": str, "streaming": {"keepAlive": ping_every_s * 1000}},
        )
        #: of one connection, since ccxt's class keeps what it heard by an earlier one
        self._client: Any = None
        self._connections: tuple[Any, ...] = ()

    async def begin(self) -> None:
        """Connects anew and subscribes: `run` tells what happens from here on. Raises StreamBroken."""
        await self.end()
        client = self._make()
        if not self._session.lend_markets(client):
            raise StreamBroken("the markets are not known yet")
        await self._know_account()
        await self._session.grant(CallKind.READ, _CALL)
        client.balance["spot"] = {}  # what ccxt's class books balances to, which may come before anybody asks for them
        self._client = client
        subscribing = asyncio.ensure_future(client.authenticate())
        await self._clock.sleep(0)  # until it waits for the answer
        _expect(client)
        try:
            if not await within(self._clock, self._within_s, subscribing):
                raise StreamBroken("the subscription was not answered")
        except BROKEN as error:
            raise broken_by(_as_told(error)) from error
        self._connections = tuple(client.clients.values())

    async def run(self, hear: Callable[[Pushed], None]) -> None:
        """Tells what is pushed until it breaks; `hear` waits for nothing. Raises StreamBroken."""
        client = self._client
        try:
            await until_one_ends(
                self._keep(client.watch_my_trades, "myTrades", lambda rows: hear(self._filled(rows))),
                self._keep(client.watch_orders, "orders", lambda rows: hear(self._reported(rows))),
            )
        except BROKEN as error:
            raise broken_by(error) from error

    async def end(self) -> None:
        """Of the connection; `begin` makes another."""
        client, self._client = self._client, None
        if client is not None:
            await within(self._clock, CLOSED_WITHIN_S, client.close())

    async def _keep(self, watch: Callable[[], Awaitable[Any]], kept: str, take: Callable[[Any], None]) -> None:
        """`kept`: where ccxt's class puts what nobody waits for; it would be told with the next event only. Between two
        calls nothing is awaited, so nothing else comes to lie there."""
        take(tuple(getattr(self._client, kept) or ()))
        while True:
            if tuple(self._client.clients.values()) != self._connections:
                # ccxt's class would make another that nobody looked behind
                raise StreamBroken("the connection ended")
            take(await watch())

    async def _know_account(self) -> None:
        """A fill is unique by its exchange account, which pushes may not name."""
        if self._info.wire.account_by_balance and self._session.exchange_account is None:
            answer = await self._session.balances()
            if not isinstance(answer, Answered):
                raise StreamBroken(f"the account's own id could not be read ({answer.finding.code})")

    def _reported(self, rows: Any) -> Pushed:
        return Pushed(reports=tuple(convert.order_report(self._info, row) for row in self._listed(rows)))

    def _filled(self, rows: Any) -> Pushed:
        account = self._session.exchange_account if self._info.wire.account_by_balance else None
        return Pushed(fills=tuple(convert.trade(self._info, row, account) for row in self._listed(rows)))

    def _listed(self, rows: Any) -> Iterator[Any]:
        """Of a market by another name than it had, nothing is told in its own (faults X15): looks know which it is."""
        return (row for row in rows if row["symbol"] in self._client.markets)


def _expect(client: Any) -> None:
    """ccxt's class waits for one of the futures of a subscription only, and asyncio would log the others' failures."""
    for connection in (client.clients or {}).values():
        for future in connection.futures.values():
            future.add_done_callback(lambda done: done.cancelled() or done.exception())


def _as_told(error: BaseException) -> BaseException:
    """ccxt's class stumbles over the subscription that a refusal took away; what was refused lies behind it."""
    return error.__context__ if isinstance(error, KeyError) and error.__context__ is not None else error
