"""X rows: what becomes of a cancel."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import account_of, order_asked_for, refused, with_rows
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.target import ACTIVE, INFO, Target
from tests.simulation.trouble import Copies, Effect
from tests.simulation.watch import CANCEL, Call, Heard
from tests.simulation.wires.wire import Said
from trading_bridge.sandbox.orders import SandboxOrder


class FilledBefore(OnLine):
    """Somebody takes the order, whole or in part, before its cancel arrives."""

    id = "X5"
    form = "filled"
    endpoints = (CANCEL,)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return _Taken(stage, self, target)


class SaidNotFound(OnLine):
    """It was cancelled, and the answer says that there is no such order."""

    id = "X5"
    form = "not-found"
    endpoints = (CANCEL,)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Changed(stage, self, target, lambda rng, call, heard: refused(call, Said.NOT_FOUND))


class FillsMeanwhile(OnLine):
    """The cancel is long under way, and the order trades meanwhile."""

    id = "X6"
    form = "meanwhile"
    endpoints = (CANCEL,)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return _TakenMeanwhile(stage, self, target)


class OnlyQueued(OnLine):
    """Where an exchange answers a cancel before it is done; the order stands, and may trade, for some more seconds."""

    id = "X6"
    form = "queued"
    endpoints = (CANCEL,)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return _Queued(stage, self, replace(target, endpoints=(CANCEL, ACTIVE, INFO)))


class _Taken(effects.Struck):
    def before_it_is_done(self, call: Call) -> None:
        order = order_asked_for(self._stage.world, call)
        if order is not None and order.is_open:
            take(self._stage, order, whole=self.rng.random() < 0.5)


class _TakenMeanwhile(effects.Struck):
    def copies(self, call: Call, copies: Copies) -> Copies:
        late_s = self.rng.uniform(0.2, 6.0)
        asyncio.get_running_loop().call_later(late_s / 2, self._take, call)
        return tuple(after_s + late_s for after_s in copies)

    def _take(self, call: Call) -> None:
        order = order_asked_for(self._stage.world, call)
        if order is not None and order.is_open and not self.over.is_set():
            take(self._stage, order, whole=self.rng.random() < 0.5)


class _Queued(effects.Struck):
    def __init__(self, stage: Stage, spell: Spell, target: Target) -> None:
        super().__init__(stage, spell, target)
        self._queue: dict[int, asyncio.Task[None]] = {}  # order id -> its cancel

    def hits(self, call: Call) -> bool:
        return self._is_meant(call)

    def instead(self, call: Call) -> Heard | None:
        if call.endpoint != CANCEL:
            return None
        order = order_asked_for(self._stage.world, call)
        heard = None if order is None or not order.is_open else call.wire.cancels_later(order)
        if order is None or heard is None:
            return None
        if order.id not in self._queue:
            self.tell(call)
            self._queue[order.id] = asyncio.ensure_future(self._cancel(order))
        return Heard(status=200, body=heard)

    def altered(self, call: Call, heard: Heard) -> Heard:
        if call.endpoint == CANCEL or account_of(self._stage.world, call) is None or not call.wire.canceling:
            return heard

        def canceling(rows: list[dict[str, object]]) -> list[dict[str, object]]:
            open_ = ("SUBMITTED", "PARTIAL_FILLED")
            return [
                {**row, **call.wire.canceling}
                if int(str(row["ordId"])) in self._queue and row["ordStatus"] in open_
                else row
                for row in rows
            ]

        return with_rows(call, heard, canceling) or heard

    async def _cancel(self, order: SandboxOrder) -> None:
        await self.lasts(self.rng.uniform(0.3, 8.0))
        engine = self._stage.world.exchange.engine
        engine.cancel(order)
        engine.commit()


def take(stage: Stage, order: SandboxOrder, *, whole: bool) -> None:
    """Everything of the book that stands before it goes too."""
    exchange = stage.world.exchange
    crowd = next(one for one in exchange.crowds if one.symbol == order.symbol)
    crowd.take_order(order, whole=whole)
    exchange.engine.commit()


CANCELING: Mapping[str, type[Spell]] = {
    "X5-filled": FilledBefore,
    "X5-not-found": SaidNotFound,
    "X6-meanwhile": FillsMeanwhile,
    "X6-queued": OnlyQueued,
}
