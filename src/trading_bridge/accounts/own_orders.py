"""A client's own orders over all its exchange accounts, by market: what no new order of it may meet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from trading_bridge.accounts.tracked import Tracked, own_in_book
from trading_bridge.core.client import Connector
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderReport, Side


class Orders(Protocol):
    """An order tracker, as far as it is looked into."""

    def live(self, bot_id: str | None = None) -> tuple[Order, ...]: ...

    def live_in(self, symbol: str) -> Iterator[Order]: ...

    def own_in_book(self, market: Market, began: float, ended: float) -> tuple[tuple[Side, Ticks, Lots], ...]: ...

    def succeed(self, former: Iterable[Tracked]) -> None: ...


class Account(Protocol):
    @property
    def connector(self) -> Connector: ...

    @property
    def tracker(self) -> Orders: ...

    def foreign_orders(self, symbol: str) -> tuple[OrderReport, ...]: ...


@dataclass(slots=True)
class _Venue:
    """What one client has at one exchange."""

    accounts: dict[str, Account] = field(default_factory=dict)  # connector_id -> account
    left: dict[str, tuple[Tracked, ...]] = field(default_factory=dict)  # connector_id without session -> its orders

    def left_live(self) -> Iterator[Order]:
        return (tracked.order for left in self.left.values() for tracked in left if tracked.order.live)


class OwnOrders:
    def __init__(self) -> None:
        self._venues: dict[tuple[str, str], _Venue] = {}  # client_id, exchange -> venue

    def follow(self, account: Account) -> None:
        """Its orders count from here, and those of the session before it only as far as it took them over, besides what
        books may still show of them."""
        venue = self._venue(account.connector)
        account.tracker.succeed(venue.left.pop(account.connector.id, ()))
        venue.accounts[account.connector.id] = account

    def leave(self, connector: Connector, orders: Iterable[Tracked]) -> None:
        """No session follows the connector's orders: those that were live count as live until one does again. They are
        kept as they are given, and move no more."""
        venue = self._venue(connector)
        venue.accounts.pop(connector.id, None)
        left = tuple(orders)
        if left:
            venue.left[connector.id] = left

    def in_market(self, account: Account, symbol: str) -> list[Order]:
        """Every order that may trade in a market of the account's exchange: resting, in flight or unresolved, of every
        bot and every account of the client."""
        venue = self._with(account)
        found = [order for one in venue.accounts.values() for order in one.tracker.live_in(symbol)]
        if venue.left:
            found += (order for order in venue.left_live() if order.symbol == symbol)
        return found

    def placed_by_hand(self, account: Account, symbol: str) -> list[OrderReport]:
        """Open orders of the client's accounts that are not ours: they count, too, and nothing is done with them."""
        return [report for one in self._with(account).accounts.values() for report in one.foreign_orders(symbol)]

    def of(self, client_id: str | None) -> Iterator[Order]:
        """Every live order of a client, or of all."""
        for (owner, _), venue in self._venues.items():
            if client_id is None or owner == client_id:
                for account in venue.accounts.values():
                    yield from account.tracker.live()
                yield from venue.left_live()

    def in_book(
        self, account: Account, market: Market, began: float, ended: float
    ) -> tuple[tuple[Side, Ticks, Lots], ...]:
        """Amounts of every account of the client that a book may contain that was read between two monotonic times."""
        venue = self._with(account)
        followed = (one.tracker.own_in_book(market, began, ended) for one in venue.accounts.values())
        left = (own_in_book(left, market, began, ended) for left in venue.left.values())
        return tuple(own for of_connector in chain(followed, left) for own in of_connector)

    def _with(self, account: Account) -> _Venue:
        venue = self._venue(account.connector)
        if account.connector.id not in venue.accounts:
            venue.accounts[account.connector.id] = account
        return venue

    def _venue(self, connector: Connector) -> _Venue:
        key = connector.client_id, connector.exchange
        venue = self._venues.get(key)
        if venue is None:
            venue = self._venues[key] = _Venue()
        return venue
