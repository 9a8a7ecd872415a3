"""From what was read to what must be done, without any I/O: view, decision, limits, plan."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from benchmarks.rows import BenchRow, Measure, Rounds, interleaved
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.book import Book, Level
from trading_bridge.core.known import Ok
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.risk import Limits
from trading_bridge.core.strategies.spread import SPREAD, SpreadParameters
from trading_bridge.core.strategies.spread import decide as spread_decide
from trading_bridge.core.view import MarketView, Sources, Standing, observe
from trading_bridge.runner.cycle import decide

CALLS = 500
LEVELS = 50
LIMIT_US = 100.0
_ALL = "decision of a spread bot with every setting on, 50 levels"

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SYMBOL = "ETH/USDT"
_MARKET = Market(
    exchange="coinstore",
    symbol=_SYMBOL,
    base="ETH",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.0001"),
    min_price=Decimal("0.01"),
    min_amount=Decimal("0.0001"),
    min_cost=None,
    maker_fee=Decimal("0.002"),
    taker_fee=Decimal("0.002"),
    active=True,
)
_PARAMETERS = SpreadParameters(spread_bps=Decimal(5), order_amount_quote=Decimal(250))
_LIMITS = Limits()
_EVERYTHING = SpreadParameters.model_validate(
    {
        "spread_bps": "20",
        "bid_spread_bps": "12",
        "ask_spread_bps": "9",
        "minimum_spread_bps": "10",
        "maximum_spread_bps": "200",
        "fixed_price": "2410",
        "reference": "depth",
        "reference_depth_quote": "50000",
        "reference_band_bps": "100",
        "price_floor": "2000",
        "price_ceiling": "3000",
        "order_amount_pct": "1",
        "levels": 5,
        "level_distance_bps": "5",
        "level_distance_growth": "1.3",
        "level_amount_growth": "1.2",
        "inventory_target_pct": "50",
        "inventory_band_pct": "40",
        "inventory_price_skew_bps": "10",
        "inventory_size_skew": "0.5",
        "minimum_rest_s": 30,
        "filled_order_delay_s": 5,
        "hanging_orders": 2,
        "volatility_factor": "1",
        "model": "avellaneda_stoikov",
        "obligation_spread_bps": "100",
        "obligation_depth_quote": "1500",
    }
)


def rows(rounds: int) -> list[BenchRow]:
    found = asyncio.run(_measure(rounds))
    return [
        BenchRow(name=f"view -> decision -> actions, {what}", value=found.median(what), unit="us CPU", limit=LIMIT_US)
        for what in _CASES
    ] + [BenchRow(name=_ALL, value=found.median(_ALL), unit="us CPU")]


async def _measure(rounds: int) -> Rounds:
    def measure(case: Callable[[], Sources], cancels: int, places: int) -> Measure:
        async def cost() -> float:
            sources = case()
            plan = _once(sources)
            assert (len(plan.cancel), len(plan.place)) == (cancels, places), plan
            began = time.process_time()
            for _ in range(CALLS):
                _once(sources)
            return (time.process_time() - began) / CALLS * 1e6

        return cost

    return await interleaved({what: measure(*case) for what, case in _CASES.items()} | {_ALL: _all_on}, rounds)


async def _all_on() -> float:
    """One decision with every setting on, five levels a side, own orders standing, of which some stay."""
    view = observe(_lively(), _SYMBOL, _NOW)
    assert isinstance(view, MarketView)
    decision = spread_decide(view, _EVERYTHING)
    assert len(decision.wanted or ()) == 10 + 1, decision
    began = time.process_time()
    for _ in range(CALLS):
        spread_decide(view, _EVERYTHING)
    return (time.process_time() - began) / CALLS * 1e6


def _lively() -> Sources:
    """Five orders a side, an old one among the asks, and a buy that was filled half a minute ago."""
    ago = [timedelta(seconds=seconds) for seconds in (10, 40, 40, 40, 90)]
    own = [
        replace(_own(side, start + step * place, lots=100), opened_at=_NOW - ago[place])
        for side, start, step in ((Side.BUY, 240_700, -150), (Side.SELL, 241_300, 150))
        for place in range(5)
    ]
    lively = Volatility(at=_NOW, mid=2410.02, moved=3e-5, seconds=300.0, watched_s=600.0)
    filled = {"bought_at": _NOW - timedelta(seconds=80), "sold_at": _NOW - timedelta(seconds=300)}
    return replace(_sources(tuple(own)), volatility=lively, **filled)


def _once(sources: Sources) -> Plan:
    view = observe(sources, _SYMBOL, _NOW)
    assert isinstance(view, MarketView)
    return decide(view, SPREAD, _PARAMETERS, _LIMITS)[1]


def _sources(standing: tuple[Standing, ...]) -> Sources:
    held = {
        "ETH": Balance(free=Decimal("4.125"), used=Decimal("0.1")),
        "USDT": Balance(free=Decimal("9120.18"), used=Decimal(250)),
    }
    return Sources(
        rules=Ok(value=_MARKET, as_of=_NOW),
        book=Ok(value=_book(standing), as_of=_NOW),
        balances=Ok(
            value=Balances(wallet="spot", exchange_account="1134971", by_currency=held, complete=True), as_of=_NOW
        ),
        promised_base=Decimal(0),
        promised_quote=Decimal(0),
        standing=standing,
        own_in_book=tuple((own.side, own.price, own.remaining) for own in standing),
        reference=Decimal("2410.02"),
    )


def _book(standing: tuple[Standing, ...]) -> Book:
    """Fifty levels a side, own orders among them."""
    own = {(order.side, order.price): order.remaining for order in standing}

    def side(which: Side, best: int, step: int) -> tuple[Level, ...]:
        prices = [Ticks(best + step * place) for place in range(LEVELS)]
        return tuple(Level(price, Lots(20_000 + own.get((which, price), 0))) for price in prices)

    return Book(symbol=_SYMBOL, bids=side(Side.BUY, 241_001, -2), asks=side(Side.SELL, 241_003, 2), observed_at=_NOW)


def _own(side: Side, price: int, lots: int = 1036) -> Standing:
    return Standing(
        client_order_id=f"tbbench{side}",
        exchange_order_id="1722183748419690",
        side=side,
        price=Ticks(price),
        remaining=Lots(lots),
        state=OrderState.NEW,
    )


#: what stands -> cancels, new orders
_CASES: dict[str, tuple[Callable[[], Sources], int, int]] = {
    "nothing stands": (lambda: _sources(()), 0, 2),
    "both kept": (lambda: _sources((_own(Side.BUY, 240_941), _own(Side.SELL, 241_063))), 0, 0),
    "both moved": (lambda: _sources((_own(Side.BUY, 240_907), _own(Side.SELL, 241_097))), 2, 2),
}
