"""What each bot traded, by UTC day; the journal adds to it with each fill."""

from sqlalchemy import select

from trading_bridge.core.fill import DayTotals
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import bot_day_totals
from trading_bridge.storage.types import AnyRow


class Totals:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def of(self, bot_id: str | None) -> tuple[DayTotals, ...]:
        """Of one bot or of all, oldest day first; a bot without a fill has none."""
        wanted = select(bot_day_totals).order_by(
            bot_day_totals.c.bot_id, bot_day_totals.c.day, bot_day_totals.c.currency
        )
        if bot_id is not None:
            wanted = wanted.where(bot_day_totals.c.bot_id == bot_id)
        return tuple(totals_of(row) for row in await self._connection.execute(wanted))


def totals_of(row: AnyRow) -> DayTotals:
    return DayTotals(
        bot_id=row.bot_id,
        day=row.day,
        currency=row.currency,
        volume=row.volume,
        maker=row.maker,
        taker=row.taker,
        unknown_role=row.unknown_role,
        trades=row.trades,
        buys=row.buys,
        sells=row.sells,
    )
