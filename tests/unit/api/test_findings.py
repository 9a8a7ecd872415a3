"""Findings by the API, between the moment that they are seen and the moment that they are stored."""

from tests.factories import NOW
from tests.unit.api.conftest import Api
from trading_bridge.core.finding import PLATFORM, Finding, RecordedFinding, Severity


async def test_the_evidence_of_a_finding_that_is_shown_and_not_stored_yet(api: Api) -> None:
    finding = Finding(code="disk.low", severity=Severity.WARNING, since=NOW, parameters={"free_mb": "12"})
    api.world.findings.holding = [
        RecordedFinding(id="seen0just0now", subject=PLATFORM, finding=finding, last_seen=NOW, count=1)
    ]
    told = await api.client.get("/api/findings/seen0just0now/evidence")
    assert told.status == 200, told.body
    assert "Seen            once" in told.json["text"]
    assert (await api.client.get("/api/findings/never0was/evidence")).status == 404
