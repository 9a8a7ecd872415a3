"""Scheduled execution: its parameters and its decisions have no settings yet; such a bot is stored and does not start."""

from pydantic import BaseModel, ConfigDict


class VolumeParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
