"""Storage that fails, is slow, locked or gone, and connections that drop around a commit."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.disk import (
    ALL,
    UNITS,
    WRITES,
    Mishap,
    Moment,
    broken_disk,
    cannot_open,
    dropped,
    full,
    locked,
    reset,
    unreachable,
    unreadable_disk,
)
from tests.simulation.faults.desk import all_stand, members
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.loop import Life
from trading_bridge.storage.sqlite import BUSY_TIMEOUT_MS

#: whose transactions go wrong at once: of the money tables alone, of people too, of leases too
_REACHES = (frozenset({"journal"}), UNITS, UNITS, WRITES)


class DiskFault:
    """Each strike lays mishaps on the disk, and takes them away after a while."""

    id: ClassVar[str]
    #: between two strikes, at a light dose
    EVERY_S: ClassVar[float] = 40.0
    #: of the row, where it has several
    form: ClassVar[str] = ""

    def __init__(self) -> None:
        self._laid: list[Mishap] = []

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        """What a strike lays, and for how many seconds."""
        raise NotImplementedError

    async def come(self, stage: Stage) -> None:
        """Waits for the moment of a strike; any will do."""

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(self.EVERY_S)
            await self.come(stage)
            self._laid, seconds = self.mishaps(stage)
            kinds = ",".join(sorted({kind for mishap in self._laid for kind in mishap.kinds}))
            stage.world.watchers.fault(self.id, "begins", form=self.form, kinds=kinds, seconds=round(seconds, 3))
            for mishap in self._laid:
                mishap.struck = self._told(stage)
                stage.world.disk.add(mishap)
            await stage.world.clock.sleep(seconds)
            await self.heal(stage)

    async def heal(self, stage: Stage) -> None:
        for mishap in self._laid:
            stage.world.disk.remove(mishap)
        if self._laid:
            stage.world.watchers.fault(self.id, "heals", form=self.form)
        self._laid = []

    def _told(self, stage: Stage) -> Callable[[Life, str], None]:
        def told(life: Life, kind: str) -> None:
            stage.world.watchers.fault(self.id, "strikes", life=life.name, kind=kind)

        return told


class Unwritable(DiskFault):
    """Nothing can be committed for a moment, or for seconds."""

    id = "S2"

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        rng = stage.rng
        error = rng.choice((full, broken_disk, locked, unreachable))
        moment = rng.choice((Moment.BEFORE, Moment.COMMITTING))
        left = rng.choice((None, None, rng.randint(1, 6)))
        mishap = Mishap(kinds=rng.choice(_REACHES), moment=moment, error=error, left=left)
        return [mishap], rng.uniform(0.2, 15.0)


class Away(DiskFault):
    """Out of reach for so long that standing orders are cancelled; often it cannot be read either."""

    id = "S2"
    form = "away"
    EVERY_S = 150.0
    #: so wide that most of them stand until then
    SPREADS_BPS: ClassVar[tuple[str, ...]] = ("150", "250")
    #: for their orders to be replaced, and for a moment at which all stand
    REPLACED_S: ClassVar[float] = 5.0
    STAND_WITHIN_S: ClassVar[float] = 20.0

    async def come(self, stage: Stage) -> None:
        """People who know of it let bots quote far from the market, and it comes while orders stand."""
        rng = stage.rng
        if rng.random() < 0.7:
            for member in members(stage):
                for bot_id in member.bots.values():
                    config = {"spread_bps": rng.choice(self.SPREADS_BPS), "order_amount_quote": "20"}
                    await stage.people.call("PUT", f"/bots/{bot_id}", {"config": config})
            await stage.world.clock.sleep(self.REPLACED_S)
        await all_stand(stage, self.STAND_WITHIN_S)

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        rng = stage.rng
        kinds = rng.choice((UNITS, WRITES, ALL, ALL))
        error = rng.choice((unreachable, broken_disk if kinds != ALL else unreadable_disk, cannot_open))
        return [Mishap(kinds=kinds, moment=Moment.BEFORE, error=error)], rng.uniform(32.0, 55.0)


class OutcomeUnknown(DiskFault):
    """The connection drops at COMMIT: it came through, or it did not, or what happened cannot be asked either."""

    id = "S3"
    EVERY_S = 15.0

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        rng = stage.rng
        moment = rng.choice((Moment.COMMITTING, Moment.AFTER, Moment.AFTER))
        kinds = rng.choice((frozenset({"journal"}), frozenset({"journal"}), UNITS, WRITES))
        lost = Mishap(kinds=kinds, moment=moment, error=rng.choice((dropped, reset)), left=rng.randint(1, 4))
        if rng.random() < 0.7:
            return [lost], rng.uniform(1.0, 6.0)
        # what comes after it, the question included, finds nobody
        gone = Mishap(kinds=kinds, moment=Moment.BEFORE, error=unreachable, left=0)
        lost.left = 1
        return [_opens(lost, gone), gone], rng.uniform(1.0, 8.0)


class Slow(DiskFault):
    """Each commit takes 1 to 10 s, or its answer does."""

    id = "S6"
    EVERY_S = 60.0

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        rng = stage.rng
        longest = rng.choice((2.0, 4.0, 10.0))
        slow = Mishap(
            kinds=rng.choice((UNITS, WRITES)),
            moment=rng.choice((Moment.BEFORE, Moment.AFTER)),
            delay_s=lambda: rng.uniform(1.0, longest),
        )
        return [slow], rng.uniform(5.0, 40.0)


class Locked(DiskFault):
    """A backup or another program holds the file for longer than anybody waits, or almost so."""

    id = "S7"

    def mishaps(self, stage: Stage) -> tuple[list[Mishap], float]:
        rng = stage.rng
        waits_s = BUSY_TIMEOUT_MS / 1_000
        if rng.random() < 0.5:
            held = Mishap(kinds=WRITES, moment=Moment.BEFORE, delay_s=lambda: waits_s, error=locked)
        else:
            held = Mishap(kinds=WRITES, moment=Moment.BEFORE, delay_s=lambda: rng.uniform(0.1, waits_s))
        return [held], rng.uniform(1.0, 12.0)


def _opens(first: Mishap, then: Mishap) -> Mishap:
    """`then` goes on without end from where `first` has raised."""
    raises = first.error
    assert raises is not None

    def error() -> Exception:
        then.left = None
        return raises()

    first.error = error
    return first


STORAGE: Mapping[str, Callable[[], Fault]] = {
    "S2": Unwritable,
    "S2-away": Away,
    "S3": OutcomeUnknown,
    "S6": Slow,
    "S7": Locked,
}
