import pytest

from tests.factories import NOW, finding
from trading_bridge.core.known import Known, Ok, Stale, Unknown, map_known


@pytest.mark.parametrize(
    ("known", "mapped"),
    [
        (Ok(value=1, as_of=NOW, finding=finding()), Ok(value=2, as_of=NOW, finding=finding())),
        (Stale(value=1, as_of=NOW, finding=finding()), Stale(value=2, as_of=NOW, finding=finding())),
        (Unknown(finding=finding()), Unknown(finding=finding())),
    ],
)
def test_another_value_is_as_well_known(known: Known[int], mapped: Known[int]) -> None:
    assert map_known(known, lambda value: value + 1) == mapped
