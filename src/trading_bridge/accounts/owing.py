"""Orders that were live when the last session that followed them ended, or at the start: their fills are owed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from trading_bridge.accounts.order_tracker import fills_known_until
from trading_bridge.core.order import Order


class Owing:
    def __init__(self) -> None:
        #: connector_id without a session -> bot_id with live orders there -> until when its fills are known
        self._owing: dict[str, dict[str, datetime]] = {}

    def left(self, connector_id: str, live: Iterable[Order]) -> None:
        """No session follows these orders of a connector from here on."""
        by_bot: dict[str, list[Order]] = {}
        for order in live:
            by_bot.setdefault(order.bot_id, []).append(order)
        self._owing[connector_id] = {bot_id: fills_known_until(orders) for bot_id, orders in by_bot.items()}

    def followed(self, connector_id: str) -> None:
        """A session follows them."""
        self._owing.pop(connector_id, None)

    def known_until(self, bot_id: str) -> datetime | None:
        """The latest time up to which every fill of the bot is known; None: it owes nothing."""
        return min((bots[bot_id] for bots in self._owing.values() if bot_id in bots), default=None)

    def items(self) -> Iterator[tuple[str, frozenset[str]]]:
        """connector_id, the bots that owe fills there; there is one at least."""
        for connector_id, bots in self._owing.items():
            if bots:
                yield connector_id, frozenset(bots)
