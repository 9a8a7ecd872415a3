"""For any fills, read any number of times and in any groups, a bot's totals are the exact sums of its trade rows."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import fill
from tests.storage.conftest import World
from trading_bridge.core.fill import DayTotals, exact_sum
from trading_bridge.core.order import Side
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, StoreFill

costs = st.decimals(min_value=0, max_value=10**20, places=18, allow_nan=False, allow_infinity=False)
trades = st.builds(
    fill,
    trade_id=st.integers(min_value=1, max_value=6).map(str),
    exchange_account=st.sampled_from([None, "1134971"]),
    symbol=st.sampled_from(["SHARP/USDT", "SHARP/BTC"]),
    side=st.sampled_from(Side),
    cost=costs,
    is_maker=st.sampled_from([True, False, None]),
    exchange_time=st.datetimes(
        min_value=datetime(2026, 1, 1),  # noqa: DTZ001 (Hypothesis wants bounds without a zone)
        max_value=datetime(2026, 1, 3),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
#: calls of one or more rows; a turn of the event loop commits a list of calls
turns = st.lists(st.lists(st.lists(trades, min_size=1, max_size=3), max_size=4), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(turns=turns)
async def test_totals_are_the_sums_of_the_trade_rows(
    database: Database,
    journal: Journal,
    world: World,
    turns: list[list[list[object]]],
) -> None:
    async with database.unit_of_work() as uow:
        connector = await uow.connectors.add(
            client_id=world.client.id, name=database._entropy.token(8), exchange="coinstore", credentials=None
        )
        bot = await uow.bots.add(
            client_id=world.client.id, name="b", connector="c", symbol="SHARP/USDT", bot_type="spread", config={}
        )

    def row(trade: object) -> StoreFill:
        return StoreFill(
            trade=trade,  # type: ignore[arg-type]
            exchange=bot.id,  # an exchange of its own, so that examples share no fill
            connector_id=connector.id,
            bot_id=bot.id,
            client_order_id=None,
        )

    new = 0
    for turn in turns:
        answers = await asyncio.gather(*(journal.write(*(row(trade) for trade in call)) for call in turn))
        new += sum(not written.duplicate for answer in answers for written in answer)
    async with database.unit_of_work(read_only=True) as uow:
        stored = await uow.trades.since(bot.id, datetime(2025, 1, 1, tzinfo=UTC))
        totals = await uow.totals.of(bot.id)
    assert new == len(stored)
    keys = {(f.trade.exchange_account, f.trade.symbol, f.trade.trade_id) for f in stored}
    assert len(keys) == len(stored)
    assert keys == {
        (trade.exchange_account, trade.symbol, trade.trade_id)  # type: ignore[attr-defined]
        for turn in turns
        for call in turn
        for trade in call
    }
    expected: dict[tuple[date, str], list[object]] = defaultdict(list)
    for f in stored:
        expected[f.trade.exchange_time.date(), f.trade.symbol.partition("/")[2]].append(f.trade)
    assert {(day.day, day.currency): day for day in totals} == {
        key: _sums(bot.id, key, of_day) for key, of_day in expected.items()
    }


def _sums(bot_id: str, key: tuple[date, str], of_day: list[object]) -> DayTotals:
    def volume(*roles: bool | None) -> Decimal:
        return exact_sum(*(t.cost for t in of_day if t.is_maker in roles))  # type: ignore[attr-defined]

    sides = [t.side for t in of_day]  # type: ignore[attr-defined]
    return DayTotals(
        bot_id=bot_id,
        day=key[0],
        currency=key[1],
        volume=volume(True, False, None),
        maker=volume(True),
        taker=volume(False),
        unknown_role=volume(None),
        trades=len(of_day),
        buys=sides.count(Side.BUY),
        sells=sides.count(Side.SELL),
    )
