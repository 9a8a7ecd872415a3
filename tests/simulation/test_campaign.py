"""What a campaign counts and finds, without running one that takes long."""

import math

from tests.simulation.campaign import SAME_TRACE, Results, Told, run_seeds
from tests.simulation.coverage import Coverage, Mark, Part
from tests.simulation.oracle.invariant import Violation
from tests.simulation.report import replay_of, report
from tests.simulation.taking_part import ELSEWHERE, expected, idle
from trading_bridge.diagnosis.catalogue import codes


def _told(seed: int, digest: str | None = "a", *violations: Violation) -> Told:
    return Told(
        seed=seed,
        digest=digest,
        violations=violations,
        simulated_s=100.0,
        took_s=2.0,
        counts={Part.FAULT: {"N2": seed}, Part.FINDING: {}},
    )


def _broken(invariant: str, at_s: float = 1.0) -> Violation:
    return Violation(invariant=invariant, at_s=at_s, words=f"{invariant} is not so")


def test_counts_of_seeds_are_added() -> None:
    results = Results(minutes=5)
    for seed in (7, 3, 5):
        results.take(_told(seed))
    assert results.coverage.parts[Part.FAULT] == {"N2": Mark(times=15, runs=3, first_seed=3)}
    assert results.simulated_s == 300.0


def test_violations_are_told_by_invariant_with_their_seeds() -> None:
    results = Results(minutes=5)
    results.take(_told(9, "a", _broken("I4"), _broken("I1")))
    results.take(_told(2, "a", _broken("I4", 2.5)))
    results.take(_told(1))
    assert results.violations == {
        "I1": {9: "at 1.000 s: I1 is not so"},
        "I4": {2: "at 2.500 s: I4 is not so", 9: "at 1.000 s: I4 is not so"},
    }
    words = "\n".join(report(results))
    assert "I4: 2 seeds, first 2, 9" in words
    assert replay_of(9, 5) in words
    assert replay_of(1, 5) not in words


def test_a_seed_that_ran_otherwise_the_second_time_has_failed() -> None:
    results = Results(minutes=5)
    for told in (_told(1, "a"), _told(2, "a"), _told(2, "a"), _told(1, "b")):
        results.take(told)
    assert results.violations == {SAME_TRACE: {1: "digests a and b"}}
    assert results.coverage.parts[Part.FAULT]["N2"].runs == 2


def test_a_seed_whose_process_dies_has_failed_and_the_others_go_on() -> None:
    """A watchdog refuses to wait for no number of seconds."""
    results = run_seeds((4, 5), math.nan, processes=1, progress=lambda _: None)
    assert results.failing == [4, 5]
    assert list(results.violations) == ["the run itself"]
    assert "the process ended with 1" in results.violations["the run itself"][4]


def test_what_was_not_reached_is_idle() -> None:
    coverage = Coverage()
    everything = {part: dict.fromkeys(names, 1) for part, names in expected().items()}
    coverage.add(1, everything)
    assert idle(coverage) == {}
    del coverage.parts[Part.LOG]["order unresolved"]
    assert idle(coverage) == {Part.LOG: frozenset({"order unresolved"})}


def test_findings_that_are_named_exist() -> None:
    assert expected()[Part.FINDING] <= codes()
    assert set(ELSEWHERE) <= codes()
    assert not expected()[Part.FINDING] & set(ELSEWHERE)
