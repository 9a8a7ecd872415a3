"""How long a stream may be silent: what its market is used to, within bounds."""

import pytest

from tests.factories import book
from trading_bridge.accounts.heard import (
    PAUSES_KEPT,
    PAUSES_MIN,
    SILENT_AFTER_MAX_S,
    SILENT_AFTER_MIN_S,
    Habit,
    HeardBooks,
)


def habit(*pauses: float) -> Habit:
    made = Habit()
    for pause in pauses:
        made.paused(pause)
    return made


@pytest.mark.parametrize(
    ("pauses", "silent_after_s"),
    [
        ((), SILENT_AFTER_MAX_S),
        ((0.1,) * (PAUSES_MIN - 1), SILENT_AFTER_MAX_S),
        ((0.2,) * PAUSES_MIN, 0.4),
        ((0.001,) * 50, SILENT_AFTER_MIN_S),
        ((0.1,) * 20 + (0.5,), 1.0),  # one long pause is a habit as well
        ((0.5,) + (0.1,) * PAUSES_KEPT, SILENT_AFTER_MIN_S),  # until it is long ago
        ((0.1,) * 20 + (60.0,), SILENT_AFTER_MAX_S),  # whatever is usual, a decision needs a young book
    ],
)
def test_silence_is_measured_by_the_pauses_that_were_usual(pauses: tuple[float, ...], silent_after_s: float) -> None:
    assert habit(*pauses).silent_after_s == pytest.approx(silent_after_s)


def test_a_busy_stream_is_silent_sooner_and_an_outage_is_no_habit() -> None:
    heard = HeardBooks()
    assert not heard.alive(0.0)
    now = 0.0
    for _ in range(PAUSES_KEPT):
        now += 0.2
        heard.told(book(), now)
    assert heard.alive(now + 0.39)
    assert not heard.alive(now + 0.41)
    heard.forget()
    assert not heard.alive(now)
    heard.told(book(), now + 1000)
    assert not heard.alive(now + 1000.41)
