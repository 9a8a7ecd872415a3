"""What would stay at the exchanges if this host died now."""

from collections.abc import Iterator
from dataclasses import dataclass

from trading_bridge.core.finding import Finding
from trading_bridge.core.user import Asker
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.services.deps import Deps


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Orders at one exchange account that nobody would watch."""

    connector_id: str
    #: its name and its client's; None: no session serves it
    connector: str | None
    account: str | None
    #: as people call it; None: no session serves the connector
    exchange: str | None
    #: known to stand; None: nobody can look
    orders: int | None
    #: that may stand, or may have ended; None: nobody can look
    unresolved: int | None
    #: the exchange cancels by itself what nobody watches any more
    dead_mans_switch: bool
    #: why nobody can look
    finding: Finding | None


def left_behind(asker: Asker, deps: Deps) -> tuple[LeftBehind, ...]:
    """Of every connector where orders live, as this process knows them; nothing is asked."""
    return tuple(_served(deps)) + tuple(_unserved(deps))


def _served(deps: Deps) -> Iterator[LeftBehind]:
    for account in deps.manager.accounts():
        live = account.tracker.live()
        if not live:
            continue
        info = exchange_info(account.connector.exchange)
        unresolved = sum(order.exchange_order_id is None for order in live)
        yield LeftBehind(
            connector_id=account.connector.id,
            connector=account.connector.name,
            account=account.connector.account,
            exchange=account.connector.exchange if info is None else info.label,
            orders=len(live) - unresolved,
            unresolved=unresolved,
            dead_mans_switch=info is not None and info.features.get("dead_mans_switch", False),
            finding=None,
        )


def _unserved(deps: Deps) -> Iterator[LeftBehind]:
    for connector_id, _, finding in deps.manager.unserved():
        yield LeftBehind(
            connector_id=connector_id,
            connector=None,
            account=None,
            exchange=None,
            orders=None,
            unresolved=None,
            dead_mans_switch=False,
            finding=finding,
        )
