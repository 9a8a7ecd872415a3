"""The limits that people set, and the budgets, as they were committed: what held for a bot at a time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts
from tests.simulation.watch import Watcher

#: an order is decided so long before it is signed, at most, and storage is read again within the rest
DECIDED_WITHIN_S = 6.0
_LIMITS = "SELECT scope_kind, scope_id, limits FROM limit_settings"
_BOTS = "SELECT id, client_id, symbol, budget_base, budget_quote FROM bots"
#: docs/limits.md
DEFAULTS: Mapping[str, Decimal] = {
    "collar_bps": Decimal(500),
    "max_order_notional": Decimal(5000),
    "max_order_share": Decimal("0.5"),
    "max_open_orders": Decimal(20),
    "max_exposure_share": Decimal(1),
    "orders_per_minute": Decimal(120),
    "max_inventory_share": Decimal("0.3"),
    "execution_loss_share": Decimal("0.02"),
    "fee_share": Decimal("0.02"),
    "drawdown_hold_share": Decimal("0.08"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one bot."""

    limits: Mapping[str, Decimal]
    base: Decimal
    quote: Decimal

    def worth(self, price: Decimal) -> Decimal:
        """In quote, of its budget."""
        return self.base * price + self.quote


class BotLimits(Watcher):
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._world = facts.world
        self._held: dict[str, list[tuple[float, Held]]] = {}  # bot id -> since, what held; oldest first

    def committed(self, life: Life, kind: str) -> None:
        if kind == "write":
            self._read()

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        if fault_id == "S5" and what == "strikes":
            self._read()

    def since(self, bot_id: str, moment_s: float) -> list[Held]:
        """All that held for it at some time after the moment, the one of then included."""
        found: list[Held] = []
        for since_s, held in reversed(self._held.get(bot_id, ())):
            found.append(held)
            if since_s <= moment_s:
                break
        return found

    def loosest(self, bot_id: str, name: str, moment_s: float) -> Decimal:
        """Of those that held since."""
        return max(held.limits[name] for held in self.since(bot_id, moment_s))

    def _read(self) -> None:
        settings = {
            (row["scope_kind"], row["scope_id"]): json.loads(row["limits"]) for row in self._facts.stored.rows(_LIMITS)
        }
        for bot in self._facts.stored.rows(_BOTS):
            if bot["budget_base"] is None:
                continue
            held = Held(
                limits=dict(_limits(settings, bot)),
                base=Decimal(bot["budget_base"]),
                quote=Decimal(bot["budget_quote"]),
            )
            known = self._held.setdefault(bot["id"], [])
            if not known or known[-1][1] != held:
                known.append((self._world.loop.time(), held))


def _limits(
    settings: Mapping[tuple[str, str], Mapping[str, str]], bot: Mapping[str, Any]
) -> Iterator[tuple[str, Decimal]]:
    """The nearest setting wins: bot, client, platform, default."""
    own = settings.get(("bot", bot["id"]), {})
    client = settings.get(("client", bot["client_id"]), {})
    platform = settings.get(("platform", ""), {})
    for name, default in DEFAULTS.items():
        told = own.get(name) or client.get(f"bot.{name}") or platform.get(f"bot.{name}")
        yield name, default if told is None else Decimal(told)
