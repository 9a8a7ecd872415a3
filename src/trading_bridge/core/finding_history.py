"""From what holds now to the history of findings: opened once, counted while they hold, resolved when they are gone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trading_bridge.core.finding import Finding, Held, RecordedFinding, Severity, Subject

#: a finding that returns within this goes on with its row
RETURNS_WITHIN = timedelta(minutes=1)

#: no problem, and yet told: money that came in, and what people do by hand where that is expected
TOLD = frozenset({"funds.received", "account.foreign_order", "account.foreign_trade"})

#: what a finding is told apart by: its subject, its code, and the stage where its code has several
Key = tuple[Subject, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at what holds."""

    #: all that hold now
    open: Mapping[Key, RecordedFinding]
    #: those of them that did not hold before
    opened: tuple[RecordedFinding, ...]
    #: those that held before and are gone
    resolved: tuple[RecordedFinding, ...]


def look(
    before: Mapping[Key, RecordedFinding],
    lately_resolved: Mapping[Key, RecordedFinding],
    held: Iterable[Held],
    now: datetime,
    new_id: Callable[[], str],
    *,
    kept: Collection[Key] = (),
) -> Look:
    """`lately_resolved` may hold older ones than count; `kept` stay open although nothing says that they hold."""
    holding = _by_key(held)
    after: dict[Key, RecordedFinding] = {}
    opened: list[RecordedFinding] = []
    for key, finding in holding.items():
        known = before.get(key)
        if known is not None:
            after[key] = _seen_again(known, finding, now)
            continue
        after[key] = _returned(lately_resolved.get(key), finding, now) or RecordedFinding(
            id=new_id(), subject=key[0], finding=replace(finding, since=min(finding.since, now)), last_seen=now, count=1
        )
        opened.append(after[key])
    after |= {key: known for key, known in before.items() if key in kept and key not in after}
    resolved = tuple(replace(known, resolved_at=now) for key, known in before.items() if key not in after)
    return Look(open=after, opened=tuple(opened), resolved=resolved)


def key_of(subject: Subject, finding: Finding) -> Key:
    return subject, finding.code, finding.parameters.get("stage", "")


def _by_key(held: Iterable[Held]) -> dict[Key, Finding]:
    """Without words that are no problem, and without what only follows from the same code of a wider subject."""
    found = [one for one in held if one.finding.severity is not Severity.INFO or one.finding.code in TOLD]
    holding: dict[Key, Finding] = {}
    for one in found:
        holding.setdefault(key_of(one.subject, one.finding), one.finding)
    codes = {(subject, code) for subject, code, _ in holding}
    follows = {
        key_of(one.subject, one.finding)
        for one in found
        for wider in one.rests_on
        if wider != one.subject and (wider, one.finding.code) in codes
    }
    return {key: finding for key, finding in holding.items() if key not in follows}


def _seen_again(known: RecordedFinding, finding: Finding, now: datetime) -> RecordedFinding:
    """Another call that failed counts; the same one that is still shown does not."""
    struck = finding.evidence is not None and finding.evidence != known.finding.evidence
    newest = replace(finding, since=known.finding.since)
    return replace(known, finding=newest, last_seen=now, count=known.count + struck)


def _returned(gone: RecordedFinding | None, finding: Finding, now: datetime) -> RecordedFinding | None:
    if gone is None or gone.resolved_at is None or now - gone.resolved_at > RETURNS_WITHIN:
        return None
    newest = replace(finding, since=gone.finding.since)
    return replace(gone, finding=newest, last_seen=now, count=gone.count + 1, resolved_at=None)
