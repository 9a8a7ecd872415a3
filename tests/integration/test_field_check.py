"""The order of a certification: it stands, is looked up, and is gone, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.wire import CANCEL, INFO, PLACE, Held, timed_out
from tests.integration.world import World, a_world, quiet
from tests.sandbox_exchange import SHARP
from trading_bridge.core.bot import Bot
from trading_bridge.core.certification import FarOrder, StepResult, far_order
from trading_bridge.core.decision import Reason
from trading_bridge.core.known import Ok
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered
from trading_bridge.core.risk.limits import Limits
from trading_bridge.execution.field_check import FieldCheck
from trading_bridge.sandbox.directory import MARKET_MAKER

STEPS = ["order", "by_client_order_id", "by_exchange_id", "open_orders", "cancel", "gone", "trades"]


@asynccontextmanager
async def trying(world: World, connector: str = "coinstore") -> AsyncIterator[tuple[FieldCheck, FarOrder]]:
    server = world.server
    async with server.database.unit_of_work() as uow:
        client = await uow.clients.by_account("client_sharp")
        assert client is not None
        bot: Bot = await uow.bots.add(
            client_id=client.id,
            name="certification",
            connector=connector,
            symbol=SHARP,
            bot_type="certify",
            config={},
            archived=True,
        )
    check = FieldCheck(
        bot=bot,
        account=server.account,
        executor=server.executor,
        journal=server.journal,
        clock=world.clock,
        limits=Limits(),
        decision_id="d" * 16,
        may_act=lambda: not server.wire.cut,  # what a killed process does no more
    )
    yield check, await chosen(world)


async def chosen(world: World) -> FarOrder:
    account, market = world.server.account, await world.server.market()
    book, balances = await account.session.order_book(market), account.reader.known()
    assert isinstance(book, Answered)
    assert isinstance(balances, Ok)
    order = far_order(market, book.value, balances.value, Limits(), world.clock.now())
    assert isinstance(order, FarOrder)
    return order


async def to_its_end(world: World, check: FieldCheck, order: FarOrder, seconds: float = 30) -> None:
    running = world.server.begin(check.run(order))
    for _ in range(round(seconds)):
        if running.done():
            break
        await world.pass_time(1)
    assert running.done()
    running.result()


def failed(check: FieldCheck) -> dict[str, str]:
    return {step.name: step.finding.code for step in check.steps if step.finding is not None}


async def until_open(world: World) -> None:
    for _ in range(50):
        if world.open_orders():
            return
        await world.pass_time(0.2)
    raise AssertionError("no order came")


@pytest.mark.parametrize("exchange", ["coinstore", "binance"])
async def test_an_order_is_placed_far_away_looked_up_and_gone(tmp_path: Path, exchange: str) -> None:
    async with a_world(tmp_path, exchange) as world, trying(world, exchange) as (check, order):
        await to_its_end(world, check, order)
        assert [(step.name, step.result) for step in check.steps] == [(name, StepResult.PASSED) for name in STEPS]
        assert world.open_orders() == []
        ((row,), (sent,)) = world.orders(), world.exchange_orders()
        assert (row["state"], row["post_only"], row["side"]) == ("canceled", 1, "buy")
        assert sent.client_order_id == row["client_order_id"]
        market = await world.server.market()
        assert market.price(order.price) < market.price(order.touch) * 97 / 100
        assert market.allows(order.price, order.amount)
        assert not market.allows(order.price, order.amount - 1)  # type: ignore[arg-type]
        assert world.fills() == []


async def test_its_decision_is_stored_and_no_list_shows_its_bot(world: World) -> None:
    async with trying(world) as (check, order):
        await to_its_end(world, check, order)
    (row,) = world.orders()
    async with world.server.database.unit_of_work(read_only=True) as uow:
        decision = await uow.decisions.get(str(row["decision_id"]))
        assert await uow.bots.all() == ()
    assert decision is not None
    assert decision.reason.code == "certification.order"


@pytest.mark.parametrize("moment", ["placed", "canceling"])
async def test_killed_in_the_middle_the_next_start_finds_and_cancels_it(world: World, moment: str) -> None:
    async with trying(world) as (check, order):
        wire = world.server.wire
        wire.before[INFO if moment == "placed" else CANCEL] = [Held() for _ in range(20)]
        world.server.begin(check.run(order))
        await until_open(world)
        await world.pass_time(2)
    assert len(world.open_orders()) == 1
    await world.server.kill()
    await world.start()
    await world.pass_time(5)
    assert world.open_orders() == []
    assert world.states() == ["canceled"]


async def test_ended_by_a_person_it_leaves_nothing(world: World) -> None:
    async with trying(world) as (check, order):
        world.server.wire.before[INFO] = [Held()]
        running = world.server.begin(check.run(order))
        await until_open(world)
        running.cancel()
        await world.pass_time(8)
        assert running.done()
    assert world.open_orders() == []
    assert world.states() == ["canceled"]


async def test_a_lost_answer_is_a_finding_and_the_order_is_found_and_cancelled(world: World) -> None:
    async with trying(world) as (check, order):
        world.server.wire.after[PLACE] = [timed_out()]
        await to_its_end(world, check, order)
    assert failed(check) == {"order": "exchange.no_answer"}
    assert world.open_orders() == []
    assert world.states() == ["canceled"]


async def test_what_may_not_be_sent_is_not(world: World) -> None:
    async with trying(world) as (check, order):
        world.server.barred.append(Reason(code="kill.active", parameters={"by": "ops", "why": "a test"}))
        await to_its_end(world, check, order)
    assert failed(check) == {"order": "kill.active"}
    assert world.exchange_orders() == []


def falls(world: World) -> None:
    world.exchange.engine.cancel_all(MARKET_MAKER)
    world.exchange.quote(Side.BUY, 24_700, 50_000)
    world.exchange.quote(Side.SELL, 24_800, 50_000)


def rises(world: World) -> None:
    world.exchange.engine.cancel_all(MARKET_MAKER)
    world.exchange.quote(Side.SELL, 29_800, 50_000)
    world.exchange.quote(Side.BUY, 29_700, 50_000)


@pytest.mark.parametrize("moved", [falls, rises])
async def test_nothing_is_placed_where_the_market_has_moved_since_it_was_agreed(
    world: World, moved: Callable[[World], None]
) -> None:
    async with trying(world) as (check, order):
        moved(world)
        await to_its_end(world, check, order)
    assert failed(check) == {"order": "certification.failed"}
    assert world.exchange_orders() == []


async def test_an_order_that_trades_after_all_is_told_and_booked(world: World) -> None:
    async with trying(world) as (check, order):
        looked = Held()
        world.server.wire.before[INFO] = [looked]
        running = world.server.begin(check.run(order))
        await until_open(world)
        world.exchange.engine.cancel_all(MARKET_MAKER)
        world.exchange.take(Side.SELL, order.price, order.amount)
        looked.release()
        for _ in range(40):
            await world.pass_time(1)
            if running.done():
                break
        running.result()
    assert set(failed(check).values()) == {"certification.failed"}
    assert "gone" in failed(check)
    assert len(world.fills()) == 1


async def test_a_cancel_that_the_exchange_refuses_is_tried_again(world: World) -> None:
    async with trying(world) as (check, order):
        world.server.wire.before[CANCEL] = [timed_out(), timed_out()]
        await to_its_end(world, check, order, seconds=60)
    assert "cancel" in failed(check)
    assert world.open_orders() == []
    await quiet()
    await asyncio.sleep(0)
