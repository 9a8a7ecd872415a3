"""The journal's SQL: one read and one write per kind of thing, whatever the number of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, update

from trading_bridge.core.fill import DayTotals, TotalsKey, totals_key
from trading_bridge.core.order import Order, is_final
from trading_bridge.core.trade import TradeMark
from trading_bridge.core.transfer import Transfer
from trading_bridge.storage.fee_corrections import AUDIT, CORRECT_FEE, audited, corrected
from trading_bridge.storage.journal_group import Changes, Fee, FillKey, MarkKey, Standing, Stored, Under, fill_key
from trading_bridge.storage.journal_memory import Doubtful
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
)
from trading_bridge.storage.prepared import Prepared, PreparedNumber
from trading_bridge.storage.repositories.balances import written, written_books
from trading_bridge.storage.repositories.decisions import written as written_decision
from trading_bridge.storage.repositories.totals import totals_of
from trading_bridge.storage.tables import (
    balance_snapshots,
    bot_day_totals,
    bot_risk,
    bots,
    connectors,
    decisions,
    leases,
    orders,
    trade_logs,
    trade_marks,
    transfers,
)

R = TypeVar("R", bound=Row)

_LEASE = PreparedNumber(
    select(leases.c.epoch).where(leases.c.shard == bindparam("which")).with_for_update(read=True), "which"
)
_ORDERS = (
    select(
        orders.c.client_order_id,
        orders.c.state,
        orders.c.exchange_order_id,
        orders.c.amount,
        orders.c.filled,
        orders.c.refusal_code,
        orders.c.refusal_text,
        orders.c.frozen,
    )
    .where(orders.c.client_order_id.in_(bindparam("named", expanding=True)))
    .order_by(orders.c.client_order_id)
    .with_for_update()
)
_FILLS = select(
    trade_logs.c.exchange,
    trade_logs.c.exchange_account,
    trade_logs.c.symbol,
    trade_logs.c.trade_id,
    trade_logs.c.fee,
    trade_logs.c.fee_currency,
).where(
    trade_logs.c.exchange.in_(bindparam("exchanges", expanding=True)),
    trade_logs.c.exchange_account.in_(bindparam("accounts", expanding=True)),
    trade_logs.c.symbol.in_(bindparam("symbols", expanding=True)),
    trade_logs.c.trade_id.in_(bindparam("trade_ids", expanding=True)),
)
#: those of a connector in every market: there are few
_MARKS = select(trade_marks.c.connector_id, trade_marks.c.symbol).where(
    trade_marks.c.connector_id.in_(bindparam("named", expanding=True))
)
#: those of the same bots and days in a currency that is not named too: there is hardly ever one
_TOTALS = (
    select(bot_day_totals)
    .where(
        bot_day_totals.c.bot_id.in_(bindparam("bots", expanding=True)),
        bot_day_totals.c.day.in_(bindparam("days", expanding=True)),
    )
    .order_by(bot_day_totals.c.bot_id, bot_day_totals.c.day, bot_day_totals.c.currency)
    .with_for_update()
)
_BALANCES = (
    select(balance_snapshots.c.connector_id, balance_snapshots.c.as_of)
    .where(balance_snapshots.c.connector_id.in_(bindparam("named", expanding=True)))
    .order_by(balance_snapshots.c.connector_id)
    .with_for_update()
)
_LAST_FILL = select(func.coalesce(func.max(trade_logs.c.id), 0))
_DECISIONS = (
    select(decisions.c.id, decisions.c.ended_at.is_not(None))
    .where(decisions.c.id.in_(bindparam("named", expanding=True)))
    .order_by(decisions.c.id)
    .with_for_update()
)
_STANDING = ("state", "live", "exchange_order_id", "filled", "refusal_code", "refusal_text", "frozen")
_OPEN_ORDERS = Prepared(
    insert(orders),
    (
        "client_order_id",
        "bot_id",
        "connector_id",
        "symbol",
        "side",
        "type",
        "price",
        "amount",
        "time_in_force",
        "post_only",
        "epoch",
        "decision_id",
        "decided_at",
        "signed_at",
        "created_at",
        "updated_at",
        *_STANDING,
    ),
)
#: `was`: the state that the row is moved from
_MOVED = (orders.c.client_order_id == bindparam("which")) & (orders.c.state == bindparam("was"))
_UPDATE_ORDER = Prepared(update(orders).where(_MOVED), ("which", "was", "updated_at", *_STANDING))
#: what an acknowledgement changes, and no more: the index of live orders stays as it is
_UPDATE_ACKNOWLEDGED = Prepared(
    update(orders).where(_MOVED), ("which", "was", "updated_at", "state", "exchange_order_id")
)
_STORE_FILLS = insert(trade_logs)
_OPEN_MARKS = insert(trade_marks)
_UPDATE_MARKS = update(trade_marks).where(
    trade_marks.c.connector_id == bindparam("which_connector_id"), trade_marks.c.symbol == bindparam("which_symbol")
)
_OPEN_TOTALS = insert(bot_day_totals)
_OPEN_BALANCES = insert(balance_snapshots)
_UPDATE_TOTALS = update(bot_day_totals).where(
    bot_day_totals.c.bot_id == bindparam("which_bot_id"),
    bot_day_totals.c.day == bindparam("which_day"),
    bot_day_totals.c.currency == bindparam("which_currency"),
)
_UPDATE_BALANCES = update(balance_snapshots).where(balance_snapshots.c.connector_id == bindparam("which"))
_TRANSFERS = (
    select(transfers.c.id, transfers.c.exchange_id)
    .where(transfers.c.id.in_(bindparam("named", expanding=True)))
    .order_by(transfers.c.id)
    .with_for_update()
)
_RECORDS = select(transfers.c.exchange, transfers.c.exchange_account, transfers.c.exchange_id).where(
    transfers.c.exchange_id.in_(bindparam("named", expanding=True))
)
_RISKS = select(bot_risk.c.bot_id).where(bot_risk.c.bot_id.in_(bindparam("named", expanding=True)))
_STORE_DECISIONS = insert(decisions)
_END_DECISIONS = update(decisions).where(decisions.c.id == bindparam("which"))
_STORE_TRANSFERS = insert(transfers)
_PROVE_TRANSFERS = update(transfers).where(transfers.c.id == bindparam("which"))
_LABEL_TRANSFERS = update(transfers).where(transfers.c.id == bindparam("which"), transfers.c.label.is_(None))
_OPEN_RISKS = insert(bot_risk)
_UPDATE_RISKS = update(bot_risk).where(bot_risk.c.bot_id == bindparam("which"))


def load(
    connection: Connection,
    rows: Sequence[Row],
    *,
    checked: bool,
    remembered: Mapping[str, Standing],
    under: Under | None = None,
) -> Stored:
    """What the rows name, locked until the commit where the database has other writers; only where it has none are
    orders taken as they are remembered. `checked` also asks what the database would refuse by itself: ids used before,
    bots and connectors that do not exist; `under` is the lease that fills, marks and balances are written under."""
    stored = Stored()
    by_kind: dict[type[object], list[Row]] = {}
    for row in rows:
        by_kind.setdefault(type(row), []).append(row)
    intents, updates = _of(by_kind, OpenIntent), _of(by_kind, UpdateOrder)
    shards = {intent.shard for intent in intents}
    if under is not None and (StoreFill in by_kind or StoreBalances in by_kind or StoreTradeMark in by_kind):
        shards.add(under.shard)
    for shard in sorted(shards):
        epoch = _LEASE.of(connection, shard)
        if epoch is not None:
            stored.epochs[shard] = epoch
    named = {update.client_order_id for update in updates}
    if checked:
        named |= {intent.order.client_order_id for intent in intents}
    else:
        stored.orders = {key: standing for key in named if (standing := remembered.get(key)) is not None}
        named.difference_update(stored.orders)
    if named:
        stored.orders |= {
            client_order_id: Standing(
                state=state,
                exchange_order_id=exchange_order_id,
                amount=amount,
                filled=filled,
                refusal_code=refusal_code,
                refusal_text=refusal_text,
                frozen=frozen,
            )
            for client_order_id, state, exchange_order_id, amount, filled, refusal_code, refusal_text, frozen in (
                connection.execute(_ORDERS, {"named": sorted(named)})
            )
        }
    fills = _of(by_kind, StoreFill)
    if fills:
        stored.fees = _fills(connection, {fill_key(row) for row in fills})
        stored.fills = set(stored.fees)
    marked = {row.connector_id for row in _of(by_kind, StoreTradeMark)}
    if marked:
        stored.marks = {(row.connector_id, row.symbol) for row in connection.execute(_MARKS, {"named": sorted(marked)})}
    summed = {totals_key(row.bot_id, row.trade) for row in fills if row.bot_id is not None}
    if summed:
        bot_ids, days, _ = (sorted(set(names)) for names in zip(*summed, strict=True))
        found = connection.execute(_TOTALS, {"bots": bot_ids, "days": days})
        stored.totals = {(row.bot_id, row.day, row.currency): totals_of(row) for row in found}
    read_with = {row.connector_id for row in _of(by_kind, StoreBalances)}
    if read_with:
        snapshots = connection.execute(_BALANCES, {"named": sorted(read_with)})
        stored.balances = {connector_id: as_of for connector_id, as_of in snapshots}
        stored.last_fill = connection.execute(_LAST_FILL).scalar_one()
    decided = {row.decision.id for row in _of(by_kind, StoreDecision)}
    if decided:
        stored.decisions = {
            row_id: ended for row_id, ended in connection.execute(_DECISIONS, {"named": sorted(decided)})
        }
    _load_transfers(connection, [row.transfer for row in _of(by_kind, StoreTransfer)], stored)
    risks = {row.bot_id for row in _of(by_kind, StoreRisk)}
    if risks:
        stored.risks = set(connection.execute(_RISKS, {"named": sorted(risks)}).scalars())
    if checked:
        stored.bots = frozenset(connection.execute(select(bots.c.id)).scalars())
        stored.connectors = frozenset(connection.execute(select(connectors.c.id)).scalars())
    return stored


def _of(by_kind: Mapping[type[object], Sequence[Row]], kind: type[R]) -> list[R]:
    return [row for row in by_kind.get(kind, ()) if isinstance(row, kind)]


def store(connection: Connection, stored: Stored, changes: Changes, now: datetime) -> None:
    """One statement per kind, in an order that keeps foreign keys."""
    opened = [_order(order, changes.orders[key], now) for key, order in changes.opened.items()]
    fills = [_fill(key, row, now) for key, row in changes.fills.items()]
    marks = [_marked(key, "", mark) for key, mark in changes.marks.items() if key not in stored.marks]
    moved = [_marked(key, "which_", mark) for key, mark in changes.marks.items() if key in stored.marks]
    first = [_key(key, "") | _sums(t) for key, t in changes.totals.items() if key not in stored.totals]
    grown = [_key(key, "which_") | _sums(t) for key, t in changes.totals.items() if key in stored.totals]
    snapshots = {key: _snapshot(row, stored.last_fill) for key, row in changes.balances.items()}
    fresh = [{"connector_id": key} | row for key, row in snapshots.items() if key not in stored.balances]
    newer = [{"which": key} | row for key, row in snapshots.items() if key in stored.balances]
    decided = [written_decision(decision) for decision in changes.decided.values()]
    ended = [{"which": key, "ended_at": d.ended_at, "cycles": d.cycles} for key, d in changes.ended.items()]
    came = [_transfer(transfer, now) for transfer in changes.transfers.values()]
    proved = [{"which": key, "exchange_id": t.exchange_id, "at": t.at} for key, t in changes.proved.items()]
    named = [{"which": key, "label": t.label} for key, t in changes.proved.items() if t.label is not None]
    risks = {bot_id: {"state": state, "updated_at": now} for bot_id, state in changes.risks.items()}
    first_risks = [{"bot_id": key} | values for key, values in risks.items() if key not in stored.risks]
    later_risks = [{"which": key} | values for key, values in risks.items() if key in stored.risks]
    if opened:
        _OPEN_ORDERS.run(connection, opened)
    _move_orders(connection, stored, changes, now)
    for statement, parameters in (
        (_STORE_FILLS, fills),
        (CORRECT_FEE, [corrected(key, fee) for key, (_, fee) in changes.corrected.items()]),
        (AUDIT, [audited(key, was, fee, now) for key, (was, fee) in changes.corrected.items()]),
        (_OPEN_MARKS, marks),
        (_UPDATE_MARKS, moved),
        (_OPEN_TOTALS, first),
        (_UPDATE_TOTALS, grown),
        (_OPEN_BALANCES, fresh),
        (_UPDATE_BALANCES, newer),
        (_STORE_DECISIONS, decided),
        (_END_DECISIONS, ended),
        (_STORE_TRANSFERS, came),
        (_PROVE_TRANSFERS, proved),
        (_LABEL_TRANSFERS, named),
        (_OPEN_RISKS, first_risks),
        (_UPDATE_RISKS, later_risks),
    ):
        if parameters:
            connection.execute(statement, parameters)


def _move_orders(connection: Connection, stored: Stored, changes: Changes, now: datetime) -> None:
    """Raises Doubtful where a row is not what it was taken for."""
    acknowledged: list[tuple[object, ...]] = []
    others: list[tuple[object, ...]] = []
    for key, then in changes.orders.items():
        if key in changes.opened:
            continue
        before = stored.orders[key]
        if _is_acknowledgement(before, then):
            acknowledged.append((key, before.state, now, then.state, then.exchange_order_id))
        else:
            others.append((key, before.state, now, *_standing(then)))
    for statement, moved in ((_UPDATE_ACKNOWLEDGED, acknowledged), (_UPDATE_ORDER, others)):
        if moved and statement.run(connection, moved) not in (None, len(moved)):
            raise Doubtful


def _is_acknowledgement(before: Standing, then: Standing) -> bool:
    """Nothing but its open state and the exchange's id has changed."""
    return (
        not is_final(then.state)
        and not is_final(before.state)
        and then.filled == before.filled
        and then.frozen == before.frozen
        and then.refusal_code == before.refusal_code
        and then.refusal_text == before.refusal_text
    )


def is_stored(connection: Connection, changes: Changes) -> bool:
    """Whether a transaction that made these changes, and whose commit nobody answered, has been committed: it is
    whole or not at all, so one of its new rows tells (faults S3)."""
    if changes.opened:
        return connection.execute(_ORDERS, {"named": [next(iter(changes.opened))]}).first() is not None
    if changes.decided:
        return connection.execute(_DECISIONS, {"named": [next(iter(changes.decided))]}).first() is not None
    if changes.transfers:
        return connection.execute(_TRANSFERS, {"named": [next(iter(changes.transfers))]}).first() is not None
    return bool(changes.fills) and bool(_fills(connection, set(changes.fills)))


def _load_transfers(connection: Connection, named: Sequence[Transfer], stored: Stored) -> None:
    if not named:
        return
    found = connection.execute(_TRANSFERS, {"named": sorted({transfer.id for transfer in named})})
    stored.transfers = {transfer_id: exchange_id for transfer_id, exchange_id in found}
    records = sorted({transfer.exchange_id for transfer in named if transfer.exchange_id is not None})
    if records:
        found_records = connection.execute(_RECORDS, {"named": records})
        stored.records = {(exchange, account, named or "") for exchange, account, named in found_records}


def _fills(connection: Connection, keys: set[FillKey]) -> dict[FillKey, Fee]:
    exchanges, accounts, symbols, trade_ids = (sorted(set(names)) for names in zip(*keys, strict=True))
    found = connection.execute(
        _FILLS, {"exchanges": exchanges, "accounts": accounts, "symbols": symbols, "trade_ids": trade_ids}
    )
    return {key: (row.fee, row.fee_currency) for row in found if (key := tuple(row[:4])) in keys}


def _order(order: Order, standing: Standing, now: datetime) -> tuple[object, ...]:
    return (
        order.client_order_id,
        order.bot_id,
        order.connector_id,
        order.symbol,
        order.side,
        order.type,
        order.price,
        order.amount,
        order.time_in_force,
        order.post_only,
        order.epoch,
        order.decision_id,
        order.decided_at,
        order.signed_at,
        now,
        now,
        *_standing(standing),
    )


def _standing(standing: Standing) -> tuple[object, ...]:
    return (
        standing.state,
        not is_final(standing.state),
        standing.exchange_order_id,
        standing.filled,
        standing.refusal_code,
        standing.refusal_text,
        standing.frozen,
    )


def _fill(key: FillKey, row: StoreFill, now: datetime) -> dict[str, object]:
    trade = row.trade
    return {
        "exchange": row.exchange,
        "exchange_account": key[1],
        "symbol": trade.symbol,
        "trade_id": trade.trade_id,
        "exchange_order_id": trade.exchange_order_id,
        "connector_id": row.connector_id,
        "bot_id": row.bot_id,
        "client_order_id": row.client_order_id,
        "side": trade.side,
        "price": trade.price,
        "amount": trade.amount,
        "cost": trade.cost,
        "fee": trade.fee,
        "fee_currency": trade.fee_currency,
        "is_maker": trade.is_maker,
        "exchange_time": trade.exchange_time,
        "created_at": now,
    }


def _marked(key: MarkKey, prefix: str, mark: TradeMark) -> dict[str, object]:
    connector_id, symbol = key
    named = {f"{prefix}connector_id": connector_id, f"{prefix}symbol": symbol}
    return {**named, "trade_id": mark.trade_id, "exchange_time": mark.exchange_time}


def _transfer(transfer: Transfer, now: datetime) -> dict[str, object]:
    return {field.name: getattr(transfer, field.name) for field in fields(transfer)} | {"created_at": now}


def _key(key: TotalsKey, prefix: str) -> dict[str, object]:
    bot_id, day, currency = key
    return {f"{prefix}bot_id": bot_id, f"{prefix}day": day, f"{prefix}currency": currency}


def _sums(totals: DayTotals) -> dict[str, object]:
    return {
        "volume": totals.volume,
        "maker": totals.maker,
        "taker": totals.taker,
        "unknown_role": totals.unknown_role,
        "trades": totals.trades,
        "buys": totals.buys,
        "sells": totals.sells,
    }


def _snapshot(row: StoreBalances, last_fill: int) -> dict[str, object]:
    return {
        "wallet": row.balances.wallet,
        "exchange_account": row.balances.exchange_account,
        # without the markets nobody can tell later whether a coin that none of them trades is one of theirs
        "complete": row.balances.complete and not row.balances.untraded,
        "by_currency": written(row.balances),
        "booked": None if row.books is None else written_books(row.books, last_fill),
        "as_of": row.as_of,
    }
