"""Accounts of the exchange, their purses and their keys."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class AccountKind(StrEnum):
    #: a customer of the exchange
    REGULAR = "regular"
    #: order flow: endless deposits, no fees, no limit of active orders; its resting orders lock nothing
    MARKET = "market"
    #: the exchange itself: receives the fees
    HOUSE = "house"


class Permission(StrEnum):
    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"


@dataclass(slots=True)
class Purse:
    """One currency of one account, in atoms; never negative."""

    free: int = 0
    used: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    name: str
    kind: AccountKind
    #: the exchange's numbers of the user and of the account
    uid: int
    account_id: int
    active_order_limit: int | None
    created_ms: int
    purses: dict[str, Purse] = field(default_factory=dict)  # currency -> purse

    def purse(self, currency: str) -> Purse:
        purse = self.purses.get(currency)
        if purse is None:
            purse = self.purses[currency] = Purse()
        return purse


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    api_key: str
    secret: str = field(repr=False)
    account: str
    permissions: frozenset[Permission]
    #: addresses that may use it; empty: any
    addresses: frozenset[str]
    revoked: bool = False


class EntryKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    #: a market account was short of what its trade needs
    MARKET_DEPOSIT = "market_deposit"
    #: free becomes used, and back
    HOLD = "hold"
    RELEASE = "release"
    TRADE = "trade"
    FEE = "fee"


class Entry(NamedTuple):
    """One line of the ledger; lines of one event share its sequence. Amounts in atoms."""

    sequence: int
    account: str
    currency: str
    kind: EntryKind
    #: change of free + used
    amount: int
    #: after it
    free: int
    used: int
    #: id of the order, match or transfer
    reference: int
    time_ms: int


class Transfer(NamedTuple):
    """Money that came from outside or left."""

    id: int
    account: str
    currency: str
    #: atoms, negative when it left
    amount: int
    time_ms: int


class CreateRequest(NamedTuple):
    """A request to place an order, and what became of it: `accepted`, or the code of its refusal."""

    account: str
    client_order_id: str
    symbol: str
    outcome: str
    order_id: int | None
    time_ms: int
