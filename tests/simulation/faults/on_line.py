"""A fault that is one effect on the line."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar

from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell, put_on_line
from tests.simulation.faults.target import EVERYTHING, Target, draw
from tests.simulation.trouble import Effect


class OnLine(Spell):
    endpoints: ClassVar[tuple[str, ...]] = EVERYTHING
    share: ClassVar[tuple[float, float]] = (0.3, 1.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        target = draw(stage, *self.endpoints, share=self.share)
        put_on_line(stage, undo, self.effect(stage, target))
        return target.words

    def effect(self, stage: Stage, target: Target) -> Effect:
        raise NotImplementedError
