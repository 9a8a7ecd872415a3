"""What a market's other participants do, in whole ticks and lots; sources make it, the driver carries it out."""

from collections.abc import Iterator
from typing import NamedTuple

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side


class SetLevel(NamedTuple):
    """The market's liquidity at a price is this amount from now on; 0 removes it."""

    side: Side
    price: Ticks
    amount: Lots


class Take(NamedTuple):
    """An aggressive order: takes what it can get up to `price`, the remainder is cancelled."""

    side: Side
    price: Ticks
    amount: Lots


class Halt(NamedTuple):
    """All liquidity of the market leaves."""


Event = SetLevel | Take | Halt


class Step(NamedTuple):
    """Events of one instant, in their order."""

    #: since the start of the flow, never falls
    at_s: float
    events: tuple[Event, ...]


Steps = Iterator[Step]
