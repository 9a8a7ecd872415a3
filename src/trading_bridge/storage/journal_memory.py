"""How orders stand that the journal's last commits opened or moved, where nobody else may move them."""

from collections import OrderedDict

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
        #: client_order_id of a live order -> as it is stored; a dict would walk over all that was taken from its front
        self._orders: OrderedDict[str, Standing] = OrderedDict()

    def take(self) -> "OrderedDict[str, Standing]":
        """All there is; nothing is remembered until `keep`."""
        taken, self._orders = self._orders, OrderedDict()
        return taken

    def keep(self, orders: "OrderedDict[str, Standing]", changes: Changes) -> None:
        """`orders`, as they were taken, after a transaction with these changes was committed."""
        for client_order_id, standing in changes.orders.items():
            if is_final(standing.state):
                orders.pop(client_order_id, None)
            else:
                orders[client_order_id] = standing
        while len(orders) > ORDERS_MAX:
            orders.popitem(last=False)
        self._orders = orders
