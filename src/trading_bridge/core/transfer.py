"""Money that came or left other than by trading."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class TransferSource(StrEnum):
    #: a row of the exchange's own records
    EXCHANGE = "exchange"
    #: two reads of the balance agree on it, and nothing explains it
    OBSERVED = "observed"
    #: two reads of the balance agree on it, and it takes back what a recorded fill had moved
    CONTRADICTION = "contradiction"


class TransferLabel(StrEnum):
    """What a person says it was, or the exchange's record does. None of them is profit or loss."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    #: between wallets or sub-accounts
    INTERNAL = "internal"
    INTEREST = "interest"
    AIRDROP = "airdrop"
    FEE = "fee"
    #: people traded by hand
    MANUAL_TRADE = "manual_trade"
    OTHER = "other"


#: what these words mean goes one way only
CAME_ONLY = frozenset({TransferLabel.DEPOSIT, TransferLabel.AIRDROP})
LEFT_ONLY = frozenset({TransferLabel.WITHDRAWAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    id: str
    #: exchange id
    exchange: str
    #: the exchange's own id of the account, else `connector:<id>`
    exchange_account: str
    #: through which it was seen
    connector_id: str
    currency: str
    #: above zero: it came; below: it left
    amount: Decimal
    #: the exchange's time, else ours
    at: datetime
    source: TransferSource
    #: the exchange's id of the record; None: observed
    exchange_id: str | None
    #: None: nobody has said yet what it was
    label: TransferLabel | None = None
    note: str | None = None
    labelled_by: str | None = None
    labelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """A row of the exchange's own list of deposits or withdrawals."""

    #: `deposit-38948`, `withdrawal-4886`: each list counts by itself
    exchange_id: str
    currency: str
    #: above zero: it came; below: it left
    amount: Decimal
    #: what the exchange took for it, never below zero
    fee: Decimal
    #: when it was asked for, by the exchange's clock
    at: datetime
    #: it has moved the balance; False: it may yet, or never will
    completed: bool

    def with_fee(self) -> "TransferRecord":
        """Where its fee is not within the amount but was taken beside it."""
        return replace(self, amount=self.amount - self.fee, fee=Decimal(0))
