"""The journal's own connection on SQLite: one transaction at a time, and none goes on with what another one left."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from trading_bridge.storage.kept_connection import KeptConnection


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptConnection]:
    engine = create_engine(
        f"sqlite+pysqlite:///{tmp_path / 'kept.db'}",
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    kept = KeptConnection(engine, 0.05)
    with kept.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (number INTEGER)")
    yield kept
    kept.close()


def numbers(kept: KeptConnection) -> list[int]:
    with kept.begin() as connection:
        return list(connection.exec_driver_sql("SELECT number FROM numbers ORDER BY number").scalars())


def fail(kept: KeptConnection, used: list[Connection]) -> None:
    with kept.begin() as connection:
        used.append(connection)
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        connection.exec_driver_sql("INSERT INTO nothing VALUES (1)")


def test_transactions_share_the_connection(kept: KeptConnection) -> None:
    used = []
    for number in (1, 2):
        with kept.begin() as connection:
            connection.exec_driver_sql("INSERT INTO numbers VALUES (?)", (number,))
            used.append(connection)
    assert used[0] is used[1]
    assert numbers(kept) == [1, 2]


def test_what_raised_is_rolled_back_and_its_connection_is_not_used_again(kept: KeptConnection) -> None:
    used: list[Connection] = []
    with pytest.raises(OperationalError):
        fail(kept, used)
    assert used[0].closed
    assert numbers(kept) == []


def test_another_thread_waits_for_its_turn_and_is_told_when_it_takes_too_long(kept: KeptConnection) -> None:
    told: list[Exception] = []

    def second() -> None:
        try:
            numbers(kept)
        except WaitedTooLong as error:
            told.append(error)

    with kept.begin() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(told) == 1
    assert numbers(kept) == [1]


def test_one_that_is_under_way_at_the_end_is_committed_and_then_closed(kept: KeptConnection, tmp_path: Path) -> None:
    with kept.begin() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        kept.close()
    assert connection.closed
    engine = create_engine(f"sqlite+pysqlite:///{tmp_path / 'kept.db'}")
    with engine.connect() as other:
        assert list(other.exec_driver_sql("SELECT number FROM numbers").scalars()) == [1]
    engine.dispose()
