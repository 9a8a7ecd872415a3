"""How an exchange's answers are read where ccxt's unified fields do not say it: data and pure functions.

The defaults are those of an exchange that nobody described: they claim nothing that ccxt's classes do not promise.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from trading_bridge.core.balance import Elsewhere
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import Cause
from trading_bridge.exchanges.parsing import ordinal

#: a raw row or answer, as the exchange sent it
Raw = Any

_NO_STATES: Mapping[str, OrderState] = MappingProxyType({})
_NO_CAUSES: Mapping[str, Cause] = MappingProxyType({})
_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The form of an answer that only the exchange itself gives; what lacks it came from something in between."""

    #: where its own code stands, the first that is there counts
    code: tuple[str, ...] = ("code", "retCode", "ret_code", "err-code", "error_code", "errorCode", "label", "error")
    #: where its own words stand
    text: tuple[str, ...] = ("message", "msg", "retMsg", "ret_msg", "err-msg", "error_message", "detail", "error")
    #: codes that refuse nothing
    success: frozenset[str] = frozenset({"0", "00000", "000000", "200", "1000", "200000", "success", "SUCCESS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """One code that stands for several causes, told apart by what the exchange says with it."""

    code: str
    #: looked for in its text, without regard to case
    words: str
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Own trades by the number of a page, from 1; the newest trades are on the first."""

    page_param: str
    #: trades of one order only
    order_param: str
    rows: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FromId:
    """Own trades from a trade id on, oldest first; the ids of a market only grow."""

    id_param: str
    order_param: str
    rows: int = 100
    #: the longest span that may be asked for where no id is known
    window: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Own trades between two times; a span whose answer may be cut is asked for in halves, in whatever order rows
    come."""

    window: timedelta = timedelta(hours=24)
    #: asked for in one answer
    rows: int = 100
    #: an answer of so many rows may be cut; fewer is all there are
    full: int = 20
    #: None: ccxt's `fetch_order_trades` is asked where the class has it
    order_param: str | None = None


OwnTradePaging = Pages | FromId | Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWallet:
    """A wallet of the account that orders cannot use, and that a call of its own reads."""

    #: the exchange's own word
    name: str
    #: of ccxt's `fetch_balance`
    params: Mapping[str, Any]
    #: how to bring money from it where orders can use it
    how: str


def rebased(urls: Mapping[str, Any], base: str) -> dict[str, Any]:
    """ccxt's `urls.api` at another host: each address keeps its path behind `base`."""
    return {
        name: rebased(value, base) if isinstance(value, Mapping) else _moved(value, base)
        for name, value in urls.items()
        if isinstance(value, str | Mapping)
    }


def _moved(address: str, base: str) -> str:
    if urlsplit(address).scheme in ("ws", "wss"):
        base = base.replace("http", "ws", 1)
    return base + urlsplit(address).path.rstrip("/")


def as_given(urls: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Every address is `base` itself."""
    return dict.fromkeys(urls, base)


def unnamed(raw: Raw) -> str | None:
    """The exchange's answers name no account."""
    return None


def nowhere_else(raw: Raw) -> tuple[Elsewhere | None, ...]:
    """The balance answer says nothing of other wallets."""
    return ()


async def nothing_first(client: Any) -> None:
    """Every account is read alike."""


def as_it_is(client_order_id: str) -> str:
    return client_order_id


def as_told(client_order_id: str | None) -> str | None:
    """None: none was given with the order."""
    return client_order_id or None


def open_as_told(raw: Raw) -> str | None:
    """ccxt's `active` says whether a market trades."""
    return None


def holds_rows(raw: Raw) -> bool:
    """Whether there is a list in it, however deep: what has none does not say "none"."""
    if isinstance(raw, Mapping):
        return any(holds_rows(value) for value in raw.values())
    return isinstance(raw, list)


def says_something(raw: Raw) -> bool:
    return isinstance(raw, Mapping | list) and bool(raw)


def goes_on(raw: Raw) -> bool:
    return False


def never_dealt_with_itself(raw: Raw) -> bool:
    return False


def by_id(raw: Raw) -> int:
    """Trades in the order of their ids, where those are numbers."""
    return ordinal(str(raw.get("id")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    envelope: Envelope = field(default_factory=Envelope)
    #: the exchange's own code -> cause; what stands in no table is judged by ccxt's class for it where that proves it
    causes: Mapping[str, Cause] = field(default_factory=lambda: _NO_CAUSES)
    #: before `causes`: the first that fits counts
    worded: tuple[Worded, ...] = ()
    #: True: `causes` and `worded` are all that proves a refusal, and ccxt's class proves none
    all_causes: bool = False
    #: fields of a raw order that hold its state, the first that is there counts
    state_fields: tuple[str, ...] = ()
    #: its word, upper-case -> state; empty: ccxt's `status` says it, as far as that goes
    states: Mapping[str, OrderState] = field(default_factory=lambda: _NO_STATES)
    #: the exchange account that a raw balance answer or a raw own trade names
    account: Callable[[Raw], str | None] = unnamed
    #: own trades name no account: they are of the one that a balance answer names
    account_by_balance: bool = False
    #: what a raw balance answer says of wallets that orders cannot use; None for a row that cannot be read
    elsewhere: Callable[[Raw], tuple[Elsewhere | None, ...]] = nowhere_else
    #: wallets that the balance answer does not speak of
    other_wallets: tuple[OtherWallet, ...] = ()
    #: asked of the client before each signed call: what must be known of an account before it can be read
    first: Callable[[Any], Awaitable[None]] = nothing_first
    #: our client order id -> as it is sent, and as it comes back
    client_id_sent: Callable[[str], str] = as_it_is
    client_id_read: Callable[[str | None], str | None] = as_told
    #: code of the finding that tells why a raw market takes no orders from here; None: nothing in it says so
    closed: Callable[[Raw], str | None] = open_as_told
    #: the method of ccxt's class that reads the spot markets, and no others where there is a choice
    markets_call: str = "fetch_markets"
    #: open orders are told of one market at a time, so only those of the markets that bots trade are known
    open_orders_by_market: bool = False
    #: whether both sides of a raw own trade are one account's
    self_dealt: Callable[[Raw], bool] = never_dealt_with_itself
    #: whether a raw answer about balances is one
    is_balance: Callable[[Raw], bool] = says_something
    #: whether a raw answer about orders, trades or transfers is a list of them, empty or not
    is_list: Callable[[Raw], bool] = holds_rows
    own_trades: OwnTradePaging = field(default_factory=Windows)
    #: puts the raw own trades of a market in their order
    trade_number: Callable[[Raw], int] = by_id
    #: the exchange's number of a raw public trade where ccxt's class gives none; None: it has none
    public_trade_id: Callable[[Raw], str | None] = unnamed
    #: rows of a raw answer about own trades, in the order of the wire
    trade_rows: Callable[[Raw], list[Raw]] = lambda raw: raw if isinstance(raw, list) else []
    #: whether a raw message of a stream says that its session has ended, although the connection stands
    ends_stream: Callable[[Raw], bool] = goes_on
    #: ccxt's `urls.api`, a host of the operator's -> the addresses to use
    urls: Callable[[Mapping[str, Any], str], dict[str, Any]] = rebased
    #: what ccxt's class with websockets keeps the numbers of a book as: text where it can, for most sort by price
    streamed_number: type[float] | type[str] = float
    #: False: ccxt's class reads a balance without knowing the markets
    balances_need_markets: bool = True
    #: merged into ccxt's options
    options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)
