"""The books of every exchange account that a session opens; keys that open the same one share them."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.funds import Funds, Loaded
from trading_bridge.accounts.ledger import COUNTED_FOR_S, FILLS_FOR
from trading_bridge.accounts.transfer_records import TransferRecords
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.client import Connector
from trading_bridge.core.conservation import Books
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.outcome import Answered, NotSent, Outcome
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer, TransferRecord
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_group import UNNAMED_ACCOUNT
from trading_bridge.storage.journal_rows import StoreTransfer

#: the exchange's records are read so far back
RECORDS_SINCE = timedelta(days=30)

#: more than so many do not move by trades of people at one time
CURRENCIES_MAX = 4

#: reads the account's own trades in the markets of its bots and in these, and books what is missing
ReadTrades = Callable[[Collection[str]], Awaitable[object]]
Start = Callable[[str, Callable[[], Coroutine[Any, Any, None]]], object]


@dataclass(slots=True)
class _Kept:
    """The books of one exchange account, and who reads for them."""

    exchange: str
    base_url: str | None
    exchange_account: str
    connector_ids: set[str]
    funds: Funds


class AllFunds:
    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        clock: Clock,
        start: Start,
        account: Callable[[str], Account | None],
        on_change: Callable[[str], None],
        on_opened: Callable[[str], None],
        on_moved: Callable[[str], None],
    ) -> None:
        """`account` is the live one of a connector. `on_change`, `on_opened` and `on_moved` hear a connector."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._start = start
        self._account = account
        self._on_change = on_change
        self._on_opened = on_opened
        self._on_moved = on_moved
        self._kept: list[_Kept] = []
        self._of: dict[str, _Kept] = {}  # connector_id -> books
        self._book_fills: dict[str, ReadTrades] = {}  # connector_id -> its trades

    def begin(self, connector: Connector, last: Balances | None, book_fills: ReadTrades) -> None:
        """A session begins; `last` is the balance in storage. What it opens may be known only by its first answer."""
        self._book_fills[connector.id] = book_fills
        self._of.pop(connector.id, None)
        for kept in self._kept:
            kept.connector_ids.discard(connector.id)
        if connector.exchange_account is not None or last is not None:
            self._keep(connector, connector.exchange_account)

    def saw(self, connector: Connector, balances: Balances, started: float, as_of: datetime) -> None:
        """A balance that was believed."""
        kept = self._keep(connector, balances.exchange_account)
        kept.funds.saw(connector.id, balances, started, as_of)

    def filled(self, connector_id: str, fill: Trade) -> None:
        """A fill made with this connector was stored."""
        kept = self._moved_by(connector_id, fill)
        if kept is not None:
            kept.funds.filled(fill)

    def corrected(self, connector_id: str, was: Trade, fill: Trade) -> None:
        """The exchange has corrected the fee of a stored fill."""
        kept = self._moved_by(connector_id, fill)
        if kept is not None:
            kept.funds.corrected(was, fill)

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set by so much (faults T2)."""
        for kept in self._kept:
            kept.funds.stepped(by)

    def labelled(self, transfer: Transfer) -> None:
        for kept in self._kept:
            if (kept.exchange, kept.exchange_account) == (transfer.exchange, transfer.exchange_account):
                kept.funds.labelled(transfer)

    def books(self, connector_id: str) -> Books | None:
        kept = self._of.get(connector_id)
        return None if kept is None else kept.funds.books

    def held(self, connector_id: str) -> Finding | None:
        """Why new orders of the account are held; None: they are not."""
        kept = self._of.get(connector_id)
        return None if kept is None else kept.funds.held

    def findings(self, connector_id: str) -> Iterator[Finding]:
        kept = self._of.get(connector_id)
        if kept is not None:
            yield from kept.funds.findings()

    async def withdrew(self, connector_id: str, gone: Mapping[str, Decimal]) -> bool:
        kept = self._of.get(connector_id)
        return kept is not None and await kept.funds.withdrew(gone)

    def _moved_by(self, connector_id: str, fill: Trade) -> _Kept | None:
        named = (one for one in self._kept if one.exchange_account == fill.exchange_account)
        return self._of.get(connector_id) or next(named, None)  # its first balance may not have been read yet

    def _keep(self, connector: Connector, named: str | None) -> _Kept:
        """The books of what this connector opens. An account that nothing was in yet has no name: it gets it with its
        first money."""
        known = self._of.get(connector.id)
        unnamed = f"{UNNAMED_ACCOUNT}{connector.id}"
        if known is not None and named in (None, known.exchange_account):
            return known
        exchange_account = named or unnamed
        kept = next((one for one in self._kept if self._is_of(one, connector, exchange_account)), None)
        if kept is None and known is not None and known.exchange_account == unnamed:
            known.exchange_account = exchange_account
            known.funds.named(exchange_account)
            return known
        if kept is None:
            kept = self._open(connector, exchange_account)
        if known is not None:
            known.connector_ids.discard(connector.id)
        kept.connector_ids.add(connector.id)
        self._of[connector.id] = kept
        self._changed(kept)
        return kept

    def _is_of(self, kept: _Kept, connector: Connector, exchange_account: str) -> bool:
        return (kept.exchange, kept.base_url, kept.exchange_account) == (
            connector.exchange,
            connector.base_url,
            exchange_account,
        )

    def _open(self, connector: Connector, exchange_account: str) -> _Kept:
        funds = Funds(
            exchange=connector.exchange,
            exchange_account=exchange_account,
            clock=self._clock,
            load=lambda: self._load(kept, connector.id),
            store=self._store,
            read=lambda: self._read(kept),
            records=TransferRecords(lambda: self._records(kept), self._clock),
            doubted=lambda: any(account.reader.doubted for account in self._accounts(kept)),
            book_fills=lambda currencies: self._read_trades(kept, currencies),
            fills_known_until=lambda: self._fills_known_until(kept),
            on_change=lambda: self._changed(kept),
            on_opened=self._on_opened,
            on_moved=self._on_moved,
        )
        kept = _Kept(connector.exchange, connector.base_url, exchange_account, set(), funds)
        self._kept.append(kept)
        self._start(f"funds {connector.name} {exchange_account}", funds.run)
        return kept

    def _accounts(self, kept: _Kept) -> tuple[Account, ...]:
        """Those that can be asked first."""
        found = [account for one in sorted(kept.connector_ids) if (account := self._account(one)) is not None]
        return tuple(sorted(found, key=lambda account: account.reader.failure is not None))

    def _changed(self, kept: _Kept) -> None:
        for account in self._accounts(kept):
            account.funds_held = kept.funds.held
            self._on_change(account.connector.id)

    async def _read(self, kept: _Kept) -> None:
        for account in self._accounts(kept)[:1]:
            await account.reader.read(max_age_s=0, force=True)

    async def _read_trades(self, kept: _Kept, currencies: Collection[str]) -> None:
        """In the markets of bots, and in those in which people may have traded these currencies for each other."""
        pairs = {f"{base}/{quote}" for base, quote in permutations(sorted(currencies)[:CURRENCIES_MAX], 2)}
        for account in self._accounts(kept):
            await self._book_fills[account.connector.id](pairs)

    async def _records(self, kept: _Kept) -> Outcome[tuple[TransferRecord, ...]]:
        since = self._clock.now() - RECORDS_SINCE
        for account in self._accounts(kept)[:1]:
            deposits = await account.session.deposits(since)
            if not isinstance(deposits, Answered):
                return deposits
            withdrawals = await account.session.withdrawals(since)
            if not isinstance(withdrawals, Answered):
                return withdrawals
            return Answered(value=(*deposits.value, *withdrawals.value), evidence=withdrawals.evidence)
        finding = Finding(code="connector.not_synced", severity=Severity.WARNING, since=self._clock.now())
        return NotSent(finding=finding)

    def _fills_known_until(self, kept: _Kept) -> datetime | None:
        """None: not at the moment, or nobody follows the account's orders."""
        known = [_known_until(account, self._clock.now()) for account in self._accounts(kept)]
        sure = [until for until in known if until is not None]
        return min(sure) if sure and len(sure) == len(known) else None

    async def _load(self, kept: _Kept, connector_id: str) -> Loaded:
        exchange, account = kept.exchange, kept.exchange_account
        async with self._database.unit_of_work(read_only=True) as uow:
            transfers = await uow.transfers.of_account(exchange, account, since=self._clock.now() - RECORDS_SINCE)
            keys = await uow.transfers.keys_of(connector_id)
            stored = await uow.balances.booked(keys, self._clock.now())
            if stored is None:
                return Loaded(books=None, until=self._clock.now(), fills=(), moved=(), transfers=transfers)
            as_of, last = stored.as_of, stored.last_fill
            since = as_of - timedelta(seconds=COUNTED_FOR_S)
            fills = [
                fill
                for key in keys
                for fill in await uow.trades.of_connector(key, after=as_of - FILLS_FOR, stored_after=last)
            ]
            moved = await uow.transfers.stored_since(exchange, account, since)
        # the clock that told `as_of` may have been ahead: what was stored later is beyond the books whatever its time
        beyond = [fill for fill in fills if fill.created_at >= since or (last is not None and fill.id > last)]
        until = max([as_of, *(fill.created_at for fill in beyond)])
        uncounted = tuple(fill.trade for fill in beyond)
        return Loaded(books=stored.books, until=until, fills=uncounted, moved=moved, transfers=transfers)

    async def _store(self, transfer: Transfer) -> Transfer:
        """As storage has it: another process may have booked the same movement under another id."""
        (written,) = await self._journal.write(StoreTransfer(transfer=transfer))
        if not written.duplicate:
            return transfer
        async with self._database.unit_of_work(read_only=True) as uow:
            since = self._clock.now() - RECORDS_SINCE
            there = await uow.transfers.of_account(transfer.exchange, transfer.exchange_account, since=since)
        record = transfer.exchange_id
        same = (one for one in there if one.id == transfer.id or (record is not None and one.exchange_id == record))
        return next(same, transfer)


def _known_until(account: Account, now: datetime) -> datetime | None:
    """Until when every fill of ours on this account is told."""
    tracker = account.tracker
    if account.recovering is not None or tracker.failure is not None:
        return None
    if not tracker.unsettled():
        return now
    live = {order.bot_id for order in tracker.live()}
    return min(tracker.complete_as_of(bot_id) for bot_id in live) if live else None
