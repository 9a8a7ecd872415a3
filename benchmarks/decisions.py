"""What a cycle pays for its decision to be on record when it says what the cycle before it said."""

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.rows import BenchRow, interleaved
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.runner.decisions import DecisionLog
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import Row, Written

CALLS = 5_000
LIMIT_US = 20.0

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_MARKET = Market(
    exchange="coinstore",
    symbol="ETH/USDT",
    base="ETH",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.0001"),
    min_price=None,
    min_amount=None,
    min_cost=None,
    maker_fee=None,
    taker_fee=None,
    active=True,
)


class _Counted(Journal):
    """Takes every row and writes none."""

    def __init__(self) -> None:
        self.writes = 0

    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        self.writes += 1
        done: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
        done.set_result(tuple(Written() for _ in rows))
        return done


def rows(rounds: int) -> list[BenchRow]:
    return asyncio.run(_measure(rounds))


async def _measure(rounds: int) -> list[BenchRow]:
    journal = _Counted()
    log = DecisionLog(journal, SystemEntropy(), SystemClock())
    log.record("bot", _decision(0), _NOW, _MARKET)
    first_writes = journal.writes

    async def cost() -> float:
        decisions = [_decision(number) for number in range(CALLS)]
        began = time.process_time()
        for decision in decisions:
            log.record("bot", decision, _NOW, _MARKET)
        return (time.process_time() - began) / CALLS * 1e6

    found = await interleaved({"record": cost}, rounds)
    return [
        BenchRow(
            name="decision on record, nothing changed", value=found.median("record"), unit="us CPU", limit=LIMIT_US
        ),
        BenchRow(
            name="decision on record, nothing changed",
            value=journal.writes - first_writes,
            unit="writes",
            limit=0,
            timed=False,
        ),
    ]


def _decision(number: int) -> Decision:
    """Two levels a side, whose prices move, and a note whose numbers do."""
    prices = (241_001 - number, 241_001 - 2 * number, 241_003 + number, 241_003 + 2 * number)
    return Decision(
        reason=Reason(code="quoting", parameters={"reference": f"{number}"}),
        wanted=tuple(
            Wanted(side=side, price=Ticks(price), amount=Lots(1_036))
            for side, price in zip((Side.BUY, Side.BUY, Side.SELL, Side.SELL), prices, strict=True)
        ),
        notes=(Reason(code="balance.insufficient", parameters={"side": "sell", "has": f"{number}"}),),
    )
