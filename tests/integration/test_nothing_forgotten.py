"""A restart, a deploy or an edit in the middle of a limit, a hold or a kill: what follows is what follows without it.

Each thing is led into its middle, interrupted or not, and led on; what it comes to is compared.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.test_hold import hold, of
from tests.integration.test_kill import in_force, press
from tests.integration.test_limits import risk_of, set_limits, state_of
from tests.integration.test_trading import move_market
from tests.integration.wire import PLACE
from tests.integration.world import STEP_S, World, a_world, quiet, until
from trading_bridge.core.bot import Bot, Budget, StateCode
from trading_bridge.core.order import Side
from trading_bridge.core.risk.drawdown import Step
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.orders import SandboxOrder

WIDE = 1_000
#: worth 2,024 at 0.0256
BUDGET = Budget(base=Decimal(40_000), quote=Decimal(1_000))

Led = Callable[["Play"], Awaitable[None]]


@dataclass
class Play:
    """One run. `notes` is what it came to."""

    world: World
    bot: Bot
    began: float
    notes: list[object] = field(default_factory=list)
    #: when what was begun before the interruption ends by itself
    ends_at: datetime | None = None

    async def to(self, second: float) -> None:
        """Of the play, so that what comes next comes at the same moment in each run."""
        await self.world.pass_exactly(self.began + second - self.world.clock.monotonic())

    async def until_halted(self, second: float) -> float:
        """The second at which the bot is halted; it must be before `second`."""
        while self.now < second:
            if state_of(self.world, self.bot).code is StateCode.HALTED:
                return self.now
            await self.world.pass_exactly(STEP_S)
        raise AssertionError(state_of(self.world, self.bot))

    @property
    def now(self) -> float:
        return self.world.clock.monotonic() - self.began

    def market(self, mid: int) -> None:
        """So wide that the bot is the touch."""
        move_market(self.world, mid - WIDE, mid + WIDE)

    def note(self, *what: object) -> None:
        self.notes.extend(what)

    def fills(self) -> list[tuple[object, ...]]:
        return [(row["side"], row["price"], row["amount"], row["fee"]) for row in self.world.fills()]

    def quotes(self) -> list[tuple[str, int, int]]:
        """Where it stands."""
        return sorted((order.side.value, int(order.price), int(order.lots)) for order in self.world.open_orders())


# -- interruptions


async def nothing(play: Play) -> None:
    pass


async def restart(play: Play) -> None:
    """As after a power cut."""
    await play.world.restart()
    await goes_on(play)


async def deploy(play: Play) -> None:
    """Creates end, orders stay, the next server takes over."""
    world = play.world
    closing = world.server.begin(world.server.runner.close(cancel=False, timeout_s=20.0))
    await until(closing.done)
    await restart(play)


async def edit(play: Play) -> None:
    """Name, config and limits, as the services do; to what comes to the same quotes."""
    bot = play.bot
    async with play.world.server.database.unit_of_work() as uow:
        play.bot = await uow.bots.update(
            bot.id,
            name="another name",
            connector=bot.connector,
            symbol=bot.symbol,
            bot_type=bot.bot_type,
            config={**bot.config, "order_amount_quote": "50.0"},
            market_verified=True,
            note=None,
            budget=bot.budget,
        )
    play.world.server.runner.wake()
    await quiet()
    await edit_limits(play)


async def edit_limits(play: Play) -> None:
    """One that is not what the play is about."""
    async with play.world.server.database.unit_of_work(read_only=True) as uow:
        of_bot = (await uow.limits.all()).get(of(play.bot), {})
    await set_limits(play.world, play.bot, **{**of_bot, "max_open_orders": "19"})


async def goes_on(play: Play) -> None:
    """The bot is wished running as before, in a server that has just started."""
    runner = play.world.server.runner
    play.world.server.begin(runner.run())
    await until(lambda: bool(runner._bots))
    await quiet()


INTERRUPTIONS: tuple[Led, ...] = (restart, deploy, edit)


# -- things that have a middle


@dataclass(frozen=True)
class Thing:
    name: str
    before: Led
    after: Led
    limits: dict[str, str] = field(default_factory=dict)
    interruptions: tuple[Led, ...] = INTERRUPTIONS


async def rounds_of_loss(play: Play, first: int, last: int) -> None:
    """In each its bid is taken, and then the price falls; ends where the bot is halted."""
    for turn in range(first, last):
        await play.to(12 * turn)
        if state_of(play.world, play.bot).code is StateCode.HALTED:
            return
        mid = 25_600 - 130 * (turn - 1)
        play.world.exchange.take(Side.SELL, mid - WIDE + 100, 10**8)
        await play.to(12 * turn + 3)
        play.market(mid - 130)


async def losing(play: Play) -> None:
    await rounds_of_loss(play, 1, 4)
    await play.to(43)
    play.note(play.fills(), risk_of(play.world, play.bot).position)


async def lost_too_much(play: Play) -> None:
    """At the same fill, for the same reason, and for good."""
    await rounds_of_loss(play, 4, 9)
    play.note(play.fills(), play.world.server.runner.risk.purse(play.bot))
    assert 3 < len(play.fills()) < 8, "in the middle of the rounds that are left"
    await play.to(135)
    halted = state_of(play.world, play.bot)
    assert halted.code is StateCode.HALTED
    risk = risk_of(play.world, play.bot)
    assert risk.halt is not None
    play.note(play.fills(), halted.reason, risk.halt.parameters, halted.until, risk.moved, risk.position, risk.entry)
    play.note(risk.hours, risk.worst_fee, risk.basis)
    play.note(play.quotes())


async def half_a_shock(play: Play) -> None:
    await play.to(35)
    play.market(24_200)
    await play.to(39)
    play.note(state_of(play.world, play.bot).code)


async def the_other_half(play: Play) -> None:
    """5.5 % and 6 %: neither is a shock, both within a minute are."""
    await play.to(45)
    play.market(22_800)
    await play.until_halted(55)
    play.note(state_of(play.world, play.bot).reason)


async def cooling_down(play: Play) -> None:
    await play.to(10)
    play.market(22_500)
    await play.to(100)
    state = state_of(play.world, play.bot)
    assert state.reason == "limit.shock"
    play.ends_at = state.until


async def cooled_down(play: Play) -> None:
    """Not a second earlier, nor later."""
    await play.to(150)
    state = state_of(play.world, play.bot)
    play.note(state.reason)
    assert state.until is not None
    assert state.until == play.ends_at
    end = play.now + (state.until - play.world.clock.now()).total_seconds()
    await play.to(end - 0.2)
    assert state_of(play.world, play.bot).code is StateCode.HALTED
    assert play.quotes() == []
    await play.to(end + 5)
    assert state_of(play.world, play.bot).code is StateCode.TRADING
    play.note(play.quotes())


async def on_hold(play: Play) -> None:
    await play.to(10)
    await hold(play.world, of(play.bot), for_s=90)
    await play.to(40)
    state = state_of(play.world, play.bot)
    assert state.code is StateCode.HELD
    play.note(state.reason, state.until, play.quotes())


async def hold_over(play: Play) -> None:
    await play.to(98)
    state = state_of(play.world, play.bot)
    assert state.code is StateCode.HELD
    play.note(state.reason, state.until, play.quotes())
    await play.to(112)
    assert state_of(play.world, play.bot).code is StateCode.TRADING
    play.note(play.quotes())


async def killed(play: Play) -> None:
    await play.to(10)
    press(play.world, of(play.bot))
    await play.to(20)
    assert state_of(play.world, play.bot).code is StateCode.KILLED
    play.note(replace(in_force(play.world), id=""))


async def still_killed(play: Play) -> None:
    await play.to(60)
    assert in_force(play.world).done_at is not None
    assert state_of(play.world, play.bot).code is StateCode.KILLED
    play.note(replace(in_force(play.world), id=""), play.quotes())


async def placing_fast(play: Play) -> None:
    """Each move of the market is two orders."""
    for turn in range(1, 4):
        await play.to(4 * turn)
        play.market(25_600 + 300 * (turn % 2))
    await play.to(16)
    play.note(len(sent(play)))


async def throttled(play: Play) -> None:
    """In each minute as many as may be, and not one more."""
    for turn in range(4, 25):
        await play.to(4 * turn)
        play.market(25_600 + 300 * (turn % 2))
    times = [order.created_ms for order in sent(play)]
    within = [sum(at <= other < at + 60_000 for other in times) for at in times]
    assert max(within) == 10
    play.note(sum(at < times[0] + 60_000 for at in times))


def sent(play: Play) -> list[SandboxOrder]:
    return play.world.exchange_orders()


async def refused(play: Play) -> None:
    """Pauses of 2, 5 and then 15 s."""
    play.world.exchange.faults.add(Fault(kind=FaultKind.TRADE_MISSING, endpoint=PLACE))
    for order in play.world.open_orders():
        play.world.exchange.engine.cancel(order)
    await play.to(12)
    play.note(*refusals(play))


async def refused_too_often(play: Play) -> None:
    """No sooner than it would have been, and not more often."""
    await play.to(20)
    play.note(*refusals(play), play.quotes())
    await play.to(40)
    play.note(*refusals(play))
    await play.until_halted(70)
    play.note(*refusals(play), state_of(play.world, play.bot).reason)
    await play.to(140)
    play.note(*refusals(play), state_of(play.world, play.bot).reason)


async def struck(play: Play) -> None:
    """A person cancels at the exchange what the bot has placed, twice."""
    await strokes(play, 0, 2)


async def struck_once_more(play: Play) -> None:
    await strokes(play, 2, 4)
    await play.until_halted(90)
    play.note(state_of(play.world, play.bot).reason)
    assert state_of(play.world, play.bot).reason == "orders.cancelled_by_hand"


async def strokes(play: Play, first: int, last: int) -> None:
    for turn in range(first, last):
        await play.to(20 * turn + 15)
        play.note(state_of(play.world, play.bot).code)
        for order in play.world.open_orders():
            play.world.exchange.engine.cancel(order)
        await play.to(20 * turn + 20)


def refusals(play: Play) -> tuple[int, object]:
    """Those that came back, two by two, and what is remembered of them."""
    state = risk_of(play.world, play.bot).refusals
    return play.world.states().count("rejected"), None if state is None else state.count


async def falling(play: Play) -> None:
    """It has bought, and what it has bought falls until quotes stand further out."""
    await play.to(5)
    play.world.exchange.take(Side.SELL, 25_000, 10**8)
    await play.to(9)
    for turn in range(8):
        await play.to(10 + 5 * turn)
        play.market(25_600 - 100 * turn)
    await play.to(60)
    play.note(play.fills(), play.quotes(), step_of(play))
    assert step_of(play) is Step.WIDEN


async def falling_on(play: Play) -> None:
    await play.to(75)
    play.note(play.quotes(), step_of(play))
    play.market(24_500)
    await play.to(90)
    play.note(play.quotes(), step_of(play))
    assert step_of(play) is Step.BID_ONLY
    play.market(24_000)
    await play.until_halted(100)
    play.note(play.fills(), state_of(play.world, play.bot).reason)


def step_of(play: Play) -> Step:
    return play.world.server.runner.risk._seats[play.bot.id]._step


THINGS = (
    Thing("loss budget", losing, lost_too_much, {"execution_loss_share": "0.0018"}),
    Thing("fee budget", losing, lost_too_much, {"fee_share": "0.00023"}),
    Thing("shock window", half_a_shock, the_other_half),
    Thing("cool-down", cooling_down, cooled_down),
    Thing("hold", on_hold, hold_over),
    Thing("kill", killed, still_killed),
    Thing("order rate", placing_fast, throttled, {"orders_per_minute": "10"}),
    # what was refused is asked for again after an edit: it may be what mends it
    Thing("refusals", refused, refused_too_often, {"refusals_in_row": "5"}, (restart, deploy, edit_limits)),
    Thing("orders cancelled by hand", struck, struck_once_more),
    Thing(
        "drawdown",
        falling,
        falling_on,
        {
            "drawdown_widen_share": "0.00035",
            "drawdown_shrink_share": "0.00088",
            "drawdown_bid_only_share": "0.00095",
            "drawdown_hold_share": "0.0014",
        },
    ),
)


async def played(folder: Path, thing: Thing, interruption: Led) -> list[object]:
    folder.mkdir()  # noqa: ASYNC240
    async with a_world(folder) as world:
        bot = await world.bot(budget=BUDGET)
        await set_limits(world, bot, shock_bps="1000", **thing.limits)
        move_market(world, 25_600 - WIDE, 25_600 + WIDE)
        await world.run(bot)
        await world.quoting(bot)
        play = Play(world, bot, world.clock.monotonic())
        await thing.before(play)
        await interruption(play)
        await thing.after(play)
        return play.notes


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
async def test_nothing_is_reset_and_nothing_is_forgiven(tmp_path: Path, thing: Thing) -> None:
    without = await played(tmp_path / "without", thing, nothing)
    for interruption in thing.interruptions:
        assert await played(tmp_path / interruption.__name__, thing, interruption) == without, interruption.__name__
