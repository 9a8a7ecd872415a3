"""Books that are told once whole and then by what changed."""

from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_CHANGES_KEPT = 100


class Kept:
    """As a client keeps them."""

    def __init__(self) -> None:
        #: market in lower case -> number of its last change, bids and asks by price
        self._books: dict[str, tuple[int, dict[Decimal, Any], dict[Decimal, Any]]] = {}
        self._changes: dict[str, deque[Mapping[str, Any]]] = {}  # the last ones

    def snapshot(self, code: str, data: Mapping[str, Any]) -> None:
        if "last" not in data:
            return
        sides = [{finite(row[0]): row for row in data[side]} for side in ("b", "a")]
        self._books[code] = data["last"], sides[0], sides[1]
        for change in self._changes.get(code, ()):
            self._apply(code, change)

    def changed(self, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The book after it; None: there is no whole one."""
        code = str(change["s"]).lower()
        self._changes.setdefault(code, deque(maxlen=_CHANGES_KEPT)).append(change)
        self._apply(code, change)
        if code not in self._books:
            return None
        _, bids, asks = self._books[code]
        return {
            "b": [bids[price] for price in sorted(bids, reverse=True)],
            "a": [asks[price] for price in sorted(asks)],
        }

    def _apply(self, code: str, change: Mapping[str, Any]) -> None:
        if code not in self._books:
            return
        last, bids, asks = self._books[code]
        if change["u"] <= last:
            return
        if change["U"] > last + 1:
            del self._books[code]  # something is missing
            return
        for side, rows in ((bids, change["b"]), (asks, change["a"])):
            for row in rows:
                if Decimal(row[1]) == 0:
                    side.pop(Decimal(row[0]), None)
                else:
                    side[Decimal(row[0])] = row
        self._books[code] = change["u"], bids, asks


def finite(told: object) -> Decimal:
    """Raises ValueError or InvalidOperation."""
    number = Decimal(str(told))
    if not number.is_finite():
        raise ValueError(f"{told} is no amount")
    return number
