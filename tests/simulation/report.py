"""What a campaign says at its end."""

from collections.abc import Iterator

from tests.simulation.campaign import Results
from tests.simulation.coverage import Part
from tests.simulation.faults import CATALOGUE
from tests.simulation.taking_part import idle, not_raised

#: of pairs, the page is long enough with the rarest and the most frequent
PAIRS_SHOWN = 12
SEEDS_SHOWN = 8


def replay_of(seed: int, minutes: float) -> str:
    return f".venv/bin/python -m tests.simulation --seed {seed} --minutes {minutes:g} --trace seed-{seed}.txt"


def report(results: Results) -> Iterator[str]:
    """Line by line."""
    yield from _coverage(results)
    yield from _speed(results)
    if results.violations:
        yield ""
        yield "violations"
        for invariant, seeds in results.violations.items():
            some = ", ".join(map(str, list(seeds)[:SEEDS_SHOWN]))
            yield f"  {invariant}: {len(seeds)} {_plural('seed', len(seeds))}, first {some}"
            yield f"      {next(iter(seeds.values()))}"
        yield ""
        yield "replay"
        yield from (f"  {replay_of(seed, results.minutes)}" for seed in results.failing)
    missing = idle(results.coverage)
    rare = not_raised(results.coverage) - missing.get(Part.FINDING, frozenset())
    yield ""
    yield f"findings that need not be seen and were not: {', '.join(sorted(rare))}"
    for part, names in missing.items():
        yield ""
        yield f"idle in this campaign, of {part.value}: {', '.join(sorted(names))}"
    yield ""
    yield f"{len(results.told)} seeds, {len(results.failing)} broke an invariant"


def _coverage(results: Results) -> Iterator[str]:
    coverage = results.coverage
    for part in Part:
        marks = coverage.parts[part]
        names = sorted(marks, key=lambda name: (-marks[name].times, name))
        yield ""
        if part is Part.PAIR:
            faults = len(CATALOGUE)
            yield f"{part.value}: {len(names)} of {faults * (faults - 1) // 2} met"
            names = names[:PAIRS_SHOWN]
        else:
            yield part.value
        for name in names:
            mark = marks[name]
            yield f"  {name:<58} {mark.times:>8} times, {mark.runs:>4} runs, first {mark.first_seed}"


def _speed(results: Results) -> Iterator[str]:
    hours = results.simulated_s / 3600
    yield ""
    yield (
        f"{hours:.1f} simulated hours in {results.took_s / 60:.1f} min: "
        f"{results.simulated_s / max(results.took_s, 0.001):.0f}x real time, "
        f"{results.simulated_s / max(results.cpu_s, 0.001):.0f}x for each process's CPU second"
    )
    if results.again:
        same = sum(results.told[seed].digest == digest for seed, digest in results.again.items())
        yield f"{same} of {len(results.again)} seeds gave the same trace again, with another order of hashes"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
