"""A run as lines that a person can read, and their hash."""

import hashlib
from collections.abc import Mapping
from typing import Any, TextIO

from tests.simulation.loop import Life, SimLoop
from tests.simulation.watch import Call, Heard, Push, Watcher
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import Refusal

#: what an event of the log says besides its name; not its words, which may have the names of files
#: of a pushed message
_PUSHED_SHOWN = 60
_TOLD = (
    "bot",
    "client_order_id",
    "code",
    "state",
    "reason",
    "cause",
    "concerns",
    "diagnosis",
    "task",
    "retry_in_s",
    "epoch",
    "holder",
    "live",
    "unresolved",
    "kill",
    "orders",
    "orphans",
    "unfollowed",
    "unwanted",
    "late_fills",
    "lost_fills",
    "currency",
    "amount",
    "seconds",
    "count",
)


class Trace(Watcher):
    def __init__(self, loop: SimLoop, out: TextIO | None = None) -> None:
        """Lines go to `out` as they come; the hash is of all of them."""
        self._loop = loop
        self._out = out
        self._hash = hashlib.sha256()
        self.lines = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()[:16]

    def line(self, who: str, what: str, *more: object) -> None:
        text = " ".join((f"{self._loop.time():12.6f}", f"{who:<10}", what, *map(str, more)))
        self._hash.update(text.encode())
        self._hash.update(b"\n")
        self.lines += 1
        if self._out is not None:
            self._out.write(text + "\n")

    def started(self, life: Life) -> None:
        self.line(life.name, "starts")

    def ended(self, life: Life, how: str) -> None:
        self.line(life.name, "ends:", how)

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        self.line("fault", fault_id, what, *(f"{name}={value}" for name, value in more.items()))

    def did(self, actor: str, what: str, **more: object) -> None:
        self.line(actor, what, *(f"{name}={value}" for name, value in more.items()))

    def departed(self, call: Call) -> None:
        self.line(call.life.name, f"#{call.number}", call.method, call.endpoint, _brief(call))

    def heard(self, call: Call, answer: Heard) -> None:
        self.line(call.life.name, f"#{call.number}", "hears", answer.status, answer.code)

    def unheard(self, call: Call, error: BaseException) -> None:
        self.line(call.life.name, f"#{call.number}", "hears nothing:", type(error).__name__)

    def pushed(self, push: Push) -> None:
        self.line(push.life.name, f"#{push.number}", "is told", push.text[:_PUSHED_SHOWN])

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, Refusal):
            self.line("exchange", "refuses", account, client_order_id, order.code)
        else:
            self.line(
                "exchange", "accepts", account, client_order_id, order.side, f"{order.lots}@{order.price}", order.state
            )

    def canceled(self, order: SandboxOrder) -> None:
        self.line("exchange", "cancels", order.account, order.client_order_id, f"left={order.remaining}")

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        self.line("exchange", "trades", trade.symbol, f"{trade.lots}@{trade.price}", trade.buyer, trade.seller)

    def transferred(self, account: str, currency: str, atoms: int) -> None:
        self.line("exchange", "transfer", account, currency, atoms)

    def committed(self, life: Life, kind: str) -> None:
        self.line(life.name, "commits", kind)

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        self.line(life.name, "serves", method, path, status)

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if life is not None:
            told = (f"{name}={event[name]}" for name in _TOLD if event.get(name) is not None)
            self.line(life.name, "log:", event["event"], *told)


def _brief(call: Call) -> str:
    if call.is_create:
        return f"{call.client_order_id} {call.side} {call.amount}@{call.price} {call.symbol_code}"
    return call.query if call.method == "GET" else call.body.decode()
