"""Every code of a finding or a reason, in words: what happened, why, the step that mends it, and what it does."""

from trading_bridge.diagnosis.catalogue.reading import (
    TOPICS,
    codes,
    describe,
    effect_of,
    for_client,
    parameters_of,
    row_of,
    state_for_client,
    state_text,
    text_of,
    title_of,
    unattended_of,
)
from trading_bridge.diagnosis.catalogue.row import Actor, ClientText, Effect, Row, Stage, Text

__all__ = [
    "TOPICS",
    "Actor",
    "ClientText",
    "Effect",
    "Row",
    "Stage",
    "Text",
    "codes",
    "describe",
    "effect_of",
    "for_client",
    "parameters_of",
    "row_of",
    "state_for_client",
    "state_text",
    "text_of",
    "title_of",
    "unattended_of",
]
