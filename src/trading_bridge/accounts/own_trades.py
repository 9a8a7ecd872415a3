"""Trades of an exchange account, read on from where looks at them have told all: missed fills are booked, those of
strangers named."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from trading_bridge.accounts.foreign import Foreign
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.rules import Rules
from trading_bridge.accounts.shelf import Shelf
from trading_bridge.clock import Clock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.errors import NotReady, OutcomeUnknown, StorageRefused
from trading_bridge.exchanges.session import Session
from trading_bridge.exchanges.trade_reader import BEGIN, Place, Stretch
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreFill, StoreTradeMark

#: a fill of an order that is followed is known by then without a look at the trades
TOLD_WITHIN = timedelta(seconds=10)
#: a trade may come late into the exchange's list, or be left out of an answer: what a look has told is read again by
#: every look for so long
LATE_WITHIN = timedelta(seconds=60)
#: a mark that the account's trades do not hold, as those of another account, is passed where they are so much older
PASSED_BY = timedelta(days=1)
#: orders of strangers that one look asks about; the others wait for the next
ASKED_AT_ONCE = 20
#: looks at which the exchange does not know the order of a trade, until it counts as nobody's
LOOKS_UNTIL_NOBODYS = 3
#: strangers' orders that are remembered
REMEMBERED = 5_000


#: symbol, exchange_order_id
_Numbered = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Late:
    """Fills that nothing but a look at the trades could find."""

    #: of orders that are followed, or were
    of_ours: int = 0
    #: of orders that carry our id and have no row
    of_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A look that told all."""

    #: monotonic time
    at: float
    newest: TradeMark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backlog:
    """More than one look reads: each goes on where the one before ended, towards older trades."""

    page: Place
    #: of the first of these looks: the newest trade, and the newest that was old enough to be no late one
    newest: TradeMark
    settled: TradeMark


class OwnTrades:
    def __init__(
        self,
        *,
        connector: Connector,
        session: Session,
        rules: Rules,
        tracker: OrderTracker,
        foreign: Foreign,
        shelf: Shelf,
        journal: Journal,
        clock: Clock,
        is_anothers: Callable[[str], bool],
        on_fill: Callable[[str | None, Trade], None],
    ) -> None:
        """`on_fill` hears fills that the tracker does not book: of which bot, None for nobody's of ours."""
        self._connector = connector
        self._session = session
        self._rules = rules
        self._tracker = tracker
        self._foreign = foreign
        self._shelf = shelf
        self._journal = journal
        self._clock = clock
        self._is_anothers = is_anothers
        self._on_fill = on_fill
        self._marks: dict[str, TradeMark | None] = {}  # symbol -> after which the next look reads, None: none is known
        self._told: dict[str, _Told] = {}  # symbol -> a look since the mark that told all
        self._backlogs: dict[str, _Backlog] = {}  # symbol -> what is unread
        self._strangers: dict[_Numbered, str | None] = {}  # an order -> its client order id, None: it has none
        self._unsure: dict[_Numbered, int] = {}  # an order -> looks at which the exchange did not know it
        #: trades of commits whose outcome nobody knows
        self._untold: set[tuple[str, str]] = set()  # symbol, trade_id
        self._reading = asyncio.Lock()
        self.late = Late()

    async def read(self, symbols: Iterable[str]) -> Finding | None:
        """Reads on in each market, and books; why not all could be read. One read at a time."""
        async with self._reading:
            return await self._read(symbols)

    async def _read(self, symbols: Iterable[str]) -> Finding | None:
        wanted = sorted(set(symbols))
        unread = [symbol for symbol in wanted if symbol not in self._marks]
        try:
            stored = await self._shelf.marks(unread)
            self._marks |= {symbol: stored.get(symbol) for symbol in unread}
            found = await asyncio.gather(*(self._read_market(symbol) for symbol in wanted))
        except (NotReady, StorageRefused) as error:
            return self._finding(error.code, {"detail": error.message})
        return next((finding for finding in found if finding is not None), None)

    async def _read_market(self, symbol: str) -> Finding | None:
        rules = await self._rules.market(symbol)
        if isinstance(rules, Unknown):
            return rules.finding
        market = rules.value or self._rules.once(symbol)
        if market is None:
            return None
        answer = await self._read_on(market)
        if not isinstance(answer, Answered):
            return answer.finding
        stretch = answer.value
        told = await self._book(market, stretch.trades)
        if isinstance(told, Finding):
            return told
        if told:
            return await self._go_on(symbol, stretch)
        behind = stretch.next_page is not None or symbol in self._backlogs
        return self._incomplete(symbol, stretch.trades) if behind else None

    async def _book(self, market: Market, trades: Sequence[Trade]) -> bool | Finding:
        """False: the exchange cannot say yet whose some of them are, or storage cannot take them now."""
        unstored = await self._shelf.unstored(trades)
        fresh = tuple(trade for trade in trades if trade in unstored or _named(trade) in self._untold)
        left = await self._tracker.book(fresh)
        booked = [trade for trade in fresh if trade not in left]
        all_told = not booked or not await self._shelf.unstored(booked)
        if all_told:
            overdue = self._clock.now() - TOLD_WITHIN
            self.late.of_ours += sum(1 for trade in booked if trade.exchange_time < overdue)
        asked = 0
        for exchange_order_id, of_order in _by_order(left).items():
            if not self._is_past(of_order) and (market.symbol, exchange_order_id) not in self._strangers:
                asked += 1
            if asked > ASKED_AT_ONCE:
                return False
            told = await self._tell(market, exchange_order_id, of_order)
            if isinstance(told, Finding):
                return told
            all_told = told and all_told
        return all_told

    async def _read_on(self, market: Market) -> Outcome[Stretch]:
        """All since the connector was made where no look has told all yet."""
        mark, backlog = self._marks[market.symbol], self._backlogs.get(market.symbol)
        return await self._session.trades_back(
            market,
            after_trade_id=None if mark is None else mark.trade_id,
            since=self._connector.created_at if mark is None else mark.exchange_time - PASSED_BY,
            from_page=BEGIN if backlog is None else backlog.page,
        )

    async def _go_on(self, symbol: str, stretch: Stretch) -> Finding | None:
        """What was read is told. Why the market is not known up to now; None: it is."""
        trades, backlog = stretch.trades, self._backlogs.get(symbol)
        now, before = self._clock.monotonic(), self._told.get(symbol)
        if stretch.next_page is not None:
            if backlog is not None:
                self._backlogs[symbol] = replace(backlog, page=stretch.next_page)
            elif trades:
                newest, settled = _mark(trades), _mark(trades, older_by=LATE_WITHIN)
                self._backlogs[symbol] = _Backlog(page=stretch.next_page, newest=newest, settled=settled)
            return self._incomplete(symbol, trades)
        if backlog is not None:
            await self._store_mark(symbol, backlog.settled)
            del self._backlogs[symbol]
            self._told[symbol] = _Told(at=now, newest=backlog.newest)
        elif trades and (before is None or now - before.at >= LATE_WITHIN.total_seconds()):
            if before is not None:
                await self._store_mark(symbol, before.newest)
            self._told[symbol] = _Told(at=now, newest=_mark(trades))
        return None

    async def _store_mark(self, symbol: str, mark: TradeMark) -> None:
        if mark != self._marks[symbol]:
            await self._journal.write(StoreTradeMark(connector_id=self._connector.id, symbol=symbol, mark=mark))
            self._marks[symbol] = mark

    async def _tell(self, market: Market, exchange_order_id: str, trades: tuple[Trade, ...]) -> bool | Finding:
        """Whose trades these are; False: the exchange cannot say yet."""
        if self._is_past(trades):
            return True
        numbered = market.symbol, exchange_order_id
        if numbered not in self._strangers:
            answer = await self._session.order_report(market, exchange_order_id=exchange_order_id)
            if not isinstance(answer, Answered):
                return answer.finding
            if answer.value is None and self._may_be_told_later(numbered):
                return False
            self._remember(numbered, None if answer.value is None else answer.value.client_order_id)
        client_order_id = self._strangers[numbered]
        if client_order_id is not None and not self._foreign.is_foreign(client_order_id):
            return await self._book_ours(client_order_id, trades)
        if self._foreign.is_new(trades[-1].exchange_time):
            for trade in trades:
                if await self._store(trade, None, client_order_id):
                    self._foreign.traded(trade, client_order_id)
        return True

    def _is_past(self, trades: tuple[Trade, ...]) -> bool:
        return trades[-1].exchange_time < self._connector.created_at

    async def _book_ours(self, client_order_id: str, trades: tuple[Trade, ...]) -> bool:
        """Of another connector on this exchange account, or of a row that was lost."""
        if self._is_anothers(client_order_id):
            return True
        bot_id = (await self._shelf.bots_of([client_order_id])).get(client_order_id)
        for trade in trades:
            if await self._store(trade, bot_id, client_order_id):
                self.late.of_lost += bot_id is None
        return True

    async def _store(self, trade: Trade, bot_id: str | None, client_order_id: str | None) -> bool:
        """False: it was stored before."""
        row = StoreFill(
            trade=trade,
            exchange=self._connector.exchange,
            connector_id=self._connector.id,
            bot_id=bot_id,
            client_order_id=client_order_id,
        )
        try:
            (written,) = await self._journal.write(row)
        except OutcomeUnknown:
            self._untold.add(_named(trade))
            raise
        self._untold.discard(_named(trade))
        if not written.duplicate:
            self._on_fill(bot_id, trade)
        return not written.duplicate

    def _may_be_told_later(self, numbered: _Numbered) -> bool:
        looks = self._unsure.pop(numbered, 0) + 1
        if looks < LOOKS_UNTIL_NOBODYS:
            self._unsure[numbered] = looks
        return looks < LOOKS_UNTIL_NOBODYS

    def _remember(self, numbered: _Numbered, client_order_id: str | None) -> None:
        self._strangers[numbered] = client_order_id
        while len(self._strangers) > REMEMBERED:
            del self._strangers[next(iter(self._strangers))]

    def _incomplete(self, symbol: str, trades: Sequence[Trade]) -> Finding:
        parameters = {"symbol": symbol}
        if trades:
            oldest = trades[0].exchange_time.astimezone(UTC)
            parameters["back_to"] = oldest.isoformat(timespec="seconds").replace("+00:00", "Z")
        return replace(self._finding("volume.incomplete", parameters), severity=Severity.WARNING)

    def _finding(self, code: str, parameters: dict[str, str]) -> Finding:
        return Finding(code=code, severity=Severity.CRITICAL, since=self._clock.now(), parameters=parameters)


def _mark(trades: Sequence[Trade], older_by: timedelta = timedelta(0)) -> TradeMark:
    """The newest of them that is so much older than the very newest, else the oldest."""
    until = trades[-1].exchange_time - older_by
    found = next((trade for trade in reversed(trades) if trade.exchange_time <= until), trades[0])
    return TradeMark(trade_id=found.trade_id, exchange_time=found.exchange_time)


def _named(trade: Trade) -> tuple[str, str]:
    return trade.symbol, trade.trade_id


def _by_order(trades: Iterable[Trade]) -> Mapping[str, tuple[Trade, ...]]:
    found: dict[str, list[Trade]] = {}
    for trade in trades:
        found.setdefault(trade.exchange_order_id, []).append(trade)
    return {exchange_order_id: tuple(of_order) for exchange_order_id, of_order in found.items()}
