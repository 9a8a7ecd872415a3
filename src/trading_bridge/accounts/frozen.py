"""Orders that contradict themselves, as findings of their bots."""

from collections.abc import Iterator
from dataclasses import replace

from trading_bridge.accounts.tracked import Tracked
from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.logs import get_logger

_log = get_logger("orders")


class Frozen:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._found: dict[str, tuple[Tracked, Finding]] = {}  # client_order_id -> order, what contradicts

    def note(self, tracked: Tracked) -> None:
        """Its value is new."""
        order = tracked.order
        if order.frozen is None or order.client_order_id in self._found:
            return
        parameters = {
            "client_order_id": order.client_order_id,
            "symbol": order.symbol,
            "side": order.side.value,
            "stage": order.frozen.replace("_", " "),
        }
        if tracked.life.detail:
            parameters["detail"] = tracked.life.detail
        finding = Finding(
            code="order.contradictory", severity=Severity.CRITICAL, since=self._clock.now(), parameters=parameters
        )
        self._found[order.client_order_id] = tracked, finding
        _log.error("order contradicts itself", **parameters)

    def forget(self, client_order_id: str) -> None:
        self._found.pop(client_order_id, None)

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """bot_id, finding: of each bot's the oldest that counts as live, with how many there are."""
        of_bots: dict[str, list[Finding]] = {}
        for tracked, finding in self._found.values():
            if tracked.order.live:
                of_bots.setdefault(tracked.order.bot_id, []).append(finding)
        for bot_id, found in of_bots.items():
            yield bot_id, replace(found[0], parameters={**found[0].parameters, "count": str(len(found))})
