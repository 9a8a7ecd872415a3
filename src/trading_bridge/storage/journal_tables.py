"""The journal's SQL: one read and one write per kind of thing, whatever the number of rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from trading_bridge.core.fill import DayTotals, TotalsKey, totals_key
from trading_bridge.core.order import Order, is_final
from trading_bridge.storage.journal_group import Changes, FillKey, Standing, Stored, fill_key
from trading_bridge.storage.journal_rows import OpenIntent, Row, StoreBalances, StoreFill, UpdateOrder
from trading_bridge.storage.repositories.balances import written
from trading_bridge.storage.repositories.totals import totals_of
from trading_bridge.storage.tables import (
    balance_snapshots,
    bot_day_totals,
    bots,
    connectors,
    leases,
    orders,
    trade_logs,
)

_NOW = (orders.c.client_order_id, orders.c.state, orders.c.exchange_order_id, orders.c.amount, orders.c.filled)
_UPDATE_ORDER = update(orders).where(orders.c.client_order_id == bindparam("which"))
_UPDATE_TOTALS = update(bot_day_totals).where(
    bot_day_totals.c.bot_id == bindparam("which_bot_id"),
    bot_day_totals.c.day == bindparam("which_day"),
    bot_day_totals.c.currency == bindparam("which_currency"),
)
_UPDATE_BALANCES = update(balance_snapshots).where(balance_snapshots.c.connector_id == bindparam("which"))


def load(connection: Connection, rows: Sequence[Row], *, checked: bool) -> Stored:
    """What the rows name, locked until the commit where the database has other writers. `checked` also asks what the
    database would refuse by itself: ids used before, bots and connectors that do not exist."""
    stored = Stored()
    shards = {row.shard for row in rows if isinstance(row, OpenIntent)}
    if shards:
        held = select(leases.c.shard, leases.c.epoch).where(leases.c.shard.in_(shards)).with_for_update(read=True)
        stored.epochs = {row.shard: row.epoch for row in connection.execute(held)}
    named = {row.client_order_id for row in rows if isinstance(row, UpdateOrder)}
    if checked:
        named |= {row.order.client_order_id for row in rows if isinstance(row, OpenIntent)}
    if named:
        stored.orders = _orders(connection, named)
    fills = [row for row in rows if isinstance(row, StoreFill)]
    if fills:
        stored.fills = stored_fills(connection, [fill_key(row) for row in fills])
        stored.totals = _totals(connection, {totals_key(r.bot_id, r.trade) for r in fills if r.bot_id is not None})
    of_balances = {row.connector_id for row in rows if isinstance(row, StoreBalances)}
    if of_balances:
        stored.balances = _balances(connection, of_balances)
    if checked:
        stored.bots = frozenset(connection.execute(select(bots.c.id)).scalars())
        stored.connectors = frozenset(connection.execute(select(connectors.c.id)).scalars())
    return stored


def store(connection: Connection, stored: Stored, changes: Changes, now: datetime) -> None:
    if changes.opened:
        connection.execute(
            insert(orders), [_order(order, changes.orders[key], now) for key, order in changes.opened.items()]
        )
    updated = [
        {"which": key, "updated_at": now, **_standing(standing)}
        for key, standing in changes.orders.items()
        if key not in changes.opened
    ]
    if updated:
        connection.execute(_UPDATE_ORDER, updated)
    if changes.fills:
        connection.execute(insert(trade_logs), [_fill(key, row, now) for key, row in changes.fills.items()])
    added = [_sums(t) | _which(key) for key, t in changes.totals.items() if key not in stored.totals]
    if added:
        connection.execute(insert(bot_day_totals), [*added])
    grown = [_sums(t) | _which(key, "which_") for key, t in changes.totals.items() if key in stored.totals]
    if grown:
        connection.execute(_UPDATE_TOTALS, grown)
    for connector_id, row in changes.balances.items():
        if connector_id in stored.balances:
            connection.execute(_UPDATE_BALANCES, {"which": connector_id, **_snapshot(row)})
        else:
            connection.execute(insert(balance_snapshots), {"connector_id": connector_id, **_snapshot(row)})


def is_stored(connection: Connection, changes: Changes) -> bool:
    """Whether a transaction that made these changes, and whose commit nobody answered, has been committed: it is
    whole or not at all, so one of its new rows tells (faults S3)."""
    if changes.opened:
        found = select(orders.c.client_order_id).where(orders.c.client_order_id.in_(list(changes.opened))).limit(1)
        return connection.execute(found).first() is not None
    return bool(stored_fills(connection, changes.fills))


def stored_fills(connection: Connection, keys: Iterable[FillKey]) -> set[FillKey]:
    wanted = set(keys)
    if not wanted:
        return set()
    exchanges, accounts, symbols, trade_ids = zip(*wanted, strict=True)
    key = (trade_logs.c.exchange, trade_logs.c.exchange_account, trade_logs.c.symbol, trade_logs.c.trade_id)
    found = connection.execute(
        select(*key).where(
            key[0].in_(set(exchanges)), key[1].in_(set(accounts)), key[2].in_(set(symbols)), key[3].in_(trade_ids)
        )
    )
    return {(row[0], row[1], row[2], row[3]) for row in found} & wanted


def _orders(connection: Connection, named: set[str]) -> dict[str, Standing]:
    found = connection.execute(
        select(*_NOW, orders.c.refusal_code, orders.c.refusal_text)
        .where(orders.c.client_order_id.in_(named))
        .order_by(orders.c.client_order_id)
        .with_for_update()
    )
    return {
        client_order_id: Standing(
            state=state,
            exchange_order_id=exchange_order_id,
            amount=amount,
            filled=filled,
            refusal_code=refusal_code,
            refusal_text=refusal_text,
        )
        for client_order_id, state, exchange_order_id, amount, filled, refusal_code, refusal_text in found
    }


def _totals(connection: Connection, named: set[TotalsKey]) -> dict[TotalsKey, DayTotals]:
    """Those of the same bots and days, in a currency that is not named too: there is hardly ever one."""
    if not named:
        return {}
    found = connection.execute(
        select(bot_day_totals)
        .where(
            bot_day_totals.c.bot_id.in_({bot_id for bot_id, _, _ in named}),
            bot_day_totals.c.day.in_({day for _, day, _ in named}),
        )
        .order_by(bot_day_totals.c.bot_id, bot_day_totals.c.day, bot_day_totals.c.currency)
        .with_for_update()
    )
    return {(row.bot_id, row.day, row.currency): totals_of(row) for row in found}


def _balances(connection: Connection, named: set[str]) -> dict[str, datetime]:
    found = connection.execute(
        select(balance_snapshots.c.connector_id, balance_snapshots.c.as_of)
        .where(balance_snapshots.c.connector_id.in_(named))
        .order_by(balance_snapshots.c.connector_id)
        .with_for_update()
    )
    return {row.connector_id: row.as_of for row in found}


def _order(order: Order, standing: Standing, now: datetime) -> dict[str, object]:
    return {
        "client_order_id": order.client_order_id,
        "bot_id": order.bot_id,
        "connector_id": order.connector_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "price": order.price,
        "amount": order.amount,
        "time_in_force": order.time_in_force,
        "post_only": order.post_only,
        "epoch": order.epoch,
        "decision_id": order.decision_id,
        "decided_at": order.decided_at,
        "signed_at": order.signed_at,
        "created_at": now,
        "updated_at": now,
        **_standing(standing),
    }


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "state": standing.state,
        "live": not is_final(standing.state),
        "exchange_order_id": standing.exchange_order_id,
        "filled": standing.filled,
        "refusal_code": standing.refusal_code,
        "refusal_text": standing.refusal_text,
    }


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


def _which(key: TotalsKey, prefix: str = "") -> dict[str, object]:
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
        "complete": row.balances.complete,
        "by_currency": written(row.balances),
        "as_of": row.as_of,
    }
