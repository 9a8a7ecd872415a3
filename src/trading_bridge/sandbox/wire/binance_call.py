"""A request of Binance's dialect on its way to the endpoint that answers it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from trading_bridge.sandbox.accounts import Account, ApiKey, Permission
from trading_bridge.sandbox.wire.binance_errors import BinanceError, key_malformed
from trading_bridge.sandbox.wire.binance_markets import Markets
from trading_bridge.sandbox.wire.binance_params import Params
from trading_bridge.sandbox.wire.fault_answers import Hits


class Caller(NamedTuple):
    account: Account
    key: ApiKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    params: Params
    markets: Markets
    hits: Hits
    #: the exchange's clock, as it tells it
    now_ms: int
    #: None: the endpoint is public
    caller: Caller | None
    #: of the answer
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        if self.caller is None:
            raise key_malformed()
        return self.caller.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request before anybody has looked at it, by HTTP or by websocket."""

    address: str
    api_key: str
    params: Params
    #: by the key's secret; raises the refusal
    check_signature: Callable[[str], None]


class Outcome(NamedTuple):
    value: object
    #: None: it was answered
    error: BinanceError | None
    headers: dict[str, str]


#: gives what the answer's JSON is made of
Handler = Callable[[Call], object]


class Route(NamedTuple):
    #: None: public
    permission: Permission | None
    #: of the request, by its parameters
    weight: Callable[[Params], int]
    handler: Handler


def costs(weight: int) -> Callable[[Params], int]:
    return lambda params: weight
