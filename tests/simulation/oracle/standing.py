"""Whose order it is that stands at the exchange."""

from collections.abc import Iterator

from tests.simulation.oracle.invariant import Facts
from tests.simulation.people import Member
from trading_bridge.sandbox.orders import SandboxOrder


class Standing:
    """The platform's orders at the exchange, by the rows that it stored for them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._mark: str | None = None
        self._bots: dict[str, str] = {}  # client_order_id -> bot_id

    def ours(self, client_order_id: str) -> bool:
        """It carries this installation's mark."""
        if self._mark is None:
            rows = self._facts.stored.rows("SELECT id FROM installation")
            if not rows:
                return False
            self._mark = f"tb{rows[0]['id']}"
        return client_order_id.startswith(self._mark)

    def bot_of(self, client_order_id: str) -> str | None:
        """None: no row says it."""
        known = self._bots.get(client_order_id)
        if known is None:
            query = "SELECT bot_id FROM orders WHERE client_order_id = ?"
            rows = self._facts.stored.rows(query, client_order_id)
            if not rows:
                return None
            known = self._bots[client_order_id] = rows[0]["bot_id"]
        return known

    def at_exchange(self, account: str) -> list[SandboxOrder]:
        """Ours, oldest first."""
        found = self._facts.world.exchange.engine.open_orders(account)
        return [order for order in found if self.ours(order.client_order_id)]

    def of_bot(self, member: Member, bot_id: str) -> list[SandboxOrder]:
        orders = self.at_exchange(member.plan.exchange_account)
        return [order for order in orders if self.bot_of(order.client_order_id) == bot_id]

    def everywhere(self) -> Iterator[tuple[Member, SandboxOrder]]:
        """Each order once, by the first member of its account."""
        seen: list[str] = []
        for member in self._facts.people.members:
            account = member.plan.exchange_account
            if account not in seen:
                seen.append(account)
                for order in self.at_exchange(account):
                    yield member, order
