"""One send: the intent before the first byte, never twice, and what becomes of a request that nobody answered."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from tests.factories import finding
from tests.integration.wire import ACTIVE, PLACE, Held, raising, refused_connection, timed_out
from tests.integration.world import SHARD, World, quiet
from trading_bridge.core.bot import BotStatus
from trading_bridge.core.decision import Reason
from trading_bridge.core.finding import Finding
from trading_bridge.core.order import Side

BUY = (Side.BUY, 25_500, 200_000)
SELL = (Side.SELL, 25_700, 200_000)


def disk_full() -> Exception:
    return OperationalError("COMMIT", None, Exception("database or disk is full"))


async def test_I1_the_intent_is_committed_before_the_first_byte(world: World) -> None:
    applied = await world.server.place(await world.bot(), BUY, SELL)
    assert applied.placed == 2
    assert world.states() == ["new", "new"]
    stored = [arrival.stored for arrival in world.server.wire.arrivals]
    assert [row and row["state"] for row in stored] == ["pending_new", "pending_new"]


async def test_N2_a_create_that_timed_out_after_acceptance_is_adopted_and_never_sent_again(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.after[PLACE], wire.before[ACTIVE] = [timed_out()], [unasked := Held()]
    applied = await world.server.place(bot, BUY)
    assert [finding.code for finding in applied.failed] == ["exchange.no_answer"]
    assert world.states() == ["unresolved"]
    unasked.release()
    await world.pass_time(3)
    assert world.states() == ["new"]
    (row,), (order,) = world.orders(), world.open_orders()
    assert row["exchange_order_id"] == str(order.id)
    assert len(wire.arrivals) == 1


async def test_N2_an_unresolved_create_blocks_its_own_side_only(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.after[PLACE], wire.before[ACTIVE] = [timed_out()], [unasked := Held()]
    await world.server.place(bot, BUY)
    again = await world.server.place(bot, (Side.BUY, 25_400, 200_000), SELL)
    assert [reason.code for reason in again.withheld] == ["order.under_way"]
    assert again.placed == 1
    assert [arrival.side for arrival in wire.arrivals] == ["buy", "sell"]
    unasked.release()


async def test_N3_a_create_that_never_arrived_is_absent_only_after_the_window(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.before[PLACE] = [timed_out()]
    await world.server.place(bot, BUY)
    await world.pass_time(69)
    assert world.states() == ["unresolved"]
    assert (await world.server.place(bot, BUY)).placed == 0
    await world.pass_time(3)
    assert world.states() == ["absent"]
    assert (await world.server.place(bot, BUY)).placed == 1
    assert len(wire.arrivals) == 1
    assert len({row["client_order_id"] for row in world.orders()}) == 2


async def test_N3_trades_of_other_own_orders_do_not_keep_a_lost_create_from_being_absent(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    await world.server.place(bot, (Side.BUY, 25_600, 200_000), (Side.SELL, 25_605, 200_000))
    world.exchange.take(Side.SELL, 25_600, 200_000)
    await world.pass_time(1)
    wire.before[PLACE] = [timed_out()]
    await world.server.place(bot, BUY)
    await world.pass_time(20)
    world.exchange.take(Side.BUY, 25_605, 200_000)
    await world.pass_time(53)
    assert sorted(world.states()) == ["absent", "filled", "filled"]


async def test_a_bug_during_a_create_leaves_an_order_that_is_asked_for(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.after[PLACE] = [raising(RuntimeError("a bug"))]
    with pytest.raises(RuntimeError):
        await world.server.place(bot, BUY)
    assert world.states() == ["pending_new"]
    await world.pass_time(32)
    assert world.states() == ["new"]
    assert world.orders()[0]["exchange_order_id"] == str(world.open_orders()[0].id)


async def test_N1_a_refused_connection_is_not_sent_and_a_new_attempt_is_free(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.before[PLACE] = [refused_connection()]
    applied = await world.server.place(bot, BUY)
    assert [finding.code for finding in applied.failed] == ["exchange.unreachable"]
    assert world.states() == ["not_sent"]
    assert (await world.server.place(bot, BUY)).placed == 1
    first, second = world.orders()
    assert first["client_order_id"] != second["client_order_id"]


async def test_R3_a_task_cancelled_during_a_create_keeps_its_bookkeeping(world: World) -> None:
    bot, held = await world.bot(), Held()
    world.server.wire.after[PLACE] = [held]
    placing = await world.server.placing(bot, BUY)
    await held.reached.wait()
    placing.cancel()
    await quiet()
    assert placing.cancelled()
    assert world.states() == ["pending_new"]
    held.release()
    await quiet()
    assert world.states() == ["new"]
    assert world.orders()[0]["exchange_order_id"] == str(world.open_orders()[0].id)
    assert [order.state for order in world.server.live(bot)] == ["new"]


async def test_a_gate_that_closes_between_commit_and_send_ends_the_intent_as_not_sent(world: World) -> None:
    bot, held = await world.bot(), Held()
    placing = await world.server.placing(bot, BUY, commit=held)
    await held.reached.wait()
    world.server.barred.append(Reason(code="bot.stopping"))
    held.release()
    applied = await placing
    assert [reason.code for reason in applied.withheld] == ["bot.stopping"]
    assert world.states() == ["not_sent"]
    assert not world.server.wire.arrivals


async def test_fault_X18_a_hold_of_the_account_between_decision_and_send_lets_nothing_leave(world: World) -> None:
    """Money has left, the exchange was away, a stranger trades there, the clock is wrong: known since the decision."""
    bot, account = await world.bot(), world.server.account
    left, away = finding("funds.left"), finding("exchange.unreachable")

    async def sent_while(wrong: Callable[[], None], right: Callable[[], None]) -> list[str]:
        held = Held()
        placing = await world.server.placing(bot, BUY, commit=held)
        await held.reached.wait()
        wrong()
        held.release()
        applied = await placing
        right()
        return [reason.code for reason in applied.withheld]

    def skewed() -> None:
        account.diagnose(finding("clock.skewed"))

    def holds(name: str, why: Finding | None) -> Callable[[], None]:
        return lambda: setattr(account, name, why)

    assert await sent_while(holds("funds_held", left), holds("funds_held", None)) == [left.code]
    assert await sent_while(holds("recovering", away), holds("recovering", None)) == [away.code]
    assert await sent_while(skewed, lambda: account.diagnose(None)) == ["clock.skewed"]
    assert world.states() == ["not_sent"] * 3
    assert not world.server.wire.arrivals


async def test_a_stopped_bots_intents_that_wait_for_their_commit_are_never_sent(world: World) -> None:
    bot, held = await world.bot(), Held()

    async def hold_intents() -> None:
        if world.server.runner.executor._in_flight:
            await held()
        else:
            world.server.database.before = [hold_intents]

    world.server.database.before = [hold_intents]
    await world.run(bot)
    while not held.reached.is_set():
        await world.pass_time(0.2)
    await world.wish(bot, BotStatus.STOPPED)
    held.release()
    await world.pass_time(3)
    assert world.states() == ["not_sent", "not_sent"]
    assert not world.server.wire.arrivals
    assert world.server.runner.state(bot.id) is None


async def test_fault_N7_a_decision_older_than_5_s_is_dropped(world: World) -> None:
    work = await world.server.work(await world.bot(), BUY)
    await world.pass_time(5.2)
    applied = await world.server.executor.apply(work)
    assert [reason.code for reason in applied.withheld] == ["decision.too_old"]
    assert world.states() == []
    assert not world.server.wire.arrivals


async def test_I18_what_was_decided_by_a_book_that_is_too_old_by_now_is_not_signed(world: World) -> None:
    work = await world.server.work(await world.bot(), BUY)
    young = replace(work, fresh_until=world.clock.monotonic() + 3)
    await world.pass_time(3.1)
    applied = await world.server.executor.apply(young)
    assert [reason.code for reason in applied.withheld] == ["decision.too_old"]
    assert world.states() == []


async def test_S6_a_decision_that_grew_old_while_storage_was_slow_is_dropped(world: World) -> None:
    bot, held = await world.bot(), Held()
    placing = await world.server.placing(bot, BUY, commit=held)
    await held.reached.wait()
    await world.pass_time(5.2)
    held.release()
    assert [reason.code for reason in (await placing).withheld] == ["decision.too_old"]
    assert not world.server.wire.arrivals


async def test_another_lease_on_the_shard_lets_nothing_be_sent(world: World) -> None:
    bot = await world.bot()
    await world.server.database.take_lease(SHARD)
    applied = await world.server.place(bot, BUY, SELL)
    assert [finding.code for finding in applied.failed] == ["lease.lost", "lease.lost"]
    assert world.orders() == []
    assert not world.server.live()
    assert not world.server.wire.arrivals


async def test_S2_an_intent_that_cannot_be_stored_is_not_sent_and_blocks_nothing(world: World) -> None:
    bot = await world.bot()
    work = await world.server.work(bot, BUY)
    world.server.database.before = [raising(disk_full())]
    applied = await world.server.executor.apply(work)
    assert [finding.code for finding in applied.failed] == ["storage.unwritable"]
    assert not world.server.wire.arrivals
    assert not world.server.live()
    assert (await world.server.place(bot, BUY)).placed == 1


async def test_S2_an_answer_that_could_not_be_stored_is_stored_later(world: World) -> None:
    bot = await world.bot()
    work = await world.server.work(bot, BUY)

    async def fails_next() -> None:
        world.server.database.before = [raising(disk_full())]

    world.server.wire.after[PLACE], world.server.wire.before[ACTIVE] = [fails_next], [unasked := Held()]
    assert (await world.server.executor.apply(work)).placed == 1
    assert world.states() == ["pending_new"]
    unasked.release()
    await world.pass_time(5)
    assert world.states() == ["new"]


async def test_S2_an_end_that_could_not_be_stored_is_stored_later(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, BUY)
    await world.pass_time(2)
    world.exchange.engine.cancel(world.open_orders()[0])
    world.server.database.before = [raising(disk_full())]
    await world.pass_time(15)
    assert world.server.database.before == []
    assert world.states() == ["canceled"]
