"""The journal: what one commit holds, in which order, and what a bad row does to its neighbours."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from tests.factories import balances, elsewhere, fill, order
from tests.storage.conftest import KEY, SHARD, World, make, populate, running
from trading_bridge.clock import ManualClock, SystemClock, SystemEntropy
from trading_bridge.core.balance import Balances
from trading_bridge.core.conservation import Books
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.storage import journal as journal_module
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, StoreBalances, StoreFill, UpdateOrder, Written
from trading_bridge.storage.journal_group import Under

T = TypeVar("T")


class Counted(Database):
    """Counts transactions of the journal."""

    transactions = 0

    async def transact(self, work: Callable[[Connection], T]) -> T:
        self.transactions += 1
        return await super().transact(work)


def intent(world: World, number: int, **changed: object) -> OpenIntent:
    return OpenIntent(order=_order(world, number, **changed), shard=SHARD)


def _order(world: World, number: int, **changed: object) -> Order:
    values: dict[str, object] = {
        "client_order_id": f"tb00000x{number:04}",
        "bot_id": world.bot.id,
        "connector_id": world.connector.id,
        "epoch": world.epoch,
    }
    return order(**(values | changed))


def filled(world: World, number: int, **changed: object) -> StoreFill:
    return StoreFill(
        trade=fill(trade_id=str(number), **changed),
        exchange="coinstore",
        connector_id=world.connector.id,
        bot_id=world.bot.id,
        client_order_id="tb00000x0001",
    )


async def stored(database: Database, number: int) -> Order | None:
    async with database.unit_of_work(read_only=True) as uow:
        return await uow.orders.get(f"tb00000x{number:04}")


async def test_an_intent_is_stored_as_it_was_given(database: Database, journal: Journal, world: World) -> None:
    given = intent(world, 1)
    assert await journal.write(given) == (Written(state=OrderState.PENDING_NEW),)
    assert await stored(database, 1) == given.order
    async with database.unit_of_work(read_only=True) as uow:
        for found in (
            await uow.orders.live(),
            await uow.orders.live(bot_id=world.bot.id),
            await uow.orders.live(connector_id=world.connector.id),
            (await uow.orders.list(world.bot.id)).items,
        ):
            assert found == (given.order,)
        assert await uow.orders.live(bot_id="another") == ()


async def test_rows_of_one_turn_share_one_commit(url: str, clock: ManualClock) -> None:
    database = Counted(url, secret_keys=[KEY], clock=clock, entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        await asyncio.gather(*(journal.write(intent(world, number)) for number in range(32)))
        assert database.transactions == 1
        await asyncio.gather(
            *(journal.write(UpdateOrder(client_order_id=f"tb00000x{n:04}", state=OrderState.NEW)) for n in range(32)),
            *(journal.write(filled(world, n)) for n in range(32)),
        )
        assert database.transactions == 2
    await database.close()


async def test_a_row_is_durable_when_its_future_is_done(url: str, clock: ManualClock) -> None:
    class Watched(Database):
        done_before_the_commit: bool | None = None

        async def transact(self, work: Callable[[Connection], T]) -> T:
            result = await super().transact(work)
            self.done_before_the_commit = done.done()
            return result

    database = Watched(url, secret_keys=[KEY], clock=clock, entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        done = journal.write(intent(world, 1))
        await done
        assert database.done_before_the_commit is False
        assert await stored(database, 1) is not None
    await database.close()


async def test_threads_of_the_system_clock_commit_too(url: str) -> None:
    database = Database(url, secret_keys=[KEY], clock=SystemClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)

    async def place(first: int) -> None:
        for number in range(first, first + 8):
            await journal.write(intent(world, number))
            await journal.write(UpdateOrder(client_order_id=f"tb00000x{number:04}", state=OrderState.NEW))
            async with database.unit_of_work() as uow:
                await uow.bots.set_market_verified(world.bot.id, True)

    async with running(database) as journal:
        await asyncio.gather(*(place(first) for first in range(0, 64, 8)))
    async with database.unit_of_work(read_only=True) as uow:
        live = await uow.orders.live()
    assert len(live) == 64
    assert {found.state for found in live} == {OrderState.NEW}
    await database.close()


async def test_updates_move_forward_only(database: Database, journal: Journal, world: World) -> None:
    await journal.write(intent(world, 1))

    async def update(state: OrderState, **said: object) -> Order | None:
        await journal.write(UpdateOrder(client_order_id="tb00000x0001", state=state, **said))  # type: ignore[arg-type]
        return await stored(database, 1)

    now = await update(OrderState.PARTIALLY_FILLED, exchange_order_id="77", filled=Decimal("5.5"))
    assert now is not None
    assert (now.state, now.exchange_order_id, now.filled) == (OrderState.PARTIALLY_FILLED, "77", Decimal("5.5"))
    now = await update(OrderState.NEW, filled=Decimal(0))
    assert now is not None
    assert (now.state, now.exchange_order_id, now.filled) == (OrderState.PARTIALLY_FILLED, "77", Decimal("5.5"))
    now = await update(OrderState.CANCELED, filled=Decimal(6))
    assert now is not None
    assert (now.state, now.filled) == (OrderState.CANCELED, Decimal(6))
    now = await update(OrderState.NEW)
    assert now is not None
    assert now.state is OrderState.CANCELED
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.orders.live() == ()


async def test_a_refusal_is_kept_and_a_nul_in_its_text_harms_nobody(
    database: Database, journal: Journal, world: World
) -> None:
    await journal.write(intent(world, 1))
    await journal.write(
        UpdateOrder(
            client_order_id="tb00000x0001",
            state=OrderState.REJECTED,
            refusal_code="1401",
            refusal_text="Unauthor\x00ized",
        )
    )
    now = await stored(database, 1)
    assert now is not None
    assert (now.refusal_code, now.refusal_text, now.live) == ("1401", "Unauthorized", False)


async def test_rows_are_applied_in_the_order_they_were_handed_over(
    database: Database, journal: Journal, world: World
) -> None:
    _, _, last = await asyncio.gather(
        journal.write(intent(world, 1)),
        journal.write(UpdateOrder(client_order_id="tb00000x0001", state=OrderState.NEW, exchange_order_id="77")),
        journal.write(
            UpdateOrder(client_order_id="tb00000x0001", state=OrderState.PARTIALLY_FILLED, filled=Decimal(1))
        ),
    )
    assert last == (Written(state=OrderState.PARTIALLY_FILLED),)
    now = await stored(database, 1)
    assert now == replace(
        _order(world, 1), state=OrderState.PARTIALLY_FILLED, exchange_order_id="77", filled=Decimal(1)
    )


async def test_an_intent_of_a_lost_lease_is_refused_and_the_rest_is_written(
    database: Database, journal: Journal, world: World
) -> None:
    newer = await database.take_lease(SHARD)
    assert newer > world.epoch
    outcomes = await asyncio.gather(
        journal.write(intent(world, 1)),
        journal.write(intent(world, 2, epoch=newer)),
        journal.write(OpenIntent(order=_order(world, 3, epoch=newer), shard=99)),
        journal.write(filled(world, 1)),
        return_exceptions=True,
    )
    assert [_code(outcome) for outcome in outcomes] == ["lease.lost", None, "lease.lost", None]
    assert [await stored(database, number) is None for number in (1, 2, 3)] == [True, False, True]


async def test_epochs_grow_and_start_at_the_unix_time(database: Database, clock: ManualClock) -> None:
    first = await database.take_lease(SHARD)
    assert first == int(clock.now().timestamp())
    assert await database.take_lease(SHARD) == first + 1
    assert await database.take_lease(SHARD + 1) == first
    await clock.advance(1000)
    assert await database.take_lease(SHARD) == first + 1000


async def test_leases_taken_at_once_are_different(database: Database) -> None:
    epochs = await asyncio.gather(*(database.take_lease(SHARD) for _ in range(5)))
    assert len(set(epochs)) == 5


BAD: dict[str, tuple[str, Callable[[World], tuple[OpenIntent | UpdateOrder | StoreFill | StoreBalances, ...]]]] = {
    "unknown bot": ("bot.unknown", lambda w: (intent(w, 9, bot_id="nobody"),)),
    "unknown connector": ("connector.unknown", lambda w: (intent(w, 9, connector_id="none"),)),
    "id used before": ("order.duplicate", lambda w: (intent(w, 0),)),
    "id used twice in one turn": ("order.duplicate", lambda w: (intent(w, 1, amount=Decimal(7)),)),
    "update of no order": ("order.unknown", lambda w: (_update(9),)),
    "second exchange id": ("order.second_exchange_id", lambda w: (_update(0, exchange_order_id="78"),)),
    "overfilled": ("order.overfilled", lambda w: (_update(0, filled=Decimal("2000.01")),)),
    "fill of an unknown bot": ("bot.unknown", lambda w: (replace(filled(w, 9), bot_id="nobody"),)),
    "fill of an unknown connector": ("connector.unknown", lambda w: (replace(filled(w, 9), connector_id="none"),)),
    "balances of an unknown connector": ("connector.unknown", lambda w: (_balances("none"),)),
    "not a number": ("storage.refused", lambda w: (intent(w, 9, price=Decimal("NaN")),)),
    "a good row before a bad one": ("order.unknown", lambda w: (filled(w, 9), intent(w, 9), _update(8))),
    "a bad row before a good one": ("order.unknown", lambda w: (_update(8), filled(w, 9), intent(w, 9))),
}


@pytest.mark.parametrize(("code", "bad"), BAD.values(), ids=BAD.keys())
async def test_a_bad_call_fails_alone_and_whole(
    database: Database,
    journal: Journal,
    world: World,
    code: str,
    bad: Callable[[World], tuple[OpenIntent | UpdateOrder | StoreFill | StoreBalances, ...]],
) -> None:
    await journal.write(intent(world, 0))
    await journal.write(_update(0, exchange_order_id="77"))
    outcomes = await asyncio.gather(
        journal.write(intent(world, 1)),
        journal.write(*bad(world)),
        journal.write(_update(1, exchange_order_id="1")),
        journal.write(filled(world, 1), _balances(world.connector.id)),
        return_exceptions=True,
    )
    assert [_code(outcome) for outcome in outcomes] == [None, code, None, None]
    assert await stored(database, 0) == replace(_order(world, 0), state=OrderState.NEW, exchange_order_id="77")
    assert await stored(database, 1) == replace(_order(world, 1), state=OrderState.NEW, exchange_order_id="1")
    async with database.unit_of_work(read_only=True) as uow:
        assert [found.trade.trade_id for found in (await uow.trades.list(world.bot.id)).items] == ["1"]
        assert [day.trades for day in await uow.totals.of(None)] == [1]
        assert len((await uow.orders.list(world.bot.id)).items) == 2


def _update(number: int, **said: object) -> UpdateOrder:
    return UpdateOrder(client_order_id=f"tb00000x{number:04}", state=OrderState.NEW, **said)  # type: ignore[arg-type]


def _balances(connector_id: str) -> StoreBalances:
    return StoreBalances(connector_id=connector_id, balances=balances(USDT="5"), as_of=fill().exchange_time)


async def test_a_fill_is_stored_once_whoever_reads_it_and_however_often(
    database: Database, journal: Journal, world: World
) -> None:
    first, second = await asyncio.gather(journal.write(filled(world, 1)), journal.write(filled(world, 1)))
    assert (first, second) == ((Written(),), (Written(duplicate=True),))
    assert await journal.write(filled(world, 1), filled(world, 1)) == (
        Written(duplicate=True),
        Written(duplicate=True),
    )
    assert await journal.write(filled(world, 2), filled(world, 2)) == (Written(), Written(duplicate=True))
    async with database.unit_of_work(read_only=True) as uow:
        assert len((await uow.trades.list(world.bot.id)).items) == 2
        [day] = await uow.totals.of(world.bot.id)
        assert await uow.trades.booked("tb00000x0001") == Decimal(200)
        assert await uow.trades.booked("another") == 0
    assert (day.volume, day.trades) == (Decimal("5.118"), 2)


async def test_fault_S8_two_servers_store_the_same_fills_at_once(postgresql_url: str) -> None:
    first, second = make(postgresql_url), make(postgresql_url)
    await first.open()
    await second.open()
    world = await populate(first)
    async with running(first) as one, running(second) as two:
        outcomes = await asyncio.gather(
            *(journal.write(filled(world, number)) for number in range(40) for journal in (one, two))
        )
    assert sum(not written.duplicate for [written] in outcomes) == 40
    async with first.unit_of_work(read_only=True) as uow:
        [day] = await uow.totals.of(world.bot.id)
        assert len((await uow.trades.list(world.bot.id)).items) == 40
    assert (day.trades, day.volume) == (40, 40 * Decimal("2.559"))
    await first.close()
    await second.close()


async def test_two_servers_add_different_fills_to_one_total_at_once(postgresql_url: str) -> None:
    first, second = make(postgresql_url), make(postgresql_url)
    await first.open()
    await second.open()
    world = await populate(first)
    async with running(first) as one, running(second) as two:
        await one.write(filled(world, 0))
        for number in range(1, 41, 2):
            await asyncio.gather(one.write(filled(world, number)), two.write(filled(world, number + 1)))
    async with first.unit_of_work(read_only=True) as uow:
        [day] = await uow.totals.of(world.bot.id)
    assert (day.trades, day.volume) == (41, 41 * Decimal("2.559"))
    await first.close()
    await second.close()


async def test_a_lease_is_not_taken_between_an_intents_check_and_its_commit(url: str, clock: ManualClock) -> None:
    class Slow(Database):
        async def transact(self, work: Callable[[Connection], T]) -> T:
            def slowly(connection: Connection) -> T:
                result = work(connection)
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_sleep(0.3)"))
                return result

            return await super().transact(slowly)

    async def take() -> bool:
        """Whether the intent is there for all to see once the lease is another's."""
        await asyncio.sleep(0.1)
        assert await database.take_lease(SHARD) > world.epoch
        async with database.unit_of_work(read_only=True) as uow:
            return bool(await uow.orders.live())

    database = Slow(url, secret_keys=[KEY], clock=clock, entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    async with running(database) as journal:
        taking = asyncio.create_task(take())
        await journal.write(intent(world, 1))
        assert await taking
    await database.close()


async def test_the_same_trade_id_of_another_account_or_market_is_another_fill(
    database: Database, journal: Journal, world: World
) -> None:
    async with database.unit_of_work() as uow:
        other = await uow.connectors.add(
            client_id=world.client.id, name="other", exchange="coinstore", credentials=None
        )
    unnamed = filled(world, 1, exchange_account=None)
    rows = [
        filled(world, 1),
        filled(world, 1, exchange_account="42"),
        filled(world, 1, symbol="ETH/USDT"),
        replace(filled(world, 1), exchange="binance"),
        unnamed,
        replace(unnamed, connector_id=other.id),
    ]
    for row in rows:
        assert await journal.write(row) == (Written(),)
        assert await journal.write(row) == (Written(duplicate=True),)
    async with database.unit_of_work(read_only=True) as uow:
        found = (await uow.trades.list(world.bot.id)).items
    assert [item.trade.exchange_account for item in found] == [None, None, "1134971", "1134971", "42", "1134971"]


async def test_two_connectors_of_one_exchange_account_count_a_fill_once(
    database: Database, journal: Journal, world: World
) -> None:
    async with database.unit_of_work() as uow:
        other = await uow.connectors.add(
            client_id=world.client.id, name="other", exchange="coinstore", credentials=None
        )
    assert await journal.write(filled(world, 1)) == (Written(),)
    assert await journal.write(replace(filled(world, 1), connector_id=other.id)) == (Written(duplicate=True),)


async def test_totals_tell_roles_sides_days_and_currencies_apart(
    database: Database, journal: Journal, world: World
) -> None:
    midnight = fill().exchange_time + timedelta(days=1)
    await journal.write(
        filled(world, 1, is_maker=True, cost=Decimal(1)),
        filled(world, 2, is_maker=False, side=Side.SELL, cost=Decimal(10)),
        filled(world, 3, is_maker=None, cost=Decimal(100)),
        filled(world, 4, cost=Decimal(1000), exchange_time=midnight - timedelta(microseconds=1)),
        filled(world, 5, cost=Decimal(10000), exchange_time=midnight),
        filled(world, 6, cost=Decimal(7), symbol="SHARP/BTC"),
        replace(filled(world, 7), bot_id=None),
    )
    async with database.unit_of_work(read_only=True) as uow:
        bitcoin, first, second = await uow.totals.of(world.bot.id)
        assert await uow.totals.of(None) == (bitcoin, first, second)
    assert (first.volume, first.maker, first.taker, first.unknown_role) == (1111, 1001, 10, 100)
    assert (first.trades, first.buys, first.sells) == (4, 3, 1)
    assert (second.day, second.volume) == (midnight.date(), 10000)
    assert (bitcoin.currency, bitcoin.volume) == ("BTC", 7)


async def test_fills_are_listed_newest_first_and_known_by_their_ids(
    database: Database, journal: Journal, world: World
) -> None:
    start = fill().exchange_time
    for number in (1, 2, 3, 4, 5):
        await journal.write(filled(world, number, exchange_time=start + timedelta(seconds=number // 2)))
    await journal.write(filled(world, 6, exchange_time=start - timedelta(hours=1)))
    async with database.unit_of_work(read_only=True) as uow:
        seen, cursor = [], None
        while True:
            page = await uow.trades.list(world.bot.id, cursor, limit=2)
            seen += [item.trade.trade_id for item in page.items]
            if (cursor := page.next) is None:
                break
        recent = await uow.trades.since(world.bot.id, start)
        everybody = await uow.trades.since(None, start + timedelta(seconds=2))
        accounts = {fill().exchange_account or ""}
        known = await uow.trades.stored("coinstore", accounts, "SHARP/USDT", ["5", "6", "7"])
    assert seen == ["5", "4", "3", "2", "1", "6"]
    assert [item.trade.trade_id for item in recent] == ["1", "2", "3", "4", "5"]
    assert [item.trade.trade_id for item in everybody] == ["4", "5"]
    assert known == {"5", "6"}


async def test_orders_are_listed_newest_first(
    database: Database, journal: Journal, world: World, clock: ManualClock
) -> None:
    for number in range(5):
        await journal.write(intent(world, number))
        await clock.advance(1)
    async with database.unit_of_work(read_only=True) as uow:
        first = await uow.orders.list(world.bot.id, limit=3)
        rest = await uow.orders.list(world.bot.id, first.next, limit=3)
    found = [item.client_order_id for item in (*first.items, *rest.items)]
    assert found == [f"tb00000x{number:04}" for number in (4, 3, 2, 1, 0)]
    assert rest.next is None


async def test_the_last_balances_that_were_read_stay_with_their_time(
    database: Database, journal: Journal, world: World
) -> None:
    now = fill().exchange_time

    def read(usdt: str, seconds: int) -> StoreBalances:
        return StoreBalances(
            connector_id=world.connector.id,
            balances=balances(USDT=usdt, SHARP="171690026.123456789012345678"),
            as_of=now + timedelta(seconds=seconds),
        )

    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.balances.last(world.connector.id) is None
    assert await journal.write(read("1", 1)) == (Written(),)
    assert await journal.write(read("2", 2), read("2", 2)) == (Written(), Written(duplicate=True))
    assert await journal.write(read("2", 2)) == (Written(duplicate=True),)
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.balances.last(world.connector.id) == (read("2", 2).balances, now + timedelta(seconds=2))


async def test_fault_T2_a_clock_that_was_ahead_bars_no_later_balance(
    database: Database, journal: Journal, world: World
) -> None:
    now = fill().exchange_time

    def read(usdt: str, seconds: int) -> StoreBalances:
        at = now + timedelta(seconds=seconds)
        return StoreBalances(connector_id=world.connector.id, balances=balances(USDT=usdt), as_of=at)

    assert await journal.write(read("1", 488)) == (Written(),)
    assert await journal.write(read("2", 10)) == (Written(),)
    assert await journal.write(read("3", 500), read("4", 20)) == (Written(), Written())
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.balances.last(world.connector.id) == (balances(USDT="4"), now + timedelta(seconds=20))


async def test_fault_S8_balances_of_a_former_holder_are_refused(database: Database, world: World) -> None:
    now = fill().exchange_time

    async def outcome(epoch: int, seconds: int) -> str | None:
        journal = Journal(database, Under(shard=SHARD, epoch=epoch))
        at = now + timedelta(seconds=seconds)
        written = journal.write(StoreBalances(connector_id=world.connector.id, balances=balances(USDT="1"), as_of=at))
        journal.close()
        await journal.run()
        return _code(written.exception() or written.result())

    assert await outcome(world.epoch, 1) is None
    assert await outcome(world.epoch - 1, 2) == "lease.lost"
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.balances.last(world.connector.id) == (balances(USDT="1"), now + timedelta(seconds=1))


async def test_fault_T1_books_of_a_time_to_come_give_way_to_those_of_another_key(
    database: Database, journal: Journal, world: World
) -> None:
    now = fill().exchange_time
    async with database.unit_of_work() as uow:
        other = await uow.connectors.add(
            client_id=world.client.id, name="second", exchange="coinstore", credentials=None
        )

    async def keep(connector_id: str, seconds: int) -> None:
        at = now + timedelta(seconds=seconds)
        books = Books(opened_at=now, totals={"USDT": Decimal(seconds)}, counted=frozenset())
        row = StoreBalances(connector_id=connector_id, balances=balances(USDT="1"), as_of=at, books=books)
        assert await journal.write(row) == (Written(),)

    async def found(seconds: int) -> Decimal:
        async with database.unit_of_work(read_only=True) as uow:
            stored = await uow.balances.booked([world.connector.id, other.id], now + timedelta(seconds=seconds))
        assert stored is not None
        return stored.books.totals["USDT"]

    await keep(world.connector.id, 488)
    assert await found(15) == 488
    await keep(other.id, 10)
    assert (await found(15), await found(490), await found(5)) == (10, 488, 10)


async def test_balances_come_back_with_other_wallets_and_claim_no_more_than_was_known(
    database: Database, journal: Journal, world: World
) -> None:
    others = (elsewhere("USDT", "7.5"), elsewhere("SHARP", "1", "EARN"), elsewhere("SHARP", "2"))
    held = replace(balances(USDT="0", OLD="3"), elsewhere=others)
    now = fill().exchange_time

    async def kept(value: Balances, seconds: int) -> Balances:
        at = now + timedelta(seconds=seconds)
        await journal.write(StoreBalances(connector_id=world.connector.id, balances=value, as_of=at))
        async with database.unit_of_work(read_only=True) as uow:
            found = await uow.balances.last(world.connector.id)
        assert found is not None
        return found[0]

    back = await kept(held, 1)
    assert set(back.elsewhere) == set(others)
    assert replace(back, elsewhere=others) == held
    judged = await kept(replace(held, traded=frozenset({"USDT", "SHARP", "BTC"})), 2)
    assert (judged.traded, judged.untraded) == ({"USDT"}, {"OLD"})
    assert judged.of("BTC") is None
    assert set(judged.elsewhere) == set(others)
    nothing = await kept(replace(held, traded=frozenset({"BTC"})), 3)
    assert (nothing.traded, nothing.untraded) == (frozenset(), {"OLD"})


async def test_nobody_has_to_wait_for_what_was_handed_over(database: Database, world: World) -> None:
    async with running(database) as journal:
        journal.write(intent(world, 1)).cancel()
        await journal.write(intent(world, 2))
    assert await stored(database, 1) is not None


async def test_closing_writes_what_waits_and_refuses_what_comes_later(database: Database, world: World) -> None:
    journal = Journal(database)
    waiting = [journal.write(intent(world, number)) for number in range(5)]
    journal.close()
    late = journal.write(intent(world, 9))
    await journal.run()
    assert [future.result() for future in waiting] == [(Written(state=OrderState.PENDING_NEW),)] * 5
    with pytest.raises(NotReady) as refused:
        await late
    assert refused.value.code == "storage.closed"
    assert await stored(database, 9) is None


async def test_a_cancelled_writer_finishes_its_commit_and_tells_the_others(url: str) -> None:
    database = Database(url, secret_keys=[KEY], clock=SystemClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    journal = Journal(database)
    under_way = journal.write(intent(world, 1))
    writer = asyncio.create_task(journal.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = journal.write(intent(world, 2))
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert under_way.result() == (Written(state=OrderState.PENDING_NEW),)
    with pytest.raises(NotReady):
        await waiting
    assert (await stored(database, 1) is None, await stored(database, 2) is None) == (False, True)
    await database.close()


async def test_fault_S8_fills_of_a_former_holder_are_refused_and_of_the_holder_are_not(
    database: Database, world: World
) -> None:
    journal = Journal(database, Under(shard=SHARD, epoch=world.epoch))
    mine = journal.write(filled(world, 1), intent(world, 1))
    journal.close()
    await journal.run()
    assert mine.result() == (Written(), Written(state=OrderState.PENDING_NEW))
    former = Journal(database, Under(shard=SHARD, epoch=world.epoch - 1))
    late, other = former.write(filled(world, 2)), former.write(_update(1))
    former.close()
    await former.run()
    with pytest.raises(StorageRefused) as refused:
        await late
    assert refused.value.code == "lease.lost"
    assert other.result() == (Written(state=OrderState.NEW),), "what became of an order is true whoever tells it"
    async with database.unit_of_work(read_only=True) as uow:
        assert [one.trade.trade_id for one in await uow.trades.since(None, fill().exchange_time)] == ["1"]


async def test_the_queue_is_bounded(database: Database, world: World) -> None:
    journal = Journal(database)
    half = journal_module.QUEUE_ROWS // 2
    waiting = [journal.write(*([_update(1)] * half)) for _ in range(2)]
    one_too_many = journal.write(_update(1))
    with pytest.raises(NotReady) as raised:
        await one_too_many
    assert raised.value.code == "storage.slow"
    assert not any(future.done() for future in waiting)


async def test_a_long_queue_is_written_in_parts(url: str) -> None:
    database = Counted(url, secret_keys=[KEY], clock=ManualClock(), entropy=SystemEntropy())
    await database.open()
    world = await populate(database)
    journal = Journal(database)
    waiting = [journal.write(filled(world, number)) for number in range(journal_module.GROUP_ROWS + 1)]
    journal.close()
    await journal.run()
    assert all(future.result() == (Written(),) for future in waiting)
    assert database.transactions == 2
    await database.close()


async def test_no_rows_are_written_at_once(database: Database, journal: Journal) -> None:
    assert await journal.write() == ()


async def test_the_journal_waits_for_a_unit_of_work_and_is_waited_for(
    database: Database, journal: Journal, world: World
) -> None:
    async with database.unit_of_work() as uow:
        await uow.bots.set_market_verified(world.bot.id, True)
        done = journal.write(intent(world, 1))
        await asyncio.sleep(0)
    await done
    count = await database.transact(lambda c: c.execute(text("SELECT count(*) FROM orders")).scalar_one())
    assert count == 1


def _code(outcome: object) -> str | None:
    if isinstance(outcome, StorageRefused):
        return outcome.code
    assert isinstance(outcome, tuple), outcome
    return None
