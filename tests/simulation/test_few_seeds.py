"""A few whole runs: one without faults, some with, and those that once found a bug."""

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.faults import CATALOGUE
from tests.simulation.faults.target import ACTIVE, BALANCES, DEPTH, INFO, MATCHES, SYMBOLS
from tests.simulation.regressions import REGRESSIONS, Regression
from tests.simulation.report import replay_of
from tests.simulation.run import Outcome, simulate
from tests.simulation.scenario import draw
from tests.simulation.watch import CANCEL, PLACE, Call, Heard, Watcher
from tests.simulation.wires import WIRES

MINUTES = 0.5
SEEDS = (1, 2, 3, 4, 5, 6)


def _kept(outcome: Outcome, minutes: float) -> None:
    words = [f"{one.invariant} at {one.at_s:.3f} s: {one.words}" for one in outcome.violations]
    assert words == [], replay_of(outcome.scenario.seed, minutes)


class _Read(Watcher):
    """What the oracle reads of good answers, by endpoint."""

    def __init__(self) -> None:
        self.read: dict[str, list[Any]] = {}

    def heard(self, call: Call, answer: Heard) -> None:
        place = next((one for one in _SEEN if call.endpoint.startswith(one)), call.endpoint)
        self.read.setdefault(place, []).append(call.wire.data(answer.body))


_SEEN = (PLACE, CANCEL, ACTIVE, INFO, MATCHES, BALANCES, SYMBOLS, DEPTH)


@pytest.mark.parametrize("exchange", WIRES)
def test_nothing_is_broken_where_nothing_goes_wrong(exchange: str) -> None:
    calm = replace(draw(1, MINUTES, CATALOGUE, (exchange,)), doses={})
    assert calm.calm
    read = _Read()
    _kept(simulate(1, MINUTES, scenario=calm, watch=lambda world: read), MINUTES)
    assert {place for place in _SEEN if not any(read.read.get(place, ()))} == set()
    assert {(row["currency"], row["typeName"]) for rows in read.read[BALANCES] for row in rows} == {
        (currency, kind) for currency in ("SHARP", "USDT") for kind in ("AVAILABLE", "FROZEN")
    }
    assert [row["symbolCode"] for row in read.read[SYMBOLS][0]] == ["SHARPUSDT"]
    assert all(book["b"] and book["a"] for book in read.read[DEPTH])


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_broken(seed: int) -> None:
    _kept(simulate(seed, MINUTES), MINUTES)


@pytest.mark.parametrize("kept", REGRESSIONS, ids=lambda kept: kept.bug.replace(" ", "_"))
def test_a_bug_stays_mended(kept: Regression) -> None:
    _kept(simulate(kept.seed, kept.minutes, scenario=kept.scenario), kept.minutes)
