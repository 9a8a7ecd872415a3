"""What an exchange is, as data: what people enter, what it offers, how much may be asked, whether it still trades."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trading_bridge.exchanges.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    #: as in the body of a connector: `api_key`, `secret`, `memo`
    name: str
    #: as people read it, what the exchange's own pages call it
    label: str
    required: bool
    secret: bool
    #: ccxt's name of it: `apiKey`, `secret`, `uid` (a memo or user id) or `password` (a passphrase)
    ccxt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So much weight in any window of `per_s` seconds."""

    calls: int
    per_s: float
    #: ccxt's name of a call -> its weight, 0: it does not count
    weights: Mapping[str, int] = field(default_factory=dict)
    #: weight of a call that is not named
    others: int = 1
    #: header of an answer that says how much of it is used; None: there is none
    used_header: str | None = None

    @classmethod
    def of(cls, *names: str, calls: int, per_s: float, used_header: str | None = None) -> "RateLimit":
        """That counts these calls alone."""
        return cls(calls=calls, per_s=per_s, weights=dict.fromkeys(names, 1), others=0, used_header=used_header)

    def weight(self, call: str) -> int:
        return self.weights.get(call, self.others)


class LifeState(StrEnum):
    ACTIVE = "active"
    #: it takes no new orders, or soon will not; what lies there must be fetched
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    state: LifeState = LifeState.ACTIVE
    #: the day from which on it takes no new orders; None: none is announced
    no_new_orders_since: date | None = None
    #: the last day on which orders could trade; None: none is announced
    last_trading_day: date | None = None
    #: the last day on which money can be withdrawn; None: none is announced
    withdraw_by: date | None = None
    #: where that is announced
    source: str | None = None


class Certification(StrEnum):
    """How far this platform has proved its work with an exchange."""

    #: as ccxt reads it, unproved here
    NONE = "none"
    #: the contract suite on recorded answers
    REPLAYED = "replayed"
    #: the contract suite against its own dialect in the sandbox
    SANDBOXED = "sandboxed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeInfo:
    #: ccxt's id, lower-case
    id: str
    label: str
    credential_fields: tuple[CredentialField, ...]
    features: Mapping[str, bool]
    #: over all signed calls of a key
    user_limits: tuple[RateLimit, ...]
    #: over everything that leaves from one address
    address_limits: tuple[RateLimit, ...]
    #: how long after its signature a request may still be accepted
    signature_window_s: float
    #: a currency without a row in a balance answer is zero
    complete_balances: bool
    #: where that is written down
    balances_source: str
    #: which of the exchange's wallets balances are read from
    wallet: str
    #: an order id that it never gives, so that a cancel of it asks for the permission and nothing else; None: none is
    #: known
    unused_order_id: str | None
    #: `module:class` of its ccxt class
    implementation: str
    #: `module:class` of its ccxt class with websockets; None: books are polled
    streaming: str | None = None
    #: what its answer to a key that may not do something stands for besides address and permissions
    conflated: frozenset[str] = frozenset({"credentials.rejected", "signature.refused"})
    life: Life = field(default_factory=Life)
    certification: Certification = Certification.NONE
    #: how its answers are read
    wire: Wire = field(default_factory=Wire)


API_KEY = CredentialField(name="api_key", label="API key", required=True, secret=False, ccxt="apiKey")
API_SECRET = CredentialField(name="secret", label="API secret", required=True, secret=True, ccxt="secret")
