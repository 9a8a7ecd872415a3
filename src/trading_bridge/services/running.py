"""Starting and stopping: what is wished; the runner makes it so."""

from datetime import datetime

from trading_bridge.bot_types import bot_types
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Ok, Unknown
from trading_bridge.core.user import Asker
from trading_bridge.errors import Blocked
from trading_bridge.services import bots, budgets, lives
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import killed
from trading_bridge.services.meaning import exchange_of
from trading_bridge.storage.unit_of_work import UnitOfWork

#: a stop answers after this although orders are still to be confirmed as gone; `state` says so
STOP_WAIT_S = 5.0


async def start(asker: Asker, deps: Deps, bot_id: str) -> Bot:
    """Raises Blocked with the finding that forbids it; a pair that was not verified is verified now."""
    bot = await bots.get(asker, deps, bot_id)
    if bot.status is BotStatus.RUNNING:
        return bot
    _refuse_killed(deps, bot)
    exchange, holds = await _looked_at(deps, bot)
    async with deps.placing, deps.database.unit_of_work() as uow:
        await _check(uow, deps, bot, exchange, holds)
        if not bot.market_verified:
            await uow.bots.set_market_verified(bot_id, True)
        started = await uow.bots.set_status(bot_id, BotStatus.RUNNING)
        await uow.audit.record(asker, "bot.start", "bot", bot_id)
    deps.runner.wake()
    deps.publish("bot", bot_id)
    return started


async def obstacle(deps: Deps, bot: Bot) -> Finding | None:
    """What forbids a bot that is wished running to go on after a hold or kill; None: nothing."""
    try:
        exchange, holds = await _looked_at(deps, bot)
        async with deps.placing, deps.database.unit_of_work(read_only=True) as uow:
            await _check(uow, deps, bot, exchange, holds)
    except Blocked as blocked:
        return blocked.finding
    return None


async def stop(asker: Asker, deps: Deps, bot_id: str) -> Bot:
    """Waits a few seconds until every order is confirmed gone; a second stop waits again."""
    async with deps.database.unit_of_work() as uow:
        bot = await bots.found(uow, bot_id)
        if bot.status is BotStatus.RUNNING:
            bot = await uow.bots.set_status(bot_id, BotStatus.STOPPED)
        await uow.audit.record(asker, "bot.stop", "bot", bot_id)
    deps.runner.wake()
    deps.publish("bot", bot_id)
    await deps.runner.stopped(bot_id, STOP_WAIT_S)
    return bot


async def remove(asker: Asker, deps: Deps, bot_id: str) -> None:
    """Stops it where it runs, and archives it once nothing of it is live; raises Conflict where something still is:
    then it is stopped, and may be asked for again."""
    bot = await bots.get(asker, deps, bot_id)
    if bot.status is BotStatus.RUNNING:
        await stop(asker, deps, bot_id)
    await bots.archive(asker, deps, bot_id)


def _refuse_killed(deps: Deps, bot: Bot) -> None:
    """A hold refuses nothing: who starts a held bot wishes it to run from the hold's end on."""
    exchange = exchange_of(bot.connector, tuple(deps.manager.connectors(bot.account).values()))
    finding = killed(deps, bot, exchange)
    if finding is not None:
        told = finding.parameters
        raise Blocked(
            finding, f"{told['by']} has killed it: {told['why']}", remedy="Re-arm the kill first, with a reason."
        )


async def _looked_at(deps: Deps, bot: Bot) -> tuple[str, Balances | None]:
    """The bot's exchange, and what its account holds where that matters; raises Blocked."""
    now = deps.clock.now()
    bot_type = bot_types().get(bot.bot_type)
    if bot_type is None or bot_type.decide is None:
        raise _blocked("strategy.unavailable", now, f"Bots of type {bot.bot_type} cannot run yet.", bot)
    exchange = await _verify(deps, bot, now)
    return exchange, None if bot.budget is None else await budgets.held(deps, bot.account, bot.connector)


async def _check(uow: UnitOfWork, deps: Deps, bot: Bot, exchange: str, holds: Balances | None) -> None:
    """Raises Conflict where another bot, or the money that there is, forbids it."""
    await bots.refuse_other_client(uow, bot.client_id, exchange, bot.symbol)
    await budgets.refuse_unbudgeted(uow, deps, bot)
    await budgets.refuse_excess(uow, deps, bot, holds)


async def _verify(deps: Deps, bot: Bot, now: datetime) -> str:
    """The bot's exchange, once its connector exists and the exchange has listed its pair, now or earlier: what an
    exchange in trouble lacks, the running bot says itself."""
    await deps.manager.sync(bot.account)
    match = deps.manager.match(bot.account, bot.connector)
    if match.connector_id is None:
        assert match.finding is not None, "what is not matched says why"
        raise Blocked(
            match.finding,
            f"{bot.name} has no connector that it could use.",
            field="connector",
        )
    connectors = tuple(deps.manager.connectors(bot.account).values())
    lives.refuse_barred(bot.connector, connectors, now)
    exchange = exchange_of(bot.connector, connectors)
    assert exchange is not None, "a match names a connector of the manager"
    market = await deps.manager.market(match.connector_id, bot.symbol)
    if isinstance(market, Ok) and market.value is None:
        raise _blocked("market.unknown", now, f"{exchange} does not list {bot.symbol}.", bot)
    if not bot.market_verified and not isinstance(market, Ok) and (isinstance(market, Unknown) or market.value is None):
        raise Blocked(
            market.finding,
            f"{bot.symbol} could not be verified at {exchange}.",
            code="market.unverified",
            field="pair",
            remedy="Clear the finding and start again.",
        )
    return exchange


def _blocked(code: str, now: datetime, message: str, bot: Bot) -> Blocked:
    return Blocked(_finding(code, now, bot), message)


def _finding(code: str, now: datetime, bot: Bot) -> Finding:
    parameters = {"symbol": bot.symbol, "bot_type": bot.bot_type}
    return Finding(code=code, severity=Severity.WARNING, since=now, parameters=parameters)
