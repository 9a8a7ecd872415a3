"""The last balances read with each connector; the journal writes them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from trading_bridge.core.balance import Balance, Balances, Elsewhere
from trading_bridge.core.conservation import Books
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import balance_snapshots
from trading_bridge.storage.types import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBooks:
    books: Books
    as_of: datetime
    #: row of the newest fill that storage had before them, 0 where it had none; None: of a release that kept none
    last_fill: int | None


class BalanceSnapshots:
    def __init__(self, context: Context) -> None:
        self._connection = context.connection

    async def last(self, connector_id: str) -> tuple[Balances, datetime] | None:
        """With the time at which it was read; None: never."""
        found = await self._connection.execute(
            select(balance_snapshots).where(balance_snapshots.c.connector_id == connector_id)
        )
        row = found.one_or_none()
        if row is None:
            return None
        held, elsewhere, traded = _read(row.by_currency)
        balances = Balances(
            wallet=row.wallet,
            exchange_account=row.exchange_account,
            by_currency=held,
            complete=row.complete,
            elsewhere=elsewhere,
            traded=traded,
        )
        return balances, row.as_of

    async def booked(self, connector_ids: Collection[str], now: datetime) -> StoredBooks | None:
        """The last books of an exchange account, kept with any of its connectors; None: none were. Some that a clock
        which was ahead gave a later time than `now` count only where there are no others (faults T1)."""
        found = await self._connection.execute(
            select(balance_snapshots.c.booked, balance_snapshots.c.as_of)
            .where(balance_snapshots.c.connector_id.in_(connector_ids), balance_snapshots.c.booked.is_not(None))
            .order_by(balance_snapshots.c.as_of)
        )
        rows = found.all()
        if not rows:
            return None
        row = next((row for row in reversed(rows) if row.as_of <= now), rows[0])
        told = json.loads(row.booked)
        return StoredBooks(books=_books(told), as_of=row.as_of, last_fill=told.get("last_fill"))

    async def forget(self, connector_id: str) -> None:
        await self._connection.execute(
            delete(balance_snapshots).where(balance_snapshots.c.connector_id == connector_id)
        )


def written(balances: Balances) -> str:
    """`{"USDT": ["812.4", "0", [], true]}`: free and used, as text; what other wallets hold of it, each with wallet,
    amount and how to move it; whether a market trades it. The first two are null for a currency that only other wallets
    hold. Where the markets were not known the last is left out, and the third with it if it is empty."""
    others: dict[str, list[list[str]]] = {}
    for one in balances.elsewhere:
        others.setdefault(one.currency, []).append([one.wallet, plain(one.amount), one.how])
    told = {currency: _row(balances, currency, others.get(currency, [])) for currency in balances.by_currency}
    return json.dumps(told | {code: [None, None, rows] for code, rows in others.items() if code not in told})


def _row(balances: Balances, currency: str, others: list[list[str]]) -> list[object]:
    held = balances.by_currency[currency]
    amounts = [plain(held.free), plain(held.used)]
    if balances.traded is None:
        return [*amounts, others] if others else [*amounts]
    return [*amounts, others, currency in balances.traded]


def _read(text: str) -> tuple[dict[str, Balance], tuple[Elsewhere, ...], frozenset[str] | None]:
    """What is held, what other wallets hold, and which of what is held a market traded; None: not known."""
    held: dict[str, Balance] = {}
    elsewhere: list[Elsewhere] = []
    traded: dict[str, bool] = {}
    for currency, (free, used, *more) in json.loads(text).items():
        if free is not None:
            held[currency] = Balance(free=Decimal(free), used=Decimal(used))
        for wallet, amount, how in more[0] if more else ():
            elsewhere.append(Elsewhere(wallet=wallet, currency=currency, amount=Decimal(amount), how=how))
        if len(more) > 1:
            traded[currency] = more[1]
    named = frozenset(code for code, is_traded in traded.items() if is_traded)
    return held, tuple(elsewhere), named if traded else None


def written_books(books: Books, last_fill: int) -> str:
    """`{"opened_at": "2026-01-01T00:00:00+00:00", "totals": {"USDT": "812.4"}, "counted": ["SHARP/USDT 3984987"],
    "last_fill": 4711}`"""
    totals = {currency: plain(total) for currency, total in books.totals.items()}
    told = {"opened_at": books.opened_at.isoformat(), "totals": totals, "counted": sorted(books.counted)}
    return json.dumps(told | {"last_fill": last_fill})


def _books(told: Mapping[str, Any]) -> Books:
    return Books(
        opened_at=datetime.fromisoformat(told["opened_at"]),
        totals={currency: Decimal(total) for currency, total in told["totals"].items()},
        counted=frozenset(told["counted"]),
    )
