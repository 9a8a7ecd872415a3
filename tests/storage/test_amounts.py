"""Amounts keep every digit on both databases, and no SQL computes with them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import asc, desc, distinct, func, literal, select, text, tuple_

from tests.factories import fill, order
from tests.storage.conftest import SHARD, World
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, StoreFill
from trading_bridge.storage.tables import orders, trade_logs
from trading_bridge.storage.types import AmountInSql, plain

EXACT = ["0.00000034", "171690026.123456789012345678", "0", "0.10", "1E+3", "-0.0000005", "9" * 40 + "." + "9" * 20]


@pytest.mark.parametrize("digits", EXACT)
async def test_amounts_come_back_unchanged(database: Database, journal: Journal, world: World, digits: str) -> None:
    amount = Decimal(digits)
    made = order(bot_id=world.bot.id, connector_id=world.connector.id, epoch=world.epoch, price=amount, amount=amount)
    await journal.write(OpenIntent(order=made, shard=SHARD))
    trade = fill(price=amount, amount=amount, cost=amount, fee=amount)
    await journal.write(
        StoreFill(
            trade=trade,
            exchange="coinstore",
            connector_id=world.connector.id,
            bot_id=world.bot.id,
            client_order_id=None,
        )
    )
    async with database.unit_of_work(read_only=True) as uow:
        stored = await uow.orders.get(made.client_order_id)
        page = await uow.trades.list(world.bot.id)
        totals = await uow.totals.of(world.bot.id)
    assert stored is not None
    assert stored.price is not None
    assert plain(stored.price) == plain(amount)
    assert plain(stored.amount) == plain(amount)
    [stored_fill] = page.items
    assert stored_fill.trade == trade
    assert plain(stored_fill.trade.cost) == plain(amount)
    assert [t.volume for t in totals] == [amount]


async def test_people_who_read_the_tables_see_plain_numbers(database: Database, journal: Journal, world: World) -> None:
    made = order(
        bot_id=world.bot.id,
        connector_id=world.connector.id,
        epoch=world.epoch,
        price=Decimal("3.4E-7"),
        filled=Decimal(0),
    )
    await journal.write(OpenIntent(order=made, shard=SHARD))
    seen = await database.transact(
        lambda connection: connection.execute(text("SELECT CAST(price AS TEXT) FROM orders")).scalar_one()
    )
    assert seen == "0.00000034"


@pytest.mark.parametrize("digits", ["NaN", "Infinity", "-Infinity"])
async def test_what_is_no_number_is_no_amount(database: Database, digits: str) -> None:
    statement = select(literal(Decimal(digits), orders.c.amount.type))
    with pytest.raises(Exception, match="is not an amount"):
        await database.transact(lambda connection: connection.execute(statement))


IN_SQL: dict[str, Callable[[], object]] = {
    "sum": lambda: func.sum(orders.c.amount),
    "max": lambda: func.max(orders.c.price),
    "min": lambda: func.min(orders.c.price),
    "avg": lambda: func.avg(orders.c.price),
    "any function": lambda: func.round(orders.c.price, 2),
    "coalesce": lambda: func.coalesce(orders.c.price, 0),
    "greater": lambda: orders.c.amount > Decimal(1),
    "greater than a column": lambda: orders.c.amount > orders.c.filled,
    "equal": lambda: orders.c.amount == Decimal(1),
    "not equal": lambda: orders.c.amount != Decimal(1),
    "in": lambda: orders.c.amount.in_([Decimal(1)]),
    "between": lambda: orders.c.amount.between(Decimal(1), Decimal(2)),
    "plus": lambda: orders.c.amount + Decimal(1),
    "plus, other way round": lambda: Decimal(1) + orders.c.amount,
    "minus a column": lambda: orders.c.amount - orders.c.filled,
    "times": lambda: orders.c.amount * orders.c.price,
    "negative": lambda: -orders.c.amount,
    "order": lambda: select(orders).order_by(orders.c.price),
    "ascending": lambda: asc(orders.c.price),
    "descending": lambda: desc(orders.c.price),
    "descending method": lambda: orders.c.price.desc(),
    "distinct": lambda: distinct(orders.c.price),
    "tuple": lambda: tuple_(orders.c.price, orders.c.amount),
    "alias": lambda: func.sum(orders.alias().c.amount),
    "subquery": lambda: func.sum(select(orders.c.amount).subquery().c.amount),
    "window": lambda: func.row_number().over(order_by=orders.c.price),
}


@pytest.mark.parametrize("made", IN_SQL.values(), ids=IN_SQL.keys())
def test_sql_with_amounts_cannot_be_written_down(made: Callable[[], object]) -> None:
    with pytest.raises(AmountInSql):
        made()


async def test_whether_an_amount_is_there_may_be_asked(database: Database) -> None:
    for asked in (trade_logs.c.fee.is_(None), trade_logs.c.fee.is_not(None)):
        statement = select(trade_logs.c.id).where(asked)
        assert await database.transact(lambda c, s=statement: c.execute(s).all()) == []


finite = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=18)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(amount=finite)
async def test_any_amount_comes_back_unchanged(database: Database, amount: Decimal) -> None:
    statement = select(literal(amount, orders.c.amount.type))
    read = await database.transact(lambda connection: connection.execute(statement).scalar_one())
    assert read == amount
    assert plain(read).lstrip("-") == plain(amount).lstrip("-")
