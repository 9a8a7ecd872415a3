"""One holder of a shard at a time: by the database's clock, by the holder's own, and by a file's lock."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select, text, update

from tests.storage.conftest import SHARD, make
from trading_bridge.clock import ManualClock
from trading_bridge.errors import Conflict, LeaseLost, NotReady
from trading_bridge.storage.backend import Backend
from trading_bridge.storage.database import Database
from trading_bridge.storage.lease import ATTEMPT_S, MARGIN_S, Lease, Occupied, Taken
from trading_bridge.storage.postgresql import LEASE_TTL_S, POOL_SIZE
from trading_bridge.storage.tables import leases

T = TypeVar("T")


async def acquired(database: Database, holder: str = "one:1", build: str = "1.0") -> Lease:
    lease = await database.acquire(SHARD, holder=holder, build=build)
    assert isinstance(lease, Lease), lease
    return lease


async def expire(database: Database) -> None:
    """The database's time goes on, as far as the lease is concerned."""
    past = update(leases).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    await database.transact(lambda connection: connection.execute(past))


async def test_fault_S5_an_epoch_is_above_any_used_and_at_least_the_time(
    database: Database, clock: ManualClock
) -> None:
    first = await acquired(database)
    assert first.epoch == int(clock.now().timestamp())
    await first.release()
    second = await acquired(database)
    assert second.epoch == first.epoch + 1
    await second.release()
    # a backup of long ago is restored: what it knows of epochs is far behind what was used since
    await database.transact(lambda connection: connection.execute(update(leases).values(epoch=7)))
    await clock.advance(86_400)
    restored = await acquired(database)
    assert restored.epoch == int(clock.now().timestamp()) > second.epoch


async def test_a_lease_says_who_has_it_and_what_it_runs(database: Database) -> None:
    await acquired(database, "host:42", "2.1")
    row = await database.transact(lambda connection: connection.execute(select(leases)).one())
    assert (row.holder, row.build) == ("host:42", "2.1")


async def test_a_released_lease_is_taken_at_once(database: Database, clock: ManualClock) -> None:
    first = await acquired(database)
    assert first.barred(clock.monotonic()) is None
    await first.release()
    barred = first.barred(clock.monotonic())
    assert barred is not None
    assert barred.code == "lease.lost"
    assert (await acquired(database, "two:2")).epoch > first.epoch


async def test_fault_S7_on_a_file_the_lease_of_a_dead_holder_is_taken_at_once(
    tmp_path: object, clock: ManualClock
) -> None:
    url = f"sqlite:///{tmp_path}/storage.db"
    dead = make(url, clock)
    await dead.open()
    first = await acquired(dead)
    await clock.advance(10**6)
    assert first.barred(clock.monotonic()) is None  # the lock holds as long as the process does
    await dead.close()
    alive = make(url, clock)
    await alive.open()
    assert (await acquired(alive)).epoch > first.epoch
    await alive.close()


# -- on PostgreSQL, where two may try


@pytest.fixture
async def two(postgresql_url: str, clock: ManualClock) -> object:
    """Two servers' ways to one database."""
    pair = make(postgresql_url, clock), make(postgresql_url, clock)
    for database in pair:
        await database.open()
    yield pair
    for database in pair:
        await database.close()


Two = tuple[Database, Database]


async def test_a_second_server_is_told_who_holds_it_and_until_when(two: Two) -> None:
    one, other = two
    held = await acquired(one, "host:42", "2.1")
    found = await other.acquire(SHARD, holder="other:1", build="2.2")
    assert isinstance(found, Occupied)
    assert (found.holder, found.build, found.epoch) == ("host:42", "2.1", held.epoch)
    now = await other.transact(lambda connection: connection.execute(text("SELECT clock_timestamp()")).scalar_one())
    assert 0 < (found.expires_at - now).total_seconds() <= LEASE_TTL_S
    with pytest.raises(Conflict, match="host:42") as refused:
        await other.take_lease(SHARD)
    assert refused.value.code == "lease.held"


async def test_of_two_that_ask_at_once_one_gets_it(two: Two) -> None:
    found = await asyncio.gather(*(each.acquire(SHARD, holder=f"h:{n}", build="1") for n, each in enumerate(two)))
    assert sorted(type(one).__name__ for one in found) == ["Lease", "Occupied"]


async def test_fault_T4_expiry_is_by_the_databases_clock_and_the_deadline_by_our_own(
    two: Two, clock: ManualClock
) -> None:
    """Wall clocks are never compared: the one of these servers stands months behind the database's."""
    one, other = two
    lease = await acquired(one)
    assert isinstance(await other.acquire(SHARD, holder="other:1", build="1"), Occupied)
    began = clock.monotonic()
    assert lease.barred(began + LEASE_TTL_S - MARGIN_S - 0.001) is None
    assert lease.barred(began + LEASE_TTL_S - MARGIN_S) is not None
    await clock.advance(5)
    assert await lease.renew()
    assert lease.barred(began + 5 + LEASE_TTL_S - MARGIN_S - 0.001) is None
    assert lease.barred(began + 5 + LEASE_TTL_S - MARGIN_S) is not None


async def test_an_expired_lease_is_taken_and_its_holder_ends(two: Two, clock: ManualClock) -> None:
    one, other = two
    first = await acquired(one, "one:1")
    await expire(one)
    second = await acquired(other, "other:1")
    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost, match="other:1") as lost:
        await first.renew()
    assert lost.value.code == "lease.lost"
    assert first.barred(clock.monotonic()) is not None
    assert await second.renew()


async def test_the_release_of_one_that_lost_it_takes_nothing_from_the_new_holder(two: Two) -> None:
    one, other = two
    first = await acquired(one)
    await expire(one)
    second = await acquired(other)
    await first.release()
    assert await second.renew()


async def test_fault_D1_a_lease_that_ran_out_and_that_nobody_took_goes_on(two: Two, clock: ManualClock) -> None:
    one, _ = two
    lease = await acquired(one)
    await clock.advance(60)
    await expire(one)
    assert lease.barred(clock.monotonic()) is not None
    found = lease.finding()
    assert found is not None
    assert found.code == "lease.lost"
    assert await lease.renew()
    assert lease.barred(clock.monotonic()) is None
    assert lease.finding() is None


async def test_a_transaction_that_a_paused_server_left_standing_is_ended_by_the_database(two: Two) -> None:
    asked = text("SELECT current_setting('idle_in_transaction_session_timeout')")
    assert await two[0].transact(lambda connection: connection.execute(asked).scalar_one()) == "5s"


async def test_fault_S6_a_pool_that_is_exhausted_keeps_nobody_from_renewing(two: Two) -> None:
    one, _ = two
    lease = await acquired(one)
    async with AsyncExitStack() as busy:
        for _ in range(POOL_SIZE):
            uow = await busy.enter_async_context(one.unit_of_work(read_only=True))
            await uow.bots.running()
        assert await lease.renew()


# -- a database that does not answer


class Away:
    """A database that is asked in vain: it fails, or says nothing."""

    label = "away"
    lease_ttl_s: float | None = LEASE_TTL_S

    def __init__(self) -> None:
        self.silent = False
        self.asked = 0
        #: answers as if the row was ours
        self.back = False

    async def leasing(self, work: Callable[[Connection], T]) -> T | None:
        self.asked += 1
        if self.back:
            return None
        if self.silent:
            await asyncio.get_running_loop().create_future()
        raise ConnectionRefusedError("nobody listens")


def leased(backend: Away, clock: ManualClock) -> Lease:
    taken = Taken(epoch=7, ttl_s=LEASE_TTL_S)
    as_backend: Backend = backend  # type: ignore[assignment]
    return Lease(as_backend, clock, taken, shard=SHARD, holder="one:1", began=clock.monotonic())


@pytest.mark.parametrize("silent", [False, True])
async def test_fault_D1_a_holder_that_cannot_renew_stops_before_its_lease_ends_and_goes_on_later(
    clock: ManualClock, silent: bool
) -> None:
    backend = Away()
    backend.silent = silent
    lease = leased(backend, clock)
    renewing = asyncio.create_task(lease.run())
    await clock.advance(LEASE_TTL_S - MARGIN_S - 0.1)
    assert lease.barred(clock.monotonic()) is None
    assert lease.finding() is None
    await clock.advance(0.1)
    barred, found = lease.barred(clock.monotonic()), lease.finding()
    assert barred is not None
    assert found is not None
    assert (barred.code, found.code) == ("lease.lost", "lease.lost")
    assert 2 <= backend.asked <= 9
    backend.back = True
    await clock.advance(ATTEMPT_S + 1)
    assert lease.barred(clock.monotonic()) is None
    assert lease.finding() is None
    renewing.cancel()


async def test_a_lease_is_renewed_long_before_it_ends(clock: ManualClock) -> None:
    backend = Away()
    backend.back = True
    lease = leased(backend, clock)
    renewing = asyncio.create_task(lease.run())
    for _ in range(60):
        await clock.advance(1)
        assert lease.barred(clock.monotonic() + 4) is None
    assert backend.asked == 21
    renewing.cancel()


async def test_a_database_that_is_away_is_no_bug(postgresql_url: str) -> None:
    name = postgresql_url.rpartition("/")[2]
    database = make(postgresql_url)
    await database.open()
    others = "datname = :name AND pid <> pg_backend_pid()"
    cut = text(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}")

    async def work() -> None:
        async with database.unit_of_work() as uow:
            await uow.bots.running()
            await database.transact(lambda connection: connection.execute(cut, {"name": name}).all())
            await uow.bots.running()

    with pytest.raises(NotReady) as away:
        await work()
    assert away.value.code == "storage.unreachable"
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.bots.running() == ()
    await database.close()
