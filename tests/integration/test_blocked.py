"""What keeps a bot from trading is its state, with the code of the cause, for as long as it holds."""

from tests.integration.wire import BALANCES, PLACE, Held, raising, timed_out
from tests.integration.world import ACCOUNT, BASE_URL, World
from trading_bridge.core.bot import Bot, BotState, StateCode
from trading_bridge.core.client import Credentials
from trading_bridge.core.known import Unknown
from trading_bridge.core.order import Side

BUY = (Side.BUY, 25_500, 200_000)


def state_of(world: World, bot: Bot) -> BotState:
    state = world.server.runner.state(bot.id)
    assert state is not None
    return state


def found(world: World, bot: Bot) -> tuple[StateCode, str | None]:
    state = state_of(world, bot)
    return state.code, None if state.finding is None else state.finding.code


async def test_an_order_that_nobody_answers_for_is_named_until_it_is_proved_absent(world: World) -> None:
    bot = await world.bot()
    world.server.wire.before[PLACE] = [timed_out(), timed_out()]
    await world.run(bot)
    await world.pass_time(20)
    state = state_of(world, bot)
    assert found(world, bot) == (StateCode.BLOCKED, "order.unresolved")
    assert state.parameters["client_order_id"] in {str(row["client_order_id"]) for row in world.orders()}
    await world.pass_time(70)
    await world.quoting(bot)
    await world.pass_time(2)
    assert found(world, bot) == (StateCode.TRADING, None)


async def test_a_cycle_that_waits_for_the_exchange_says_since_when(world: World) -> None:
    bot, hung = await world.bot(), Held()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.before[BALANCES] = [hung]
    await hung_for(world, hung, seconds=4)
    state = state_of(world, bot)
    assert found(world, bot) == (StateCode.BLOCKED, "cycle.late")
    assert int(state.parameters["seconds"]) >= 3
    assert (world.clock.now() - state.since).total_seconds() >= 3
    hung.release()
    await world.pass_time(2)
    assert found(world, bot) == (StateCode.TRADING, None)


async def hung_for(world: World, request: Held, *, seconds: float) -> None:
    while not request.reached.is_set():
        await world.pass_time(0.2)
    await world.pass_time(seconds)


async def test_a_bug_stops_one_bot_for_a_moment_and_names_itself_without_its_text(world: World) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    world.server.wire.before[BALANCES] = [raising(RuntimeError("secret of the bug"))]
    for _ in range(50):
        await world.pass_time(0.2)
        if state_of(world, bot).code is StateCode.BLOCKED:
            break
    state = state_of(world, bot)
    assert found(world, bot) == (StateCode.BLOCKED, "internal.error")
    assert state.parameters == {"task": f"bot {bot.id}", "error": "RuntimeError"}
    await world.pass_time(5)
    assert found(world, bot) == (StateCode.TRADING, None)


async def test_a_key_of_another_account_does_not_make_orders_vanish(world: World) -> None:
    bot, connector = await world.bot(), world.server.account.connector
    await world.server.place(bot, BUY)
    world.exchange.account("bob", USDT="10000")
    key = world.exchange.key("bob")
    async with world.server.database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(connector.id, Credentials(api_key=key.api_key, secret=key.secret))
    await world.restart()
    await world.run(bot)
    await world.pass_time(30)
    assert found(world, bot) == (StateCode.BLOCKED, "account.orders_missing")
    assert state_of(world, bot).parameters["count"] == "1"
    assert world.states() == ["new"]
    assert len(world.open_orders("alice")) == 1
    assert not world.open_orders("bob")


async def test_a_configuration_that_no_longer_fits_holds_the_bot_and_names_the_field(world: World) -> None:
    bot = await world.bot(config={"spread_bps": "-1"})
    await world.run(bot)
    await world.pass_time(2)
    assert found(world, bot) == (StateCode.BLOCKED, "config.invalid")
    assert state_of(world, bot).parameters == {"fields": "spread_bps"}
    assert not world.server.wire.arrivals


async def test_a_connector_of_an_exchange_that_this_version_lacks_is_out_alone(world: World) -> None:
    async with world.server.database.unit_of_work() as uow:
        client = await uow.clients.by_account(ACCOUNT)
        assert client is not None
        stored = await uow.connectors.add(
            client_id=client.id,
            name="gone",
            exchange="mtgox",
            credentials=Credentials(api_key="key", secret="secret"),
            base_url=BASE_URL,
        )
    await world.server.manager.sync(ACCOUNT)
    known = await world.server.manager.balances(stored.id)
    assert isinstance(known, Unknown)
    assert (known.finding.code, known.finding.parameters) == ("exchange.unknown", {"exchange": "mtgox"})
    assert len(world.server.manager.accounts()) == 1
