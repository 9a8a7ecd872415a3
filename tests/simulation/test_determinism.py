"""One seed is one run: again, in another process, and whatever order sets have there (I29)."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.simulation.run import simulate
from trading_bridge.logs import configure_logs

ROOT = Path(__file__).parents[2]
SEED, MINUTES = 4, 0.25
PATIENCE_S = 100


def _start(trace: Path, hashes: str) -> "subprocess.Popen[str]":
    given = ["--seed", str(SEED), "--minutes", str(MINUTES), "--trace", str(trace)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.simulation", *given],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hashes},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _first_difference(one: list[str], other: list[str]) -> tuple[str, str] | None:
    """So that a failure says where two runs part."""
    pairs = zip([*one, "its end"], [*other, "its end"], strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


@pytest.mark.process
def test_a_seed_gives_the_same_run_wherever_it_is_run(tmp_path: Path) -> None:
    traces = [tmp_path / f"{hashes}.txt" for hashes in ("1", "2")]
    others = [_start(trace, trace.stem) for trace in traces]
    configure_logs(json=True, level="ERROR")  # of an earlier run in this process, say
    try:
        out = StringIO()
        here = simulate(SEED, MINUTES, out=out)
        said = [other.communicate(timeout=PATIENCE_S) for other in others]
    finally:
        for other in others:
            other.kill()
            other.wait()
    lines = out.getvalue().splitlines()
    assert len(lines) == here.lines
    for trace, (words, errors) in zip(traces, said, strict=True):
        assert errors == ""
        assert _first_difference(lines, trace.read_text().splitlines()) is None
        assert f"digest {here.digest} of {here.lines} lines" in words
