from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import literal, select
from sqlalchemy.exc import DBAPIError, StatementError

from trading_bridge.storage.database import Database
from trading_bridge.storage.tables import orders


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 2, 9, 13, 15, tzinfo=UTC),
        datetime(2026, 2, 9, 13, 15, 0, 1, tzinfo=UTC),
        datetime(2026, 2, 9, 21, 15, tzinfo=timezone(timedelta(hours=8))),
    ],
)
async def test_times_come_back_as_the_same_moment_in_utc(database: Database, time: datetime) -> None:
    statement = select(literal(time, orders.c.created_at.type))
    read = await database.transact(lambda connection: connection.execute(statement).scalar_one())
    assert read == time
    assert read.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    statement = select(literal(datetime(2026, 2, 9), orders.c.created_at.type))  # noqa: DTZ001
    with pytest.raises((StatementError, DBAPIError), match="without a zone"):
        await database.transact(lambda connection: connection.execute(statement))
