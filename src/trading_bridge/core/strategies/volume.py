"""Scheduled execution: such a bot is stored and shown; it takes no settings and does not start yet."""

from pydantic import BaseModel, ConfigDict


class VolumeParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
