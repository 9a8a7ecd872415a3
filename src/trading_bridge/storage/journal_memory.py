"""How orders stand that the journal's last commits opened or moved, where nobody else may move them."""

from trading_bridge.core.order import is_final
from trading_bridge.storage.journal_group import Changes, Standing

#: of more live orders the oldest are read from their table again
ORDERS_MAX = 10_000


class Doubtful(Exception):
    """The table is not as it was remembered: nothing of the transaction may stand."""


class Remembered:
    """For one transaction at a time: whoever takes it gives it back after the commit, so that one that failed, or whose
    commit nobody answered, leaves nothing behind."""

    def __init__(self) -> None:
        self._orders: dict[str, Standing] = {}  # client_order_id of a live order -> as it is stored

    def take(self) -> dict[str, Standing]:
        """All there is; nothing is remembered until `keep`."""
        taken, self._orders = self._orders, {}
        return taken

    def keep(self, orders: dict[str, Standing], changes: Changes) -> None:
        """`orders`, as they were taken, after a transaction with these changes was committed."""
        for client_order_id, standing in changes.orders.items():
            if is_final(standing.state):
                orders.pop(client_order_id, None)
            else:
                orders[client_order_id] = standing
        while len(orders) > ORDERS_MAX:
            del orders[next(iter(orders))]
        self._orders = orders
