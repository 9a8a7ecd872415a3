"""What a stopped server left: the exchange's books and the platform's storage, read from their files and compared."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading_bridge.core.order import OrderState
from trading_bridge.sandbox.app import PREFIXES
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import from_atoms
from trading_bridge.sandbox.venue import database_names

FILES = database_names(tuple(PREFIXES), apart=True)
#: what the exchange's dialect calls a fill by; Binance numbers the trades of each market
TRADE_IDS = {"coinstore": "id", "binance": "number"}
RULES = {rules.symbol: rules for rules in DEFAULT_MARKETS}
#: ends of an order that never was in the exchange's books
NEVER_THERE = {OrderState.REJECTED, OrderState.DENIED, OrderState.NOT_SENT, OrderState.ABSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Both sides' orders and fills, in one form."""

    #: client_order_id -> symbol, side, price, amount, filled, state, the exchange's id
    exchange_orders: dict[str, tuple[Any, ...]]
    storage_orders: dict[str, tuple[Any, ...]]
    #: trade id -> the exchange's order id, side, price, amount, fee
    exchange_fills: dict[str, tuple[Any, ...]]
    storage_fills: dict[str, tuple[Any, ...]]
    #: of every create that reached the exchange, accepted or not: client order id, what became of it; oldest first
    creates: list[tuple[str, str]]


def books(sandbox: Path, database: Path, name: str, account: str = "client_sharp") -> Books:
    """Of the exchange of that name, which is apart, in the sandbox's folder, and of the platform's database, after both
    have ended."""
    with closing(_open(sandbox / FILES[name])) as exchange:
        orders = exchange.execute("SELECT * FROM orders WHERE account = ?", (account,)).fetchall()
        fills = exchange.execute("SELECT * FROM fills WHERE account = ?", (account,)).fetchall()
        creates = exchange.execute(
            "SELECT client_order_id, outcome FROM creates WHERE account = ? ORDER BY line", (account,)
        ).fetchall()
    with closing(_open(database)) as storage:
        stored = storage.execute(
            "SELECT orders.* FROM orders JOIN connectors ON connectors.id = connector_id WHERE exchange = ?", (name,)
        ).fetchall()
        logged = storage.execute("SELECT * FROM trade_logs WHERE exchange = ?", (name,)).fetchall()
    return Books(
        exchange_orders={row["client_order_id"]: _of_exchange(row) for row in orders},
        storage_orders={row["client_order_id"]: _of_storage(row) for row in stored},
        exchange_fills={str(row[TRADE_IDS[name]]): _fill(row) for row in fills},
        storage_fills={
            row["trade_id"]: (
                row["exchange_order_id"],
                row["side"],
                Decimal(row["price"]),
                Decimal(row["amount"]),
                Decimal(row["fee"]),
            )
            for row in logged
        },
        creates=[(row["client_order_id"], row["outcome"]) for row in creates],
    )


def hold(found: Books) -> None:
    """Nothing lost, nothing twice, nothing left: exchange and storage agree to the last digit."""
    sent = Counter(client_order_id for client_order_id, _ in found.creates)
    assert [one for one, times in sent.items() if times > 1] == [], "an id serves one send"
    assert set(sent) <= set(found.storage_orders), "no create without a record"
    there = {key: order for key, order in found.storage_orders.items() if OrderState(order[5]) not in NEVER_THERE}
    assert _differences(found.exchange_orders, there) == []
    assert _differences(found.exchange_fills, found.storage_fills) == []
    assert [key for key, order in found.exchange_orders.items() if order[5] in ("new", "partially_filled")] == []
    accepted = {client_order_id for client_order_id, outcome in found.creates if outcome == "accepted"}
    assert accepted == set(found.exchange_orders)


def _differences(theirs: dict[str, tuple[Any, ...]], ours: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [
        (key, theirs.get(key), ours.get(key)) for key in sorted({*theirs, *ours}) if theirs.get(key) != ours.get(key)
    ]


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    return database


def _of_exchange(row: sqlite3.Row) -> tuple[Any, ...]:
    rules = RULES[row["symbol"]]
    return (
        row["symbol"],
        row["side"],
        rules.price(row["price"]),
        rules.amount(row["lots"]),
        rules.amount(row["filled"]),
        row["state"],
        str(row["id"]),
    )


def _of_storage(row: sqlite3.Row) -> tuple[Any, ...]:
    return (
        row["symbol"],
        row["side"],
        Decimal(row["price"]),
        Decimal(row["amount"]),
        Decimal(row["filled"]),
        row["state"],
        row["exchange_order_id"],
    )


def _fill(row: sqlite3.Row) -> tuple[Any, ...]:
    rules = RULES[row["symbol"]]
    return (
        str(row["order_id"]),
        row["side"],
        rules.price(row["price"]),
        rules.amount(row["lots"]),
        from_atoms(int(row["fee"])),
    )
