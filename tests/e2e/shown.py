"""What tests of the demo look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.e2e.running_demo import RunningDemo, until

BOTS = ("SHARP-SB-Coinstore", "ETH-SB-Coinstore", "SHARP-SB-Binance")
#: those where bots trade
EXCHANGES = ("coinstore", "binance")


def exchange_of(name: str) -> str:
    """Of a bot, by the end of its name."""
    return name.rpartition("-")[2].lower()


def figures(demo: RunningDemo, bot_id: str, *, refresh: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = demo.get(f"/bots/{bot_id}/balance-and-volume{'?refresh=true' if refresh else ''}")
    return body


def ledger_of(demo: RunningDemo, exchange: str) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]]]:
    """Each movement of the client's money there, oldest first, and the balances after the last of them."""
    entries: list[dict[str, Any]] = []
    until_sequence = demo.sandbox("GET", "/status", exchange=exchange)["sequence"]
    after = 0
    while after is not None:
        path = f"/ledger?account=client_sharp&until_sequence={until_sequence}&after_sequence={after}"
        page = demo.sandbox("GET", path, exchange=exchange)
        entries += page["entries"]
        after = page["next"]
    return entries, page["balances"]


def positive(amounts: dict[str, str]) -> bool:
    return all(Decimal(amount) > 0 for amount in amounts.values())


def open_orders(demo: RunningDemo, base: str) -> list[Any]:
    """At Coinstore."""
    orders = demo.sandbox("GET", "/orders?account=client_sharp")["orders"]
    return [order for order in orders if order["symbol"].startswith(base) and order["state"] in _OPEN]


@contextmanager
def at_rest(demo: RunningDemo) -> Iterator[None]:
    """The markets are paused, each bot's two orders stay, and every figure that was read last is above 0: between a
    fill and the next order nothing is locked, and 0 is true."""

    def rests() -> bool | None:
        before = _standing(demo)
        for bot_id in demo.bots().values():
            body = figures(demo, bot_id, refresh=True)
            if body["status"] != "ok" or not positive(body["available"]) or not positive(body["locked"]):
                return None
        return True if len(before) == 2 * len(BOTS) and _standing(demo) == before else None

    for exchange in EXCHANGES:
        demo.sandbox("POST", "/flow/pause", {}, exchange=exchange)
    try:
        until(rests, within_s=90, every_s=2, what="orders stay and figures are above 0")
        until(rests, within_s=90, every_s=2, what="it stays so")
        yield
    finally:
        for exchange in EXCHANGES:
            demo.sandbox("POST", "/flow/resume", {}, exchange=exchange)


def _standing(demo: RunningDemo) -> set[str]:
    path = "/orders?account=client_sharp&state=open"
    found = [demo.sandbox("GET", path, exchange=exchange)["orders"] for exchange in EXCHANGES]
    return {order["client_order_id"] for orders in found for order in orders}


_OPEN = ("new", "partially_filled", "pending_new", "pending_cancel")
