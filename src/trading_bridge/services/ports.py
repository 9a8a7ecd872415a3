"""What the services need from live parts, as small protocols; the tests' fakes implement the same."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot, BotState
from trading_bridge.core.client import Connector
from trading_bridge.core.known import Known
from trading_bridge.core.market import Market

if TYPE_CHECKING:
    from trading_bridge.accounts.manager import Match, SessionFacts
    from trading_bridge.accounts.volume import VolumeRead


class ExchangeManager(Protocol):
    async def sync(self, account: str | None = None) -> None: ...

    def match(self, account: str, connector: str) -> "Match": ...

    async def balances(self, connector_id: str, *, max_age_s: float = 5.0, force: bool = False) -> Known[Balances]: ...

    def sessions(self, account: str) -> "tuple[SessionFacts, ...]": ...

    def connectors(self, account: str) -> Mapping[str, Connector]:
        """Connector name -> connector, as storage had them at the last look."""
        ...

    async def market(self, connector_id: str, symbol: str) -> Known[Market | None]: ...

    def watch(self, connector_id: str, symbol: str) -> None: ...

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]: ...


class Volumes(Protocol):
    def of(self, bot: Bot) -> "VolumeRead": ...


class Runner(Protocol):
    def state(self, bot_id: str) -> BotState | None: ...

    def wake(self) -> None: ...

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        """Waits until every order of the bot is confirmed gone; False: not within the time."""
        ...


class Publish(Protocol):
    def __call__(self, kind: str, subject_id: str) -> None:
        """`kind` is bot, client or connector; pages that show it read it again."""
        ...
