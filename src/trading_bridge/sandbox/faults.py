"""What is made to go wrong at the exchange: faults as values, those that are on, and which of them hit a request.

Pure but for the clock that ends them. What a fault does to an answer is the dialect's affair. Nothing is stored: after
a restart the exchange is well.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import count

from trading_bridge.clock import Clock
from trading_bridge.errors import NotFound
from trading_bridge.sandbox.addresses import Family


class FaultKind(StrEnum):
    # who may
    ADDRESS_REFUSED = "address_refused"
    READ_MISSING = "read_missing"
    TRADE_MISSING = "trade_missing"
    KEY_DELETED = "key_deleted"
    SECRET_WRONG = "secret_wrong"  # noqa: S105 - a fault's name
    CLOCK_SKEW = "clock_skew"
    # instead of an answer
    MAINTENANCE = "maintenance"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    EMPTY_BODY = "empty_body"
    HTML_BODY = "html_body"
    # how an answer travels
    SLOW = "slow"
    HUNG = "hung"
    DROPPED = "dropped"
    # a market's rules
    MARKET_HALTED = "market_halted"
    MARKET_RENAMED = "market_renamed"
    PRECISION_CHANGED = "precision_changed"
    MINIMUM_RAISED = "minimum_raised"
    # an account's money
    CURRENCY_MISSING = "currency_missing"
    OTHER_WALLET = "other_wallet"
    ACCOUNT_MIGRATED = "account_migrated"
    CURRENCY_RENAMED = "currency_renamed"
    # a book as the public sees it
    BOOK_EMPTY = "book_empty"
    BOOK_CROSSED = "book_crossed"
    BOOK_FROZEN = "book_frozen"
    # what is pushed
    MESSAGES_LOST = "messages_lost"


class Form(StrEnum):
    """How an exchange says that it is under maintenance."""

    JSON = "json"
    HTML = "html"
    #: HTTP 200 with a code
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Whom it hits (None: everybody), for how long, and what some kinds need besides; `fault_table` says which."""

    kind: FaultKind
    account: str | None = None
    api_key: str | None = None
    #: below the dialect's prefix; those that continue it after a `/` are meant as well
    endpoint: str | None = None
    family: Family | None = None
    #: unified, `BASE/QUOTE`
    symbol: str | None = None
    currency: str | None = None
    #: None: until it is cleared
    seconds: float | None = None
    #: the exchange's clock less the true one
    seconds_off: int | None = None
    delay_s: float | None = None
    status: int | None = None
    retry_after_s: int | None = None
    form: Form | None = None
    #: whether the request is carried out all the same; None: as is usual for the kind
    carried_out: bool | None = None
    #: the new name: of a market unified, of a currency as in the list of balances
    to: str | None = None
    tick_decimals: int | None = None
    lot_decimals: int | None = None
    min_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, as far as faults tell requests apart."""

    account: str | None
    api_key: str | None
    endpoint: str
    family: Family
    #: unified; None: it concerns no market, or none that is listed
    symbol: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFault:
    id: int
    fault: Fault
    #: by the monotonic clock; None: until it is cleared
    ends_at: float | None
    #: set when it is cleared
    cleared: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


#: of these `symbol` names what goes wrong and not who is hit
_OF_A_MARKET = frozenset(
    {
        FaultKind.MARKET_HALTED,
        FaultKind.MARKET_RENAMED,
        FaultKind.PRECISION_CHANGED,
        FaultKind.MINIMUM_RAISED,
    }
)


class Faults:
    """True while one may be on."""

    def __init__(self, clock: Clock, *, checked: Callable[[Fault], Fault] = lambda fault: fault) -> None:
        """`checked` gives a fault as it is meant, or raises `InvalidInput`."""
        self._clock = clock
        self._checked = checked
        self._active: dict[int, ActiveFault] = {}  # id -> fault, oldest first
        self._ids = count(1)
        self._on_added: list[Callable[[ActiveFault], None]] = []

    def __bool__(self) -> bool:
        return bool(self._active)

    def add(self, fault: Fault) -> int:
        """Its id, to clear it by. Raises `InvalidInput` or `NotFound`, naming the field."""
        fault = self._checked(fault)
        ends_at = None if fault.seconds is None else self._clock.monotonic() + fault.seconds
        added = ActiveFault(id=next(self._ids), fault=fault, ends_at=ends_at)
        self._active[added.id] = added
        for told in self._on_added:
            told(added)
        return added.id

    def clear(self, fault_id: int | None = None) -> None:
        """None: all of them. Raises `NotFound` where there is no such fault, or no more."""
        if fault_id is None:
            ending = list(self._active)
        elif fault_id in self._active:
            ending = [fault_id]
        else:
            raise NotFound("fault.unknown", f"there is no fault {fault_id}", field="id")
        for one in ending:
            self._active.pop(one).cleared.set()

    def active(self) -> tuple[ActiveFault, ...]:
        """Oldest first."""
        now = self._clock.monotonic()
        ended = [one.id for one in self._active.values() if one.ends_at is not None and one.ends_at <= now]
        for fault_id in ended:
            self.clear(fault_id)
        return tuple(self._active.values())

    def remaining_s(self, active: ActiveFault) -> float | None:
        """None: until it is cleared."""
        return None if active.ends_at is None else active.ends_at - self._clock.monotonic()

    def hitting(self, call: Call) -> tuple[ActiveFault, ...]:
        """Oldest first."""
        return tuple(active for active in self.active() if hits(active.fault, call))

    def when_added(self, told: Callable[[ActiveFault], None]) -> None:
        self._on_added.append(told)


def hits(fault: Fault, call: Call) -> bool:
    return (
        fault.account in (None, call.account)
        and fault.api_key in (None, call.api_key)
        and fault.family in (None, call.family)
        and (fault.symbol in (None, call.symbol) or fault.kind in _OF_A_MARKET)
        and (fault.endpoint is None or f"{call.endpoint}/".startswith(f"{fault.endpoint}/"))
    )
