"""What a group of calls to the journal changes: pure, computed from what the tables say."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.fill import DayTotals, TotalsKey, totals_key
from trading_bridge.core.order import Order, OrderState, next_state
from trading_bridge.core.swift import swift
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.core.transfer import Transfer
from trading_bridge.errors import StorageRefused
from trading_bridge.storage.journal_rows import (
    OpenIntent,
    Row,
    StoreBalances,
    StoreDecision,
    StoreFill,
    StoreRisk,
    StoreTradeMark,
    StoreTransfer,
    UpdateOrder,
    Written,
)

#: what stands for the exchange's account id where its answers do not say it
UNNAMED_ACCOUNT = "connector:"
#: exchange, exchange account, symbol, trade id
FillKey = tuple[str, str, str, str]
#: amount and currency of a fill's fee; None: the exchange did not say
Fee = tuple[Decimal | None, str | None]
#: exchange, exchange account, the exchange's id of a transfer
RecordKey = tuple[str, str, str]
#: connector_id, symbol
MarkKey = tuple[str, str]


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An order, as far as an update can change it."""

    state: OrderState
    exchange_order_id: str | None
    amount: Decimal
    filled: Decimal
    refusal_code: str | None
    refusal_text: str | None
    frozen: str | None = None


#: a row that says no more than the order's state
_WRITTEN = {state: Written(state=state) for state in OrderState}


@dataclass(slots=True, kw_only=True)
class Stored:
    """What the tables say about everything that the group's rows name."""

    epochs: dict[int, int] = field(default_factory=dict)  # shard -> its lease's epoch
    orders: dict[str, Standing] = field(default_factory=dict)  # client_order_id -> as it stands
    fills: set[FillKey] = field(default_factory=set)
    fees: dict[FillKey, Fee] = field(default_factory=dict)  # of `fills`
    marks: set[MarkKey] = field(default_factory=set)  # those that have a row
    totals: dict[TotalsKey, DayTotals] = field(default_factory=dict)
    balances: dict[str, datetime] = field(default_factory=dict)  # connector_id -> as_of
    last_fill: int = 0  # row of the newest one, where a row names balances
    decisions: dict[str, bool] = field(default_factory=dict)  # decision_id -> whether it has ended
    transfers: dict[str, str | None] = field(default_factory=dict)  # transfer id -> the exchange's id of its record
    records: set[RecordKey] = field(default_factory=set)
    risks: set[str] = field(default_factory=set)  # bot_ids that have a row
    #: those that exist; None: not asked, the database itself refuses a row that names another
    bots: frozenset[str] | None = None
    connectors: frozenset[str] | None = None


@dataclass(slots=True)
class Changes:
    """What becomes of the tables."""

    opened: dict[str, Order] = field(default_factory=dict)
    orders: dict[str, Standing] = field(default_factory=dict)
    fills: dict[FillKey, StoreFill] = field(default_factory=dict)
    #: of fills that were stored with another fee: as it was, as it is
    corrected: dict[FillKey, tuple[Fee, Fee]] = field(default_factory=dict)
    #: stored before by a commit that nobody heard of
    retold: set[FillKey] = field(default_factory=set)
    marks: dict[MarkKey, TradeMark] = field(default_factory=dict)
    totals: dict[TotalsKey, DayTotals] = field(default_factory=dict)
    balances: dict[str, StoreBalances] = field(default_factory=dict)
    decided: dict[str, StoredDecision] = field(default_factory=dict)
    ended: dict[str, StoredDecision] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    #: observed before, with the record that was found now
    proved: dict[str, Transfer] = field(default_factory=dict)
    risks: dict[str, str] = field(default_factory=dict)  # bot_id -> state

    def add(self, later: "Changes") -> None:
        self.opened.update(later.opened)
        self.orders.update(later.orders)
        self.fills.update(later.fills)
        self.corrected.update(later.corrected)
        self.retold.update(later.retold)
        self.marks.update(later.marks)
        self.totals.update(later.totals)
        self.balances.update(later.balances)
        self.decided.update(later.decided)
        self.ended.update(later.ended)
        self.transfers.update(later.transfers)
        self.proved.update(later.proved)
        self.risks.update(later.risks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """The lease that a journal writes under."""

    shard: int
    epoch: int


class Group:
    def __init__(self, stored: Stored, under: Under | None = None, untold: Set[FillKey] = frozenset()) -> None:
        """`under` None: nobody else can write, or it does not matter. Of the fills `untold` nobody heard whether they
        are stored: where they are, they are no duplicates."""
        self.changes = Changes()
        self._stored = stored
        self._under = under
        self._untold = untold
        self._direct = _Draft(stored, self.changes, self.changes, under, untold)

    def take(self, rows: Sequence[Row]) -> tuple[Written, ...]:
        """One call's rows, after those of earlier calls; raises StorageRefused, and then none of them counts."""
        if len(rows) == 1:
            return (self._direct.take(rows[0]),)
        draft = _Draft(self._stored, self.changes, Changes(), self._under, self._untold)
        written = tuple([draft.take(row) for row in rows])
        self.changes.add(draft.changes)
        return written


class _Draft:
    """One call under way: `before` is what earlier calls changed. A row that is refused changes nothing."""

    def __init__(
        self, stored: Stored, before: Changes, changes: Changes, under: Under | None, untold: Set[FillKey]
    ) -> None:
        self.changes = changes
        self._under = under
        self._untold = untold
        self._stored = stored
        self._before = before

    def take(self, row: Row) -> Written:
        match row:
            case OpenIntent():
                return self._open(row)
            case UpdateOrder():
                return self._update(row)
            case StoreFill():
                return self._fill(row)
            case StoreTradeMark():
                return self._mark(row)
            case StoreBalances():
                return self._balances(row)
            case StoreDecision():
                return self._decide(row.decision)
            case StoreTransfer():
                return self._transfer(row.transfer)
            case StoreRisk():
                self._require_owner(row.bot_id, None)
                self.changes.risks[row.bot_id] = row.state
                return Written()

    def _open(self, row: OpenIntent) -> Written:
        order = row.order
        epoch = self._stored.epochs.get(row.shard)
        if epoch != order.epoch:
            raise StorageRefused(
                "lease.lost", f"shard {row.shard} is at epoch {epoch}, the order was made at {order.epoch}"
            )
        self._require_owner(order.bot_id, order.connector_id)
        if self._order(order.client_order_id) is not None:
            raise StorageRefused(
                "order.duplicate", f"the client order id {order.client_order_id} was used before: it serves one send"
            )
        self.changes.opened[order.client_order_id] = order
        self.changes.orders[order.client_order_id] = Standing(
            state=order.state,
            exchange_order_id=order.exchange_order_id,
            amount=order.amount,
            filled=order.filled,
            refusal_code=order.refusal_code,
            refusal_text=order.refusal_text,
        )
        return _WRITTEN[order.state]

    def _update(self, row: UpdateOrder) -> Written:
        now = self._order(row.client_order_id)
        if now is None:
            raise StorageRefused("order.unknown", f"there is no order {row.client_order_id} to update")
        if row.exchange_order_id is not None and now.exchange_order_id not in (None, row.exchange_order_id):
            raise StorageRefused(
                "order.second_exchange_id",
                f"the order {row.client_order_id} is {now.exchange_order_id} at the exchange, not"
                f" {row.exchange_order_id}",
            )
        filled = now.filled if row.filled is None else max(now.filled, row.filled)
        if filled > now.amount:
            raise StorageRefused(
                "order.overfilled", f"{filled} of {now.amount} would be filled of the order {row.client_order_id}"
            )
        then = Standing(
            state=next_state(now.state, row.state),
            exchange_order_id=row.exchange_order_id or now.exchange_order_id,
            amount=now.amount,
            filled=filled,
            refusal_code=row.refusal_code or now.refusal_code,
            refusal_text=_storable(row.refusal_text) or now.refusal_text,
            frozen=now.frozen or row.frozen,
        )
        if then.state is not now.state or then != now:
            self.changes.orders[row.client_order_id] = then
        return _WRITTEN[then.state]

    def _fill(self, row: StoreFill) -> Written:
        """Whoever has taken the lease reads every fill from the exchange: one that a former holder stored behind its
        back would be in none of its counters (faults S8)."""
        self._require_lease("fill")
        key = fill_key(row)
        if key in self._stored.fills or key in self._before.fills or key in self.changes.fills:
            news = key in self._untold and key not in self._before.retold and key not in self.changes.retold
            if news:
                self.changes.retold.add(key)
            return Written(duplicate=not news, corrected=self._correct(key, row.trade))
        self._require_owner(row.bot_id, row.connector_id)
        self.changes.fills[key] = row
        if row.bot_id is not None:
            which = totals_key(row.bot_id, row.trade)
            now = self.changes.totals.get(which) or self._before.totals.get(which) or self._stored.totals.get(which)
            if now is None:
                bot_id, day, currency = which
                now = DayTotals(bot_id=bot_id, day=day, currency=currency)
            self.changes.totals[which] = now.plus(row.trade)
        return Written()

    def _correct(self, key: FillKey, trade: Trade) -> Fee | None:
        """An exchange may settle a fee later than it tells the fill (faults X8); what it leaves out it does not take
        back. The fee that it corrects; None: none."""
        stored = self._stored.fees.get(key)
        if stored is None or trade.fee is None:
            return None
        _, was = self.changes.corrected.get(key) or self._before.corrected.get(key) or (stored, stored)
        now = trade.fee, trade.fee_currency or was[1]
        if now == was:
            return None
        self.changes.corrected[key] = stored, now
        return was

    def _mark(self, row: StoreTradeMark) -> Written:
        """Only the holder of the lease knows what is stored: behind the back of a former one a backup may have been
        restored (faults S5)."""
        self._require_lease("mark")
        self._require_owner(None, row.connector_id)
        self.changes.marks[row.connector_id, row.symbol] = row.mark
        return Written()

    def _balances(self, row: StoreBalances) -> Written:
        """The last that the holder of the lease has read stays, whatever its time: a wall clock that was ahead is put
        right again (faults T1, T2), and what is read from then on is earlier only by its words."""
        self._require_lease("balance")
        self._require_owner(None, row.connector_id)
        pending = self.changes.balances.get(row.connector_id) or self._before.balances.get(row.connector_id)
        as_of = self._stored.balances.get(row.connector_id) if pending is None else pending.as_of
        if as_of == row.as_of:
            return Written(duplicate=True)
        self.changes.balances[row.connector_id] = row
        return Written()

    def _decide(self, decision: StoredDecision) -> Written:
        has_ended = self._has_ended(decision.id)
        if has_ended is None:
            self._require_owner(decision.bot_id, None)
            self.changes.decided[decision.id] = decision
        elif decision.ended_at is not None and not has_ended:
            self.changes.ended[decision.id] = decision
        else:
            return Written(duplicate=True)
        return Written()

    def _transfer(self, transfer: Transfer) -> Written:
        record = record_key(transfer)
        if record is not None and (record in self._stored.records or record in self._records_under_way()):
            return Written(duplicate=True)
        if transfer.id in self._stored.transfers or transfer.id in self._before.transfers:
            if record is None:
                return Written(duplicate=True)
            self.changes.proved[transfer.id] = transfer
            return Written()
        self._require_owner(None, transfer.connector_id)
        self.changes.transfers[transfer.id] = transfer
        return Written()

    def _records_under_way(self) -> set[RecordKey]:
        return {
            key
            for changes in (self.changes, self._before)
            for transfers in (changes.transfers, changes.proved)
            for transfer in transfers.values()
            if (key := record_key(transfer)) is not None
        }

    def _has_ended(self, decision_id: str) -> bool | None:
        """None: there is no such decision."""
        for decisions in (self.changes.ended, self._before.ended, self.changes.decided, self._before.decided):
            if (found := decisions.get(decision_id)) is not None:
                return found.ended_at is not None
        return self._stored.decisions.get(decision_id)

    def _order(self, client_order_id: str) -> Standing | None:
        return (
            self.changes.orders.get(client_order_id)
            or self._before.orders.get(client_order_id)
            or self._stored.orders.get(client_order_id)
        )

    def _require_lease(self, what: str) -> None:
        if self._under is not None and (epoch := self._stored.epochs.get(self._under.shard)) != self._under.epoch:
            told = f"shard {self._under.shard} is at epoch {epoch}, the {what} was read at {self._under.epoch}"
            raise StorageRefused("lease.lost", told)

    def _require_owner(self, bot_id: str | None, connector_id: str | None) -> None:
        if self._stored.bots is not None and bot_id is not None and bot_id not in self._stored.bots:
            raise StorageRefused("bot.unknown", f"there is no bot {bot_id!r}")
        connectors = self._stored.connectors
        if connectors is not None and connector_id is not None and connector_id not in connectors:
            raise StorageRefused("connector.unknown", f"there is no connector {connector_id!r}")


def fill_key(row: StoreFill) -> FillKey:
    """A connector stands for its exchange account where the exchange does not name it."""
    account = row.trade.exchange_account or f"{UNNAMED_ACCOUNT}{row.connector_id}"
    return row.exchange, account, row.trade.symbol, row.trade.trade_id


def record_key(transfer: Transfer) -> RecordKey | None:
    """None: the exchange has not recorded it."""
    if transfer.exchange_id is None:
        return None
    return transfer.exchange, transfer.exchange_account, transfer.exchange_id


def _storable(text: str | None) -> str | None:
    """PostgreSQL takes no NUL, and an exchange's answer may hold one."""
    return None if text is None else text.replace("\x00", "")
