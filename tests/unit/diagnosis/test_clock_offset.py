"""How far clocks differ, told from a `Date` without fractions and an answer that took its time."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from trading_bridge.core.finding import Evidence
from trading_bridge.diagnosis.ladder import StepOutcome
from trading_bridge.diagnosis.probes.public import Public, clock_offset, offset_of
from trading_bridge.exchanges.heard import Heard

SENT = datetime(2026, 1, 1, 12, 0, 0, 400_000, tzinfo=UTC)


def heard(seconds: float, latency_ms: int | None = 200) -> Heard:
    """An answer whose `Date` is so far from the second in which it was asked for."""
    evidence = Evidence(call="fetch_markets", latency_ms=latency_ms, at=SENT)
    date = format_datetime(SENT.replace(microsecond=0) + timedelta(seconds=seconds), usegmt=True)
    return Heard(evidence=evidence, finding=None, arrived=True, date=date)


@pytest.mark.parametrize(
    ("seconds", "latency_ms", "offset_s"),
    [
        (0, 200, 0.0),
        (1, 200, 0.4),  # the second began 0.4 s after the answer had come
        (1, 900, 0.0),  # it began while we waited
        (-1, 200, -0.4),  # it had ended 0.4 s before we asked
        (30, 200, 29.4),
        (-30, 200, -29.4),
        (3, 9000, 0.0),  # an answer that took 9 s proves nothing finer
    ],
)
def test_the_least_that_the_clocks_must_differ(seconds: float, latency_ms: int, offset_s: float) -> None:
    assert offset_of(heard(seconds, latency_ms)) == pytest.approx(offset_s)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 01 Jan 2026 12:00:00"])
def test_a_date_that_cannot_be_read_tells_nothing(date: str | None) -> None:
    evidence = heard(0).evidence
    unread = Heard(evidence=evidence, finding=None, arrived=True, date=date)
    assert offset_of(unread) is None
    probed = clock_offset([unread], Public(markets={}, evidence=evidence))
    assert probed.outcome is StepOutcome.SKIPPED


def test_an_answer_without_its_time_tells_nothing() -> None:
    assert offset_of(heard(0, None)) is None


@pytest.mark.parametrize(
    ("seconds", "outcome", "words"),
    [
        (0, StepOutcome.PASS, "this host's clock agrees with the exchange's"),
        (5, StepOutcome.PASS, "clocks differ by 4.4 s"),
        (10, StepOutcome.PASS, "clocks differ by 9.4 s"),
        (60, StepOutcome.FAIL, "this host's clock is 59 s behind the exchange's"),
        (-60, StepOutcome.FAIL, "this host's clock is 59 s ahead of the exchange's"),
    ],
)
def test_more_than_ten_seconds_fail(seconds: float, outcome: StepOutcome, words: str) -> None:
    answer, other = heard(seconds), heard(3600)
    probed = clock_offset([other, answer], Public(markets={}, evidence=answer.evidence))
    assert (probed.outcome, probed.detail) == (outcome, words)
    assert (probed.finding is not None) is (outcome is StepOutcome.FAIL)
    assert probed.value is not None  # also where it fails: others judge by it
