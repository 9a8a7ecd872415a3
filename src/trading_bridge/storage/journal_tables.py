"""The journal's SQL: one read and one write per kind of thing, whatever the number of rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from trading_bridge.core.fill import DayTotals, TotalsKey, totals_key
from trading_bridge.core.order import Order, is_final
from trading_bridge.storage.journal_group import Changes, FillKey, Standing, Stored, fill_key
from trading_bridge.storage.journal_rows import (
    OpenIntent,
    Row,
    StoreBalances,
    StoreDecision,
    StoreFill,
    UpdateOrder,
)
from trading_bridge.storage.prepared import Prepared
from trading_bridge.storage.repositories.balances import written
from trading_bridge.storage.repositories.decisions import written as written_decision
from trading_bridge.storage.repositories.totals import totals_of
from trading_bridge.storage.tables import (
    balance_snapshots,
    bot_day_totals,
    bots,
    connectors,
    decisions,
    leases,
    orders,
    trade_logs,
)

_LEASE = select(leases.c.epoch).where(leases.c.shard == bindparam("which")).with_for_update(read=True)
_ORDERS = (
    select(
        orders.c.client_order_id,
        orders.c.state,
        orders.c.exchange_order_id,
        orders.c.amount,
        orders.c.filled,
        orders.c.refusal_code,
        orders.c.refusal_text,
    )
    .where(orders.c.client_order_id.in_(bindparam("named", expanding=True)))
    .order_by(orders.c.client_order_id)
    .with_for_update()
)
_FILLS = select(trade_logs.c.exchange, trade_logs.c.exchange_account, trade_logs.c.symbol, trade_logs.c.trade_id).where(
    trade_logs.c.exchange.in_(bindparam("exchanges", expanding=True)),
    trade_logs.c.exchange_account.in_(bindparam("accounts", expanding=True)),
    trade_logs.c.symbol.in_(bindparam("symbols", expanding=True)),
    trade_logs.c.trade_id.in_(bindparam("trade_ids", expanding=True)),
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
_DECISIONS = (
    select(decisions.c.id, decisions.c.ended_at.is_not(None))
    .where(decisions.c.id.in_(bindparam("named", expanding=True)))
    .order_by(decisions.c.id)
    .with_for_update()
)
_STANDING = ("state", "live", "exchange_order_id", "filled", "refusal_code", "refusal_text")
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
_UPDATE_ORDER = Prepared(
    update(orders).where(orders.c.client_order_id == bindparam("which")), ("which", "updated_at", *_STANDING)
)
_STORE_FILLS = insert(trade_logs)
_OPEN_TOTALS = insert(bot_day_totals)
_OPEN_BALANCES = insert(balance_snapshots)
_UPDATE_TOTALS = update(bot_day_totals).where(
    bot_day_totals.c.bot_id == bindparam("which_bot_id"),
    bot_day_totals.c.day == bindparam("which_day"),
    bot_day_totals.c.currency == bindparam("which_currency"),
)
_UPDATE_BALANCES = update(balance_snapshots).where(balance_snapshots.c.connector_id == bindparam("which"))
_STORE_DECISIONS = insert(decisions)
_END_DECISIONS = update(decisions).where(decisions.c.id == bindparam("which"))


def load(connection: Connection, rows: Sequence[Row], *, checked: bool) -> Stored:
    """What the rows name, locked until the commit where the database has other writers. `checked` also asks what the
    database would refuse by itself: ids used before, bots and connectors that do not exist."""
    stored = Stored()
    for shard in sorted({row.shard for row in rows if isinstance(row, OpenIntent)}):
        epoch = connection.execute(_LEASE, {"which": shard}).scalar()
        if epoch is not None:
            stored.epochs[shard] = epoch
    named = {row.client_order_id for row in rows if isinstance(row, UpdateOrder)}
    if checked:
        named |= {row.order.client_order_id for row in rows if isinstance(row, OpenIntent)}
    if named:
        stored.orders = {
            client_order_id: Standing(
                state=state,
                exchange_order_id=exchange_order_id,
                amount=amount,
                filled=filled,
                refusal_code=refusal_code,
                refusal_text=refusal_text,
            )
            for client_order_id, state, exchange_order_id, amount, filled, refusal_code, refusal_text in (
                connection.execute(_ORDERS, {"named": sorted(named)})
            )
        }
    fills = [row for row in rows if isinstance(row, StoreFill)]
    if fills:
        stored.fills = _fills(connection, {fill_key(row) for row in fills})
    summed = {totals_key(row.bot_id, row.trade) for row in fills if row.bot_id is not None}
    if summed:
        bot_ids, days, _ = (sorted(set(names)) for names in zip(*summed, strict=True))
        found = connection.execute(_TOTALS, {"bots": bot_ids, "days": days})
        stored.totals = {(row.bot_id, row.day, row.currency): totals_of(row) for row in found}
    read_with = {row.connector_id for row in rows if isinstance(row, StoreBalances)}
    if read_with:
        snapshots = connection.execute(_BALANCES, {"named": sorted(read_with)})
        stored.balances = {connector_id: as_of for connector_id, as_of in snapshots}
    decided = {row.decision.id for row in rows if isinstance(row, StoreDecision)}
    if decided:
        stored.decisions = {
            row_id: ended for row_id, ended in connection.execute(_DECISIONS, {"named": sorted(decided)})
        }
    if checked:
        stored.bots = frozenset(connection.execute(select(bots.c.id)).scalars())
        stored.connectors = frozenset(connection.execute(select(connectors.c.id)).scalars())
    return stored


def store(connection: Connection, stored: Stored, changes: Changes, now: datetime) -> None:
    """One statement per kind, in an order that keeps foreign keys."""
    opened = [_order(order, changes.orders[key], now) for key, order in changes.opened.items()]
    moved = [(key, now, *_standing(standing)) for key, standing in changes.orders.items() if key not in changes.opened]
    fills = [_fill(key, row, now) for key, row in changes.fills.items()]
    first = [_key(key, "") | _sums(t) for key, t in changes.totals.items() if key not in stored.totals]
    grown = [_key(key, "which_") | _sums(t) for key, t in changes.totals.items() if key in stored.totals]
    fresh = [{"connector_id": key} | _snapshot(r) for key, r in changes.balances.items() if key not in stored.balances]
    newer = [{"which": key} | _snapshot(r) for key, r in changes.balances.items() if key in stored.balances]
    decided = [written_decision(decision) for decision in changes.decided.values()]
    ended = [{"which": key, "ended_at": d.ended_at, "cycles": d.cycles} for key, d in changes.ended.items()]
    if opened:
        _OPEN_ORDERS.run(connection, opened)
    if moved:
        _UPDATE_ORDER.run(connection, moved)
    for statement, parameters in (
        (_STORE_FILLS, fills),
        (_OPEN_TOTALS, first),
        (_UPDATE_TOTALS, grown),
        (_OPEN_BALANCES, fresh),
        (_UPDATE_BALANCES, newer),
        (_STORE_DECISIONS, decided),
        (_END_DECISIONS, ended),
    ):
        if parameters:
            connection.execute(statement, parameters)


def is_stored(connection: Connection, changes: Changes) -> bool:
    """Whether a transaction that made these changes, and whose commit nobody answered, has been committed: it is
    whole or not at all, so one of its new rows tells (faults S3)."""
    if changes.opened:
        return connection.execute(_ORDERS, {"named": [next(iter(changes.opened))]}).first() is not None
    if changes.decided:
        return connection.execute(_DECISIONS, {"named": [next(iter(changes.decided))]}).first() is not None
    return bool(changes.fills) and bool(_fills(connection, set(changes.fills)))


def _fills(connection: Connection, keys: set[FillKey]) -> set[FillKey]:
    exchanges, accounts, symbols, trade_ids = (sorted(set(names)) for names in zip(*keys, strict=True))
    found = connection.execute(
        _FILLS, {"exchanges": exchanges, "accounts": accounts, "symbols": symbols, "trade_ids": trade_ids}
    )
    return {(exchange, account, symbol, trade_id) for exchange, account, symbol, trade_id in found} & keys


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


def _snapshot(row: StoreBalances) -> dict[str, object]:
    return {
        "wallet": row.balances.wallet,
        "exchange_account": row.balances.exchange_account,
        # without the markets nobody can tell later whether a coin that none of them trades is one of theirs
        "complete": row.balances.complete and not row.balances.untraded,
        "by_currency": written(row.balances),
        "as_of": row.as_of,
    }
