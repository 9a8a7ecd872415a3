"""What the services need from live parts, as small protocols; the tests' fakes implement the same."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot, BotState
from trading_bridge.core.client import Connector
from trading_bridge.core.decision import StoredDecision
from trading_bridge.core.finding import Finding, RecordedFinding, Subject
from trading_bridge.core.known import Known
from trading_bridge.core.market import Market

if TYPE_CHECKING:
    from trading_bridge.accounts.manager import Match, SessionFacts
    from trading_bridge.accounts.volume import VolumeRead
    from trading_bridge.diagnosis.doctor import Draft
    from trading_bridge.diagnosis.ladder import Ladder


class ExchangeManager(Protocol):
    async def sync(self, account: str | None = None) -> None: ...

    def match(self, account: str, connector: str) -> "Match": ...

    async def balances(self, connector_id: str, *, max_age_s: float = 5.0, force: bool = False) -> Known[Balances]: ...

    def sessions(self, account: str) -> "tuple[SessionFacts, ...]": ...

    def connectors(self, account: str) -> Mapping[str, Connector]:
        """Connector name -> connector, as storage had them at the last look."""
        ...

    def subjects(self, bot: Bot) -> tuple[Subject, ...]:
        """What a bot rests on, the widest first: its exchange, its connector, its market."""
        ...

    async def market(self, connector_id: str, symbol: str) -> Known[Market | None]: ...

    def watch(self, connector_id: str, symbol: str) -> None: ...

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]: ...


class Volumes(Protocol):
    def of(self, bot: Bot) -> "VolumeRead": ...


class Runner(Protocol):
    def state(self, bot_id: str) -> BotState | None: ...

    def decision(self, bot_id: str) -> StoredDecision | None:
        """The one that stands; None: none was made since the server started."""
        ...

    def wake(self) -> None: ...

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        """Waits until every order of the bot is confirmed gone; False: not within the time."""
        ...


class Findings(Protocol):
    def open(self) -> tuple[RecordedFinding, ...]:
        """Those that hold, what causes others first."""
        ...

    def of(self, subjects: Iterable[Subject], finding: Finding) -> RecordedFinding | None:
        """The row of a finding that holds for one of the subjects."""
        ...

    async def store(self) -> None:
        """What is shown and was not stored yet."""
        ...

    def noted(self, recorded: RecordedFinding) -> None:
        """Its note was changed in storage."""
        ...


class Doctor(Protocol):
    async def examine(self, connector_id: str) -> "Ladder | None":
        """None: the connector has no session."""
        ...

    async def examine_draft(self, draft: "Draft") -> "Ladder": ...

    def last(self, connector_id: str) -> "Ladder | None": ...

    def keep(self, connector_id: str, ladder: "Ladder") -> None:
        """Of a draft that was saved just now as this connector."""
        ...


class Publish(Protocol):
    def __call__(self, kind: str, subject_id: str) -> None:
        """`kind` is bot, client, connector or finding; pages that show it read it again."""
        ...
