"""What the doctor command has to say, before it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from trading_bridge.cli.doctor_look import Examined, Homeless
from trading_bridge.core.finding import Evidence
from trading_bridge.diagnosis.bundle import bundle_of
from trading_bridge.diagnosis.installation import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    looked_at: datetime
    checks: tuple[Check, ...]
    connectors: tuple[Examined, ...]
    homeless: tuple[Homeless, ...]
    #: why connectors and bots could not be looked up; None: they were
    unread: str | None = None

    @property
    def well(self) -> bool:
        return (
            not self.homeless
            and all(check.finding is None for check in self.checks)
            and all(one.well for one in self.connectors)
        )


def bundles(report: Report) -> Iterator[str]:
    """For each connector with a diagnosis, the text for the exchange's support."""
    for one in report.connectors:
        if (text := bundle(one)) is not None:
            yield text


def bundle(one: Examined) -> str | None:
    """None: nothing is wrong."""
    finding = one.recorded or one.ladder.diagnosis
    return None if finding is None else bundle_of(finding, one.ladder, one.connector)


def heard(evidence: Evidence | None) -> str:
    """`HTTP 200, 1401 Unauthorized`; empty: no call decided it."""
    if evidence is None:
        return ""
    if evidence.http_status is None:
        return "no answer"
    said = " ".join(word for word in (evidence.exchange_code, evidence.exchange_text) if word)
    return f"HTTP {evidence.http_status}" + (f", {said}" if said else "")
