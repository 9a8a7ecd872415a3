"""The exchanges that a connector can name, as data; nothing here imports ccxt until a class is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    #: as in the body of a connector: `api_key`, `secret`, `memo`
    name: str
    #: as people read it
    label: str
    required: bool
    secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So many calls in any window of `per_s` seconds."""

    calls: int
    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeInfo:
    #: ccxt's id, lower-case
    id: str
    label: str
    credential_fields: tuple[CredentialField, ...]
    features: Mapping[str, bool]
    #: over all keys of one user
    user_rate: RateLimit
    #: over everything that leaves from one address
    address_rate: RateLimit
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


_EXCHANGES = (
    ExchangeInfo(
        id="coinstore",
        label="Coinstore",
        credential_fields=(
            CredentialField(name="api_key", label="API key", required=True, secret=False),
            CredentialField(name="secret", label="API secret", required=True, secret=True),
        ),
        features={
            "limit_orders": True,
            "post_only": True,
            "market_orders": True,
            "client_order_ids": True,
            "own_trades": True,
            "deposits_and_withdrawals": True,
            "streams": False,
            "dead_mans_switch": False,
        },
        user_rate=RateLimit(calls=120, per_s=3.0),
        address_rate=RateLimit(calls=300, per_s=3.0),
        signature_window_s=60.0,
        complete_balances=True,
        balances_source="Coinstore API, POST /spot/accountList: with code 0, a currency without any row has no balance "
        "on this account; one that has a row of only one kind has zero of the other",
        wallet="spot",
        unused_order_id="1",  # its ids have 16 or 17 digits
        implementation="trading_bridge.exchanges.coinstore:coinstore",
    ),
)

_BY_ID = {info.id: info for info in _EXCHANGES}

#: exchanges that people ask for and that no version can trade at (any more), and why
_UNAVAILABLE = {
    "bitmart": "BitMart is not available in this version: it has taken no new orders since 2026-07-26 "
    "and ended all trading on 2026-08-26.",
}


def exchanges() -> tuple[ExchangeInfo, ...]:
    return _EXCHANGES


def exchange_info(exchange_id: str) -> ExchangeInfo | None:
    """None: not one of ours (any more); case and outer space do not matter."""
    return _BY_ID.get(exchange_id.strip().lower())


def why_unavailable(exchange_id: str) -> str | None:
    """One sentence for people; None: nothing is known of such an exchange."""
    return _UNAVAILABLE.get(exchange_id.strip().lower())


def load_class(exchange_id: str) -> type[Any]:
    """The ccxt class; imports ccxt, which takes about a second and 90 MB the first time."""
    info = exchange_info(exchange_id)
    if info is None:
        raise LookupError(f"no exchange {exchange_id!r}; there is: {', '.join(_BY_ID)}")
    module, _, name = info.implementation.partition(":")
    loaded: type[Any] = getattr(import_module(module), name)
    return loaded
