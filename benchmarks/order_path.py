"""CPU per order of the platform's whole way, from the look at the market to the stored answer, against ccxt alone.

Real parts throughout: decision, limits, executor, tracker, session, limiter, Coinstore class, aiohttp, and a journal on
SQLite that commits to the disk (synchronous=FULL) twice per order: the intent before the request, then its answer.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.local_exchange import SYMBOL, Binance, local_exchange
from benchmarks.rows import BenchRow, Measure, Rounds, cpu_us, interleaved
from trading_bridge.accounts.account import Account
from trading_bridge.accounts.balance_reader import BalanceReader
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.accounts.route import Route, RouteKey
from trading_bridge.app import calm_collector
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.book import Book, Level
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Credentials
from trading_bridge.core.crossing import Cleared
from trading_bridge.core.decision import Decision, Wanted
from trading_bridge.core.known import Ok
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, Side
from trading_bridge.core.reconcile import Plan, reconcile
from trading_bridge.core.risk import Limits
from trading_bridge.core.risk.limits import Purse, ScopeLimits
from trading_bridge.core.strategies.spread import SPREAD, SpreadParameters
from trading_bridge.core.view import MarketView, Sources, observe
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import RateLimit, exchange_info
from trading_bridge.exchanges.session import HttpSessions, Session
from trading_bridge.execution.executor import Applied, Executor, Work
from trading_bridge.execution.screening import Screening
from trading_bridge.runner.cycle import decide
from trading_bridge.runner.decisions import DECISION_ID_LENGTH
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, Row, Written

#: in flight -> orders in a round
ORDERS = {32: 320, 4: 120, 1: 60}
#: a quoting bot decides on its bid and its ask at once; one that has nothing to sell, on a bid alone
ORDERS_A_DECISION = {32: 2, 4: 2, 1: 1}
LIMIT = 1.2
#: on both sides
ACCOUNTS = 16
SHARD = 0
LEVELS = 50
_PARAMETERS = SpreadParameters(spread_bps=Decimal(40), order_amount_quote=Decimal(120))
#: as many orders as a round sends; all else as it is by default
_LIMITS = Limits(orders_per_minute=1_000_000, cancels_per_minute=1_000_000)
_ANY_PACE = ScopeLimits(orders_per_minute=1_000_000, cancels_per_minute=1_000_000)
_PURSE = Purse(base=Decimal(1_000), quote=Decimal(1_000_000))
#: more than is ever sent, so nothing waits, and the limiter works as it does for any other
_NO_WAIT = RateLimit(calls=10_000, per_s=0.1)


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(_measure(rounds))
    compared = [
        BenchRow(
            name=f"whole order path, {in_flight} in flight / ccxt binance",
            value=found.ratio(f"ours {in_flight}", f"theirs {in_flight}"),
            unit="x CPU",
            limit=LIMIT if in_flight == 32 else None,
        )
        for in_flight in ORDERS
    ]
    absolute = [
        BenchRow(
            name=f"  whole order path, {in_flight} in flight", value=found.median(f"ours {in_flight}"), unit="us CPU"
        )
        for in_flight in ORDERS
    ]
    return [*compared, *absolute]


async def _measure(rounds: int) -> Rounds:
    async with local_exchange() as address, platform_at(f"{address}/c") as platform:
        peers = [Binance(address) for _ in range(ACCOUNTS)]

        async def theirs(number: int) -> None:
            await peers[number % ACCOUNTS].place(number)

        calm_collector()  # as the product does; the peers have the good of it too
        measures: dict[str, Measure] = {}
        for in_flight, orders in ORDERS.items():
            each = ORDERS_A_DECISION[in_flight]
            measures[f"ours {in_flight}"] = partial(platform.cost, orders, in_flight, each)
            measures[f"theirs {in_flight}"] = partial(cpu_us, theirs, range(orders), in_flight)
        try:
            return await interleaved(measures, rounds)
        finally:
            await asyncio.gather(*(peer.close() for peer in peers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A bot with an account of its own."""

    bot: Bot
    account: Account
    balances: Balances
    #: monotonic
    read_began: float


class Platform:
    def __init__(self, seats: list[Seat], market: Market, executor: Executor, clock: SystemClock) -> None:
        self._free = seats
        self._market = market
        self._executor = executor
        self._clock = clock
        self._entropy = SystemEntropy()
        self._book = book_of(LEVELS, clock.now())

    async def cost(self, orders: int, in_flight: int, each: int) -> float:
        """CPU microseconds per order, with so many of them under way, `each` of one decision."""
        decisions = [each] * (orders // each)
        return await cpu_us(self.decide, decisions, in_flight // each) / each

    async def decide(self, wanted: int) -> None:
        """One decision that wants so many orders, until their answers are stored."""
        seat = self._free.pop()
        tracker, now = seat.account.tracker, self._clock.now()
        sources = Sources(
            rules=Ok(value=self._market, as_of=now),
            book=Ok(value=self._book, as_of=now),
            balances=Ok(value=seat.balances if wanted > 1 else _without_base(seat.balances), as_of=now),
            promised_base=tracker.promised(Side.SELL, self._market, seat.read_began),
            promised_quote=tracker.promised(Side.BUY, self._market, seat.read_began),
            standing=tracker.standing(seat.bot.id, self._market),
            own_in_book=tracker.own_in_book(self._market, seat.read_began, seat.read_began),
            reference=_MID,
        )
        view = observe(sources, SYMBOL, now)
        assert isinstance(view, MarketView), view
        decision, plan = self._decide(view)
        work = Work(
            bot=seat.bot,
            account=seat.account,
            market=self._market,
            plan=plan,
            decision_id=self._entropy.token(DECISION_ID_LENGTH),
            decided_at=now,
            purse=_PURSE,
            reference=_MID,
            limits=_LIMITS,
        )
        applied = await self._executor.apply(work)
        assert applied.placed == wanted, (decision, applied)
        for order in tracker.live(seat.bot.id):  # or the bot would keep it, and have nothing to do next time
            tracker.forget(order.client_order_id)
        self._free.append(seat)

    def _decide(self, view: MarketView) -> tuple[Decision, Plan]:
        return decide(view, SPREAD, _PARAMETERS, _LIMITS)


class Unguarded(Platform):
    """Without limits, without the look at other own orders, without a record."""

    def _decide(self, view: MarketView) -> tuple[Decision, Plan]:
        spread = SPREAD
        assert spread.decide is not None
        decision = spread.decide(view, _PARAMETERS)
        return decision, reconcile(decision.wanted, view.standing, Ticks(0))


class Unscreened(Screening):
    def plan(self, work: Work, applied: Applied) -> Plan:
        return work.plan

    def cleared(self, work: Work, wish: Wanted) -> Cleared:
        return Cleared(wish=wish, note=None)

    def opened(self, bot: Bot, order: Order) -> None:
        pass


class Forgetful(Journal):
    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        done: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
        done.set_result(tuple(Written() for _ in rows))
        return done


@asynccontextmanager
async def platform_at(base_url: str, *, guarded: bool = True) -> AsyncIterator[Platform]:
    clock, entropy = SystemClock(), SystemEntropy()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(
            f"sqlite:///{Path(folder) / 'bench.db'}",
            secret_keys=[Fernet.generate_key().decode()],
            clock=clock,
            entropy=entropy,
        )
        http = HttpSessions.aiohttp()
        await database.open()
        try:
            journal = Journal(database) if guarded else Forgetful(database)
            executor = Executor(
                journal=journal,
                clock=clock,
                entropy=entropy,
                installation_id=database.installation_id,
                shard=SHARD,
                epoch=await database.take_lease(SHARD),
                gate=lambda bot_id: None,
                scope_limits=lambda scope: _ANY_PACE,
            )
            if not guarded:
                executor._screening = Unscreened(
                    OwnOrders(), clock, scope_limits=lambda scope: _ANY_PACE, worth=lambda bot_id: None
                )
            writing = asyncio.create_task(journal.run())
            route = _route(base_url, http, clock)
            seats = [await _seat(number, database, journal, route, http, clock) for number in range(ACCOUNTS)]
            known = await route.rules.market(SYMBOL)
            assert isinstance(known, Ok), known
            assert known.value is not None
            yield (Platform if guarded else Unguarded)(seats, known.value, executor, clock)
            for seat in seats:
                await seat.account.session.close()
            await route.public.close()
            journal.close()
            await writing
        finally:
            await http.close()
            await database.close()


def _route(base_url: str, http: HttpSessions, clock: SystemClock) -> Route:
    info = exchange_info("coinstore")
    assert info is not None
    key = RouteKey(exchange=info.id, base_url=base_url, proxy_url=None, ipv4_only=False)
    unhurried = replace(info, user_limits=(_NO_WAIT,), address_limits=(_NO_WAIT,))
    return Route(
        key,
        unhurried,
        http,
        Limiters(clock),
        clock,
        asyncio.create_task,
        lambda name, work: asyncio.create_task(work()),
        label=key.label,
    )


async def _seat(
    number: int, database: Database, journal: Journal, route: Route, http: HttpSessions, clock: SystemClock
) -> Seat:
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name=f"Client {number}", account=f"client_{number}")
        connector = await uow.connectors.add(
            client_id=client.id,
            name="coinstore",
            exchange="coinstore",
            credentials=Credentials(api_key="k" * 32, secret="s" * 32),
            base_url=route.key.base_url,
        )
        bot = await uow.bots.add(
            client_id=client.id,
            name=f"ETH-{number}",
            connector="coinstore",
            symbol=SYMBOL,
            bot_type="spread",
            config={},
            market_verified=True,
        )
    session = Session(
        info=route.info,
        credentials=Credentials(api_key="k" * 32, secret="s" * 32),
        base_url=route.key.base_url,
        proxy_url=None,
        ipv4_only=False,
        clock=clock,
        http=http,
        limiters=route.limiters,
        markets_of=route.public,
    )
    tracker = OrderTracker(
        exchange="coinstore",
        connector_id=connector.id,
        session=session,
        rules=route.rules,
        journal=journal,
        clock=clock,
        signature_window=timedelta(seconds=route.info.signature_window_s),
        on_fill=lambda bot_id, fill: None,
        on_change=lambda bot_id: None,
    )
    account = Account(
        connector=connector,
        route=route,
        session=session,
        reader=BalanceReader(session, clock, asyncio.create_task, lambda good: None, lambda: None),
        tracker=tracker,
        clock=clock,
    )
    account.recovering = None  # nothing was there before
    await account.reader.read(max_age_s=0)
    read = account.reader.good
    assert read is not None, account.reader.failure
    assert read.started is not None
    return Seat(bot=bot, account=account, balances=read.balances, read_began=read.started)


def _without_base(balances: Balances) -> Balances:
    return replace(balances, by_currency={**balances.by_currency, "ETH": Balance(free=Decimal(0), used=Decimal(0))})


def book_of(levels: int, observed_at: datetime) -> Book:
    """Best bid and ask at 2410.01 and 2410.03."""
    return Book(
        symbol=SYMBOL,
        bids=tuple(Level(Ticks(241_001 - place), Lots(20_000 + place)) for place in range(levels)),
        asks=tuple(Level(Ticks(241_003 + place), Lots(20_000 + place)) for place in range(levels)),
        observed_at=observed_at,
    )


_MID = Decimal("2410.02")
