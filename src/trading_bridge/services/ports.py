"""What the services need from live parts, as small protocols; the tests' fakes implement the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
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
from trading_bridge.core.restraint import Hold, Kill, KillProgress, Restraint, Scope
from trading_bridge.core.risk.assess import Report
from trading_bridge.core.risk.state import RiskState
from trading_bridge.core.transfer import Transfer
from trading_bridge.core.user import Asker

if TYPE_CHECKING:
    from trading_bridge.accounts.account import Account
    from trading_bridge.accounts.connector_table import Match
    from trading_bridge.accounts.locked import Locked
    from trading_bridge.accounts.session_facts import SessionFacts
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

    def accounts(self) -> "tuple[Account, ...]": ...

    def unserved(self) -> Iterator[tuple[str, frozenset[str], Finding]]:
        """Connectors that no session serves and where orders were live: id, whose bots', why there is no session."""
        ...

    def subjects(self, bot: Bot) -> tuple[Subject, ...]:
        """What a bot rests on, the widest first: its exchange, its connector, its market."""
        ...

    async def market(self, connector_id: str, symbol: str) -> Known[Market | None]: ...

    def known_market(self, account: str, connector: str, symbol: str) -> Market | None:
        """As its rules were last read; None: they were not, or do not list it. Asks nobody."""
        ...

    async def markets(self, exchange: str) -> Known[Mapping[str, Market]]:
        """Of any exchange, by symbol, without a key."""
        ...

    def locked_by(self, connector_id: str, bot: Bot) -> "Mapping[str, Locked] | None":
        """Currency of the bot's pair -> whose orders hold it; None: not known."""
        ...

    def watch(self, connector_id: str, symbol: str) -> None: ...

    def mids(self, connector_id: str, symbol: str) -> tuple[tuple[datetime, Decimal], ...]: ...

    def labelled(self, transfer: Transfer) -> None:
        """A person has said what it was; after the commit."""
        ...


class Volumes(Protocol):
    def of(self, bot: Bot) -> "VolumeRead": ...


class Risk(Protocol):
    def report(self, bot_id: str) -> Report | None:
        """None: nothing of the bot was read since the start; then storage has it."""
        ...

    def losses(self, scope: Scope) -> Mapping[str, Decimal]:
        """Execution loss of a day of all bots of a client, or of the platform, by quote currency."""
        ...

    def changing(self, bot_id: str, change: Callable[[RiskState], RiskState]) -> AbstractAsyncContextManager[None]:
        """Nothing else stores it meanwhile; afterwards the change holds in memory, too."""
        ...

    def set_anew(self) -> None:
        """Limits were changed in storage."""
        ...


class Runner(Protocol):
    @property
    def risk(self) -> Risk: ...

    def state(self, bot_id: str) -> BotState | None: ...

    def decision(self, bot_id: str) -> StoredDecision | None:
        """The one that stands; None: none was made since the server started."""
        ...

    def wake(self) -> None: ...

    async def stopped(self, bot_id: str, timeout_s: float) -> bool:
        """Waits until every order of the bot is confirmed gone; False: not within the time."""
        ...

    def progress(self, kill_id: str) -> KillProgress | None:
        """How far a kill is; None: it is not in force."""
        ...


class Restraints(Protocol):
    def kills(self) -> tuple[Kill, ...]:
        """Those in force, also where storage does not have them yet."""
        ...

    def kill_on(self, scope: Scope) -> Kill | None: ...

    def of(self, *, bot_id: str, client_id: str, exchange: str | None, symbol: str) -> Restraint | None:
        """What forbids a bot to send now."""
        ...

    def press(self, scope: Scope, reason: str, asker: Asker, *, by_hand: bool = False) -> Kill:
        """In force when it returns."""
        ...

    def withdraw(self, kill_id: str) -> None:
        """It was not written, and covers nothing that exists."""
        ...

    def rearmed(self, kill_id: str) -> None:
        """After the commit."""
        ...

    def put(self, hold: Hold) -> None:
        """After the commit."""
        ...

    async def write(self) -> bool:
        """Stores what was pressed; False: storage does not take it now, and it is tried again."""
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
