"""N rows: what goes wrong with websockets."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar

from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell


class HalfOpen(Spell):
    """Connections live, and nothing comes through."""

    id = "N8"
    lasts_s = (3.0, 60.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        stage.world.frames.half_open = True
        undo.callback(setattr, stage.world.frames, "half_open", False)
        return {}


class Cut(Spell):
    """All connections of a server break at once."""

    id = "N8"
    form = "cut"
    between_s = 15.0
    lasts_s = (0.1, 0.2)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        servers = [place for place, server in enumerate(stage.world.servers) if server.life.alive]
        if not servers:
            return {"server": "none"}
        place = stage.rng.choice(servers)
        stage.world.lines[place].cut()
        return {"server": stage.world.servers[place].life.name}


class OfFrames(Spell):
    id = "N9"
    lasts_s = (5.0, 40.0)
    #: which of `Frames`
    what: ClassVar[str]

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        share = stage.rng.uniform(0.05, 0.5)
        setattr(stage.world.frames, self.what, share)
        undo.callback(setattr, stage.world.frames, self.what, 0.0)
        return {"share": f"{share:g}"}


class FramesLost(OfFrames):
    form = what = "lost"


class FramesRepeated(OfFrames):
    form = what = "repeated"


class FramesLate(OfFrames):
    """Some come after the next one."""

    form = what = "late"


WEBSOCKETS: Mapping[str, type[Spell]] = {
    "N8-silent": HalfOpen,
    "N8-cut": Cut,
    "N9-lost": FramesLost,
    "N9-repeated": FramesRepeated,
    "N9-late": FramesLate,
}
