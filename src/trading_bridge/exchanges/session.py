"""One connector, live: each call to its exchange is timed, recorded, and ends in one of four ways."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from ccxt.base.errors import BaseError

from trading_bridge.clock import Clock
from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances, Elsewhere
from trading_bridge.core.book import Book
from trading_bridge.core.client import Credentials
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport, OrderState, Side, TimeInForce
from trading_bridge.core.outcome import Answered, Failed, NotSent, Outcome, Refused, Unresolved
from trading_bridge.core.trade import PublicTrade, Trade
from trading_bridge.core.transfer import TransferRecord
from trading_bridge.exchanges import convert
from trading_bridge.exchanges.causes import KEYLESS, Ending, cause_of, says_not_found
from trading_bridge.exchanges.client import address_of, make_client
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.family import Family, family_of
from trading_bridge.exchanges.heard import HEARD, Heard
from trading_bridge.exchanges.http_sessions import HttpSession, HttpSessions
from trading_bridge.exchanges.limiter import CallKind, Limiter, book, booked_at_once, delay
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.parsing import Unreadable
from trading_bridge.exchanges.piecewise import by_market, with_other_wallets
from trading_bridge.exchanges.socks import SCHEMES, is_socks
from trading_bridge.exchanges.trace import CALL, CallTrace, unix_ms
from trading_bridge.exchanges.trade_reader import BEGIN, Place, Stretch, Wanted, read_stretch
from trading_bridge.exchanges.wire import OtherWallet, says_something

__all__ = ["CallRecord", "HttpSession", "HttpSessions", "Session"]

CALLS_KEPT = 50
#: a read that would wait longer for its turn is not made
QUEUE_MAX_S = 10.0
#: reads are asked again soon, so a hung one is given up before its value is too old to be told; orders have longer
_READ_PATIENCE_S = 5.0
#: what these tell is as old as their answer is late, so no connector has them waited for longer
_AGING = frozenset({"fetch_order_book", "fetch_balance", "fetch_open_orders"})
#: records of deposits or withdrawals in one answer
RECORDS_PAGE = 1000

T = TypeVar("T")
#: Python's own context gives up at 28 digits
_EXACT = Context(prec=100)
#: what ccxt lets through where an answer has an unexpected shape
_ODD_ANSWER = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
_FAILURES = (BaseError, aiohttp.ClientError, OSError, *_ODD_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    evidence: Evidence
    #: None: the exchange answered
    finding_code: str | None


class Session:
    def __init__(
        self,
        *,
        info: ExchangeInfo,
        credentials: Credentials | None,
        base_url: str | None,
        proxy_url: str | None,
        ipv4_only: bool,
        clock: Clock,
        http: HttpSessions,
        limiters: Limiters,
        timeout_s: int | None = None,
        markets_of: "Session | None" = None,
    ) -> None:
        """`timeout_s` None: as long as the platform waits by itself. `markets_of`: the session that reads the markets
        for this one too."""
        self.info = info
        #: the last ones, oldest first
        self.calls: deque[CallRecord] = deque(maxlen=CALLS_KEPT)
        self._clock = clock
        self._proxied = proxy_url is not None and not is_socks(proxy_url)
        self._ipv4_only = ipv4_only
        self._timeout_s = timeout_s
        self._user_limiter = limiters.of_key(info, credentials, base_url)
        self._address_limiter = limiters.of_address(info, base_url, proxy_url, ipv4_only=ipv4_only)
        self._markets_of = markets_of
        self._markets: Mapping[str, Market] = _NO_MARKETS
        self._currencies: frozenset[str] = frozenset()
        #: as the last balance named it; None: it was not read yet, or names none
        self._account: str | None = None
        #: symbols of the markets whose open orders matter to its owner
        self.follows: Callable[[], Collection[str]] = tuple
        #: until its account may trade
        self.recovering = False
        self._make_client = partial(
            make_client,
            info,
            credentials=credentials,
            base_url=base_url,
            proxy_url=proxy_url,
            clock=clock,
            http=http,
            timeout_s=timeout_s,
        )
        family = Family.IPV4 if ipv4_only else Family.ANY
        self._client: Any = self._make_client(family=family)
        #: where its calls go, also where a connector names no host
        self.base_url = address_of(self._client)
        address = urlsplit(self.base_url)
        self._base_path = address.path
        #: code of the finding that bars every call; None: calls can be made
        self._barred = _barred(address.hostname, proxy_url, family)

    @property
    def exchange_account(self) -> str | None:
        """As the last balance named it; None: it was not read yet, or names none."""
        return self._account

    async def grant(self, kind: CallKind, call: str) -> None:
        """Waits for this call's turn; reads and cancels wait by themselves, a create is granted before it is signed."""
        limiters = self._limiters(kind)
        if booked_at_once(limiters, kind, call):
            return
        if self._user_limiter in limiters and self._user_limiter.delay(kind, call) > 0:
            # a key that must wait takes its place in the address's window when it goes, and none from others until then
            limiters = (self._address_limiter,)
            await self._clock.sleep(self._user_limiter.book(kind, call))
        wait_s = book(limiters, kind, call)
        if wait_s > 0:
            await self._clock.sleep(wait_s)

    async def markets(self) -> Outcome[Mapping[str, Market]]:
        """Reads every market anew, for all sessions that share them."""
        if self._markets_of is not None:
            return await self._markets_of.markets()

        def take(rows: Any) -> Mapping[str, Market]:
            self._markets = MappingProxyType(convert.markets(self.info, rows))
            self._currencies = frozenset(code for one in self._markets.values() for code in (one.base, one.quote))
            listed = {row["symbol"] for row in rows}
            # what is delisted stays nameable: its orders may have to be cancelled
            gone = [row for symbol, row in (self._client.markets or {}).items() if symbol not in listed]
            self._client.set_markets([*rows, *gone])
            return self._markets

        ask = getattr(self._client, self.info.wire.markets_call)
        return await self._read("fetch_markets", ask, take, CallKind.PUBLIC, needs_markets=False)

    async def balances(self) -> Outcome[Balances]:
        def take(answer: Any) -> Balances:
            balances = convert.balances(self.info, answer, self._traded())
            self._account = balances.exchange_account or self._account
            return balances

        needs_markets = self.info.wire.balances_need_markets
        answer = await self._read("fetch_balance", self._client.fetch_balance, take, needs_markets=needs_markets)
        return await with_other_wallets(answer, self.info.wire.other_wallets, self._wallet)

    async def deposits(self, since: datetime | None = None) -> Outcome[tuple[TransferRecord, ...]]:
        """The exchange's records of them, asked for since a time; None: as far back as it tells by itself."""
        if not self.info.features["deposits_and_withdrawals"]:
            return self._local("exchange.unrecognised", detail="it has no list of deposits")
        return await self._read(
            "fetch_deposits",
            lambda: self._client.fetch_deposits(None, None if since is None else unix_ms(since), RECORDS_PAGE),
            lambda rows: convert.transfer_records(self._rows(rows), sign=1),
        )

    async def withdrawals(self, since: datetime | None = None) -> Outcome[tuple[TransferRecord, ...]]:
        """As `deposits`; amounts are below zero."""
        if not self.info.features["deposits_and_withdrawals"]:
            return self._local("exchange.unrecognised", detail="it has no list of withdrawals")
        return await self._read(
            "fetch_withdrawals",
            lambda: self._client.fetch_withdrawals(None, None if since is None else unix_ms(since), RECORDS_PAGE),
            lambda rows: convert.transfer_records(self._rows(rows), sign=-1),
        )

    async def order_book(self, market: Market, depth: int = 20) -> Outcome[Book]:
        return await self._read(
            "fetch_order_book",
            lambda: self._client.fetch_order_book(market.symbol, depth),
            lambda answer: convert.book(market, answer, self._clock.now(), depth),
            CallKind.PUBLIC,
            symbol=market.symbol,
        )

    async def public_trades(self, market: Market, limit: int = 100) -> Outcome[tuple[PublicTrade, ...]]:
        """Oldest first."""
        return await self._read(
            "fetch_trades",
            lambda: self._client.fetch_trades(market.symbol, None, limit),
            lambda rows: convert.public_trades(self.info, market, self._rows(rows)),
            CallKind.PUBLIC,
            symbol=market.symbol,
        )

    async def create_order(self, market: Market, order: Order) -> Outcome[str]:
        """Sends once, signed with `order.signed_at`, without waiting for a turn; the exchange's id of the order."""
        now = self._clock.now()
        trace = CallTrace(
            call="create_order",
            form=self.info.wire.envelope,
            signed_ms=unix_ms(now if order.signed_at is None else order.signed_at),
            proxied=self._proxied,
            ipv4_only=self._ipv4_only,
        )
        self._share_markets()
        if self._barred is not None:
            return self._local(self._barred, stage="address")
        known = self._known_markets().get(market.symbol)
        price = order.price
        if known is None or price is None:
            return self._local("market.unverified" if known is None else "order.refused", symbol=market.symbol)
        if _EXACT.remainder(price, known.tick_size) or _EXACT.remainder(order.amount, known.lot_size):
            return self._local("order.precision", symbol=market.symbol)  # ccxt would round: not what was stored
        params: dict[str, Any] = {"clientOrderId": self.info.wire.client_id_sent(order.client_order_id)}
        if order.post_only:
            params["postOnly"] = True
        elif order.time_in_force is not TimeInForce.GTC:
            params["timeInForce"] = order.time_in_force.value
        return await self._call(
            trace,
            lambda: self._client.create_order(
                market.symbol, order.type.value, order.side.value, f"{order.amount:f}", f"{price:f}", params
            ),
            convert.order_id,
            lambda: _named(market, order, price),
        )

    async def cancel_order(self, market: Market, exchange_order_id: str) -> Outcome[OrderState | None]:
        """The state that the exchange answered; None: accepted without one. Only a report says how the order ended."""
        return await self._read(
            "cancel_order",
            lambda: self._client.cancel_order(exchange_order_id, market.symbol),
            self._state_after,
            CallKind.CANCEL,
            symbol=market.symbol,
        )

    async def order_report(
        self, market: Market, *, client_order_id: str | None = None, exchange_order_id: str | None = None
    ) -> Outcome[OrderReport | None]:
        """None: not known, or not yet."""

        async def ask() -> Any:
            sent = None if client_order_id is None else self.info.wire.client_id_sent(client_order_id)
            params = {} if sent is None else {"clientOrderId": sent}
            try:
                return await self._client.fetch_order(exchange_order_id, market.symbol, params)
            except BaseError as error:
                trace = CALL.get()
                if trace is None or not says_not_found(error, trace, self.info.wire):
                    raise
                return None

        return await self._read(
            "fetch_order",
            ask,
            lambda order: None if order is None else self._asked_for(order, client_order_id, exchange_order_id),
            symbol=market.symbol,
        )

    async def open_orders(self) -> Outcome[tuple[OrderReport, ...]]:
        """Of every market of the account; one that is not in the list of markets keeps the exchange's own symbol.

        Where the exchange tells them of one market at a time: of those that `follows` names."""
        if not self.info.wire.open_orders_by_market:
            return await self._open_orders(self._client.fetch_open_orders, None)
        return await by_market(self.follows(), self._open_orders_of, self._clock.now)

    async def _open_orders_of(self, symbol: str) -> Outcome[tuple[OrderReport, ...]]:
        return await self._open_orders(lambda: self._client.fetch_open_orders(symbol), symbol)

    async def _open_orders(
        self, ask: Callable[[], Awaitable[Any]], symbol: str | None
    ) -> Outcome[tuple[OrderReport, ...]]:
        return await self._read(
            "fetch_open_orders",
            ask,
            lambda rows: tuple(convert.order_report(self.info, row) for row in self._rows(rows)),
            symbol=symbol,
        )

    async def _wallet(self, wallet: OtherWallet) -> Outcome[tuple[Elsewhere, ...]]:
        return await self._read(
            "fetch_balance",
            lambda: self._client.fetch_balance(dict(wallet.params)),
            lambda answer: convert.elsewhere(self.info, wallet, answer),
        )

    async def my_trades(
        self,
        market: Market,
        *,
        after_trade_id: str | None = None,
        exchange_order_id: str | None = None,
        since: datetime | None = None,
    ) -> Outcome[tuple[Trade, ...]]:
        """Oldest first: of one order all, else those after `after_trade_id`, else all `since` then and what stands on
        their last page, else the newest page.

        Unresolved where that is more than is read in one go.
        """
        answer = await self.trades_back(
            market, after_trade_id=after_trade_id, exchange_order_id=exchange_order_id, since=since
        )
        if not isinstance(answer, Answered):
            return answer
        if answer.value.next_page is not None:
            return Unresolved(finding=self._finding("volume.incomplete", {"symbol": market.symbol}))
        return Answered(value=answer.value.trades, evidence=answer.evidence)

    async def trades_back(
        self,
        market: Market,
        *,
        after_trade_id: str | None = None,
        exchange_order_id: str | None = None,
        since: datetime | None = None,
        from_page: Place = BEGIN,
    ) -> Outcome[Stretch]:
        """As `my_trades`, from a page on and as far as is read in one go: back to `after_trade_id` or to `since`,
        whichever is met first."""
        wanted = Wanted(exchange_order_id=exchange_order_id, after_trade_id=after_trade_id, since=since)
        asking = _TradeCalls(self, market)
        if self.info.wire.account_by_balance and self._account is None:
            named = await self.balances()
            if not isinstance(named, Answered):
                return named
        return await read_stretch(self.info.wire.own_trades, asking, wanted, from_page, self._clock.now)

    def over(self, family: Family) -> "Session":
        """The same key by one address family only, in the same limits; its calls are kept here. Its maker closes it."""
        other = copy(self)
        other._client = self._make_client(family=family)
        other._markets_of = self if self._markets_of is None else self._markets_of
        other._barred = self._barred or _barred(urlsplit(self.base_url).hostname, None, family)
        return other

    async def close(self) -> None:
        await self._client.close()

    # the one way to make a call

    def _asked_for(self, order: Any, client_order_id: str | None, exchange_order_id: str | None) -> OrderReport:
        report = convert.order_report(self.info, order)
        for asked, said in (
            (client_order_id, report.client_order_id),
            (exchange_order_id, report.exchange_order_id),
        ):
            if asked is not None and said is not None and said != asked:
                raise Unreadable(f"asked for order {asked}, the answer is about {said}")
        return report

    async def trade_page(
        self, market: Market, *, since: datetime | None, rows: int, params: Mapping[str, Any]
    ) -> Outcome[convert.TradePage]:
        """One answer about own trades; `params` are the exchange's own."""
        since_ms = None if since is None else unix_ms(since)
        return await self._read(
            "fetch_my_trades",
            lambda: self._client.fetch_my_trades(market.symbol, since_ms, rows, dict(params)),
            partial(self._page_of, market),
            symbol=market.symbol,
        )

    async def trades_of_order(self, market: Market, exchange_order_id: str) -> Outcome[convert.TradePage] | None:
        """By ccxt's own call for it; None: the exchange's class has none."""
        if not self._client.has.get("fetchOrderTrades"):
            return None
        return await self._read(
            "fetch_order_trades",
            lambda: self._client.fetch_order_trades(exchange_order_id, market.symbol),
            partial(self._page_of, market),
            symbol=market.symbol,
        )

    def _page_of(self, market: Market, rows: Any) -> convert.TradePage:
        account = self._account if self.info.wire.account_by_balance else None
        return convert.trade_page(self.info, market, self._rows(rows), _response(), account)

    def _state_after(self, order: Any) -> OrderState | None:
        if not says_something(_response()):
            raise Unreadable("the answer is empty")
        return convert.order_state(self.info, order)

    def _rows(self, rows: Any) -> Any:
        """ccxt reads an answer without a list as "none"."""
        if not self.info.wire.is_list(_response()):
            raise Unreadable("the answer holds no list")
        return rows

    async def _read(
        self,
        call: str,
        request: Callable[[], Awaitable[Any]],
        take: Callable[[Any], T],
        kind: CallKind = CallKind.READ,
        *,
        symbol: str | None = None,
        needs_markets: bool = True,
    ) -> Outcome[T]:
        """Anything but a create: waits for its turn; one that would come too late is not made."""
        if self._barred is not None:
            return self._local(self._barred, stage="address")
        if kind is CallKind.READ and self.recovering:
            kind = CallKind.RECOVERY
        if kind is not CallKind.CANCEL and (wait_s := delay(self._limiters(kind), kind, call)) > QUEUE_MAX_S:
            return self._local("rate.limited", retry_after_s=f"{wait_s:.0f}")
        self._share_markets()
        if needs_markets and not self._client.markets:
            loaded = await self.markets()
            if not isinstance(loaded, Answered):
                return loaded
            self._share_markets()
        await self.grant(kind, call)
        trace = CallTrace(
            call=call,
            form=self.info.wire.envelope,
            proxied=self._proxied,
            ipv4_only=self._ipv4_only,
            within_s=self._patience_s(kind, call),
        )
        return await self._call(trace, request, take, lambda: {} if symbol is None else {"symbol": symbol})

    def _patience_s(self, kind: CallKind, call: str) -> float | None:
        """None: as long as the client waits for an order."""
        if kind is CallKind.CANCEL:
            return None
        if self._timeout_s is None:
            return _READ_PATIENCE_S
        return min(_READ_PATIENCE_S, self._timeout_s) if call in _AGING else float(self._timeout_s)

    async def _call(
        self,
        trace: CallTrace,
        request: Callable[[], Awaitable[Any]],
        take: Callable[[Any], T],
        parameters: Callable[[], dict[str, str]],
    ) -> Outcome[T]:
        """`parameters` are of the finding, where the call fails."""
        at, started = self._clock.now(), self._clock.monotonic()
        token = CALL.set(trace)
        try:
            if trace.call not in KEYLESS:
                await self.info.wire.first(self._client)
            answer = await request()
            self._check_age(trace, started)
            value = take(answer)
        except _FAILURES as error:
            return self._failed(error, trace, parameters(), at, started)
        finally:
            CALL.reset(token)
        self._user_limiter.accepted(trace.headers)
        self._address_limiter.accepted(trace.headers)
        evidence = self._evidence(trace, at, started)
        if trace.code is None:
            evidence = replace(evidence, exchange_text=None)  # of an answer without words of its own nothing is kept
        self._keep(evidence, None, trace, arrived=True)
        return Answered(value=value, evidence=evidence)

    def _check_age(self, trace: CallTrace, started: float) -> None:
        """An answer that lay in wait while this process stood still is too old to be told as new (faults T5)."""
        age_s = self._clock.monotonic() - started
        if trace.within_s is not None and age_s > max(1, trace.requests) * trace.within_s:
            raise TimeoutError(f"the answer is {age_s:.1f} s old")

    def _failed(
        self, error: Exception, trace: CallTrace, parameters: dict[str, str], at: datetime, started: float
    ) -> Failed:
        cause = cause_of(error, trace, wire=self.info.wire, at=self._clock.now())
        if cause.code == "rate.limited":
            named = _seconds(trace.headers.get("Retry-After"))
            wait_s = max(self._user_limiter.exceeded(named), self._address_limiter.exceeded(named))
            parameters["retry_after_s"] = f"{wait_s if named is None else named:.0f}"
        evidence = self._evidence(trace, at, started)
        finding = Finding(
            code=cause.code,
            severity=cause.severity,
            since=at,
            parameters={**parameters, **cause.parameters},
            evidence=evidence,
        )
        self._keep(evidence, finding, trace, arrived=cause.ending is not Ending.NOT_SENT)
        return _failed(cause.ending, finding)

    def _keep(self, evidence: Evidence, finding: Finding | None, trace: CallTrace, *, arrived: bool) -> None:
        self.calls.append(CallRecord(evidence=evidence, finding_code=None if finding is None else finding.code))
        if (heard := HEARD.get()) is not None:
            date = trace.headers.get("Date")
            heard.append(Heard(evidence=evidence, finding=finding, arrived=arrived, date=date))

    def _evidence(self, trace: CallTrace, at: datetime, started: float) -> Evidence:
        return Evidence(
            call=trace.call,
            endpoint=None if trace.url is None else trace.url.path.removeprefix(self._base_path),
            method=trace.method,
            http_status=trace.status,
            exchange_code=trace.code,
            exchange_text=trace.text,
            request_id=trace.request_id,
            latency_ms=round((self._clock.monotonic() - started) * 1000),
            at=at,
        )

    def _local(self, code: str, **parameters: str) -> NotSent:
        """A rule of ours held it back."""
        return NotSent(finding=self._finding(code, parameters))

    def _finding(self, code: str, parameters: Mapping[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=parameters)

    def _limiters(self, kind: CallKind) -> tuple[Limiter, ...]:
        """No key is shown for what is public."""
        return (self._address_limiter,) if kind is CallKind.PUBLIC else (self._address_limiter, self._user_limiter)

    def _known_markets(self) -> Mapping[str, Market]:
        return self._markets if self._markets_of is None else self._markets_of._known_markets()

    def _traded(self) -> frozenset[str]:
        """The currencies of the exchange's markets; empty: not known yet."""
        return self._currencies if self._markets_of is None else self._markets_of._traded()

    def lend_markets(self, client: Any) -> bool:
        """Gives another client of ccxt the markets that were read last; False: none were yet."""
        if self._client.markets is None:
            return False
        if client.markets is not self._client.markets:
            client.set_markets_from_exchange(self._client)
        return True

    def _share_markets(self) -> None:
        """ccxt keeps markets in each instance; ours all point to the one set that was read last."""
        source = self._markets_of
        if source is None:
            return
        source._share_markets()
        if source._client.markets is not None and self._client.markets is not source._client.markets:
            self._client.set_markets_from_exchange(source._client)


def _response() -> Any:
    """Of this task's call, as it came."""
    trace = CALL.get()
    return None if trace is None else trace.response


class _TradeCalls:
    """The calls about own trades of one market."""

    def __init__(self, session: Session, market: Market) -> None:
        self._session = session
        self._market = market

    async def page(self, *, since: datetime | None, rows: int, params: Mapping[str, Any]) -> Outcome[convert.TradePage]:
        return await self._session.trade_page(self._market, since=since, rows=rows, params=params)

    async def of_order(self, exchange_order_id: str) -> Outcome[convert.TradePage] | None:
        return await self._session.trades_of_order(self._market, exchange_order_id)


_NO_MARKETS: Mapping[str, Market] = MappingProxyType({})


def _barred(host: str | None, proxy_url: str | None, family: Family) -> str | None:
    """A way that cannot be gone as it is set up is not gone at all: not without its proxy, not by another family."""
    if proxy_url is not None:
        proxy = urlsplit(proxy_url)
        if proxy.scheme not in ("http", "https", *SCHEMES) or not proxy.hostname:
            return "proxy.unreachable"
    leaves_here = proxy_url is None or urlsplit(proxy_url).scheme == "socks5"
    if leaves_here and host is not None and Family.ANY is not family and family_of(host) not in (None, family):
        return "exchange.unreachable"
    return None


def _failed(ending: Ending, finding: Finding) -> Failed:
    match ending:
        case Ending.REFUSED:
            return Refused(finding=finding)
        case Ending.NOT_SENT:
            return NotSent(finding=finding)
        case Ending.UNRESOLVED:
            return Unresolved(finding=finding)


def _named(market: Market, order: Order, price: Decimal) -> dict[str, str]:
    """The order in words, for whoever must mend what it was refused for."""
    buys = order.side is Side.BUY
    return {
        "symbol": market.symbol,
        "side": order.side.value,
        "currency": market.quote if buys else market.base,
        "needs": readable(_EXACT.multiply(price, order.amount) if buys else order.amount),
    }


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() else None
