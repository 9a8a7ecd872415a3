"""From the steps of a ladder to what most likely is wrong: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.diagnosis.ladder import EgressAddress, Rung, Step, StepOutcome
from trading_bridge.diagnosis.tell_apart import Said, Signs, Verdict, tell_apart

#: what fails on these is not the connector's
_BESIDE = frozenset({Rung.EGRESS, Rung.MARKET, Rung.BALANCE})
_CONFLATED = "access.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    #: with each refusal named by what is behind it
    steps: tuple[Step, ...]
    finding: Finding | None
    remaining: tuple[str, ...]
    #: None: the connector itself is well, whatever `finding` says of a bot or an address
    of_connector: Finding | None


def diagnose(steps: Sequence[Step], signs: Signs, egress: tuple[EgressAddress, ...]) -> Diagnosis:
    verdict = tell_apart(signs)
    found = None if verdict is None else _named(verdict, steps, egress)
    if found is not None:
        steps = tuple(_explained(step, found, signs) for step in steps)
    failures = [step for step in steps if step.outcome is StepOutcome.FAIL and step.finding is not None]
    before = _first(step for step in failures if step.rung not in _BESIDE)
    of_connector = found or before
    return Diagnosis(
        steps=tuple(steps),
        finding=of_connector or _first(failures),
        remaining=() if verdict is None else verdict.remaining,
        of_connector=of_connector,
    )


def _named(verdict: Verdict, steps: Sequence[Step], egress: tuple[EgressAddress, ...]) -> Finding | None:
    decisive = next((step for step in steps if step.rung is verdict.rung and step.finding is not None), None)
    if decisive is None or decisive.finding is None:
        return None
    parameters = dict(verdict.parameters)
    if verdict.code == "ip.not_allowed":
        parameters = _addresses(parameters.get("family"), egress)
    return Finding(
        code=verdict.code,
        severity=Severity.CRITICAL,
        since=decisive.finding.since,
        parameters=parameters,
        evidence=decisive.finding.evidence,
    )


def _addresses(family: str | None, egress: tuple[EgressAddress, ...]) -> dict[str, str]:
    """Those to allow, as far as they are known: of the family that was refused, else of each that may be taken."""
    concerned = [one for one in egress if family is None or one.family in family]
    families = family or ", ".join(dict.fromkeys(one.family for one in concerned))
    known = {"addresses": ", ".join(one.address for one in concerned), "family": families}
    return {name: value for name, value in known.items() if value}


def _explained(step: Step, found: Finding, signs: Signs) -> Step:
    """The exchange's one word for several causes is replaced by the cause."""
    if step.finding is None or step.finding.code != _CONFLATED:
        return step
    code, parameters = found.code, found.parameters
    reads = Said.ACCEPTED in (signs.signed_read, signs.read_permission)
    if step.rung is Rung.TRADE_PERMISSION and reads and not code.startswith("ip."):
        code, parameters = "permission.trade_missing", {}
    detail = step.detail.replace(title_of(_CONFLATED), title_of(code, parameters))
    return replace(step, detail=detail, finding=replace(step.finding, code=code, parameters=parameters))


def _first(steps: Iterable[Step]) -> Finding | None:
    return next((step.finding for step in steps if step.finding is not None), None)
