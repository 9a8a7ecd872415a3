"""From what holds to what is recorded: once, counted, resolved, and never a row per look."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from trading_bridge.core.finding import (
    PLATFORM,
    Evidence,
    Finding,
    Held,
    RecordedFinding,
    Severity,
    Subject,
    SubjectKind,
    causes_first,
)
from trading_bridge.core.finding_history import RETURNS_WITHIN, Key, key_of, look

START = datetime(2026, 1, 1, tzinfo=UTC)
CONNECTOR = Subject(kind=SubjectKind.CONNECTOR, id="c1")
BOT = Subject(kind=SubjectKind.BOT, id="b1")


def finding(code: str = "ip.not_allowed", *, at: int = 0, severity: Severity = Severity.CRITICAL) -> Finding:
    moment = START + timedelta(seconds=at)
    return Finding(code=code, severity=severity, since=moment, evidence=Evidence(call="fetch_balance", at=moment))


def held(found: Finding, subject: Subject = CONNECTOR, *rests_on: Subject) -> Held:
    return Held(subject=subject, finding=found, rests_on=rests_on)


class History:
    """Looks one after another."""

    def __init__(self) -> None:
        self.open: dict[Key, RecordedFinding] = {}
        self.resolved: dict[Key, RecordedFinding] = {}
        self.told: list[str] = []
        self._ids = count(1)

    def look(self, at: float, *holding: Held, kept: Collection[Key] = ()) -> None:
        now = START + timedelta(seconds=at)
        seen = look(self.open, self.resolved, holding, now, lambda: f"f{next(self._ids)}", kept=kept)
        self.open = dict(seen.open)
        self.resolved |= {key_of(one.subject, one.finding): one for one in seen.resolved}
        self.told += [f"+{one.id}" for one in seen.opened] + [f"-{one.id}" for one in seen.resolved]

    @property
    def only(self) -> RecordedFinding:
        (one,) = self.open.values()
        return one


def test_what_goes_on_is_one_row_however_often_it_is_looked_at() -> None:
    history = History()
    for at in range(20):
        history.look(at / 2, held(finding(at=0)))
    assert history.told == ["+f1"]
    assert history.only.count == 1
    assert history.only.finding.since == START
    assert history.only.last_seen == START + timedelta(seconds=9.5)


def test_each_call_that_fails_counts_once() -> None:
    history = History()
    for at in range(6):
        history.look(at, held(finding(at=at // 2 * 2)))
    assert history.only.count == 3
    assert history.only.finding.since == START
    assert history.only.finding.evidence is not None
    assert history.only.finding.evidence.at == START + timedelta(seconds=4)


def test_what_is_gone_is_resolved_at_that_time() -> None:
    history = History()
    history.look(0, held(finding()))
    history.look(1)
    assert history.told == ["+f1", "-f1"]
    (gone,) = history.resolved.values()
    assert gone.resolved_at == START + timedelta(seconds=1)


def test_what_returns_soon_goes_on_with_its_row_and_keeps_its_note() -> None:
    history = History()
    history.look(0, held(finding()))
    history.open = {key: _noted(one) for key, one in history.open.items()}
    history.look(1)
    history.look(2, held(finding(at=2)))
    assert history.told == ["+f1", "-f1", "+f1"]
    assert (history.only.count, history.only.note, history.only.resolved_at) == (2, "we know", None)
    assert history.only.finding.since == START


def test_what_returns_late_is_a_new_row() -> None:
    history = History()
    history.look(0, held(finding()))
    history.look(1)
    late = int(RETURNS_WITHIN.total_seconds()) + 2
    history.look(late, held(finding(at=late)))
    assert history.told == ["+f1", "-f1", "+f2"]


def test_the_same_code_of_another_subject_is_another_row() -> None:
    history = History()
    history.look(0, held(finding()), held(finding(), Subject(kind=SubjectKind.CONNECTOR, id="c2")))
    assert len(history.open) == 2


def test_stages_of_one_code_are_rows_of_their_own() -> None:
    history = History()
    for at, stage in enumerate(("timeout", "reset")):
        staged = replace(finding("exchange.no_answer", at=at), parameters={"stage": stage})
        history.look(at, held(staged))
    assert history.told == ["+f1", "+f2", "-f1"]


def test_what_held_before_a_start_is_kept_until_there_was_time_to_look() -> None:
    history = History()
    history.look(0, held(finding()))
    history.look(1, kept=[(CONNECTOR, "ip.not_allowed", "")])
    assert (history.told, history.only.last_seen) == (["+f1"], START)
    history.look(2)
    assert history.told == ["+f1", "-f1"]


def test_what_only_follows_from_a_wider_subject_is_no_row() -> None:
    history = History()
    history.look(0, held(finding(), BOT, CONNECTOR), held(finding()), held(finding("order.unresolved"), BOT, CONNECTOR))
    assert set(history.open) == {(CONNECTOR, "ip.not_allowed", ""), (BOT, "order.unresolved", "")}


def test_a_market_does_not_follow_from_itself() -> None:
    history = History()
    market = Subject(kind=SubjectKind.MARKET, id="coinstore SHARP/USDT")
    history.look(0, held(finding("book.crossed"), market, CONNECTOR, market))
    assert list(history.open) == [(market, "book.crossed", "")]


def test_words_that_are_no_problem_are_not_recorded() -> None:
    history = History()
    history.look(0, held(finding("account.recovering", severity=Severity.INFO)))
    assert history.open == {}


@pytest.mark.parametrize("code", ["funds.received", "account.foreign_order", "account.foreign_trade"])
def test_money_that_came_and_what_people_do_by_hand_are_told_though_nothing_is_wrong(code: str) -> None:
    history = History()
    history.look(0, held(finding(code, severity=Severity.INFO)))
    assert [key[1] for key in history.open] == [code]


def test_what_causes_others_comes_first() -> None:
    history = History()
    history.look(0, held(finding("order.unresolved", severity=Severity.WARNING), BOT))
    history.look(
        1, *(held(one.finding, one.subject) for one in history.open.values()), held(finding("storage.slow"), PLATFORM)
    )
    history.look(
        2,
        *(held(one.finding, one.subject) for one in history.open.values()),
        held(finding("exchange.slow", at=2, severity=Severity.WARNING)),
        held(finding(at=2)),
    )
    ranked = [one.finding.code for one in sorted(history.open.values(), key=causes_first)]
    assert ranked == ["storage.slow", "ip.not_allowed", "exchange.slow", "order.unresolved"]


def _noted(one: RecordedFinding) -> RecordedFinding:
    return replace(one, note="we know")
