"""Storage and exchange compared: at a start all of it before anything may trade, afterwards at a pace."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trading_bridge.accounts.foreign import Foreign
from trading_bridge.accounts.listing import Listing
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.own_trades import Late, OwnTrades
from trading_bridge.accounts.shelf import Shelf
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order, OrderReport, is_of
from trading_bridge.errors import NotReady
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import get_logger
from trading_bridge.storage.unreadable import UnreadableRow

#: the pace of looks: a call for the open orders, and one for the trades of each market of the account's bots
LOOK_EVERY_S = 30.0
#: looks that know nothing of an order before its account is doubted
LOOKS_BEFORE_MISSING = 10

_log = get_logger("reconciliation")


@dataclass(slots=True, kw_only=True)
class _Drift:
    """What storage and exchange did not agree on."""

    #: orders at the exchange with our id that storage does not have
    orphans: int = 0
    #: live orders that nothing followed
    unfollowed: int = 0
    #: live orders that no bot wants
    unwanted: int = 0


class Reconciliation:
    def __init__(
        self,
        *,
        connector: Connector,
        session: Session,
        tracker: OrderTracker,
        trades: OwnTrades,
        foreign: Foreign,
        shelf: Shelf,
        clock: Clock,
        symbols: Callable[[], Iterable[str]],
        wanted: Callable[[Order], bool],
        is_anothers: Callable[[str], bool],
        cancel: Callable[[str], Awaitable[Finding | None]],
        cancel_unknown: Callable[[str, str], Awaitable[Finding | None]],
    ) -> None:
        """`symbols`: markets in which bots of the connector trade. `wanted`: whether a bot wants a live order.
        `cancel` takes a client order id; `cancel_unknown` a symbol and an exchange's order id."""
        self._connector = connector
        self._session = session
        self._tracker = tracker
        self._trades = trades
        self._shelf = shelf
        self._clock = clock
        self._symbols = symbols
        self._wanted = wanted
        self._is_anothers = is_anothers
        self._cancel = cancel
        self._cancel_unknown = cancel_unknown
        self.foreign = foreign
        #: live rows of the connector that cannot be read, by client order id
        self._unreadable: Mapping[str, UnreadableRow] = {}
        #: why new orders are held: what stands there is not known until a person has mended a row; None: all is read
        self.unreadable: Finding | None = None
        self._listing: Listing | None = None
        #: symbol and exchange id of orders of nobody, without a client order id
        self._unnamed: frozenset[tuple[str, str]] = frozenset()
        self._suspects: frozenset[str] = frozenset()  # client order ids that the last look found out of step
        self._missed = 0
        #: where storage and exchange did not agree; None: they did, or it has been put right
        self.drift: Finding | None = None
        #: why the last look could not be made; None: it could
        self.failure: Finding | None = None

    def findings(self) -> Iterator[Finding]:
        """What a person should know beside failures."""
        if self.drift is not None:
            yield self.drift
        if self.unreadable is not None:
            yield self.unreadable
        yield from self.foreign.findings()

    def heard(self, listing: Listing) -> None:
        """Each list of open orders, whoever asked for it."""
        self._listing = listing
        strangers = [report for report in listing.reports if self._is_strangers(report.client_order_id)]
        strangers = [report for report in strangers if not any(is_of(one, report) for one in self._tracker.live())]
        unnamed = frozenset(_number(report) for report in strangers if report.client_order_id is None)
        sure = [one for one in strangers if one.client_order_id is not None or _number(one) in self._unnamed]
        self._unnamed = unnamed
        self.foreign.listed(tuple(sure))

    async def recover(self) -> Finding | None:
        """One attempt: fills are booked, live orders taken over, what no bot wants is cancelled. What is still in the
        way of trading; None: nothing. A second attempt goes on where the first one ended."""
        failed = await self._trades.read(self._markets())
        if failed is not None:
            return failed
        self._listing = None
        await self._tracker.sync()
        if self._tracker.failure is not None:
            return self._tracker.failure
        listing: Listing | None = self._listing
        if listing is None:
            return self._finding("account.recovering", Severity.INFO, {})
        drift = _Drift()
        try:
            await self._read_rows()
            failed = await self._take_over(listing, drift, None) or await self._clear(None)
        except NotReady as error:
            return self._finding(error.code, Severity.CRITICAL, {"detail": error.message})
        self._trades.late.of_ours = 0  # what was filled while nobody looked is what a recovery is for
        self.drift = self._told(drift) or self.drift
        if failed is not None:
            return failed
        if drift.orphans or drift.unfollowed:
            return self._finding("account.recovering", Severity.INFO, {})
        return self._missing(listing)

    async def book_fills(self, symbols: Iterable[str]) -> Finding | None:
        """One look at the account's own trades, in these markets, too; why not all could be read."""
        return await self._trades.read({*symbols, *self._markets()})

    async def run(self) -> None:
        """Looks at a pace, for ever; its owner cancels it."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """What is out of step at two looks is put right, so that nothing that is under way is taken for drift."""
        self.failure = await self._trades.read(self._markets())
        if self.failure is not None:
            return
        self._listing = None
        await self._session.open_orders()
        listing: Listing | None = self._listing
        if listing is None:
            return  # the tracker's own looks say why
        drift, before = _Drift(), self._suspects
        self._suspects = frozenset()
        try:
            self.failure = await self._take_over(listing, drift, before)
            await self._follow(drift, before)
        except NotReady as error:
            self.failure = self._finding(error.code, Severity.CRITICAL, {"detail": error.message})
            return
        drift.unwanted = await self._clear_late(before)
        self.drift = self._told(drift)

    async def _take_over(self, listing: Listing, drift: _Drift, suspects: frozenset[str] | None) -> Finding | None:
        """Orders of ours that nothing follows. `suspects`: those that may be acted on; None: all."""
        lost = [one for one in listing.reports if self._is_lost(one)]
        orphans = await self._tracker.met(lost, listing.began)
        drift.unfollowed += len(lost) - len(orphans)
        rows = await self._shelf.bots_of(one.client_order_id for one in orphans if one.client_order_id is not None)
        for report in orphans:
            client_order_id = report.client_order_id
            if client_order_id is None or client_order_id in rows:
                continue  # of another connector, whose session follows it, or of a row that cannot be read
            if suspects is not None and client_order_id not in suspects:
                self._suspects |= {client_order_id}
                continue
            _log.warning("orphan cancelled", client_order_id=client_order_id, symbol=report.symbol)
            failed = await self._cancel_unknown(report.symbol, report.exchange_order_id)
            if failed is not None:
                return failed
            drift.orphans += 1
        return None

    async def _follow(self, drift: _Drift, suspects: frozenset[str]) -> None:
        """Orders that storage holds as live, and that nothing follows."""
        for order in await self._read_rows():
            client_order_id = order.client_order_id
            if self._tracker.order(client_order_id) is not None:
                continue
            if client_order_id not in suspects:
                self._suspects |= {client_order_id}
                continue
            _log.warning("order taken up again", client_order_id=client_order_id, state=order.state.value)
            self._tracker.adopt([(order, await self._shelf.booked(client_order_id))])
            drift.unfollowed += 1

    async def _read_rows(self) -> tuple[Order, ...]:
        """The live orders of storage; one whose row a person has mended is followed from here on."""
        live, damaged = await self._shelf.live()
        for order in live:
            client_order_id = order.client_order_id
            if client_order_id in self._unreadable and self._tracker.order(client_order_id) is None:
                _log.warning("mended order taken up", client_order_id=client_order_id, state=order.state.value)
                self._tracker.adopt([(order, await self._shelf.booked(client_order_id))])
        self._unreadable = {row.id: row for row in damaged}
        before = self.unreadable
        self.unreadable = self._damage(tuple(self._unreadable.values()))
        if before is not None and self.unreadable is not None:
            self.unreadable = replace(self.unreadable, since=before.since)
        return live

    def _damage(self, rows: Sequence[UnreadableRow]) -> Finding | None:
        if not rows:
            return None
        told = {"table": rows[0].table, "id": ", ".join(row.id for row in rows), "detail": rows[0].detail}
        return self._finding("storage.unreadable_row", Severity.CRITICAL, told)

    async def _clear(self, suspects: frozenset[str] | None) -> Finding | None:
        """Cancels what no bot wants; why one that surely stands could not be confirmed as gone."""
        unwanted = [order for order in self._tracker.live() if not self._wanted(order)]
        if suspects is not None:
            unwanted = [order for order in unwanted if order.client_order_id in suspects]
        found = await asyncio.gather(*(self._cancel(order.client_order_id) for order in unwanted))
        stands = [
            finding
            for order, finding in zip(unwanted, found, strict=True)
            if finding is not None and order.exchange_order_id is not None
        ]
        return stands[0] if stands else None

    async def _clear_late(self, suspects: frozenset[str]) -> int:
        """How many live orders no bot had wanted for two looks: those are cancelled."""
        unwanted = {order.client_order_id for order in self._tracker.live() if not self._wanted(order)}
        self._suspects |= unwanted
        await self._clear(suspects)
        return len(unwanted & suspects)

    def _missing(self, listing: Listing) -> Finding | None:
        """An order that the exchange took, does not list, and knows nothing of holds the account."""
        missing = [
            order
            for order in self._tracker.live()
            if order.exchange_order_id is not None
            and order.frozen is None
            and not any(is_of(order, report) for report in listing.reports)
        ]
        if not missing:
            self._missed = 0
            return None
        self._missed += 1
        if self._missed < LOOKS_BEFORE_MISSING:
            return self._finding("account.recovering", Severity.INFO, {})
        return self._finding("account.orders_missing", Severity.WARNING, {"count": str(len(missing))})

    def _told(self, drift: _Drift) -> Finding | None:
        """None: storage and exchange agree."""
        late, self._trades.late = self._trades.late, Late()
        parts = {
            "orphans": drift.orphans,
            "unfollowed": drift.unfollowed,
            "unwanted": drift.unwanted,
            "late_fills": late.of_ours,
            "lost_fills": late.of_lost,
        }
        told = {name: str(count) for name, count in parts.items() if count}
        if not told:
            return None
        _log.warning("drift", connector=self._connector.name, **told)
        finding = self._finding("orders.drift", Severity.WARNING, {"what": _words(told), **told})
        return finding if self.drift is None else replace(finding, since=self.drift.since)

    def _markets(self) -> set[str]:
        return {*self._symbols(), *(order.symbol for order in self._tracker.live())}

    def _is_strangers(self, client_order_id: str | None) -> bool:
        if client_order_id is None:
            return True
        return self.foreign.is_foreign(client_order_id) and not self._is_anothers(client_order_id)

    def _is_lost(self, report: OrderReport) -> bool:
        """It is ours, and nobody in this process follows it."""
        client_order_id = report.client_order_id
        return (
            client_order_id is not None
            and not self.foreign.is_foreign(client_order_id)
            and self._tracker.order(client_order_id) is None
            and not self._is_anothers(client_order_id)
        )

    def _finding(self, code: str, severity: Severity, parameters: dict[str, str]) -> Finding:
        told = {"connector": self._connector.name, **parameters}
        return Finding(code=code, severity=severity, since=self._clock.now(), parameters=told)


def _number(report: OrderReport) -> tuple[str, str]:
    return report.symbol, report.exchange_order_id


_TOLD = {
    "orphans": "orders at the exchange that storage does not have (cancelled)",
    "unfollowed": "live orders that nothing followed (taken up again)",
    "unwanted": "live orders that no bot wants (cancelled)",
    "late_fills": "fills that no order's own report told (booked)",
    "lost_fills": "fills of orders that storage does not have (booked, of no bot)",
}


def _words(told: dict[str, str]) -> str:
    return ", ".join(f"{count} {_TOLD[name]}" for name, count in told.items())
