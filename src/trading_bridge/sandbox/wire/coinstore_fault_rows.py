"""What faults make of the rows of Coinstore's answers.

Ours: type 2 `FUNDING` and type 3 `UNIFIED` of a balance; the reference knows 1 and 4 only.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.rules import MarketRules, plain
from trading_bridge.sandbox.wire.coinstore_rows import Row, symbol_code, symbol_row
from trading_bridge.sandbox.wire.fault_rules import Faulty, seen_rules

#: no market's code ends so
_NO_LONGER = "-"


def code_inside(faults: Faulty, markets: Mapping[str, MarketRules], code: str) -> str:
    """The engine's code of the market that a client calls `code`; nobody's, where that market has another name now."""
    for old, rules in markets.items():
        new = symbol_code(seen_rules(faults, rules))
        if new != old and code.upper() in (old, new):
            return old if code.upper() == new else code + _NO_LONGER
    return code


def listed_rows(faults: Faulty, markets: Mapping[str, MarketRules], rows: list[Row | None]) -> list[Row | None]:
    return [row and symbol_row(seen_rules(faults, markets[str(row["symbolCode"]).upper()])) for row in rows]


def named_anew(faults: Faulty, markets: Mapping[str, MarketRules], row: Row) -> Row:
    """An order, a trade or a book, under the name that its market has now."""
    code = str(row.get("symbol"))
    rules = markets.get(code.upper())
    if rules is None:
        return row
    seen = seen_rules(faults, rules)
    called = symbol_code(seen).lower() if code.islower() else symbol_code(seen)
    names: Row = {"symbol": called, "baseCurrency": seen.base, "quoteCurrency": seen.quote}
    return {**row, **{name: value for name, value in names.items() if name in row}}


def balance_rows_seen(faults: Faulty, rows: list[Row]) -> list[Row]:
    for fault in faults:
        if (change := _BALANCES.get(fault.kind)) is not None:
            rows = change(fault, rows)
    return rows


def book_seen(kind: FaultKind, book: Row, frozen: Row | None) -> Row:
    """`frozen` has the levels as they were when the fault began."""
    level = book["level"]
    assert isinstance(level, int)
    asks, bids = _levels(book, "a"), _levels(book, "b")
    match kind:
        case FaultKind.BOOK_EMPTY:
            asks, bids = [], []
        case FaultKind.BOOK_CROSSED if asks and bids:
            # the two best change sides, so that a bid stands above an ask
            asks[0], bids[0] = [*bids[0][:2], -1], [*asks[0][:2], 1]
        case FaultKind.BOOK_FROZEN if frozen is not None:
            asks, bids = _levels(frozen, "a")[:level], _levels(frozen, "b")[:level]
    return {**book, "a": asks, "b": bids}


def _levels(book: Row, side: str) -> list[list[object]]:
    levels = book[side]
    assert isinstance(levels, list)
    return list(levels)


def _without(fault: Fault, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["currency"] != fault.currency]


def _renamed(fault: Fault, rows: list[Row]) -> list[Row]:
    return [{**row, "currency": fault.to} if row["currency"] == fault.currency else row for row in rows]


def _elsewhere(fault: Fault, rows: list[Row], type_id: int, type_name: str) -> list[Row]:
    """One row a currency, with all that it has."""
    moved: dict[object, Row] = {}
    for row in rows:
        currency = row["currency"]
        if fault.currency in (None, currency):
            before = Decimal(str(moved[currency]["balance"])) if currency in moved else Decimal(0)
            total = before + Decimal(str(row["balance"]))
            moved[currency] = {**row, "balance": plain(total), "type": type_id, "typeName": type_name}
    return [row for row in rows if row["currency"] not in moved] + list(moved.values())


_BALANCES: Mapping[FaultKind, Callable[[Fault, list[Row]], list[Row]]] = {
    FaultKind.CURRENCY_MISSING: _without,
    FaultKind.CURRENCY_RENAMED: _renamed,
    FaultKind.OTHER_WALLET: lambda fault, rows: _elsewhere(fault, rows, 2, "FUNDING"),
    FaultKind.ACCOUNT_MIGRATED: lambda fault, rows: _elsewhere(fault, rows, 3, "UNIFIED"),
}
