"""M rows: books that make no sense, stand still, or move too far."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar, TypeVar

from tests.simulation.crowd import Crowd, Jump, Mood
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.states import OfExchange, a_symbol
from trading_bridge.sandbox.faults import Fault, FaultKind

T = TypeVar("T")


class BookFault(OfExchange):
    """The public sees another book than there is."""

    kind: ClassVar[FaultKind]
    lasts_s = (3.0, 30.0)

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=self.kind, symbol=stage.rng.choice((None, a_symbol(stage))))


class Crossed(BookFault):
    id = "M1"
    form = "crossed"
    kind = FaultKind.BOOK_CROSSED


class SeenEmpty(BookFault):
    id = "M1"
    form = "seen-empty"
    kind = FaultKind.BOOK_EMPTY


class Frozen(BookFault):
    """Trades go on while the book stands still."""

    id = "M2"
    kind = FaultKind.BOOK_FROZEN

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        for crowd in stage.world.exchange.crowds:
            put_over(undo, crowd.take_shares, 0.9)
        return super().begin(stage, undo)


class OfCrowd(Spell):
    """Everybody else behaves otherwise on one market."""

    mood: ClassVar[Mood]
    take_share: ClassVar[float] = Crowd.TAKE_SHARE
    lasts_s = (3.0, 40.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        crowd = a_crowd(stage)
        put_over(undo, crowd.moods, self.mood)
        put_over(undo, crowd.take_shares, self.take_share)
        return {"symbol": crowd.symbol}


class Emptied(OfCrowd):
    id = "M1"
    form = "empty"
    mood = Mood.EMPTY


class WithoutBids(OfCrowd):
    id = "M1"
    form = "no-bids"
    mood = Mood.NO_BIDS


class WithoutAsks(OfCrowd):
    id = "M1"
    form = "no-asks"
    mood = Mood.NO_ASKS


class Absurd(OfCrowd):
    id = "M1"
    form = "absurd"
    mood = Mood.ABSURD


class OwnOrdersAreTheBook(OfCrowd):
    id = "M3"
    mood = Mood.FAR


class Thin(OfCrowd):
    id = "M5"
    mood = Mood.THIN
    take_share = 0.02


class TenTimes(Spell):
    """To a tenth or to ten times of it, and back."""

    id = "M1"
    form = "jump"
    between_s = 80.0
    lasts_s = (1.0, 15.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        crowd = a_crowd(stage)
        jump_to(stage, undo, crowd, stage.rng.choice((10_000, 100)))
        return {"symbol": crowd.symbol, "mid": crowd.mid}


class Crash(Spell):
    """Falls or rises through every order in its way, by a fifth to two thirds, in a few gaps; then it comes back."""

    id = "M4"
    between_s = 80.0
    lasts_s = (5.0, 30.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        crowd, rng = a_crowd(stage), stage.rng
        gaps = rng.randint(1, 4)
        whole = rng.choice((-1, 1)) * rng.randint(200, 650)
        for _ in range(gaps):
            jump_to(stage, undo, crowd, 1_000 + whole // gaps)
        return {"symbol": crowd.symbol, "mid": crowd.mid}


def a_crowd(stage: Stage) -> Crowd:
    symbol = a_symbol(stage)
    return next(crowd for crowd in stage.world.exchange.crowds if crowd.symbol == symbol)


def put_over(undo: ExitStack, those: list[T], one: T) -> None:
    those.append(one)
    undo.callback(those.remove, one)


def jump_to(stage: Stage, undo: ExitStack, crowd: Crowd, thousandths: int) -> None:
    engine, jump = stage.world.exchange.engine, Jump(thousandths)

    def back() -> None:
        crowd.jump_back(jump)
        engine.commit()

    crowd.jump(jump)
    engine.commit()
    undo.callback(back)


MARKETS: Mapping[str, type[Spell]] = {
    "M1-crossed": Crossed,
    "M1-seen-empty": SeenEmpty,
    "M1-empty": Emptied,
    "M1-no-bids": WithoutBids,
    "M1-no-asks": WithoutAsks,
    "M1-absurd": Absurd,
    "M1-jump": TenTimes,
    "M2": Frozen,
    "M3": OwnOrdersAreTheBook,
    "M4": Crash,
    "M5": Thin,
}
