"""What hardly ever happens by chance takes part because a fault waits for its moment."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.simulation.coverage import CoverageWatcher, Part
from tests.simulation.faults import process
from tests.simulation.faults.aim import When
from tests.simulation.loop import Life
from tests.simulation.run import simulate
from tests.simulation.scenario import Dose, draw
from tests.simulation.world import World

#: a run may be too short for a moment, so there are several, to the first that has it
SEEDS, MINUTES = (2, 3, 4), 0.7


def _counted(fault: str, part: Part, seed: int) -> set[str]:
    """Of a run that has this fault, heavily, and no other."""
    watchers: list[CoverageWatcher] = []

    def watch(world: World) -> CoverageWatcher:
        watchers.append(CoverageWatcher(world))
        return watchers[0]

    scenario = replace(draw(seed, MINUTES, ()), doses={fault: Dose.HEAVY})
    simulate(seed, MINUTES, scenario=scenario, watch=watch, judged=False)
    return set(watchers[0].counts.get(part, ()))


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        (When.INTENT_STORED, "an intent is stored, its create not sent"),
        (When.CREATE_HEARD, "a create is answered, its answer not stored"),
    ],
)
def test_a_server_is_killed_within_a_brief_moment(monkeypatch: pytest.MonkeyPatch, moment: When, name: str) -> None:
    assert moment in process.BRIEF
    monkeypatch.setattr(process, "MOMENTS", (moment,))
    assert any(name in _counted("S1", Part.CRASH, seed) for seed in SEEDS)


def test_a_bot_that_nothing_runs_has_the_state_that_people_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "platform.db"
    sqlite3.connect(path).close()
    watcher = CoverageWatcher(SimpleNamespace(path=path))  # type: ignore[arg-type]
    shown = b'{"bots": [{"id": "a", "state": {"code": "killed"}}, {"id": "b", "state": {"code": "trading"}}]}'
    watcher.served(Life("server-1"), "GET", "/bots?account=client_1", 200, shown)
    watcher.served(Life("server-1"), "GET", "/bots?account=client_1", 503, b"{}")
    watcher.served(Life("server-1"), "GET", "/bots/a", 200, b'{"state": {"code": "held"}}')
    assert watcher.counts == {Part.STATE: {"killed": 1, "trading": 1}}
