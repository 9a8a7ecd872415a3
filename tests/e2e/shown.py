"""What tests of the demo look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.e2e.running_demo import RunningDemo, until

BOTS = ("SHARP-SB-Coinstore", "ETH-SB-Coinstore")


def figures(demo: RunningDemo, bot_id: str, *, refresh: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = demo.get(f"/bots/{bot_id}/balance-and-volume{'?refresh=true' if refresh else ''}")
    return body


def positive(amounts: dict[str, str]) -> bool:
    return all(Decimal(amount) > 0 for amount in amounts.values())


def open_orders(demo: RunningDemo, base: str) -> list[Any]:
    orders = demo.sandbox("GET", "/orders?account=client_sharp")["orders"]
    return [order for order in orders if order["symbol"].startswith(base) and order["state"] in _OPEN]


@contextmanager
def at_rest(demo: RunningDemo) -> Iterator[None]:
    """The market is paused, each bot's two orders stay, and every figure that was read last is above 0: between a fill
    and the next order nothing is locked, and 0 is true."""

    def rests() -> bool | None:
        before = _standing(demo)
        for bot_id in demo.bots().values():
            body = figures(demo, bot_id, refresh=True)
            if body["status"] != "ok" or not positive(body["available"]) or not positive(body["locked"]):
                return None
        return True if len(before) == 2 * len(BOTS) and _standing(demo) == before else None

    demo.sandbox("POST", "/flow/pause", {})
    try:
        until(rests, within_s=90, every_s=2, what="orders stay and figures are above 0")
        until(rests, within_s=90, every_s=2, what="it stays so")
        yield
    finally:
        demo.sandbox("POST", "/flow/resume", {})


def _standing(demo: RunningDemo) -> set[str]:
    found = demo.sandbox("GET", "/orders?account=client_sharp&state=open")["orders"]
    return {order["client_order_id"] for order in found}


_OPEN = ("new", "partially_filled", "pending_new", "pending_cancel")
