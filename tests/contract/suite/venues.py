"""The exchanges that the suite is run for: one entry each. A new one is a row here, and a dialect in the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trading_bridge.core.client import Credentials
from trading_bridge.exchanges.described import binance, bitmart, coinstore, of_ccxt
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.faults import FaultKind


def with_memo(key: ApiKey) -> Credentials:
    """At the sandbox the memo of a key is the name of its account."""
    return Credentials(api_key=key.api_key, secret=key.secret, memo=key.account)


def key_and_secret(key: ApiKey) -> Credentials:
    return Credentials(api_key=key.api_key, secret=key.secret)


#: what a refusal of the exchange's is called where nothing about the exchange says otherwise
REFUSED: Mapping[FaultKind, str] = {
    FaultKind.ADDRESS_REFUSED: "access.refused",
    FaultKind.READ_MISSING: "access.refused",
    FaultKind.TRADE_MISSING: "access.refused",
    FaultKind.KEY_DELETED: "credentials.rejected",
    FaultKind.SECRET_WRONG: "credentials.rejected",
    FaultKind.CLOCK_SKEW: "clock.skewed",
    FaultKind.RATE_LIMITED: "rate.limited",
    FaultKind.MARKET_HALTED: "market.halted",
    FaultKind.MARKET_RENAMED: "market.unknown",
    FaultKind.PRECISION_CHANGED: "order.precision",
    FaultKind.MINIMUM_RAISED: "order.too_small",
}


#: the exchange says something that proves nothing
UNPROVEN = "exchange.unrecognised"


@dataclass(frozen=True, kw_only=True)
class Venue:
    info: ExchangeInfo
    #: of its dialect in the sandbox
    prefix: str
    credentials: Callable[[ApiKey], Credentials] = key_and_secret
    #: what it calls refusals otherwise than `REFUSED`
    refused: Mapping[FaultKind, str] = field(default_factory=dict)
    #: fills that need more than one answer
    many: int = 230
    #: a post-only order that would take is refused; else it is taken and ended
    refuses_takers: bool = False
    #: what it does not refuse, since its balance is shown to whoever has the key, whatever was signed and when
    balance_by_key_alone: bool = False
    #: what finer prices than a market's step are: cut, instead of refused
    cuts_prices: bool = False
    #: its answers name the exchange account
    names_accounts: bool = True

    def refusal(self, kind: FaultKind) -> str:
        return self.refused.get(kind, REFUSED[kind])


VENUES = (
    Venue(
        info=coinstore.INFO,
        prefix="/api",
        # its code for this is not documented, so it proves nothing
        refused={FaultKind.MINIMUM_RAISED: UNPROVEN},
    ),
    Venue(
        info=binance.INFO,
        prefix="/binance",
        refused={
            FaultKind.KEY_DELETED: "access.refused",
            FaultKind.SECRET_WRONG: "signature.refused",
            FaultKind.MINIMUM_RAISED: "order.precision",  # one filter for step, smallest and largest amount
        },
        many=1010,
        refuses_takers=True,
    ),
    Venue(
        info=bitmart.INFO,
        prefix="/bitmart",
        credentials=with_memo,
        refused={FaultKind.ADDRESS_REFUSED: "ip.not_allowed", FaultKind.SECRET_WRONG: "signature.refused"},
        balance_by_key_alone=True,
        cuts_prices=True,
        names_accounts=False,
    ),
    # a description is not needed: of what ccxt alone reads less is proved, and nothing is told otherwise than it is
    Venue(
        info=next(info for info in of_ccxt.infos() if info.id == "binance"),
        prefix="/binance",
        refused={
            FaultKind.KEY_DELETED: "access.refused",
            FaultKind.SECRET_WRONG: "access.refused",
            FaultKind.PRECISION_CHANGED: UNPROVEN,
            FaultKind.MINIMUM_RAISED: UNPROVEN,
        },
        many=18,
        refuses_takers=True,
        names_accounts=False,
    ),
)
