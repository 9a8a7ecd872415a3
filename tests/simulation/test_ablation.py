"""Without a safeguard a seed turns red that is green with it; and what takes a safeguard's place still fits there."""

import inspect
from dataclasses import replace

import pytest

from tests.simulation.ablation import Row, table, without
from tests.simulation.faults import CATALOGUE
from tests.simulation.oracle import INVARIANTS
from tests.simulation.scenario import Dose
from tests.simulation.weaker import SAFEGUARDS, Awaited, Safeguard
from tests.simulation.weaker.safeguard import place_of

LISTED = (
    "intent before send, no resend, ask by id, duplicate means exists, window wait, trades before absent, "
    "epoch in the insert, time before check, lease margin, unresolved counts, in-flight cross check, cancel reserve, "
    "fill uniqueness, backfill overlap, own volume out, own quantity out, staleness limit, unknown is not zero, "
    "kill gate, kill stored, rounding down, monotonic limiter, shielded bookkeeping, epoch raise after restore, "
    "random id, quarantine, catch-up cap, redactor, tenant filter"
).split(", ")
BUILT = [one for one in SAFEGUARDS.values() if isinstance(one, Safeguard)]
#: safeguard, the dose under which it is missed soonest, a seed that misses it, and what it breaks
QUICK = (
    ("intent before send", {}, 1, "I1"),
    ("rounding down", {}, 1, "I6"),
    ("duplicate means exists", {"N5": Dose.HEAVY}, 3, "I3"),
)


def test_every_safeguard_of_the_catalogue_is_listed_in_its_order() -> None:
    assert list(SAFEGUARDS) == LISTED


@pytest.mark.parametrize("safeguard", BUILT, ids=lambda one: one.name)
def test_a_weaker_part_fits_where_the_platform_composes_the_whole_one(safeguard: Safeguard) -> None:
    for place, weaker in safeguard.exchanges:
        module, name = place_of(place)
        whole = getattr(module, name)
        if inspect.isclass(whole):
            assert issubclass(weaker, whole)
            own = [name for name in vars(weaker) if not name.startswith("__")]
            assert [name for name in own if not hasattr(whole, name)] == []
            assert own or "__init__" in vars(weaker)
            for name in {*own, "__init__"} & vars(weaker).keys():
                assert _takes_as_much(getattr(weaker, name), getattr(whole, name)), name
        else:
            assert list(inspect.signature(weaker).parameters) == list(inspect.signature(whole).parameters)


def _takes_as_much(weaker: object, whole: object) -> bool:
    """The same parameters, or whatever is given."""
    if not callable(weaker) or not callable(whole):
        return True
    own, theirs = inspect.signature(weaker).parameters, inspect.signature(whole).parameters
    passes_on = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in own.values())
    return passes_on or list(own) == list(theirs)


@pytest.mark.parametrize("safeguard", BUILT, ids=lambda one: one.name)
def test_what_a_safeguard_is_judged_by_exists(safeguard: Safeguard) -> None:
    assert set(safeguard.breaks) <= {invariant.id for invariant in INVARIANTS}
    assert {*safeguard.acts_on, *safeguard.leans_on} <= CATALOGUE.keys()


def test_what_was_exchanged_is_put_back() -> None:
    for safeguard in BUILT:
        before = [getattr(*place_of(place)) for place, _ in safeguard.exchanges]
        with safeguard.removed():
            assert [getattr(*place_of(place)) for place, _ in safeguard.exchanges] != before
        assert [getattr(*place_of(place)) for place, _ in safeguard.exchanges] == before


@pytest.mark.parametrize(("name", "doses", "seed", "invariant"), QUICK)
def test_a_seed_misses_what_is_taken_away(name: str, doses: dict[str, Dose], seed: int, invariant: str) -> None:
    safeguard = SAFEGUARDS[name]
    assert isinstance(safeguard, Safeguard)
    row = without(replace(safeguard, leans_on=doses, acts_on=()), [seed], 0.5, alone=True)
    assert row.red is not None, row.passed_over
    assert row.red.violation.invariant == invariant


def test_what_breaks_for_another_reason_is_passed_over() -> None:
    unasked = replace(BUILT[0], breaks=("I2",))
    row = without(unasked, [1], 0.5, alone=True)
    assert row.red is None
    assert row.passed_over[0].startswith("1: I1: ")


def test_the_table_has_a_line_for_each_and_says_what_is_awaited() -> None:
    rows = [Row(name=one.name, red=None, passed_over=(), took_s=1.0) for one in BUILT]
    lines = list(table(rows))[2:]
    assert len(lines) == len(LISTED)
    assert sum("| waits for" in line for line in lines) == sum(isinstance(one, Awaited) for one in SAFEGUARDS.values())
