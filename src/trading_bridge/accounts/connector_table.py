"""Connectors and bots as storage had them at the last look: which connector a bot means, and what it wants there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.client import Connector, account_key, connector_key
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which connector a bot's `connector` value means."""

    connector_id: str | None
    #: `name`, `only connector at that exchange`, or None
    rule: str | None
    finding: Finding | None


class ConnectorTable:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._connectors: dict[str, dict[str, Connector]] = {}  # account key -> connector name -> connector
        self._bots: dict[str, Bot] = {}  # bot_id -> bot

    def read(self, connectors: Iterable[Connector], bots: Iterable[Bot]) -> None:
        """All that storage has now."""
        self._bots = {bot.id: bot for bot in bots}
        self._connectors = {}
        for connector in connectors:
            of_client = self._connectors.setdefault(account_key(connector.account), {})
            of_client[connector_key(connector.name)] = connector

    def of_client(self, account: str) -> Mapping[str, Connector]:
        """Connector name -> connector."""
        return self._connectors.get(account_key(account), {})

    def all(self) -> Iterator[Connector]:
        return (one for of_client in self._connectors.values() for one in of_client.values())

    def get(self, connector_id: str) -> Connector:
        """Of an account that has, or had, a session."""
        return next(one for one in self.all() if one.id == connector_id)

    def match(self, account: str, connector: str) -> Match:
        """A bot's connector matches a name first, else the one connector at that exchange; letter case is free."""
        connectors = self.of_client(account)
        wanted = connector_key(connector)
        if wanted in connectors:
            return Match(connector_id=connectors[wanted].id, rule="name", finding=None)
        at_exchange = [c for c in connectors.values() if c.exchange == wanted]
        if len(at_exchange) == 1:
            return Match(connector_id=at_exchange[0].id, rule="only connector at that exchange", finding=None)
        finding = Finding(
            code="connector.missing" if not at_exchange else "connector.ambiguous",
            severity=Severity.WARNING,
            since=self._clock.now(),
            parameters={
                "connector": connector,
                "account": account,
                "existing": ", ".join(sorted(connectors)) or "none",
            },
        )
        return Match(connector_id=None, rule=None, finding=finding)

    def symbols(self, connector_id: str) -> set[str]:
        """Markets in which its bots trade."""
        return {bot.symbol for bot in self._bots.values() if self._trades_on(bot, connector_id)}

    def is_wanted(self, order: Order, connector_id: str) -> bool:
        """Its bot is wished running, in that market and on that connector still."""
        bot = self._bots.get(order.bot_id)
        return (
            bot is not None
            and bot.status is BotStatus.RUNNING
            and bot.symbol == order.symbol
            and self._trades_on(bot, connector_id)
        )

    def _trades_on(self, bot: Bot, connector_id: str) -> bool:
        return self.match(bot.account, bot.connector).connector_id == connector_id
