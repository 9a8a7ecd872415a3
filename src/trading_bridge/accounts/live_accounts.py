"""The accounts that have a session, and which of them open one and the same exchange account."""

from collections.abc import ItemsView, Iterator

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.route import Route
from trading_bridge.core.finding import Finding
from trading_bridge.core.trade import Trade


class LiveAccounts:
    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}  # connector_id -> live account
        self._exchange_accounts: dict[str, str] = {}  # connector_id -> the exchange's own account id

    def __contains__(self, connector_id: str) -> bool:
        return connector_id in self._accounts

    def get(self, connector_id: str) -> Account | None:
        return self._accounts.get(connector_id)

    def all(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    def items(self) -> ItemsView[str, Account]:
        """By connector_id."""
        return self._accounts.items()

    def add(self, account: Account) -> None:
        connector = account.connector
        self._accounts[connector.id] = account
        if connector.exchange_account is not None:
            self._exchange_accounts[connector.id] = connector.exchange_account

    def remove(self, connector_id: str) -> Account | None:
        self._exchange_accounts.pop(connector_id, None)
        return self._accounts.pop(connector_id, None)

    def opens(self, connector_id: str, exchange_account: str) -> None:
        """The exchange has named the account."""
        self._exchange_accounts[connector_id] = exchange_account

    def beside(self, connector_id: str) -> tuple[Account, ...]:
        """Further sessions of the same exchange account, of whichever client (faults K4)."""
        exchange_account, one = self._exchange_accounts.get(connector_id), self._accounts.get(connector_id)
        if exchange_account is None or one is None:
            return ()
        return tuple(
            other
            for other_id, other in self._accounts.items()
            if other_id != connector_id
            and other.connector.exchange == one.connector.exchange
            and self._exchange_accounts.get(other_id) == exchange_account
        )

    def moved_by(self, connector_id: str, fill: Trade) -> Iterator[Account]:
        """Those whose balance a fill made with a connector moved."""
        for one_id, account in self._accounts.items():
            if one_id == connector_id or self._is_of(one_id, fill):
                yield account

    def is_followed_beside(self, connector_id: str, client_order_id: str) -> bool:
        """Whether another connector's session follows the order."""
        others = (one for one_id, one in self._accounts.items() if one_id != connector_id)
        return any(one.tracker.order(client_order_id) is not None for one in others)

    def sharing(self, route: Route) -> int:
        """How many leave by that way."""
        return sum(1 for one in self._accounts.values() if one.route is route)

    def explain(self, connector_id: str, finding: Finding) -> Finding:
        """As the doctor found it."""
        account = self._accounts.get(connector_id)
        return finding if account is None else account.explain(finding)

    def _is_of(self, connector_id: str, fill: Trade) -> bool:
        return fill.exchange_account is not None and self._exchange_accounts.get(connector_id) == fill.exchange_account
