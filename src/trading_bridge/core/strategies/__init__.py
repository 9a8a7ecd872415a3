"""The bot types: one file each, a parameter model and a pure `decide`."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from trading_bridge.core.decision import Decision
from trading_bridge.core.market import Market, Ticks
from trading_bridge.core.strategies import spread, volume
from trading_bridge.core.view import MarketView


@dataclass(frozen=True, slots=True, kw_only=True)
class BotType:
    id: str
    #: what people read
    label: str
    parameters: type[BaseModel]
    #: None: the type is stored and shown, and cannot start yet
    decide: Callable[[MarketView, Any], Decision] | None
    #: how far a resting order may be from where it should be, given the config
    tolerance: Callable[[Any, Market, Decimal], Ticks] | None


BOT_TYPES: dict[str, BotType] = {
    "spread": BotType(
        id="spread",
        label="Spread",
        parameters=spread.SpreadParameters,
        decide=spread.decide,
        tolerance=spread.tolerance,
    ),
    "volume": BotType(
        id="volume", label="Scheduled execution", parameters=volume.VolumeParameters, decide=None, tolerance=None
    ),
}


def parameter_model(bot_type: str) -> type[BaseModel]:
    """KeyError for a type that does not exist."""
    return BOT_TYPES[bot_type].parameters
