"""What a probe has to say."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from trading_bridge.core.finding import Evidence, Finding
from trading_bridge.diagnosis.catalogue import title_of
from trading_bridge.diagnosis.ladder import StepOutcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Generic[T]):
    outcome: StepOutcome
    #: one sentence for the operator
    detail: str
    #: what later rungs build on; None: nothing
    value: T | None = None
    finding: Finding | None = None
    evidence: Evidence | None = None


def passed(detail: str, value: T, evidence: Evidence | None = None) -> Probed[T]:
    return Probed(outcome=StepOutcome.PASS, detail=detail, value=value, evidence=evidence)


def failed(detail: str, finding: Finding) -> Probed[T]:
    return Probed(outcome=StepOutcome.FAIL, detail=detail, finding=finding, evidence=finding.evidence)


def skipped(detail: str) -> Probed[T]:
    return Probed(outcome=StepOutcome.SKIPPED, detail=detail)


def answered(evidence: Evidence | None) -> str:
    """How a call ended, in words: what was asked, and what came."""
    if evidence is None:
        return "no call was made"
    asked = f"{evidence.method or ''} {evidence.endpoint or evidence.call}".strip()
    if evidence.http_status is None:
        return f"{asked}: no answer"
    said = f"{asked}: HTTP {evidence.http_status}"
    if evidence.exchange_code is not None:
        said += f", code {evidence.exchange_code}"
    if evidence.exchange_text is not None:
        said += f", {evidence.exchange_text}"
    return said


def failed_call(what: str, finding: Finding) -> Probed[T]:
    """`what` did not work, as its call shows."""
    how = f"; {answered(finding.evidence)}" if finding.evidence is not None else ""
    return failed(f"{what}: {title_of(finding.code, finding.parameters)}{how}", finding)
