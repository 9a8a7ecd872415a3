"""Each safeguard removed in turn: seeds until an invariant breaks that holds with it.

make ablate SEEDS=50 MINUTES=3 ONLY="lease margin, kill gate"
"""

import argparse
import faulthandler
import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from tests.simulation.faults import CATALOGUE
from tests.simulation.oracle.invariant import Violation
from tests.simulation.run import LONGEST_HEAL_S, simulate
from tests.simulation.scenario import Scenario, draw
from tests.simulation.weaker import SAFEGUARDS, Awaited, Safeguard

PROCESSES = 2
#: where its accounts are: the weaker parts are judged by what one exchange answers
AT = ("coinstore",)
#: of a seed, for the machine: what takes longer hangs
PATIENCE_S = 60.0
#: and of each simulated second
PATIENCE_SHARE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    """A seed that breaks an invariant without the safeguard, and none until then with it."""

    seed: int
    violation: Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    #: None: every seed stayed green
    red: Red | None
    #: seeds that broke an invariant with the safeguard, too, or one that it has nothing to do with
    passed_over: tuple[str, ...]
    #: of the machine
    took_s: float


def without(safeguard: Safeguard, seeds: Iterable[int], minutes: float, *, alone: bool = False) -> Row:
    """Runs seeds until the first that turns red because the safeguard is gone. `alone`: with the faults on which it
    leans and no other, also where it leans on none."""
    began = time.monotonic()
    passed_over: list[str] = []
    red: Red | None = None
    for seed in seeds:
        scenario = scenario_of(safeguard, seed, minutes, alone=alone)
        if safeguard.acts_on and not any(key in scenario.doses for key in safeguard.acts_on):
            continue
        faulthandler.dump_traceback_later(
            2 * (PATIENCE_S + PATIENCE_SHARE * (minutes * 60 + LONGEST_HEAL_S)), exit=True
        )
        found = simulate(seed, minutes, weaker=safeguard.removed, scenario=scenario).violations
        if not found:
            continue
        violation = next((one for one in found if one.invariant in safeguard.breaks), None)
        if violation is None:
            passed_over.append(f"{seed}: {found[0].invariant}: {found[0].words}")
            continue
        until_s = violation.at_s + 1.0 if violation.at_s < minutes * 60 else None
        with_it = next(
            iter(simulate(seed, minutes, weaker=safeguard.kept, scenario=scenario, until_s=until_s).violations), None
        )
        if with_it is None:
            red = Red(seed=seed, violation=violation)
            break
        passed_over.append(f"{seed}: {with_it.invariant} with it, too: {with_it.words}")
    faulthandler.cancel_dump_traceback_later()
    return Row(name=safeguard.name, red=red, passed_over=tuple(passed_over), took_s=time.monotonic() - began)


def scenario_of(safeguard: Safeguard, seed: int, minutes: float, *, alone: bool = False) -> Scenario:
    """What the seed draws, or the faults on which the safeguard's row leans where the seed trades."""
    if not alone and not safeguard.leans_on:
        return draw(seed, minutes, CATALOGUE, AT)
    drawn = draw(seed, minutes, (), AT)
    in_order = {key: safeguard.leans_on[key] for key in CATALOGUE if key in safeguard.leans_on}
    return replace(drawn, doses=in_order, servers=safeguard.servers or drawn.servers)


def table(rows: Sequence[Row]) -> Iterable[str]:
    """In the catalogue's order, as the document has it."""
    found = {row.name: row for row in rows}
    yield "| safeguard | in its place | invariant | first seed | seconds |"
    yield "|---|---|---|---|---|"
    for name, one in SAFEGUARDS.items():
        if isinstance(one, Awaited):
            yield f"| {name} | waits for {one.waits_for} | | | |"
        elif name in found:
            red = found[name].red
            invariant, seed = ("none", "none") if red is None else (red.violation.invariant, str(red.seed))
            yield f"| {name} | {one.words} | {invariant} | {seed} | {found[name].took_s:.0f} |"


def chosen(only: str) -> tuple[Safeguard, ...]:
    """`only`: names with commas between them; empty: all that the platform has."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(SAFEGUARDS)
    unknown = [name for name in names if name not in SAFEGUARDS]
    if unknown:
        raise SystemExit(f"there is no safeguard {unknown[0]!r}; there is: {', '.join(SAFEGUARDS)}")
    return tuple(one for name in names if isinstance(one := SAFEGUARDS[name], Safeguard))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.ablation", description="Safeguards taken away.")
    parser.add_argument("--seeds", type=int, default=50, help="at most so many, from 1 on")
    parser.add_argument("--minutes", type=float, default=3.0, help="of faults in each run; healing comes after them")
    parser.add_argument("--only", default="", help="names of safeguards, with commas between them")
    given = parser.parse_args()
    seeds = range(1, given.seeds + 1)
    rows: list[Row] = []
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(_without, one.name, seeds, given.minutes) for one in chosen(given.only)]
        for done in as_completed(asked):
            rows.append(done.result())
            for line in _told(rows[-1]):
                _say(line)
    _say("\n".join(("", *table(rows))))
    green = [row.name for row in rows if row.red is None]
    if green:
        _say(f"\nnot seen to be missing: {', '.join(green)}")
    return 1 if green else 0


def _without(name: str, seeds: Iterable[int], minutes: float) -> Row:
    safeguard = SAFEGUARDS[name]
    assert isinstance(safeguard, Safeguard)
    return without(safeguard, seeds, minutes)


def _told(row: Row) -> Iterable[str]:
    for words in row.passed_over:
        yield f"  {row.name}: seed {words}"
    if row.red is None:
        yield f"{row.name}: green after {row.took_s:.0f} s"
    else:
        yield f"{row.name}: seed {row.red.seed} breaks {row.red.violation.invariant} after {row.took_s:.0f} s"
        yield f"  at {row.red.violation.at_s:.1f} s: {row.red.violation.words}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
