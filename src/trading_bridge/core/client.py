"""A client (tenant) and its connectors, as services and runner know them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trading_bridge.core.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    id: str
    name: str
    #: identifier such as `client_sharp`, as it was typed; compared by `account_key`
    account: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An exchange's key; its text form shows nothing."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    #: memo, uid or passphrase where the exchange wants one
    memo: str | None = field(default=None, repr=False)


class ManualTrading(StrEnum):
    """Whether people trade by hand on the exchange account of a connector."""

    #: an order or trade that is not ours is critical at once: the sign of a stolen key
    NONE = "none"
    #: shown, counted, left alone
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What was found at the exchange account of a connector that is not ours, as far as people must answer for it."""

    #: code -> the finding that holds new orders until a person answers
    alarms: Mapping[str, Finding] = field(default_factory=dict)
    #: what was there before this has been answered for; None: nobody has answered for anything
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A client's key at an exchange, without the key itself."""

    id: str
    client_id: str
    #: the client's identifier
    account: str
    #: lower-case, unique per client
    name: str
    exchange: str
    #: another host than the exchange's own (the sandbox, a mirror); None: the exchange's own
    base_url: str | None
    #: it may hold a password: never shown
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: last four characters of the API key, for people; None: no key stored
    key_last4: str | None
    #: the exchange's own account id, learnt from its answers; None: not read yet
    exchange_account: str | None
    #: grows with each change, so that a session knows that it is out of date
    version: int
    created_at: datetime
    updated_at: datetime
    #: what people call the key; None: nothing
    key_label: str | None = None
    #: when and by whom the key was entered; None: no key is stored, or one that is older than these facts
    key_set_at: datetime | None = None
    key_set_by: str | None = None
    #: when the exchange last accepted a call signed with this key; None: not yet
    key_last_success_at: datetime | None = None
    manual_trading: ManualTrading = ManualTrading.NONE
    #: how long an answer is waited for; None: as long as the platform does by itself
    timeout_s: int | None = None


class KeyState(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    #: the key, or the proxy that its calls must take, opens with none of the secret keys
    UNDECRYPTABLE = "undecryptable"


def account_key(account: str) -> str:
    """Identifiers are matched without regard to case and outer space."""
    return account.strip().casefold()


def connector_key(name: str) -> str:
    return name.strip().lower()
