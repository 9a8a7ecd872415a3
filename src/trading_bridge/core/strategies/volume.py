"""Scheduled execution: such a bot is stored and shown; it takes no settings and does not start yet."""

from pydantic import BaseModel, ConfigDict

from trading_bridge.core.strategies.bot_type import BotType


class VolumeParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


VOLUME = BotType(id="volume", label="Scheduled execution", parameters=VolumeParameters, decide=None, tolerance=None)
