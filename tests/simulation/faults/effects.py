"""What happens to single requests: effects that several faults put on the line."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.target import Target
from tests.simulation.trouble import Copies, Effect, never
from tests.simulation.watch import Call, Heard


class Struck(Effect):
    """Hits what its target names, and tells of each hit."""

    def __init__(self, stage: Stage, spell: Spell, target: Target) -> None:
        super().__init__()
        self.rng = Random(f"{stage.rng.random()}")
        self._stage = stage
        self._spell = spell
        self._is_meant = target.test(stage)

    def hits(self, call: Call) -> bool:
        if not self._is_meant(call) or not self.strikes(call):
            return False
        self.tell(call)
        return True

    def strikes(self, call: Call) -> bool:
        return True

    def tell(self, call: Call) -> None:
        self._spell.tell(self._stage, "strikes", call=f"#{call.number}")


class NeverLeaves(Struck):
    """Fails, at once or after a while, before a byte is written."""

    def __init__(self, stage: Stage, spell: Spell, target: Target, error: Callable[[], Exception], after_s: float):
        super().__init__(stage, spell, target)
        self._error = error
        self._after_s = after_s

    async def departs(self, call: Call) -> None:
        if self._after_s > 0:
            await self.lasts(self._after_s)
        raise self._error()


class NeverArrives(Struck):
    """Written, and then lost on its way."""

    def copies(self, call: Call, copies: Copies) -> Copies:
        return ()


class ArrivesLate(Struck):
    def __init__(self, stage: Stage, spell: Spell, target: Target, seconds: Callable[[Random, Call], float]) -> None:
        super().__init__(stage, spell, target)
        self._seconds = seconds

    def copies(self, call: Call, copies: Copies) -> Copies:
        late_s = self._seconds(self.rng, call)
        return tuple(after_s + late_s for after_s in copies)


class ArrivesTwice(Struck):
    """A proxy that got no answer sends it again, and hands on the second answer; or the stack does, unnoticed."""

    def __init__(
        self, stage: Stage, spell: Spell, target: Target, apart_s: tuple[float, float], *, second: bool
    ) -> None:
        super().__init__(stage, spell, target)
        self._apart_s = apart_s
        self._second = second

    def copies(self, call: Call, copies: Copies) -> Copies:
        return (*copies, *(after_s + self.rng.uniform(*self._apart_s) for after_s in copies[-1:]))

    def heard_copy(self, call: Call, copy: int) -> int:
        return -1 if self._second else copy


class NeverAnswered(Struck):
    """The exchange has done it, and its answer is lost."""

    async def returns(self, call: Call) -> None:
        await never()


class AnsweredLate(Struck):
    def __init__(self, stage: Stage, spell: Spell, target: Target, seconds: Callable[[Random], float]) -> None:
        super().__init__(stage, spell, target)
        self._seconds = seconds

    async def returns(self, call: Call) -> None:
        await self.lasts(self._seconds(self.rng))


class LeavesLate(Struck):
    """It waits for its connection, and the exchange sees it late."""

    def __init__(self, stage: Stage, spell: Spell, target: Target, seconds: Callable[[Random], float]) -> None:
        super().__init__(stage, spell, target)
        self._seconds = seconds

    def copies(self, call: Call, copies: Copies) -> Copies:
        late_s = self._seconds(self.rng)
        return tuple(after_s + late_s for after_s in copies)


class Breaks(Struck):
    """The exchange has done it, and the connection breaks before its answer."""

    def __init__(self, stage: Stage, spell: Spell, target: Target, error: Callable[[], Exception]) -> None:
        super().__init__(stage, spell, target)
        self._error = error

    async def returns(self, call: Call) -> None:
        raise self._error()


class Changed(Struck):
    """The answer becomes another on its way."""

    def __init__(
        self, stage: Stage, spell: Spell, target: Target, change: Callable[[Random, Call, Heard], Heard | None]
    ) -> None:
        """`change` gives None where it has nothing to change; that is no strike."""
        super().__init__(stage, spell, target)
        self._change = change

    def hits(self, call: Call) -> bool:
        return self._is_meant(call)

    def altered(self, call: Call, heard: Heard) -> Heard:
        other = self._change(self.rng, call, heard)
        if other is None:
            return heard
        self.tell(call)
        return other


class Instead(Struck):
    """Something in front of the exchange answers, and the exchange never sees the request."""

    def __init__(self, stage: Stage, spell: Spell, target: Target, answer: Callable[[Random, Call], Heard]) -> None:
        super().__init__(stage, spell, target)
        self._answer = answer

    def instead(self, call: Call) -> Heard | None:
        return self._answer(self.rng, call)


def replaced(status: int, body: bytes, heard: Heard) -> Heard:
    return replace(heard, status=status, body=body)
