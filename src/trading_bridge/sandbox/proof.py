"""Statements of account: the entries of a stretch of the ledger and the balances at its end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trading_bridge.sandbox.accounts import Account, AccountKind, Entry, EntryKind, Purse
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import SandboxTrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    account: str
    until: int
    #: after the last event up to `until`
    balances: Mapping[str, Purse]
    #: oldest first
    entries: tuple[Entry, ...]
    #: where the next page begins; None: the entries reach `until`
    following: int | None


def statement(engine: Engine, account: Account, *, after: int, until: int, limit: int) -> Proof:
    """Entries with sequences in (after, until], about `limit` of them; events come whole."""
    if account.kind is AccountKind.REGULAR:
        entries = engine.store.entries(account.name, after=after, until=until, limit=limit)
        balances = {currency: engine.store.purse_at(account.name, currency, until) for currency in account.purses}
    else:
        history = list(_replayed(engine, account, until))
        balances = {entry.currency: Purse(entry.free, entry.used) for entry in history}
        entries = _page([entry for entry in history if entry.sequence > after], limit)
    following = entries[-1].sequence if len(entries) >= limit else None
    return Proof(account=account.name, until=until, balances=balances, entries=tuple(entries), following=following)


def _replayed(engine: Engine, account: Account, until: int) -> Iterator[Entry]:
    """All entries of a market account or of the house: its deposits as stored, its trades out of the trades."""
    totals: dict[str, int] = {}
    deposits = iter(engine.store.entries(account.name, after=0, until=until, limit=2**31))
    deposit = next(deposits, None)
    for trade in engine.store.trades_of(None if account.kind is AccountKind.HOUSE else account.name, until=until):
        while deposit is not None and deposit.sequence < trade.sequence:
            totals[deposit.currency] = totals.get(deposit.currency, 0) + deposit.amount
            yield deposit._replace(free=totals[deposit.currency])
            deposit = next(deposits, None)
        for currency, kind, amount in _postings(engine, account, trade):
            totals[currency] = totals.get(currency, 0) + amount
            yield Entry(
                trade.sequence, account.name, currency, kind, amount, totals[currency], 0, trade.match_id, trade.time_ms
            )
    if deposit is not None:
        for last in (deposit, *deposits):
            totals[last.currency] = totals.get(last.currency, 0) + last.amount
            yield last._replace(free=totals[last.currency])


def _postings(engine: Engine, account: Account, trade: SandboxTrade) -> Iterator[tuple[str, EntryKind, int]]:
    rules = engine.rules(trade.symbol)
    if account.kind is AccountKind.HOUSE:
        if trade.buyer_fee:
            yield rules.base, EntryKind.FEE, trade.buyer_fee
        if trade.seller_fee:
            yield rules.quote, EntryKind.FEE, trade.seller_fee
        return
    base, quote = trade.lots * rules.atoms_per_lot, trade.price * trade.lots * rules.atoms_per_unit
    if trade.buyer == account.name:
        yield rules.quote, EntryKind.TRADE, -quote
        yield rules.base, EntryKind.TRADE, base
    if trade.seller == account.name:
        yield rules.base, EntryKind.TRADE, -base
        yield rules.quote, EntryKind.TRADE, quote


def _page(entries: list[Entry], limit: int) -> list[Entry]:
    if len(entries) <= limit:
        return entries
    last = entries[limit - 1].sequence
    return [entry for entry in entries if entry.sequence <= last]
