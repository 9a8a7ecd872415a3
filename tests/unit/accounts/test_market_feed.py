"""Books that look fresh and are not to be trusted (faults M1, M2); a market's trades tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, book, market
from tests.unit.accounts.scripted import ManualClock, OneMarket, answered, failed
from trading_bridge.accounts.market_feed import MarketFeed
from trading_bridge.core.book import Book
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Outcome
from trading_bridge.core.trade import PublicTrade

SYMBOL = "SHARP/USDT"
BID, ASK = "0.025590", "0.025610"
INSIDE, THROUGH, BELOW = "0.025600", "0.025611", "0.025589"


class Exchange:
    """Answers with the book it has at that time, and with its newest trades."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.bids: tuple[tuple[int, int], ...] = ((25590, 500_000),)
        self.asks: tuple[tuple[int, int], ...] = ((25610, 500_000),)
        self.trades: list[PublicTrade] = []
        self.looks: list[float] = []
        #: instead of the trades
        self.refusal: Any = None
        self.hangs = False
        #: after the book was made and before the trades are asked for
        self.between = lambda: None

    def move(self, lots: int) -> None:
        self.bids = ((25590, lots),)

    def trade(self, price: str, *, ago_s: float = 0) -> None:
        self.trades.append(
            PublicTrade(
                trade_id=str(len(self.trades)),
                symbol=SYMBOL,
                side=Side.BUY,
                price=Decimal(price),
                amount=Decimal(1),
                exchange_time=self._clock.now() - timedelta(seconds=ago_s),
            )
        )

    async def order_book(self, market: Market, depth: int) -> Outcome[Book]:
        return answered(book(self.bids, self.asks, observed_at=self._clock.now()))

    async def public_trades(self, market: Market, limit: int) -> Outcome[tuple[PublicTrade, ...]]:
        self.looks.append(self._clock.monotonic())
        if self.hangs:
            await self._clock.sleep(100)
        self.between()
        return self.refusal or answered(tuple(self.trades[-limit:]))


class Feeding:
    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.exchange = Exchange(self.clock)
        self.rules = OneMarket()
        self.feed = MarketFeed(SYMBOL, self.exchange, self.rules, self.clock)  # type: ignore[arg-type]
        self.feed.want(1000)

    async def after(self, seconds: float) -> Known[Book]:
        await self.clock.advance(seconds)
        return self.feed.book()

    @property
    def trouble(self) -> str | None:
        found = self.feed.trouble
        return None if found is None else found.code


@asynccontextmanager
async def feeding() -> AsyncIterator[Feeding]:
    made = Feeding()
    polling = asyncio.ensure_future(made.feed.run())
    try:
        yield made
    finally:
        polling.cancel()


async def test_fault_M2_a_book_that_its_market_trades_through_is_frozen_until_it_moves() -> None:
    async with feeding() as made:
        made.exchange.trade(THROUGH)  # made this book, for all we know
        assert isinstance(await made.after(3.5), Ok)
        made.exchange.trade(THROUGH)
        assert isinstance(await made.after(2), Ok)
        known = await made.after(1)
        assert isinstance(known, Stale)
        assert (known.as_of, known.finding.code) == (NOW, "book.frozen")
        assert dict(known.finding.parameters) == {"symbol": SYMBOL, "seconds": "6"}
        assert made.trouble == "book.frozen"
        assert isinstance(await made.after(20), Stale)
        made.exchange.move(400_000)
        assert isinstance(await made.after(1), Ok)
        assert made.trouble is None


@pytest.mark.parametrize(
    ("prices", "frozen"),
    [((INSIDE,), False), ((INSIDE, INSIDE), True), ((BELOW,), True), ((BID, ASK), True), ((ASK,), False), ((), False)],
)
async def test_fault_M2_which_trades_a_standing_book_cannot_have_seen(prices: tuple[str, ...], frozen: bool) -> None:
    async with feeding() as made:
        await made.after(3.5)
        for price in prices:
            made.exchange.trade(price)
        await made.after(10)
        assert (made.trouble == "book.frozen") is frozen


async def test_trades_over_several_looks_add_up() -> None:
    async with feeding() as made:
        await made.after(3.5)
        made.exchange.trade(INSIDE)
        await made.after(5)
        assert made.trouble is None
        made.exchange.trade(INSIDE)
        await made.after(5)
        assert made.trouble == "book.frozen"


async def test_trades_that_moved_the_book_say_that_it_lives() -> None:
    async with feeding() as made:
        for lots in range(30):
            made.exchange.trade(THROUGH)
            made.exchange.move(lots + 1)
            await made.after(1)
            assert made.trouble is None
        assert made.exchange.looks == []


async def test_a_trade_that_came_after_the_book_was_made_waits_for_the_next_book() -> None:
    async with feeding() as made:
        await made.after(4.5)
        made.exchange.between = lambda: (made.exchange.trade(THROUGH), made.exchange.move(1))  # type: ignore[assignment]
        await made.after(0.6)
        assert len(made.exchange.looks) == 2
        made.exchange.between = lambda: None
        await made.after(5)
        assert made.trouble is None


async def test_a_trade_that_is_told_late_made_the_book() -> None:
    async with feeding() as made:
        await made.after(3.5)
        made.exchange.trade(THROUGH, ago_s=3.6)
        await made.after(10)
        assert made.trouble is None


async def test_the_first_look_only_learns_which_trades_there_were() -> None:
    """The exchange's clock is ahead: the trade that made the book seems to come after it."""
    async with feeding() as made:
        made.exchange.trade(THROUGH, ago_s=-2)
        await made.after(10)
        assert made.trouble is None


async def test_a_look_that_finds_nothing_forgets_nothing() -> None:
    async with feeding() as made:
        made.exchange.trade(THROUGH, ago_s=-2)
        await made.after(3.5)
        trades, made.exchange.trades = made.exchange.trades, []
        await made.after(2)
        made.exchange.trades = trades
        await made.after(10)
        assert made.trouble is None


async def test_trades_are_asked_for_only_under_a_book_that_stands_and_not_oftener_than_agreed() -> None:
    async with feeding() as made:
        await made.after(10.5)
        assert made.exchange.looks == [3, 5, 7, 9]
        made.exchange.move(1)
        await made.after(3)
        assert made.exchange.looks == [3, 5, 7, 9]


async def test_a_look_at_trades_that_fails_or_hangs_keeps_no_book_waiting() -> None:
    async with feeding() as made:
        made.exchange.refusal = failed()
        await made.after(3.5)
        made.exchange.trade(THROUGH)
        assert isinstance(await made.after(5), Ok)
        made.exchange.hangs = True
        known = await made.after(20)
        assert isinstance(known, Ok)
        assert made.clock.now() - known.as_of <= timedelta(seconds=2)


@pytest.mark.parametrize(
    ("bids", "asks", "code"),
    [
        ((), (), "book.empty"),
        (((25611, 1),), ((25610, 1),), "book.crossed"),
        (((25590, 1),), (), None),
    ],
)
async def test_fault_M1_a_book_without_prices_is_told_until_it_has_some(bids: Any, asks: Any, code: str | None) -> None:
    async with feeding() as made:
        made.exchange.bids, made.exchange.asks = bids, asks
        await made.after(3)
        assert made.trouble == code
        assert made.feed.trouble is None or made.feed.trouble.since == NOW
        assert made.feed.mids() == ()
        made.exchange.bids, made.exchange.asks = ((25590, 1),), ((25610, 1),)
        await made.after(1)
        assert made.trouble is None
        assert len(made.feed.mids()) == 1


async def test_an_unlisted_market_is_told_with_what_the_rules_know_of_it() -> None:
    async with feeding() as made:
        meant = Finding(
            code="market.unknown", severity=Severity.WARNING, since=NOW, parameters={"nearest": "SHRP/USDT"}
        )
        made.rules.known = lambda symbol: Ok(value=None, as_of=NOW, finding=meant)  # type: ignore[method-assign]
        await made.after(1)
        assert made.feed.trouble == meant


def test_the_market_of_these_tests_has_the_prices_they_name() -> None:
    assert (market().price(25590), market().price(25610)) == (Decimal(BID), Decimal(ASK))  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-32, 32, 3600])
async def test_fault_T2_a_book_that_was_read_after_the_clock_was_set_keeps_its_time(seconds: int) -> None:
    async with feeding() as made:
        made.clock.step(seconds)
        await made.after(1.5)
        made.feed.stepped()
        known = made.feed.book()
        assert isinstance(known, Ok)
        assert known.as_of == made.clock.now() - timedelta(seconds=0.5)
