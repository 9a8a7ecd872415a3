"""The kill switch: nothing is sent after it, every order goes, and it is done when the exchange says so."""

from pathlib import Path

import pytest

from tests.integration.altered import Altered, changed, more
from tests.integration.files import rows_of
from tests.integration.watched import a_watched_bot
from tests.integration.wire import ACTIVE, CANCEL, PLACE, Fault, Held, timed_out
from tests.integration.world import World, until
from trading_bridge.core.bot import Bot, BotStatus, StateCode
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Kill, KillProgress, Scope, ScopeKind
from trading_bridge.core.user import Asker, AskerKind

PERSON = Asker(kind=AskerKind.SYSTEM, user_id=None, name="ops@example.com")
PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")


def press(world: World, scope: Scope = PLATFORM, *, by_hand: bool = False) -> Kill:
    return world.server.runner.restraints.press(scope, "Key may be stolen", PERSON, by_hand=by_hand)


def of(bot: Bot) -> Scope:
    return Scope(kind=ScopeKind.BOT, id=bot.id)


def progress(world: World, kill: Kill) -> KillProgress:
    found = world.server.runner.progress(kill.id)
    assert found is not None
    return found


def in_force(world: World) -> Kill:
    (kill,) = world.server.runner.restraints.kills()
    return kill


def outage(world: World) -> None:
    """Nothing that is asked is answered."""
    fault: Fault = timed_out()
    world.server.wire.trouble = lambda when, path: fault if when == "before" else None


def state(world: World, bot: Bot) -> StateCode | None:
    found = world.server.runner.state(bot.id)
    return None if found is None else found.code


def said_done_too_early(world: World) -> list[int]:
    """How many orders still lived, each time that a kill was called done too early."""
    found: list[int] = []

    def look(kind: str, kill_id: str) -> None:
        done = any(kill.id == kill_id and kill.done_at is not None for kill in world.server.runner.restraints.kills())
        if kind == "kill" and done and world.open_orders():
            found.append(len(world.open_orders()))

    world.on_restraint = look
    return found


async def rearm(world: World, kill: Kill) -> None:
    async with world.server.database.unit_of_work() as uow:
        assert await uow.kills.rearm(kill.id, by="ops", reason="mended", at=world.clock.now())


async def test_fault_O3_nothing_is_sent_after_a_kill_and_done_comes_only_after_the_outage(world: World) -> None:
    """I13; it survives a restart, and goes on only when a person re-arms it."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    sent = len(world.server.wire.arrivals)
    outage(world)
    kill = press(world)
    assert press(world).id == kill.id
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (2, 0)

    too_early = said_done_too_early(world)
    await world.pass_time(30)
    assert state(world, bot) is StateCode.KILLED
    assert in_force(world).done_at is None
    (waiting,) = progress(world, kill).waits_for
    assert waiting.connector_id == world.server.account.connector.id
    assert waiting.finding.code == "exchange.no_answer"
    world.server.wire.trouble = lambda when, path: None
    await world.pass_time(15)
    assert world.open_orders() == []
    assert too_early == []
    assert in_force(world).done_at is not None
    assert (progress(world, kill).total, progress(world, kill).confirmed, progress(world, kill).waits_for) == (2, 2, ())
    assert len(world.server.wire.arrivals) == sent
    (row,) = rows_of(world.path, "SELECT * FROM kills")
    assert (row["id"], row["total"], row["rearmed_at"]) == (kill.id, 2, None)
    assert row["done_at"] is not None

    await world.restart()
    await world.run(bot)
    await world.pass_time(20)
    assert state(world, bot) is StateCode.KILLED
    assert world.server.wire.arrivals == []
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (2, 2)
    await rearm(world, kill)
    await world.pass_time(5)
    await world.quoting(bot)


async def test_fault_O3_a_killed_server_goes_on_with_the_kill_and_counts_on(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.before[CANCEL] = [timed_out() for _ in range(200)]
    kill = press(world)
    await world.pass_time(5)
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (2, 0)
    await world.server.kill()
    await world.start()
    world.server.begin(world.server.runner.run())
    await world.pass_time(10)
    assert world.open_orders() == []
    assert in_force(world).done_at is not None
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (2, 2)


async def test_fault_O3_a_create_on_the_wire_is_waited_for_and_cancelled(world: World) -> None:
    bot, hung = await world.bot(), Held()
    world.server.wire.before[PLACE] = [hung]
    await world.run(bot)
    while not hung.reached.is_set():
        await world.pass_time(0.2)
    kill = press(world)
    called_done: list[object] = []
    world.on_restraint = lambda kind, _: called_done.append(in_force(world).done_at)
    await world.pass_time(5)
    assert set(called_done) <= {None}
    assert progress(world, kill).confirmed < progress(world, kill).total
    hung.release()
    await world.pass_time(10)
    assert in_force(world).done_at is not None
    assert world.open_orders() == []
    assert progress(world, kill).waits_for == ()


async def test_fault_O3_an_intent_that_is_being_stored_is_not_sent(world: World) -> None:
    bot, commit = await world.bot(), Held()
    world.server.begin(world.server.runner.run())
    await world.pass_time(1)
    await world.wish(bot, BotStatus.RUNNING)
    while not world.orders():
        world.server.database.before = [commit]
        await world.pass_time(0.2)
        if commit.reached.is_set():
            break
    sent = len(world.server.wire.arrivals)
    press(world)
    commit.release()
    world.server.database.before = []
    await world.pass_time(5)
    assert len(world.server.wire.arrivals) == sent
    assert world.open_orders() == []
    assert in_force(world).done_at is not None


async def test_fault_O3_the_gate_is_shut_when_the_kill_is_pressed_without_waiting_for_anybody(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    gate = world.server.runner._gate
    assert gate(bot.id) is None
    press(world, of(bot))
    barred = gate(bot.id)
    assert barred is not None
    assert barred.code == "kill.active"


async def test_an_order_of_ours_that_nothing_here_knows_is_cancelled_and_waited_for(world: World) -> None:
    installation = world.server.database.installation_id
    world.exchange.engine.place(
        "alice",
        "SHARP/USDT",
        Side.BUY,
        price=Ticks(20_000),
        lots=Lots(100_000),
        client_order_id=f"tb{installation}0000000orphan",
    )
    world.server.wire.trouble = lambda when, path: timed_out() if when == "before" and CANCEL in path else None
    world.server.begin(world.server.runner.run())
    await world.pass_time(1)
    too_early = said_done_too_early(world)
    kill = press(world)
    await world.pass_time(20)
    assert len(world.open_orders()) == 1
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (1, 0)
    world.server.wire.trouble = lambda when, path: None
    await world.pass_time(10)
    assert world.open_orders() == []
    assert in_force(world).done_at is not None
    assert too_early == []


async def test_an_order_that_contradicted_itself_is_cancelled_like_any_other(world: World) -> None:
    bot, altered = await world.bot(), Altered(world.exchange)
    await world.run(bot)
    await world.quoting(bot)
    altered.edits[ACTIVE] = changed(cumQty=more("1000000"))
    await world.pass_time(4)
    assert {row["frozen"] for row in world.orders()} == {"negative"}
    kill = press(world)
    await world.pass_time(8)
    assert world.open_orders() == []
    assert in_force(world).done_at is not None
    assert (progress(world, kill).total, progress(world, kill).confirmed) == (2, 2)


@pytest.mark.parametrize("by_hand", [False, True])
async def test_orders_placed_by_hand_go_only_if_asked(world: World, by_hand: bool) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    by_a_person = world.exchange.engine.place("alice", bot.symbol, Side.BUY, price=Ticks(20_000), lots=Lots(100_000))
    press(world, by_hand=by_hand)
    await world.pass_time(5)
    assert in_force(world).done_at is not None
    left = [order.id for order in world.open_orders()]
    assert left == ([] if by_hand else [by_a_person.id])  # type: ignore[union-attr]


async def test_a_kill_of_one_bot_leaves_the_others_alone(world: World) -> None:
    first, second = await world.bot("one"), await world.bot("two", symbol="ETH/USDT")
    world.exchange.quote(Side.BUY, 250_000, 1_000, "ETH/USDT")
    world.exchange.quote(Side.SELL, 250_100, 1_000, "ETH/USDT")
    await world.run(first)
    await world.quoting(first)
    placed = world.server.live(first)
    press(world, of(second))
    await world.pass_time(3)
    assert in_force(world).done_at is not None
    assert world.server.live(first) == placed
    assert state(world, first) is StateCode.TRADING


async def test_fault_O4_a_kill_is_obeyed_while_storage_is_away_and_stored_first_when_it_is_back(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    sent = len(world.server.wire.arrivals)
    world.server.database.down = True
    kill = press(world)
    await world.pass_time(10)
    assert world.open_orders() == []
    assert state(world, bot) is StateCode.KILLED
    assert len(world.server.wire.arrivals) == sent
    assert rows_of(world.path, "SELECT * FROM kills") == []
    world.server.database.down = False
    await world.pass_time(3)
    (row,) = rows_of(world.path, "SELECT * FROM kills")
    assert (row["id"], row["asked_by"]) == (kill.id, PERSON.name)
    audit = [str(one["verb"]) for one in rows_of(world.path, "SELECT verb FROM audit_log ORDER BY id")]
    assert audit == ["kill.press", "kill.done"]
    await world.pass_time(10)
    assert in_force(world).done_at is not None
    assert len(world.server.wire.arrivals) == sent


async def test_fault_O4_the_api_takes_a_kill_while_storage_is_away(tmp_path: Path) -> None:
    async with a_watched_bot(tmp_path) as watched:
        world, body = watched.world, {"scope": {"kind": "bot", "id": watched.bot.id}, "reason": "Key may be stolen"}
        sent = len(world.server.wire.arrivals)
        world.server.database.down = True
        pressed = await watched.client.post("/api/kills", body)
        assert (pressed.status, pressed.json["state"]) == (201, "stopping")
        await world.pass_time(8)
        assert world.open_orders() == []
        assert len(world.server.wire.arrivals) == sent
        world.server.database.down = False
        await world.pass_time(4)
        (shown,) = (await watched.client.get("/api/kills?active=true")).json["kills"]
        assert (shown["id"], shown["state"], shown["text"]) == (pressed.json["id"], "done", "all 2 confirmed gone")
        row = (await watched.client.get(f"/api/bots/{watched.bot.id}")).json["state"]
        assert (row["code"], row["text"]) == (
            "killed",
            f"Killed: {shown['asked_by']} pressed the kill switch (Key may be stolen)",
        )


async def test_a_killed_bot_says_who_killed_it_and_why(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    kill = press(world, of(bot))
    await world.pass_time(3)
    found = world.server.runner.state(bot.id)
    assert found is not None
    assert (found.code, found.reason, found.since, found.until) == (
        StateCode.KILLED,
        "kill.active",
        kill.asked_at,
        None,
    )
    assert found.parameters == {"by": "ops@example.com", "why": "Key may be stolen"}
    assert [held.finding.code for held in world.server.runner.findings()] == ["kill.active"]


async def test_I14_a_killed_bot_has_no_task_left(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    press(world, of(bot))
    await world.pass_time(5)
    assert world.server.runner.bots_on(world.server.account.connector.id) == ()
    await until(lambda: not world.server.runner._workers)
