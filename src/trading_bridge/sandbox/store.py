"""The sandbox's own SQLite file: what must outlive the process, and the writes that are waiting for their commit.

The engine changes memory first and hands every change here; `commit` writes all of them in one transaction, so an
answer that leaves after a commit rests on stored effects, its own and all earlier ones. WAL with `synchronous=NORMAL`
keeps every committed transaction through `kill -9` (its pages are with the operating system; only a loss of power may
drop the newest commits, never tear one), and costs no fsync on the way of an answer. A failed commit is final: memory
is ahead of the file then, so every later one fails as well and a restart returns to what was answered (crash-only).
"""

import sqlite3
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from trading_bridge.core.order import Side
from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.accounts import Account, ApiKey, CreateRequest, Entry, Purse, Transfer
from trading_bridge.sandbox.candles import Candle
from trading_bridge.sandbox.history import History
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rows import (
    account_row,
    candle_row,
    entry_row,
    fill_row,
    key_row,
    order_row,
    read_account,
    read_entry,
    read_fill,
    read_key,
    read_order,
    read_trade,
    read_transfer,
    trade_row,
    transfer_row,
)
from trading_bridge.sandbox.schema import ADD_ENTRY, ADD_FILL, ADD_TRADE, PUT_CANDLE, PUT_ORDER
from trading_bridge.sandbox.versions import prepare


class Store:
    """`path` None keeps everything in memory, for tests that never reopen it."""

    def __init__(self, path: Path | None) -> None:
        self._failed = False
        self._orders: dict[int, SandboxOrder] = {}
        self._candles: dict[tuple[str, int], Candle] = {}
        self._balances: dict[tuple[str, str], Purse] = {}
        self._accounts: list[Account] = []
        self._keys: list[ApiKey] = []
        self._trades: list[SandboxTrade] = []
        self._fills: list[Fill] = []
        self._entries: list[Entry] = []
        self._transfers: list[Transfer] = []
        self._creates: list[CreateRequest] = []
        self._database = _open(path)
        #: last used numbers by name, kept up to date by their owners and stored with whatever used them
        self.counters = dict.fromkeys(("sequence", "order", "match", "transfer", "prevented"), 0)
        self.counters.update(self._database.execute("SELECT name, value FROM counters").fetchall())
        self._written_counters = dict(self.counters)
        self.history = History(self._read)

    # -- what waits for the next commit

    def order(self, order: SandboxOrder) -> None:
        self._orders[order.id] = order

    def balance(self, account: str, currency: str, purse: Purse) -> None:
        self._balances[account, currency] = purse

    def account(self, account: Account) -> None:
        self._accounts.append(account)

    def key(self, key: ApiKey) -> None:
        self._keys.append(key)

    def trade(self, trade: SandboxTrade) -> None:
        self._trades.append(trade)

    def candle(self, candle: Candle) -> None:
        self._candles[candle.symbol, candle.minute_ms] = candle

    def fill(self, fill: Fill) -> None:
        self._fills.append(fill)

    def entry(self, entry: Entry) -> None:
        self._entries.append(entry)

    def transfer(self, transfer: Transfer) -> None:
        self._transfers.append(transfer)

    def create(self, request: CreateRequest) -> None:
        self._creates.append(request)

    def commit(self) -> None:
        """Everything handed over so far is stored when this returns; costs nothing when nothing waits."""
        if self._failed:
            raise sqlite3.OperationalError("an earlier commit failed: restart the sandbox")
        if self.counters == self._written_counters and not (
            self._orders or self._balances or self._creates or self._keys or self._accounts
        ):
            return
        try:
            self._write()
        except sqlite3.Error:
            self._failed = True
            raise
        for waiting in (self._accounts, self._keys, self._trades, self._fills, self._entries, self._transfers):
            waiting.clear()
        self._creates.clear()
        self._orders.clear()
        self._candles.clear()
        self._balances.clear()
        self._written_counters = dict(self.counters)

    def close(self) -> None:
        """Without a commit: what waits is lost, as in a crash."""
        self._database.close()

    def _write(self) -> None:
        run = self._database.executemany
        self._database.execute("BEGIN")
        run("INSERT OR REPLACE INTO counters VALUES (?, ?)", self.counters.items())
        if self._accounts:
            run("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", map(account_row, self._accounts))
        if self._keys:
            run("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?)", map(key_row, self._keys))
        if self._balances:
            rows = ((*place, str(purse.free + purse.used)) for place, purse in self._balances.items())
            run("INSERT OR REPLACE INTO balances VALUES (?, ?, ?)", rows)
        if self._orders:
            run(PUT_ORDER, map(order_row, self._orders.values()))
        if self._trades:
            run(ADD_TRADE, map(trade_row, self._trades))
        if self._candles:
            run(PUT_CANDLE, map(candle_row, self._candles.values()))
        if self._fills:
            run(ADD_FILL, map(fill_row, self._fills))
        if self._entries:
            run(ADD_ENTRY, map(entry_row, self._entries))
        if self._transfers:
            run("INSERT INTO transfers VALUES (?, ?, ?, ?, ?)", map(transfer_row, self._transfers))
        if self._creates:
            run("INSERT INTO creates VALUES (NULL, ?, ?, ?, ?, ?, ?)", self._creates)
        self._database.execute("COMMIT")

    # -- what a start needs

    def accounts(self) -> list[Account]:
        """With their totals, all of it free: what open orders hold is for the engine to set apart."""
        accounts = {
            row[0]: read_account(row) for row in self._database.execute("SELECT * FROM accounts ORDER BY rowid")
        }
        for name, currency, total in self._database.execute("SELECT account, currency, total FROM balances"):
            accounts[name].purse(currency).free = int(total)
        return list(accounts.values())

    def keys(self) -> list[ApiKey]:
        return [read_key(row) for row in self._database.execute("SELECT * FROM keys")]

    def open_orders(self) -> list[SandboxOrder]:
        """In queue order."""
        query = "SELECT * FROM orders WHERE state IN ('new', 'partially_filled') ORDER BY id"
        return [read_order(row) for row in self._database.execute(query)]

    def last_trades(self, symbol: str, limit: int) -> deque[SandboxTrade]:
        """Oldest first."""
        query = "SELECT * FROM trades WHERE symbol = ? ORDER BY match_id DESC LIMIT ?"
        rows = self._database.execute(query, (symbol, limit)).fetchall()
        return deque((read_trade(row) for row in reversed(rows)), maxlen=limit)

    # -- what queries need; each reads after a commit, so that it sees everything

    def order_by_id(self, order_id: int) -> SandboxOrder | None:
        return self._one_order("SELECT * FROM orders WHERE id = ?", order_id)

    def order_by_client_id(self, account: str, client_order_id: str) -> SandboxOrder | None:
        """The newest that has it."""
        query = "SELECT * FROM orders WHERE account = ? AND client_order_id = ? ORDER BY id DESC LIMIT 1"
        return self._one_order(query, account, client_order_id)

    def orders(self, account: str, *, before_id: int | None, limit: int) -> list[SandboxOrder]:
        """Newest first."""
        before = 2**63 - 1 if before_id is None else before_id
        query = "SELECT * FROM orders WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?"
        return [read_order(row) for row in self._read(query, account, before, limit)]

    def fills(
        self, account: str, symbol: str, *, order_id: int | None, side: Side | None, offset: int, limit: int
    ) -> list[Fill]:
        """Newest first."""
        query = "SELECT * FROM fills WHERE account = ? AND symbol = ?"
        values: list[str | int] = [account, symbol]
        if order_id is not None:
            query, values = query + " AND order_id = ?", [*values, order_id]
        if side is not None:
            query, values = query + " AND side = ?", [*values, side.value]
        rows = self._read(query + " ORDER BY id DESC LIMIT ? OFFSET ?", *values, limit, offset)
        return [read_fill(row) for row in rows]

    def entries(self, account: str, *, after: int, until: int, limit: int) -> list[Entry]:
        """Oldest first; sequences in (after, until]. The last event comes whole, even past `limit`."""
        query = "SELECT * FROM entries WHERE account = ? AND sequence > ? AND sequence <= ? ORDER BY line LIMIT ?"
        found = [read_entry(row) for row in self._read(query, account, after, until, limit)]
        if len(found) < limit or not found:
            return found
        last = found[-1].sequence
        rest = [read_entry(row) for row in self._read(query, account, last - 1, last, limit + 100)]
        return [entry for entry in found if entry.sequence < last] + rest

    def purse_at(self, account: str, currency: str, sequence: int) -> Purse:
        query = (
            "SELECT free, used FROM entries WHERE account = ? AND currency = ? AND sequence <= ?"
            " ORDER BY sequence DESC, line DESC LIMIT 1"
        )
        row = self._read(query, account, currency, sequence).fetchone()
        return Purse() if row is None else Purse(int(row[0]), int(row[1]))

    def trades_of(self, account: str | None, *, until: int) -> Iterator[SandboxTrade]:
        """Oldest first, up to a ledger sequence; None: of everybody."""
        query = "SELECT * FROM trades WHERE sequence <= ?"
        values: list[str | int] = [until]
        if account is not None:
            query, values = query + " AND (buyer = ? OR seller = ?)", [*values, account, account]
        return (read_trade(row) for row in self._read(query + " ORDER BY match_id", *values))

    def transfers(
        self, account: str, currency: str | None, *, deposits: bool, since_ms: int, until_ms: int, limit: int
    ) -> list[Transfer]:
        """Newest first, both ends of the time included; currency None: all of them."""
        query = "SELECT * FROM transfers WHERE account = ? AND (amount NOT LIKE '-%') = ? AND time_ms BETWEEN ? AND ?"
        values: list[str | int] = [account, int(deposits), since_ms, until_ms]
        if currency is not None:
            query, values = query + " AND currency = ?", [*values, currency]
        rows = self._read(query + " ORDER BY id DESC LIMIT ?", *values, limit)
        return [read_transfer(row) for row in rows]

    def creates(self, account: str, *, limit: int) -> list[CreateRequest]:
        """Newest first."""
        query = "SELECT account, client_order_id, symbol, outcome, order_id, time_ms FROM creates WHERE account = ?"
        return [CreateRequest(*row) for row in self._read(query + " ORDER BY line DESC LIMIT ?", account, limit)]

    def _one_order(self, query: str, *values: str | int) -> SandboxOrder | None:
        row = self._read(query, *values).fetchone()
        return None if row is None else read_order(row)

    def _read(self, query: str, *values: str | int) -> sqlite3.Cursor:
        self.commit()
        return self._database.execute(query, values)


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    # one thread uses it; one that is left to the garbage collector may be closed by another
    database = sqlite3.connect(
        ":memory:" if path is None else path, isolation_level=None, timeout=0, check_same_thread=False
    )
    database.row_factory = sqlite3.Row
    try:
        # one process at a time: the lock is held until the process ends, whatever ends it
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        prepare(database, str(path))
    except SettingsError:
        database.close()
        raise
    except sqlite3.OperationalError as error:
        database.close()
        raise SettingsError("sandbox.locked", f"{path} cannot be opened ({error}): another sandbox uses it") from error
    return database
