"""Exchanges that end, or of which nothing is proved: no bot is made or started there, except in the sandbox."""

from collections.abc import Sequence
from datetime import datetime

from trading_bridge.accounts.life import bars_bots
from trading_bridge.core.client import Connector
from trading_bridge.diagnosis.catalogue import describe
from trading_bridge.errors import Blocked
from trading_bridge.services.meaning import connector_of, exchange_of


def refuse_barred(connector: str, existing: Sequence[Connector], now: datetime) -> None:
    """Raises Blocked where a bot's `connector` means an exchange that is closing or closed, or of which nothing is
    proved, by a key that is not at the sandbox, or by none yet."""
    meant = connector_of(connector, existing)
    exchange = meant.exchange if meant is not None else exchange_of(connector, existing)
    if exchange is None:
        return
    finding = bars_bots(exchange, None if meant is None else meant.base_url, now)
    if finding is None:
        return
    raise Blocked(
        finding,
        f"No bot can be made or started there: {describe(finding).title}.",
        field="connector",
        remedy="Choose a connector at another exchange, or one whose base_url is the sandbox on this host.",
    )
