"""One order through everything that an exchange, a network and a crash can do to what is known of it."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import pytest

from tests.integration.altered import Altered, changed, more, nothing, without
from tests.integration.files import rows_of
from tests.integration.wire import ACTIVE, CANCEL, INFO, MATCHES, PLACE, Held, timed_out
from tests.integration.world import World, quiet
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.finding import Finding
from trading_bridge.core.order import Side
from trading_bridge.sandbox import faults

BUY = (Side.BUY, 25_600, 200_000)
FAR_BUY = (Side.BUY, 25_500, 200_000)
FAR_SELL = (Side.SELL, 25_700, 200_000)
USDT, SHARP = Decimal(10_000), Decimal(1_000_000)
DAY_MS = 86_400_000


def agrees(world: World) -> None:
    """Storage and exchange hold the same money, to the last digit."""
    assert world.booked("USDT", USDT) == world.held("USDT")
    assert world.booked("SHARP", SHARP) == world.held("SHARP")


def sold_to(world: World, lots: int) -> None:
    """The market sells into our bid at the top."""
    world.exchange.take(Side.SELL, 25_600, lots)


def contradictions(world: World) -> list[Finding]:
    return [held.finding for held in world.server.manager.findings() if held.finding.code == "order.contradictory"]


def only(world: World) -> str:
    (order,) = world.server.live()
    return order.client_order_id


# -- a create without a clear answer


async def test_fault_N2_an_order_that_filled_before_anybody_knew_it_is_booked_once(world: World) -> None:
    bot, wire = await world.bot(), world.server.wire
    wire.after[PLACE], wire.before[ACTIVE] = [timed_out()], [unasked := Held()]
    await world.server.place(bot, BUY)
    sold_to(world, 200_000)
    unasked.release()
    await world.pass_time(3)
    assert world.states() == ["filled"]
    assert len(world.fills()) == 1
    assert len(wire.arrivals) == 1
    agrees(world)


async def test_fault_N3_an_order_that_was_proved_absent_and_stands_after_all_is_found(world: World) -> None:
    bot = await world.bot()
    world.server.wire.before[PLACE] = [timed_out()]
    await world.server.place(bot, FAR_BUY)
    lost = only(world)
    await world.pass_time(69)
    assert world.states() == ["unresolved"]
    await world.pass_time(4)
    assert world.states() == ["absent"]
    late = world.exchange.limit(*FAR_BUY, client_order_id=lost)
    await world.pass_time(150)
    (row,) = world.orders()
    assert row["exchange_order_id"] == str(late.id)
    assert row["state"] == "canceled", "no bot wants it"
    assert not world.open_orders()


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    "kind", [faults.FaultKind.DROPPED, faults.FaultKind.HTML_BODY, faults.FaultKind.EMPTY_BODY], ids=str
)
async def test_fault_N4_an_unreadable_answer_to_a_create_is_unresolved_never_failed(
    world: World, kind: faults.FaultKind, accepted: bool
) -> None:
    await _unclear(world, faults.Fault(kind=kind, endpoint="/trade/order/place", carried_out=accepted), accepted)


@pytest.mark.parametrize("accepted", [True, False])
async def test_fault_X1_a_server_error_on_a_create_is_unresolved(world: World, accepted: bool) -> None:
    kind = faults.FaultKind.SERVER_ERROR
    await _unclear(world, faults.Fault(kind=kind, endpoint="/trade/order/place", carried_out=accepted), accepted)


async def _unclear(world: World, fault: faults.Fault, accepted: bool) -> None:
    bot, unasked = await world.bot(), Held()
    world.server.wire.before[ACTIVE] = [unasked]
    added = world.exchange.faults.add(fault)
    applied = await world.server.place(bot, FAR_BUY)
    assert [finding.code for finding in applied.failed] == ["exchange.no_answer"]
    assert world.states() == ["unresolved"]
    world.exchange.faults.clear(added)
    unasked.release()
    await world.pass_time(3 if accepted else 75)
    assert world.states() == ["new" if accepted else "absent"]
    assert len(world.exchange_orders()) == accepted


async def test_fault_N4_truncated_json_is_unresolved(world: World) -> None:
    bot, altered, unasked = await world.bot(), Altered(world.exchange), Held()
    world.server.wire.before[ACTIVE] = [unasked]
    altered.bodies[PLACE] = b'{"code":"0","data":{"ordI'
    assert (await world.server.place(bot, FAR_BUY)).placed == 0
    assert world.states() == ["unresolved"]
    unasked.release()
    await world.pass_time(3)
    assert world.states() == ["new"]


async def test_fault_N5_a_request_that_arrives_twice_makes_one_order(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    altered.twice.add(PLACE)
    applied = await world.server.place(bot, FAR_BUY)
    assert applied.refused == []
    await world.pass_time(3)
    assert world.states() == ["new"]
    (order,), (row,) = world.exchange_orders(), world.orders()
    assert row["exchange_order_id"] == str(order.id)


async def test_fault_X3_a_look_up_that_lags_proves_nothing(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    world.server.wire.after[PLACE] = [timed_out()]
    altered.edits = {ACTIVE: nothing, INFO: nothing, MATCHES: nothing}
    await world.server.place(bot, FAR_BUY)
    await world.pass_time(60)
    assert world.states() == ["unresolved"]
    assert (await world.server.place(bot, FAR_BUY)).placed == 0
    altered.edits.clear()
    await world.pass_time(3)
    assert world.states() == ["new"]


# -- looks


async def test_fault_X4_an_order_that_left_the_open_list_is_asked_for(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    await world.server.place(bot, FAR_BUY)
    altered.edits[ACTIVE] = nothing
    await world.pass_time(30)
    assert world.states() == ["new"]
    assert world.server.live()


async def test_fault_X10_without_client_order_ids_orders_are_followed_by_the_exchanges(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    altered.edits = {ACTIVE: without("clOrdId"), INFO: without("clOrdId")}
    await world.server.place(bot, BUY)
    sold_to(world, 70_000)
    await world.pass_time(3)
    assert world.states() == ["partially_filled"]
    assert await world.server.account.cancel(only(world)) is None
    assert world.states() == ["canceled"]
    agrees(world)


async def test_fault_X9_each_send_has_its_own_id_though_the_same_order_ended_before(world: World) -> None:
    bot = await world.bot()
    for _ in range(3):
        assert (await world.server.place(bot, FAR_BUY)).placed == 1
        assert await world.server.account.cancel(only(world)) is None
    ids = [arrival.client_order_id for arrival in world.server.wire.arrivals]
    assert len(set(ids)) == 3
    assert all(len(one) <= 32 and one.isalnum() and one == one.lower() for one in ids)


# -- cancels


async def test_fault_N6_a_cancel_that_overtakes_its_create_leaves_it_open(world: World) -> None:
    bot, under_way = await world.bot(), Held()
    world.server.wire.before[PLACE] = [under_way]
    placing = await world.server.placing(bot, FAR_BUY)
    await under_way.reached.wait()
    early = await world.server.account.cancel(only(world))
    assert early is not None
    assert world.states() == ["pending_new"]
    under_way.release()
    await placing
    assert world.states() == ["new"]
    assert await world.server.account.cancel(only(world)) is None
    assert world.states() == ["canceled"]
    assert not world.open_orders()


async def test_fault_X5_a_cancel_of_what_has_filled_reads_end_and_fills_first(world: World) -> None:
    bot, unasked = await world.bot(), Held()
    await world.server.place(bot, BUY)
    world.server.wire.before[ACTIVE] = [unasked]
    sold_to(world, 200_000)
    assert await world.server.account.cancel(only(world)) is None
    assert world.states() == ["filled"]
    assert [str(row["amount"]) for row in world.fills()] == ["2000"]
    unasked.release()
    agrees(world)


@pytest.mark.parametrize("lots", [70_000, 200_000])
async def test_fault_X6_a_fill_while_the_cancel_is_under_way_counts(world: World, lots: int) -> None:
    bot, under_way = await world.bot(), Held()
    await world.server.place(bot, BUY)
    world.server.wire.before[CANCEL] = [under_way]
    canceling = world.server.begin(world.server.account.cancel(only(world)))
    await under_way.reached.wait()
    await quiet()
    assert world.states() == ["pending_cancel"], "journaled, and not waited for"
    assert (await world.server.place(bot, (Side.BUY, 25_500, 200_000))).placed == 0, "it is live in every check"
    sold_to(world, lots)
    under_way.release()
    assert await canceling is None
    assert world.states() == ["canceled" if lots < 200_000 else "filled"]
    assert sum(Decimal(str(row["amount"])) for row in world.fills()) == Decimal(lots) / 100
    agrees(world)


async def test_a_cancel_that_failed_is_made_again(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, FAR_BUY)
    world.server.wire.before[CANCEL] = [timed_out()]
    assert await world.server.account.cancel(only(world)) is not None
    await quiet()
    assert world.states() == ["new"]
    assert await world.server.account.cancel(only(world)) is None
    assert world.states() == ["canceled"]


# -- fills


async def test_fault_X7_many_partial_fills_sum_exactly(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, BUY)
    for lots in (33_333, 33_333, 33_333, 99_001):
        sold_to(world, lots)
        await world.pass_time(1.2)
    assert world.states() == ["partially_filled"]
    assert Decimal(str(world.orders()[0]["filled"])) == Decimal("1990")
    assert len(world.fills()) == 4
    assert await world.server.account.cancel(only(world)) is None
    agrees(world)


async def test_fault_X8_a_fill_before_the_creates_answer_is_booked_once(world: World) -> None:
    bot, unanswered = await world.bot(), Held()
    world.server.wire.after[PLACE] = [unanswered]
    placing = await world.server.placing(bot, BUY)
    await unanswered.reached.wait()
    sold_to(world, 70_000)
    await world.pass_time(2)
    unanswered.release()
    await placing
    await world.pass_time(3)
    assert world.states() == ["partially_filled"]
    assert len(world.fills()) == 1
    agrees(world)


async def test_fault_X8_an_end_whose_trades_lag_is_not_stored_as_an_end(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    await world.server.place(bot, BUY)
    altered.edits[MATCHES] = nothing
    sold_to(world, 200_000)
    await world.pass_time(5)
    assert world.states() == ["partially_filled"]
    assert world.server.account.tracker.unsettled()
    altered.edits.clear()
    await world.pass_time(3)
    assert world.states() == ["filled"]
    agrees(world)


async def test_fault_X8_a_fee_that_the_exchange_corrects_is_corrected(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    await world.server.place(bot, BUY)
    altered.edits[MATCHES] = changed(fee=more("0.5"))
    sold_to(world, 70_000)
    await world.pass_time(3)
    before = world.fills()
    altered.edits.clear()
    sold_to(world, 130_000)
    await world.pass_time(3)
    assert world.states() == ["filled"]
    was, now = (Decimal(str(rows[0]["fee"])) for rows in (before, world.fills()))
    assert was - now == Decimal("0.5")
    assert len(world.fills()) == len(world.server.told) == 2
    agrees(world)


async def test_fault_R3_who_waits_for_an_end_may_be_cancelled_and_its_fills_count_once(world: World) -> None:
    bot, commit, unasked = await world.bot(), Held(), Held()
    await world.server.place(bot, BUY)
    sold_to(world, 200_000)
    world.server.wire.before[ACTIVE], world.server.database.before = [unasked], [commit]
    asking = world.server.begin(world.server.account.tracker.confirm(only(world)))
    await commit.reached.wait()
    asking.cancel()
    await asyncio.wait([asking])
    commit.release()
    unasked.release()
    await world.pass_time(3)
    assert world.states() == ["filled"]
    assert len(world.fills()) == len(world.server.told) == 1
    agrees(world)


async def test_fault_R3_who_waits_for_an_end_without_fills_may_be_cancelled(world: World) -> None:
    bot, commit, unasked = await world.bot(), Held(), Held()
    await world.server.place(bot, FAR_BUY)
    (standing,) = world.open_orders()
    world.exchange.engine.cancel(standing)
    world.server.wire.before[ACTIVE], world.server.database.before = [unasked], [commit]
    asking = world.server.begin(world.server.account.tracker.confirm(only(world)))
    await commit.reached.wait()
    asking.cancel()
    await asyncio.wait([asking])
    commit.release()
    unasked.release()
    await world.pass_time(3)
    assert world.states() == ["canceled"]
    assert not world.server.account.tracker.unsettled()
    agrees(world)


# -- what cannot be true


@pytest.mark.parametrize(
    ("edit", "frozen"),
    [
        (changed(timestamp=lambda told: told + 2 * DAY_MS), "in_the_future"),
        (changed(cumQty=more("2500"), ordQty=more("1000")), "overfilled"),
        (changed(cumQty=more("2500")), "negative"),
        (changed(ordId=more("1")), "second_exchange_id"),
        (changed(side=lambda told: "SELL" if told == "BUY" else "BUY"), "other_side"),
    ],
    ids=["in_the_future", "overfilled", "negative", "second_exchange_id", "other_side"],
)
async def test_what_contradicts_freezes_one_order_and_everything_else_goes_on(
    world: World, edit: Callable[[object], object], frozen: str
) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    await world.server.place(bot, FAR_BUY)
    altered.edits[ACTIVE] = edit
    await world.pass_time(3)
    (row,) = world.orders()
    assert (row["frozen"], row["live"]) == (frozen, 1)
    altered.edits.clear()
    (finding,) = contradictions(world)
    assert finding.parameters["client_order_id"] == row["client_order_id"]
    again = await world.server.place(bot, FAR_BUY, FAR_SELL)
    assert again.placed == 1, "the other side goes on"
    assert [reason.code for reason in again.withheld] == ["order.under_way"]
    await world.pass_time(3)
    assert [order.frozen for order in world.server.live(bot)] == [frozen, None]
    assert not [held for held in world.server.manager.findings() if held.finding.code == "internal.error"]
    assert await world.server.account.cancel(str(row["client_order_id"])) is None
    assert contradictions(world) == []
    assert world.orders()[0]["state"] == "canceled"


async def test_a_frozen_order_outlives_a_restart(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    async with world.server.database.unit_of_work() as uow:
        await uow.bots.set_status(bot.id, BotStatus.RUNNING)
    await world.server.place(bot, BUY)
    altered.edits[ACTIVE] = changed(cumQty=more("2500"))
    await world.pass_time(3)
    altered.edits.clear()
    await world.restart()
    await world.pass_time(10)
    (finding,) = contradictions(world)
    assert finding.parameters["stage"] == "negative"
    sold_to(world, 70_000)
    await world.pass_time(70)
    assert [str(row["amount"]) for row in world.fills()] == ["700"], "its fills are booked all the same"
    agrees(world)


async def test_an_order_of_a_vanished_bot_is_cancelled_and_its_fills_are_booked(world: World) -> None:
    bot = await world.bot()
    await world.server.place(bot, BUY)
    await world.server.kill()
    _remove(world, bot)
    sold_to(world, 70_000)
    await world.start()
    await world.pass_time(10)
    assert world.states() == ["canceled"]
    (fill,) = rows_of(world.path, "SELECT * FROM trade_logs")
    assert fill["bot_id"] is None
    assert world.server.account.recovering is None
    agrees(world)
    other = await world.bot("another")
    assert (await world.server.place(other, FAR_BUY)).placed == 1


def _remove(world: World, bot: Bot) -> None:
    """As a hand in the database does."""
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM bots WHERE id = ?", [bot.id])
