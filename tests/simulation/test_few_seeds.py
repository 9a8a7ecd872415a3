"""A few whole runs: one without faults, some with, and those that once found a bug."""

from dataclasses import replace

import pytest

from tests.simulation.faults import CATALOGUE
from tests.simulation.regressions import REGRESSIONS, Regression
from tests.simulation.report import replay_of
from tests.simulation.run import Outcome, simulate
from tests.simulation.scenario import draw

MINUTES = 0.5
SEEDS = (1, 2, 3, 4, 5, 6)


def _kept(outcome: Outcome, minutes: float) -> None:
    words = [f"{one.invariant} at {one.at_s:.3f} s: {one.words}" for one in outcome.violations]
    assert words == [], replay_of(outcome.scenario.seed, minutes)


def test_nothing_is_broken_where_nothing_goes_wrong() -> None:
    calm = replace(draw(1, MINUTES, CATALOGUE), doses={})
    assert calm.calm
    _kept(simulate(1, MINUTES, scenario=calm), MINUTES)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_broken(seed: int) -> None:
    _kept(simulate(seed, MINUTES), MINUTES)


@pytest.mark.parametrize("kept", REGRESSIONS, ids=lambda kept: kept.bug.replace(" ", "_"))
def test_a_bug_stays_mended(kept: Regression) -> None:
    _kept(simulate(kept.seed, kept.minutes, scenario=kept.scenario), kept.minutes)
