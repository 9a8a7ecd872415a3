"""How near a bot, a client or the platform is to its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.bot import Bot, quote_of
from trading_bridge.core.risk.assess import Counters, counters_of
from trading_bridge.core.risk.basis import purse_of
from trading_bridge.core.risk.limits import Limits, ScopeLimits
from trading_bridge.core.risk.state import RiskState, day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    name: str
    #: None: not known yet
    value: Decimal | None
    #: a currency, or `count`
    unit: str
    #: at which something happens; None: at nothing
    limit: Decimal | None
    text: str


def of_bot(bot: Bot, state: RiskState, seen: Counters | None, limits: Limits, now: datetime) -> tuple[Counter, ...]:
    """`seen`: at the last look at the market; None: there was none since the start, and the stored reference serves."""
    base, _, quote = bot.symbol.partition("/")
    counted = seen
    if counted is None and state.reference is not None:
        counted = counters_of(state, day_of(state.hours, now), state.reference.price)
    worth = None if state.basis is None else state.basis.worth
    price = None if state.reference is None else state.reference.price

    def share(of: Decimal) -> Decimal | None:
        return None if worth is None else worth * of

    money = [
        Counter(name="worth", value=worth, unit=quote, limit=None, text="What shares are of"),
        Counter(
            name="execution_loss",
            value=None if counted is None else counted.execution_loss,
            unit=quote,
            limit=share(limits.execution_loss_share),
            text="Execution loss of a day, with fees",
        ),
        Counter(
            name="fees",
            value=None if counted is None else counted.fees,
            unit=quote,
            limit=share(limits.fee_share),
            text="Fees of a day",
        ),
        Counter(
            name="net_loss",
            value=None if counted is None else counted.net_loss,
            unit=quote,
            limit=share(limits.drawdown_hold_share),
            text="Loss of the bot's own net position",
        ),
        Counter(
            name="inventory",
            value=None if price is None else abs(state.position) * price,
            unit=quote,
            limit=share(limits.max_inventory_share),
            text="Worth of the bot's own net position",
        ),
        Counter(name="position", value=state.position, unit=base, limit=None, text="The bot's own net position"),
    ]
    refusals = Decimal(0 if state.refusals is None else state.refusals.count)
    money.append(
        Counter(
            name="refusals",
            value=refusals,
            unit="count",
            limit=Decimal(limits.refusals_in_row),
            text="Refusals in a row for one cause",
        )
    )
    return (*money, *_purse(bot, state))


def of_scope(losses: Mapping[str, Decimal], limits: ScopeLimits) -> tuple[Counter, ...]:
    return tuple(
        Counter(
            name="execution_loss",
            value=loss,
            unit=quote,
            limit=limits.execution_loss_quote,
            text="Execution loss of a day, of all bots, with fees",
        )
        for quote, loss in sorted(losses.items())
    )


def _purse(bot: Bot, state: RiskState) -> tuple[Counter, ...]:
    purse = purse_of(state, bot.budget)
    if purse is None:
        return ()
    base = bot.symbol.partition("/")[0]
    text = "Left of the budget, with what own fills brought"
    return (
        Counter(name="budget_base", value=purse.base, unit=base, limit=None, text=text),
        Counter(name="budget_quote", value=purse.quote, unit=quote_of(bot), limit=None, text=text),
    )
