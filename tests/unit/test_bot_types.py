"""Types that installed packages bring: usable ones run like ours, others are named and stop nothing."""

from importlib.metadata import EntryPoint

import pytest

from tests.factories import NOW
from trading_bridge.bot_types import BUILT_IN, GROUP, installed, unusable, with_plug_ins
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.core.strategies.spread import SpreadParameters, decide, tolerance

_HERE = "tests.unit.test_bot_types"

FINE = BotType(id="fine", label="Fine", parameters=SpreadParameters, decide=decide, tolerance=tolerance)
SPREAD_AGAIN = BotType(id="spread", label="Another", parameters=SpreadParameters, decide=decide, tolerance=tolerance)
MODELLESS = BotType(id="modelless", label="None", parameters=dict, decide=None, tolerance=None)  # type: ignore[arg-type]
INTOLERANT = BotType(id="intolerant", label="None", parameters=SpreadParameters, decide=decide, tolerance=None)
UPPER = BotType(id="Upper", label="Upper", parameters=SpreadParameters, decide=None, tolerance=None)
NO_TYPE = "a text"


def _entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_ours_are_there_without_any_package() -> None:
    assert set(installed().types) >= {"spread", "volume"}
    assert with_plug_ins(()).types == BUILT_IN


def test_a_package_brings_a_type() -> None:
    found = with_plug_ins([_entry("fine", f"{_HERE}:FINE")])
    assert found.types["fine"] is FINE
    assert found.unusable == ()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("gone", "no_such_module:TYPE", "ModuleNotFoundError"),
        ("gone", f"{_HERE}:NO_SUCH_NAME", "AttributeError"),
        ("raises", "tests.unit.raises_when_imported:TYPE", "ZeroDivisionError"),
        ("text", f"{_HERE}:NO_TYPE", "not a BotType"),
        ("other", f"{_HERE}:FINE", "must be the entry point's name"),
        ("Upper", f"{_HERE}:UPPER", "of a-z"),
        ("spread", f"{_HERE}:SPREAD_AGAIN", "there is another bot type spread"),
        ("modelless", f"{_HERE}:MODELLESS", "no pydantic model"),
        ("intolerant", f"{_HERE}:INTOLERANT", "no tolerance"),
    ],
)
def test_one_that_cannot_be_used_is_a_finding_and_stops_nothing(name: str, value: str, why: str) -> None:
    found = with_plug_ins([_entry(name, value), _entry("fine", f"{_HERE}:FINE")])
    assert set(found.types) == {*BUILT_IN, "fine"}
    assert found.types["spread"] is BUILT_IN["spread"]
    (finding,) = unusable(found, NOW)
    assert (finding.code, why in finding.parameters["why"]) == ("bot_type.unusable", True), finding.parameters
    assert name in finding.parameters["entry"]


def test_of_two_with_one_id_the_first_by_spelling_is_used_whatever_their_order() -> None:
    both = [_entry("fine", "tests.unit.test_bot_types:FINE"), _entry("fine", "tests.unit.test_bot_types:FINE ")]
    for order in (both, both[::-1]):
        found = with_plug_ins(order)
        assert found.types["fine"] is FINE
        assert len(found.unusable) == 1
