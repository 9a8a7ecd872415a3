"""What a bot did and does in its market: trades, orders, chart."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading_bridge.core.bot import Bot
from trading_bridge.core.fill import Fill
from trading_bridge.core.order import Order
from trading_bridge.core.user import Asker
from trading_bridge.services import bots, checks
from trading_bridge.services.deps import Deps
from trading_bridge.storage.page import Page

CHART_SPAN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    bot: Bot
    #: oldest first; empty: nothing was polled yet
    mids: tuple[tuple[datetime, Decimal], ...]
    #: those that may trade now
    orders: tuple[Order, ...]
    #: oldest first
    fills: tuple[Fill, ...]


async def trades(asker: Asker, deps: Deps, bot_id: str, *, cursor: str | None) -> Page[Fill]:
    """Newest first."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        await bots.found(uow, bot_id)
        return await uow.trades.list(bot_id, position)


async def orders(asker: Asker, deps: Deps, bot_id: str, *, cursor: str | None) -> Page[Order]:
    """Newest first."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        await bots.found(uow, bot_id)
        return await uow.orders.list(bot_id, position)


async def chart(asker: Asker, deps: Deps, bot_id: str) -> Chart:
    """The last hour; keeps the market polled for as long as somebody looks."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        bot = await bots.found(uow, bot_id)
        live = await uow.orders.live(bot_id=bot_id)
        fills = await uow.trades.since(bot_id, deps.clock.now() - CHART_SPAN)
    connector_id = deps.manager.match(bot.account, bot.connector).connector_id
    mids: tuple[tuple[datetime, Decimal], ...] = ()
    if connector_id is not None:
        deps.manager.watch(connector_id, bot.symbol)
        mids = deps.manager.mids(connector_id, bot.symbol)
    return Chart(bot=bot, mids=mids, orders=live, fills=fills)
