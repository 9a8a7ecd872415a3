"""Weaker parts of what an order is decided on: balances, books, own orders, roundings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import TypeVar

from trading_bridge.accounts.balance_reader import BalanceReader
from trading_bridge.accounts.order_tracker import OrderTracker
from trading_bridge.accounts.tracked import Tracked, promised, spendable
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.book import Book
from trading_bridge.core.crossing import Resting
from trading_bridge.core.decision import Decision
from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Known, Ok, Unknown
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderState, Side
from trading_bridge.core.outcome import Answered
from trading_bridge.core.view import MarketView, Sources, Standing, observe
from trading_bridge.execution.screening import Screening
from trading_bridge.execution.work import Work

T = TypeVar("T")


class UnresolvedForgotten(OrderTracker):
    """An order without a clear answer blocks nothing and holds nothing."""

    def standing(self, bot_id: str, market: Market) -> tuple[Standing, ...]:
        return tuple(own for own in super().standing(bot_id, market) if own.state is not OrderState.UNRESOLVED)

    def live_in(self, symbol: str) -> Iterator[Order]:
        return (order for order in super().live_in(symbol) if order.state is not OrderState.UNRESOLVED)

    def promised(self, side: Side, market: Market, since: float | None) -> Decimal:
        return promised(_clear(self._orders.all()), side, market, since)

    def spendable(self, side: Side, market: Market, read: Balance, since: float | None) -> Decimal:
        return spendable(_clear(self._orders.all()), side, market, read, since)


def _clear(orders: Iterable[Tracked]) -> list[Tracked]:
    return [tracked for tracked in orders if tracked.order.state is not OrderState.UNRESOLVED]


class OthersOnlyOnceAnswered(Screening):
    """Of the client's other bots only what the exchange has acknowledged is looked at."""

    def _in_market(self, work: Work) -> tuple[list[Order], list[Resting]]:
        own, others = super()._in_market(work)
        return own, [one for one in others if not isinstance(one, Order) or one.exchange_order_id is not None]


def follow_own(book: Book, own: Iterable[tuple[Side, Ticks, Lots]]) -> Book:
    """The book as the exchange shows it."""
    return book


def observe_any_age(sources: Sources, symbol: str, now: datetime) -> MarketView | Decision:
    """What was ever read is as good as new."""
    fresh = replace(
        sources,
        rules=_renewed(sources.rules, now),
        book=_renewed(sources.book, now),
        balances=_renewed(sources.balances, now),
    )
    return observe(fresh, symbol, now)


def fresh_for_ever(sources: Sources, now: datetime) -> timedelta:
    """What was decided may be signed whenever its turn comes."""
    return timedelta(hours=1)


def _renewed(known: Known[T], now: datetime) -> Known[T]:
    return known if isinstance(known, Unknown) else Ok(value=known.value, as_of=now)


class EveryAnswerBelieved(BalanceReader):
    """What an answer leaves out is nothing."""

    async def _doubt(self, answer: Answered[Balances]) -> Finding | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedUp(Market):
    """Amounts are rounded up to the next lot."""

    def lots_down(self, amount: Decimal) -> Lots:
        return Lots(int((amount / self.lot_size).to_integral_value(ROUND_CEILING)))
