"""N rows: what a network does to requests and answers."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from random import Random

import aiohttp

from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import refused
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import Spell, put_on_line
from tests.simulation.faults.target import CANCELS, CREATES, Target
from tests.simulation.faults.unreachable import (
    ConnectingHangs,
    ConnectionRefused,
    Gone,
    HandshakeFails,
    NameUnknown,
    ProxyRefuses,
)
from tests.simulation.trouble import Effect
from tests.simulation.watch import Call, Heard
from tests.simulation.wires.wire import Said

PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


# -- N2, N3: a create without an answer


class AnswerLost(OnLine):
    """The exchange has the order, and its sender never hears so."""

    id = "N2"
    form = "lost"
    endpoints = CREATES

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.NeverAnswered(stage, self, target)


class AnswerLate(OnLine):
    """Within its sender's patience, or after it."""

    id = "N2"
    form = "late"
    endpoints = CREATES

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.AnsweredLate(stage, self, target, lambda rng: rng.uniform(1, 14))


class ConnectionLost(OnLine):
    id = "N2"
    form = "reset"
    endpoints = CREATES

    def effect(self, stage: Stage, target: Target) -> Effect:
        def error() -> Exception:
            if stage.rng.random() < 0.5:
                return aiohttp.ServerDisconnectedError()
            return aiohttp.ClientOSError(104, "Connection reset by peer")

        return effects.Breaks(stage, self, target, error)


class RequestLost(OnLine):
    """Written, and never seen by the exchange."""

    id = "N3"
    form = "lost"
    endpoints = CREATES

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.NeverArrives(stage, self, target)


class RequestLate(OnLine):
    """Its sender has given up when the exchange sees it, within the signature's window or after it."""

    id = "N3"
    form = "late"
    endpoints = CREATES
    lasts_s = (15.0, 45.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.ArrivesLate(stage, self, target, lambda rng, call: rng.uniform(5.0, call.wire.window_s + 4.0))


# -- N4: an answer that cannot be read


class BodyCut(OnLine):
    id = "N4"
    form = "reset"

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Changed(stage, self, target, lambda rng, call, heard: replace(heard, is_broken=True))


class BodyTruncated(OnLine):
    id = "N4"
    form = "truncated"

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Changed(stage, self, target, _truncated)


class PageInstead(OnLine):
    """Of a CDN, with status 200: the exchange may have done it or not."""

    id = "N4"
    form = "html"

    def effect(self, stage: Stage, target: Target) -> Effect:
        if stage.rng.random() < 0.5:
            return effects.Instead(stage, self, target, lambda rng, call: Heard(status=200, body=PAGE))
        return effects.Changed(stage, self, target, lambda rng, call, heard: replace(heard, body=PAGE))


def _truncated(rng: Random, call: Call, heard: Heard) -> Heard | None:
    return replace(heard, body=heard.body[: rng.randrange(len(heard.body))]) if heard.body else None


# -- N5, N6


class DeliveredTwice(OnLine):
    id = "N5"
    endpoints = (*CREATES, *CANCELS)

    def effect(self, stage: Stage, target: Target) -> Effect:
        if stage.world.exchange.engine.reuses_ids:  # it would take one order for two, whoever asked for it
            target = replace(target, endpoints=CANCELS)
        apart_s = stage.rng.choice(((0.0, 0.0), (0.0, 0.5), (1.0, 25.0)))
        second = stage.rng.random() < 0.5 and apart_s[1] < 1
        return _Twice(stage, self, target, apart_s, second=second)


class _Twice(effects.ArrivesTwice):
    def strikes(self, call: Call) -> bool:
        return not (call.is_create and call.wire.reuses_ids)


class CancelOvertakes(OnLine):
    """The cancel reaches a part of the exchange that does not know the order yet."""

    id = "N6"
    endpoints = CANCELS

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Instead(stage, self, target, lambda rng, call: refused(call, Said.NOT_FOUND))


# -- N7, N10


class Slow(OnLine):
    id = "N7"
    lasts_s = (5.0, 40.0)
    share = (0.1, 0.7)

    def effect(self, stage: Stage, target: Target) -> Effect:
        if stage.rng.random() < 0.5:
            return effects.AnsweredLate(stage, self, target, heavy_tail)
        return effects.LeavesLate(stage, self, target, heavy_tail)


def heavy_tail(rng: Random) -> float:
    """Seconds: mostly some tenths, now and then 5 to 30."""
    return min(30.0, 0.1 * rng.paretovariate(0.7))


# -- N11, N12


class ProxyAsksForSignIn(OnLine):
    id = "N11"
    form = "407"
    share = (1.0, 1.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        answer = Heard(status=407, body=b"Proxy Authentication Required", headers={"Proxy-Authenticate": "Basic"})
        put_on_line(stage, undo, effects.Instead(stage, self, Target(), lambda rng, call: answer))
        return {}


class Banned(OnLine):
    """418, by what stands in front of the exchange."""

    id = "N12"
    form = "418"
    lasts_s = (2.0, 12.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        named = {} if stage.rng.random() < 0.5 else {"Retry-After": str(stage.rng.randint(1, 8))}
        answer = Heard(status=418, body=b"<html>banned</html>", headers=named)
        return effects.Instead(stage, self, target, lambda rng, call: answer)


NETWORK: Mapping[str, type[Spell]] = {
    "N1-dns": NameUnknown,
    "N1-tcp": ConnectionRefused,
    "N1-tls": HandshakeFails,
    "N1-timeout": ConnectingHangs,
    "N2-lost": AnswerLost,
    "N2-late": AnswerLate,
    "N2-reset": ConnectionLost,
    "N3-lost": RequestLost,
    "N3-late": RequestLate,
    "N4-reset": BodyCut,
    "N4-truncated": BodyTruncated,
    "N4-html": PageInstead,
    "N5": DeliveredTwice,
    "N6": CancelOvertakes,
    "N7": Slow,
    "N10": Gone,
    "N11-407": ProxyAsksForSignIn,
    "N11-refuses": ProxyRefuses,
    "N12-418": Banned,
}
