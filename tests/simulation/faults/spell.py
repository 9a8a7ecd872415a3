"""A fault that is there for a while, gone for a while, and hits somebody else each time."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar

from tests.simulation.faults.fault import Stage
from tests.simulation.trouble import Effect
from trading_bridge.sandbox import faults as sandbox


class Spell:
    id: ClassVar[str]
    #: which of the row's forms
    form: ClassVar[str] = ""
    #: mean seconds between two spells, and how long one lasts
    between_s: ClassVar[float] = 40.0
    lasts_s: ClassVar[tuple[float, float]] = (2.0, 20.0)

    def __init__(self) -> None:
        self._undo = ExitStack()
        self._on = False

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        """Whom it hits, for the trace; `undo` is given all that ends it."""
        raise NotImplementedError

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(self.between_s)
            told = self.begin(stage, self._undo)
            self._on = True
            self.tell(stage, "begins", **told)
            await stage.world.clock.sleep(self.seconds(stage))
            self._end(stage)

    async def heal(self, stage: Stage) -> None:
        self._end(stage)

    def seconds(self, stage: Stage) -> float:
        """How long this one lasts."""
        return stage.rng.uniform(*self.lasts_s)

    def tell(self, stage: Stage, what: str, **more: object) -> None:
        form = {"form": self.form} if self.form else {}
        stage.world.watchers.fault(self.id, what, **form, **more)

    def _end(self, stage: Stage) -> None:
        self._undo.close()
        if self._on:
            self._on = False
            self.tell(stage, "heals")


def put_on_line(stage: Stage, undo: ExitStack, effect: Effect) -> None:
    stage.world.trouble.on(effect)
    undo.callback(stage.world.trouble.off, effect)


def put_on_exchange(stage: Stage, undo: ExitStack, fault: sandbox.Fault) -> None:
    faults = stage.world.exchange.faults
    number = faults.add(fault)

    def clear() -> None:
        if any(active.id == number for active in faults.active()):
            faults.clear(number)

    undo.callback(clear)
