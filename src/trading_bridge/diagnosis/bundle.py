"""The evidence as plain text for an exchange's support: what was asked and what came, and nothing of our insides."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Evidence, Finding, RecordedFinding, SubjectKind
from trading_bridge.diagnosis.ladder import EgressAddress, Ladder, Rung, Step, StepOutcome
from trading_bridge.redaction import scrubbed

_WIDTH = 16
#: as somebody at an exchange reads it
LABELS: Mapping[Rung, str] = {
    Rung.CREDENTIALS: "Key",
    Rung.RESOLVE: "Name lookup",
    Rung.CONNECT: "Connection",
    Rung.TLS: "TLS",
    Rung.PUBLIC: "Public call",
    Rung.CLOCK: "Clock",
    Rung.EGRESS: "Our address",
    Rung.SIGNED_READ: "Read balances",
    Rung.READ_PERMISSION: "Read orders",
    Rung.TRADE_PERMISSION: "Trade permission",
    Rung.WITHDRAW_PERMISSION: "Withdraw permission",
    Rung.MARKET: "Market",
    Rung.BALANCE: "Balance",
}
#: what an exchange can say something about; the others are about this host and its bots
_OF_EXCHANGE = frozenset(
    {
        *(Rung.CONNECT, Rung.TLS, Rung.PUBLIC, Rung.CLOCK),
        *(Rung.SIGNED_READ, Rung.READ_PERMISSION, Rung.TRADE_PERMISSION),
    }
)


def bundle_of(finding: RecordedFinding | Finding, ladder: Ladder | None, connector: Connector | None) -> str:
    """Lines to paste into a request for help, all times in UTC; `ladder` None: no check was run, `connector` None: the
    finding is of no single key, or its connector has gone."""
    bare = finding.finding if isinstance(finding, RecordedFinding) else finding
    evidence = bare.evidence or _deciding(ladder)
    parts = [[*(_place(finding) if connector is None else _key(connector)), *_history(finding)]]
    if evidence is not None:
        parts.append(["Request and answer", *_call(evidence)])
    if ladder is not None:
        parts.append([f"What was tried ({_time(ladder.started_at)})", *_tried(ladder)])
        parts.append(["Our addresses", *_addresses(ladder.egress, connector)])
    return scrubbed("\n\n".join("\n".join(lines) for lines in parts) + "\n")


def _key(connector: Connector) -> Iterator[str]:
    yield _line("Exchange", connector.exchange)
    if connector.base_url is not None:
        yield _line("Host", connector.base_url)
    yield _line("API key", "none stored" if connector.key_last4 is None else f"ends in {connector.key_last4}")


def _place(finding: RecordedFinding | Finding) -> Iterator[str]:
    if isinstance(finding, RecordedFinding) and finding.subject.kind in (SubjectKind.EXCHANGE, SubjectKind.MARKET):
        yield _line("Exchange", finding.subject.id)


def _history(finding: RecordedFinding | Finding) -> Iterator[str]:
    if isinstance(finding, Finding):
        yield _line("Since", _time(finding.since))
        return
    yield _line("First seen", _time(finding.finding.since))
    yield _line("Last seen", _time(finding.last_seen))
    yield _line("Seen", "once" if finding.count == 1 else f"{finding.count} times")
    yield _line("Ended", "not yet" if finding.resolved_at is None else _time(finding.resolved_at))


def _call(evidence: Evidence) -> Iterator[str]:
    """What was not heard is left out."""
    told: tuple[tuple[str, object], ...] = (
        ("Time", None if evidence.at is None else _time(evidence.at)),
        ("Endpoint", None if evidence.endpoint is None else f"{evidence.method or ''} {evidence.endpoint}".strip()),
        ("HTTP status", evidence.http_status if evidence.http_status is not None else "no answer"),
        ("Code", evidence.exchange_code),
        ("Text", evidence.exchange_text),
        ("Request id", evidence.request_id),
        ("Took", None if evidence.latency_ms is None else f"{evidence.latency_ms} ms"),
    )
    return (_line(f"  {name}", str(value)) for name, value in told if value is not None)


def _tried(ladder: Ladder) -> Iterator[str]:
    for step in ladder.steps:
        if step.rung in _OF_EXCHANGE:
            # the clock is told by the public call's answer
            said = "" if step.rung is Rung.CLOCK else _answer(step.evidence)
            yield _line(f"  {LABELS[step.rung]}", f"{_outcome(step)}{said}", width=_WIDTH + 4)


def _outcome(step: Step) -> str:
    match step.outcome:
        case StepOutcome.PASS:
            return "works"
        case StepOutcome.FAIL:
            return "fails"
        case StepOutcome.SKIPPED:
            return "not tried"


def _answer(evidence: Evidence | None) -> str:
    if evidence is None or evidence.endpoint is None:
        return ""
    words = [f"{evidence.method or ''} {evidence.endpoint}".strip()]
    words.append("no answer" if evidence.http_status is None else f"HTTP {evidence.http_status}")
    words += [f"code {evidence.exchange_code}"] if evidence.exchange_code is not None else []
    words += [evidence.exchange_text] if evidence.exchange_text else []
    words += [f"request {evidence.request_id}"] if evidence.request_id is not None else []
    words += [_time(evidence.at)] if evidence.at is not None else []
    return f": {', '.join(words)}"


def _addresses(egress: tuple[EgressAddress, ...], connector: Connector | None) -> Iterator[str]:
    families = {"ipv4": "IPv4", "ipv6": "IPv6"}
    for one in egress:
        seen = "" if one.last_seen is None else f", seen {_time(one.last_seen)}"
        yield _line(f"  {families.get(one.family, one.family)}", f"{one.address}{seen}")
    if not egress:
        proxied = connector is not None and connector.proxy_url is not None
        yield f"  not known{' (through a proxy)' if proxied else ''}"


def _deciding(ladder: Ladder | None) -> Evidence | None:
    if ladder is None:
        return None
    failed = (step.evidence for step in ladder.steps if step.outcome is StepOutcome.FAIL and step.evidence is not None)
    return next(failed, None)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _line(name: str, value: str, *, width: int = _WIDTH) -> str:
    """One line, whatever an exchange put into its text."""
    return f"{name:<{width}}{' '.join(value.split())}"
