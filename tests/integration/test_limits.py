"""Limits of a running bot: what halts it, what it may have, and that no restart, deploy or edit makes it forget."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from sqlalchemy import update

from tests.factories import finding
from tests.integration.files import rows_of
from tests.integration.test_funds import deposit, label, move, transfers
from tests.integration.test_trading import move_market
from tests.integration.wire import CANCEL, PLACE
from tests.integration.world import CONFIG, World, quiet, until
from trading_bridge.core.bot import Bot, BotState, BotStatus, Budget, StateCode
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.state import RiskState
from trading_bridge.core.transfer import TransferLabel
from trading_bridge.storage.repositories.risk import read
from trading_bridge.storage.tables import limit_settings

#: of alice, at a mid of 0.0256
WORTH = Decimal(10_000) + Decimal(1_000_000) * Decimal("0.0256")


async def set_limits(world: World, bot: Bot, **limits: str) -> None:
    async with world.server.database.unit_of_work() as uow:
        await uow.limits.set(Scope(kind=ScopeKind.BOT, id=bot.id), limits, by="ops")
    world.server.runner.risk.set_anew()


async def damage(world: World, bot: Bot, stored: str) -> None:
    """What is stored of the bot's limits."""
    row = update(limit_settings).where(limit_settings.c.scope_id == bot.id).values(limits=stored)
    await world.server.database.transact(lambda connection: connection.execute(row))
    world.server.runner.risk.set_anew()


async def edit(world: World, bot: Bot, *, config: Mapping[str, object], budget: Budget | None = None) -> Bot:
    """As the service does."""
    async with world.server.database.unit_of_work() as uow:
        changed = await uow.bots.update(
            bot.id,
            name=bot.name,
            connector=bot.connector,
            symbol=bot.symbol,
            bot_type=bot.bot_type,
            config=config,
            market_verified=True,
            note=None,
            budget=budget,
        )
    world.server.runner.wake()
    await quiet()
    return changed


def state_of(world: World, bot: Bot) -> BotState:
    state = world.server.runner.state(bot.id)
    assert state is not None
    return state


def risk_of(world: World, bot: Bot) -> RiskState:
    report = world.server.runner.risk.report(bot.id)
    assert report is not None
    return report.state


def stored_risk(world: World, bot: Bot) -> RiskState:
    (row,) = rows_of(world.path, f"SELECT state FROM bot_risk WHERE bot_id = '{bot.id}'")
    return read(str(row["state"]))


async def live_on(world: World, bot: Bot) -> None:
    """A new life on the files, in which the bot is wished running as before."""
    await world.restart()
    world.server.begin(world.server.runner.run())
    await until(lambda: world.server.runner.state(bot.id) is not None)
    await world.pass_time(5)


async def lose(world: World, bot: Bot) -> None:
    """Its bid is taken, and the price goes on falling."""
    await world.quoting(bot)
    (bid,) = [order for order in world.open_orders() if order.side is Side.BUY]
    world.exchange.take(Side.SELL, 25_000, 10**9)
    assert world.exchange_order(bid).filled == bid.lots
    move_market(world, 23_590, 23_610)
    await world.pass_time(4)


# -- settings


@pytest.mark.parametrize(
    "damaged", ["not json", "[]", '{"collar_bps": "-5"}', '{"collar_bps": null}', '{"no_such_limit": "1"}']
)
async def test_settings_that_nobody_can_read_halt_the_bots_they_are_of_alone(world: World, damaged: str) -> None:
    """The defaults may be looser than what was set."""
    budget = Budget(base=Decimal(100_000), quote=Decimal(2_000))
    bot, other = await world.bot(budget=budget), await world.bot("SHARP-SB 2", budget=budget)
    await set_limits(world, bot, collar_bps="400")
    await world.run(bot, other)
    await world.quoting(bot, other)
    await damage(world, bot, damaged)
    await world.pass_time(3)
    for _ in range(2):
        state = state_of(world, bot)
        assert (state.code, state.reason) == (StateCode.HALTED, "limit.settings_unreadable")
        assert state.parameters == {"kind": "bot", "id": bot.id}
        assert world.server.live(bot) == ()
        assert state_of(world, other).code is StateCode.TRADING
        await live_on(world, bot)
        await world.quoting(other)
    await set_limits(world, bot, collar_bps="400")
    await world.quoting(bot, other)
    await world.pass_time(1)  # a cycle tells its state after its orders
    assert state_of(world, bot).code is StateCode.TRADING


@pytest.mark.parametrize("kind", [ScopeKind.CLIENT, ScopeKind.PLATFORM])
async def test_settings_of_a_client_or_the_platform_that_nobody_can_read_halt_their_bots(
    world: World, kind: ScopeKind
) -> None:
    bot = await world.bot()
    scope = Scope(kind=kind, id=bot.client_id if kind is ScopeKind.CLIENT else "")
    async with world.server.database.unit_of_work() as uow:
        await uow.limits.set(scope, {"orders_per_minute": "0"}, by="ops")
    await world.run(bot)
    await world.pass_time(5)
    assert state_of(world, bot).reason == "limit.settings_unreadable"
    assert world.orders() == []


# -- halts


async def test_an_execution_loss_halts_over_restart_edit_and_time_until_a_person_resumes(world: World) -> None:
    """50 bought, 7 % lost: more than 0.01 % of what the bot has."""
    bot = await world.bot()
    await set_limits(world, bot, execution_loss_share="0.0001")
    await world.run(bot)
    await lose(world, bot)
    state = state_of(world, bot)
    assert (state.code, state.reason, state.until) == (StateCode.HALTED, "limit.execution_loss", None)
    assert world.open_orders() == []
    before = risk_of(world, bot)
    assert stored_risk(world, bot).halt == before.halt
    sent = len(world.orders())

    await live_on(world, bot)
    assert risk_of(world, bot).halt == before.halt
    assert risk_of(world, bot).hours == before.hours
    await edit(world, bot, config={"spread_bps": "80", "order_amount_quote": "40"})
    await world.pass_time(5)
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(3)
    await world.wish(bot, BotStatus.RUNNING)
    await world.pass_time(5)
    assert state_of(world, bot).code is StateCode.HALTED
    assert len(world.orders()) == sent, "nothing was sent since"

    async with world.server.runner.risk.changing(bot.id, RiskState.resumed):
        pass
    await world.quoting(bot)
    await world.pass_time(1)
    assert state_of(world, bot).code is StateCode.TRADING


async def test_fault_M4_a_cool_down_is_neither_shortened_nor_begun_anew_by_a_restart(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    move_market(world, 22_490, 22_510)
    await world.pass_time(3)
    state = state_of(world, bot)
    assert (state.code, state.reason) == (StateCode.HALTED, "limit.shock")
    assert state.until is not None
    assert world.open_orders() == []
    await world.pass_time(100)
    await live_on(world, bot)
    again = state_of(world, bot)
    assert (again.code, again.until) == (StateCode.HALTED, state.until)
    await world.pass_time((state.until - world.clock.now()).total_seconds() - 2)
    assert state_of(world, bot).code is StateCode.HALTED
    await world.pass_time(4)
    await world.quoting(bot)


async def test_fault_M1_a_ten_fold_jump_while_the_server_is_down_is_a_shock(world: World) -> None:
    """The price of before is stored, and a young one still says what is absurd."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(15)
    await world.server.kill()
    move_market(world, 255_900, 256_100)
    await world.start()
    world.server.begin(world.server.runner.run())
    await until(lambda: world.server.runner.state(bot.id) is not None)
    await world.pass_time(10)
    assert state_of(world, bot).reason == "limit.shock"
    assert world.open_orders() == []


async def test_fault_X2_refused_for_one_cause_the_bot_stops_asking(world: World) -> None:
    """Also over a restart; until it is edited."""
    engine, wire = world.exchange.engine, world.server.wire
    await world.withdraw("SHARP", "1000000")

    async def takes_all() -> None:
        world.exchange.limit(Side.BUY, 20_000, 49_900_000, client_order_id=f"by-hand-{len(world.orders())}")

    async def gives_back() -> None:
        for order in world.open_orders():
            if order.client_order_id.startswith("by-hand"):
                engine.cancel(order)

    wire.before[PLACE], wire.after[PLACE] = [takes_all] * 50, [gives_back] * 50
    bot = await world.bot()
    await set_limits(world, bot, refusals_in_row="3")
    await world.run(bot)
    await world.pass_time(120)
    state = state_of(world, bot)
    assert (state.code, state.reason) == (StateCode.HALTED, "limit.refusals")
    assert state.finding is not None
    assert state.finding.parameters == {"count": "3", "cause": "balance.insufficient"}
    assert world.states() == ["rejected"] * 3
    await live_on(world, bot)
    await world.pass_time(120)
    assert state_of(world, bot).reason == "limit.refusals"
    assert len(world.orders()) == 3
    await edit(world, bot, config={"spread_bps": "40", "order_amount_quote": "30"})
    await world.pass_time(5)
    assert world.states()[3:] == ["new"]


async def test_a_bot_that_is_halted_by_refusals_goes_on_when_the_doctor_sees_it_mended(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    for _ in range(10):
        world.server.runner.risk.refused(bot, "access.refused")
    move_market(world, 25_390, 25_410)
    await world.pass_time(3)
    assert state_of(world, bot).reason == "limit.refusals"
    assert world.open_orders() == [], "what stood is kept in step"
    world.server.account.diagnose(finding("ip.not_allowed"))
    world.server.account.diagnose(None)
    await world.quoting(bot)


async def test_fault_T1_while_the_clock_is_skewed_nothing_is_created(world: World) -> None:
    bot = await world.bot()
    world.server.account.diagnose(finding("clock.skewed"))
    await world.run(bot)
    await world.pass_time(10)
    assert world.orders() == []
    decided = world.server.runner.decision(bot.id)
    assert decided is not None
    assert (decided.reason.code, decided.wanted) == ("clock.skewed", ())
    world.server.account.diagnose(None)
    await world.quoting(bot)
    world.server.account.diagnose(finding("clock.skewed"))
    move_market(world, 25_635, 25_645)
    await world.pass_time(3)
    assert world.open_orders() == [], "what stands elsewhere than it should is cancelled all the same"
    assert world.server.wire.count(CANCEL) == 2


# -- the band, the budget


async def test_fault_M4_no_averaging_down_beyond_the_band(world: World) -> None:
    """The market falls step by step and takes each bid; not quite 100 may be bought in all."""
    bot = await world.bot()
    share = Decimal("0.0028")
    await set_limits(world, bot, max_inventory_share=str(share), shock_bps="100000")
    await world.run(bot)
    await world.quoting(bot)
    for step in range(1, 9):
        world.exchange.take(Side.SELL, 20_000, 10**9)
        move_market(world, 25_590 - 60 * step, 25_610 - 60 * step)
        await world.pass_time(8)
    held = Decimal(0)
    for row in world.fills():
        held += Decimal(str(row["amount"]))
        assert held * Decimal(str(row["price"])) <= share * WORTH
    assert held * Decimal("0.0251") > share * WORTH * Decimal("0.9"), "it did go on to the band"
    assert risk_of(world, bot).position == held
    await live_on(world, bot)
    await world.pass_time(5)
    (ask,) = [order for order in world.open_orders() if order.side is Side.SELL]
    for bid in world.open_orders():
        if bid.side is Side.BUY:
            assert (held + Decimal(bid.lots) / 100) * bid.price / 10**6 <= share * WORTH
            assert bid.lots * 50 < ask.lots, "what is left of the band"


async def test_the_budget_is_moved_by_own_fills_alone_and_by_no_restart(world: World) -> None:
    budget = Budget(base=Decimal(1_000), quote=Decimal(80))
    bot = await edit(world, await world.bot(), config={"spread_bps": "40", "order_amount_quote": "50"}, budget=budget)
    await set_limits(world, bot, max_inventory_share="1")
    await world.run(bot)
    await world.quoting(bot)
    bid, ask = sorted(world.open_orders(), key=lambda order: order.side)
    assert ask.lots == 100_000, "the account has more, the bot has 1,000"
    world.exchange.take(Side.SELL, 25_000, 10**9)
    move_market(world, 25_590, 25_610)
    await world.pass_time(5)
    (fill,) = world.fills()
    purse = world.server.runner.risk.purse(bot)
    assert purse is not None
    assert purse.quote == 80 - Decimal(str(fill["cost"]))
    assert purse.base == 1_000 + Decimal(str(fill["amount"])) - Decimal(str(fill["fee"]))
    await live_on(world, bot)
    assert world.server.runner.risk.purse(bot) == purse
    (bid,) = [order for order in world.open_orders() if order.side is Side.BUY]
    assert bid.price * bid.lots <= purse.quote * 10**8
    deposit(world, "5000")
    await world.pass_time(15)
    assert world.server.runner.risk.purse(bot) == purse


async def test_a_fill_that_was_stored_after_the_limits_is_taken_in_by_the_next_start(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(3)
    before = stored_risk(world, bot)

    async def bid_is_taken() -> None:
        world.exchange.take(Side.SELL, 25_000, 10**9)

    world.server.wire.before[CANCEL] = [bid_is_taken]
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(4)
    assert len(world.fills()) == 1
    assert stored_risk(world, bot) == before, "a bot that stops looks at nothing"
    await world.wish(bot, BotStatus.RUNNING)
    await world.pass_time(3)
    taken = risk_of(world, bot)
    assert taken.position == Decimal(str(world.fills()[0]["amount"]))
    await live_on(world, bot)
    assert risk_of(world, bot).position == taken.position
    assert risk_of(world, bot).moved == taken.moved


# -- what shares are of


async def test_money_that_came_moves_the_limits_only_once_it_is_labelled(world: World) -> None:
    """What the exchange records as a deposit labels itself."""
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    risk = world.server.runner.risk
    assert risk.worth(bot.id) == WORTH
    move(world, "5000")
    await world.server.account.reader.read(max_age_s=0, force=True)
    await world.pass_time(20)
    (row,) = transfers(world)
    assert (Decimal(str(row["amount"])), row["label"]) == (5_000, None)
    await live_on(world, bot)
    risk = world.server.runner.risk
    assert risk.worth(bot.id) == WORTH, "a restart takes nothing anew"
    await label(world, row, TransferLabel.AIRDROP)
    await world.pass_time(2)
    assert risk.worth(bot.id) == WORTH + 5_000
    deposit(world, "100")
    await world.server.account.reader.read(max_age_s=0, force=True)
    await world.pass_time(70)
    assert risk.worth(bot.id) == WORTH + 5_100
    await live_on(world, bot)
    assert world.server.runner.risk.worth(bot.id) == WORTH + 5_100
    assert state_of(world, bot).code is StateCode.TRADING


async def test_nothing_is_sent_before_what_the_shares_are_of_is_stored(world: World) -> None:
    bot = await world.bot()

    await world.run()
    world.server.database.before = [broken] * 100
    await world.wish(bot, BotStatus.RUNNING)
    await world.pass_time(8)
    assert rows_of(world.path, "SELECT * FROM bot_risk") == []
    assert world.orders() == []
    assert state_of(world, bot).reason == "storage.unwritable"
    decided = world.server.runner.decision(bot.id)
    assert decided is not None
    assert (decided.reason.code, decided.wanted) == ("storage.unwritable", None), "nothing was decided, either"
    world.server.database.before = []
    await world.quoting(bot)
    assert stored_risk(world, bot).basis is not None


async def broken() -> None:
    raise OSError("no space left on device")


# -- the reference


async def test_fault_M3_the_reference_is_made_by_others_orders_alone(world: World) -> None:
    """A wide market, in which the bot's only bid is the touch of its side."""
    move_market(world, 24_600, 26_600)
    only_quote = Budget(base=Decimal(0), quote=Decimal(1_000))
    bot = await edit(world, await world.bot(), config=CONFIG, budget=only_quote)
    await world.run(bot)
    await world.pass_time(20)
    assert [(order.side, order.price) for order in world.open_orders()] == [(Side.BUY, 25_548)]
    assert world.server.runner.risk.reference(bot.id, world.clock.now()) == Decimal("0.0256")


@pytest.mark.parametrize("seconds", [30, 90])
async def test_a_reference_of_before_a_restart_serves_while_it_is_young(world: World, seconds: int) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(12)
    await world.server.kill()
    await world.clock.advance(seconds)
    server = await world.start()
    await server.runner.risk.ready(bot, server.account.connector.id, 0)
    found = server.runner.risk.reference(bot.id, world.clock.now())
    assert found == (Decimal("0.0256") if seconds < 60 else None)


async def test_what_a_stopped_bot_lost_counts_for_its_client_for_a_day_and_no_longer(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    (bid,) = [order for order in world.open_orders() if order.side is Side.BUY]
    world.exchange.engine.cancel_all("market-maker", bot.symbol)
    world.exchange.take(Side.SELL, bid.price, bid.lots)
    move_market(world, 25_000, 25_020)
    await world.pass_time(65)
    of_client, risk = Scope(kind=ScopeKind.CLIENT, id=bot.client_id), world.server.runner.risk
    await world.wish(bot, BotStatus.STOPPED)
    await world.pass_time(3)
    assert risk.losses(of_client)["USDT"] > 1
    world.clock.jump(26 * 3600)
    assert risk.losses(of_client)["USDT"] == 0
