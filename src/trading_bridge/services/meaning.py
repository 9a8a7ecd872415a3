"""What a bot's `connector` value means in storage: a name first, else the one connector at that exchange."""

from collections.abc import Sequence

from trading_bridge.core.client import Connector, connector_key
from trading_bridge.exchanges.registry import exchange_info


def connector_of(value: str, existing: Sequence[Connector]) -> Connector | None:
    """None: no connector of that name, and none or several at that exchange."""
    wanted = connector_key(value)
    for connector in existing:
        if connector_key(connector.name) == wanted:
            return connector
    at_exchange = [connector for connector in existing if connector.exchange == wanted]
    return at_exchange[0] if len(at_exchange) == 1 else None


def exchange_of(value: str, existing: Sequence[Connector]) -> str | None:
    """The exchange that a bot with this value trades at; None: its connector is gone."""
    connector = connector_of(value, existing)
    if connector is not None:
        return connector.exchange
    info = exchange_info(connector_key(value))
    return None if info is None else info.id
