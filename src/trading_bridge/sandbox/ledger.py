"""The ledger: every change of a balance is a posting of a numbered event, and nothing else changes a purse."""

from trading_bridge.sandbox.accounts import Account, AccountKind, Entry, EntryKind
from trading_bridge.sandbox.rules import ATOM_DECIMALS
from trading_bridge.sandbox.store import Store

#: smallest deposit that a market account makes for itself, so that its ledger stays short
_MARKET_DEPOSIT = 10 ** (ATOM_DECIMALS + 6)


class Ledger:
    """Regular accounts keep a line for each posting. Market accounts and the house keep their totals and the lines of
    their deposits; their trades stand in the trades themselves, which name both parties and both fees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now_ms = 0

    @property
    def sequence(self) -> int:
        """Number of the last event."""
        return self._store.counters["sequence"]

    def begin(self, now_ms: int) -> int:
        """The next event; postings until the following `begin` belong to it."""
        self._store.counters["sequence"] += 1
        self._now_ms = now_ms
        return self.sequence

    def post(
        self, account: Account, currency: str, kind: EntryKind, reference: int, *, free: int = 0, used: int = 0
    ) -> None:
        """Changes by so many atoms."""
        purse = account.purse(currency)
        purse.free += free
        purse.used += used
        if purse.free < 0 or purse.used < 0:
            raise AssertionError(f"{account.name} would hold {purse} {currency}")
        self._store.balance(account.name, currency, purse)
        if account.kind is AccountKind.REGULAR or kind is EntryKind.MARKET_DEPOSIT:
            entry = Entry(
                self.sequence,
                account.name,
                currency,
                kind,
                free + used,
                purse.free,
                purse.used,
                reference,
                self._now_ms,
            )
            self._store.entry(entry)

    def supply(self, account: Account, currency: str, needed: int, now_ms: int) -> None:
        """Sees to it that a market account can pay; each deposit doubles what came before, so that there are few."""
        purse = account.purse(currency)
        if purse.free < needed:
            self.begin(now_ms)
            amount = max(needed, purse.free, _MARKET_DEPOSIT)
            self.post(account, currency, EntryKind.MARKET_DEPOSIT, 0, free=amount)
