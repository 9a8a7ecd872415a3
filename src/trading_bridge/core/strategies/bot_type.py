"""What a bot type is to the platform: a parameter model and pure functions."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.view import MarketView


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOrders:
    """What the nearest order of each side needs; None: it cannot be told beforehand."""

    #: in quote
    buy: Decimal | None
    #: in base
    sell: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A setting that no order of the market can follow."""

    field: str
    #: what is wrong, and the nearest value that is possible
    words: str


def _no_remarks(view: MarketView, parameters: Any, wanted: tuple[Wanted, ...]) -> tuple[Reason, ...]:
    return ()


def _nothing_known(parameters: Any, market: Market, price: Decimal | None) -> FirstOrders:
    return FirstOrders(buy=None, sell=None)


def _fits(parameters: Any, market: Market) -> Misfit | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotType:
    """The callables are pure; `parameters` is what the config makes of the model."""

    #: as in `bot_type`, lower-case
    id: str
    #: what people read
    label: str
    #: its JSON Schema makes the form and the reference
    parameters: type[BaseModel]
    #: None: the type is stored and shown, and cannot start yet
    decide: Callable[[MarketView, Any], Decision] | None
    #: how far a resting order may be from where it should be, given the config and the price around which it trades
    tolerance: Callable[[Any, Market, Decimal], Ticks] | None
    #: notes on what the limits left of the wanted orders
    remarks: Callable[[MarketView, Any, tuple[Wanted, ...]], tuple[Reason, ...]] = _no_remarks
    #: at a price, None: not known
    first_orders: Callable[[Any, Market, Decimal | None], FirstOrders] = _nothing_known
    #: None: an order of the market can follow the config
    misfit: Callable[[Any, Market], Misfit | None] = _fits
