"""Why a bot does what it does: now, and before."""

from dataclasses import dataclass
from datetime import datetime

from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.user import Asker
from trading_bridge.services import bots, checks
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import BotFacts, facts
from trading_bridge.storage.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class BotDecisions:
    facts: BotFacts
    #: the one that stands; None: none was made since the server started
    standing: StoredDecision | None
    open_orders: int
    last_fill_at: datetime | None
    #: newest first
    page: Page[StoredDecision]


async def of_bot(asker: Asker, deps: Deps, bot_id: str, *, cursor: str | None) -> BotDecisions:
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        bot = await bots.found(uow, bot_id)
        live = await uow.orders.live(bot_id=bot_id)
        fills = await uow.trades.list(bot_id, limit=1)
        page = await uow.decisions.list(bot_id, position)
    return BotDecisions(
        facts=facts(deps, bot),
        standing=deps.runner.decision(bot_id),
        open_orders=len(live),
        last_fill_at=fills.items[0].trade.exchange_time if fills.items else None,
        page=page,
    )
