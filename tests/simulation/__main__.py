"""A campaign over many seeds, or the replay of one."""

import argparse
import sys
import time
from contextlib import nullcontext

from tests.simulation.campaign import run_seeds
from tests.simulation.report import report
from tests.simulation.run import simulate
from tests.simulation.taking_part import JUDGED_FROM, idle


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many, from the first on")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0, help="of faults in each run; healing comes after them")
    parser.add_argument("--processes", type=int, help="one for each CPU without it")
    parser.add_argument("--seed", type=int, help="runs this one alone")
    parser.add_argument("--trace", help="of --seed: a file for all that happened; - for here")
    given = parser.parse_args()
    if given.seed is not None:
        return _replay(given.seed, given.minutes, given.trace)
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    results = run_seeds(seeds, given.minutes, processes=given.processes, progress=_say)
    for line in report(results):
        _say(line)
    judged = given.seeds >= JUDGED_FROM
    return 1 if results.violations or (judged and idle(results.coverage)) else 0


def _replay(seed: int, minutes: float, trace: str | None) -> int:
    began = time.monotonic()
    where = nullcontext(sys.stdout) if trace == "-" else nullcontext(None) if trace is None else open(trace, "w")
    with where as out:
        outcome = simulate(seed, minutes, out=out)
    took_s = time.monotonic() - began
    for violation in outcome.violations:
        _say(f"{violation.invariant} is broken at {violation.at_s:.6f} s: {violation.words}")
    _say(
        f"seed {seed}: digest {outcome.digest} of {outcome.lines} lines, "
        f"{outcome.simulated_s:.1f} s simulated, {outcome.simulated_s / took_s:.0f}x real time"
        + ("" if trace in (None, "-") else f", trace in {trace}")
    )
    return 1 if outcome.violations else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
