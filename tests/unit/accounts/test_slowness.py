"""An exchange is slow when two of its last three answers came late."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from trading_bridge.accounts.slowness import slow
from trading_bridge.core.finding import Evidence
from trading_bridge.exchanges.session import CallRecord


def call(
    latency_ms: int | None, *, failed: str | None = None, name: str = "fetch_balance", age_s: float = 1
) -> CallRecord:
    evidence = Evidence(call=name, latency_ms=latency_ms, at=NOW - timedelta(seconds=age_s))
    return CallRecord(evidence=evidence, finding_code=failed)


@pytest.mark.parametrize(
    ("latencies", "late"),
    [
        ((), False),
        ((9000,), False),
        ((2001, 2001), True),
        ((2000, 2000, 2000), False),
        ((3000, 10, 3000), True),
        ((10, 3000, 10), False),
        ((3000, 3000, 10, 10), False),
        ((10, 10, 3000, 3000), True),
        ((None, None, None), False),
    ],
)
def test_two_of_the_last_three(latencies: tuple[int | None, ...], late: bool) -> None:
    assert (slow([call(one) for one in latencies], NOW) is not None) is late


def test_the_worst_is_told_with_its_evidence() -> None:
    calls = [call(2500, name="fetch_order_book", age_s=9), call(10), call(7000, name="fetch_balance")]
    found = slow(calls, NOW)
    assert found is not None
    assert (found.code, found.parameters) == ("exchange.slow", {"latency_ms": "7000", "call": "fetch_balance"})
    assert found.evidence is calls[2].evidence
    assert found.since == NOW - timedelta(seconds=9)


def test_a_call_that_was_not_answered_is_another_matter() -> None:
    assert slow([call(9000, failed="exchange.no_answer"), call(9000, failed="exchange.no_answer")], NOW) is None


def test_what_is_long_ago_is_forgotten() -> None:
    assert slow([call(9000, age_s=60), call(9000, age_s=60)], NOW) is not None
    assert slow([call(9000, age_s=61), call(9000, age_s=61)], NOW) is None
