"""What tests of the demo look at."""

from decimal import Decimal
from typing import Any

from tests.e2e.running_demo import RunningDemo

BOTS = ("SHARP-SB-Coinstore", "ETH-SB-Coinstore")


def figures(demo: RunningDemo, bot_id: str, *, refresh: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = demo.get(f"/bots/{bot_id}/balance-and-volume{'?refresh=true' if refresh else ''}")
    return body


def positive(amounts: dict[str, str]) -> bool:
    return all(Decimal(amount) > 0 for amount in amounts.values())


def open_orders(demo: RunningDemo, base: str) -> list[Any]:
    orders = demo.sandbox("GET", "/orders?account=client_sharp")["orders"]
    return [order for order in orders if order["symbol"].startswith(base) and order["state"] in _OPEN]


_OPEN = ("new", "partially_filled", "pending_new", "pending_cancel")
