"""The text for an exchange's support: all of the evidence, no secret, nothing of our insides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Evidence, Finding, RecordedFinding, Severity, Subject, SubjectKind
from trading_bridge.diagnosis.bundle import LABELS, bundle_of
from trading_bridge.diagnosis.ladder import EgressAddress, Ladder, Rung, Step, StepOutcome

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
CONNECTOR = Connector(
    id="connector-id-0001",
    client_id="client-id-0001",
    account="client_sharp",
    name="main",
    exchange="coinstore",
    base_url=None,
    proxy_url=None,
    ipv4_only=False,
    key_last4="1a2b",
    exchange_account=None,
    version=1,
    created_at=NOW,
    updated_at=NOW,
)
EVIDENCE = Evidence(
    call="fetch_balance",
    endpoint="/spot/accountList",
    method="POST",
    http_status=200,
    exchange_code="1401",
    exchange_text="Unauthorized",
    request_id="r-77",
    latency_ms=41,
    at=NOW,
)
FINDING = Finding(code="ip.not_allowed", severity=Severity.CRITICAL, since=NOW, evidence=EVIDENCE)
LADDER = Ladder(
    started_at=NOW,
    took_ms=300,
    steps=(
        Step(rung=Rung.CREDENTIALS, outcome=StepOutcome.PASS, detail="stored", took_ms=0),
        Step(rung=Rung.CONNECT, outcome=StepOutcome.PASS, detail="port 443 answers", took_ms=3),
        Step(
            rung=Rung.SIGNED_READ,
            outcome=StepOutcome.FAIL,
            detail="refused",
            took_ms=41,
            finding=FINDING,
            evidence=EVIDENCE,
        ),
        Step(rung=Rung.TRADE_PERMISSION, outcome=StepOutcome.SKIPPED, detail="no market", took_ms=0),
        Step(rung=Rung.BALANCE, outcome=StepOutcome.SKIPPED, detail="SHARP-SB: nothing", took_ms=0),
    ),
    diagnosis=FINDING,
    remaining=("permission.read_missing",),
    egress=(
        EgressAddress(family="ipv4", address="203.0.113.7", source="seen", first_seen=NOW, last_seen=NOW),
        EgressAddress(family="ipv6", address="2001:db8::7", source="configured", first_seen=None, last_seen=None),
    ),
    requests=5,
)
RECORDED = RecordedFinding(
    id="f1",
    subject=Subject(kind=SubjectKind.CONNECTOR, id=CONNECTOR.id),
    finding=FINDING,
    last_seen=NOW + timedelta(minutes=5),
    count=12,
)

WHOLE = """\
Exchange        coinstore
API key         ends in 1a2b
First seen      2026-11-21 12:00:00 UTC
Last seen       2026-11-21 12:05:00 UTC
Seen            12 times
Ended           not yet

Request and answer
  Time          2026-11-21 12:00:00 UTC
  Endpoint      POST /spot/accountList
  HTTP status   200
  Code          1401
  Text          Unauthorized
  Request id    r-77
  Took          41 ms

What was tried (2026-11-21 12:00:00 UTC)
  Connection        works
  Read balances     fails: POST /spot/accountList, HTTP 200, code 1401, Unauthorized, request r-77, \
2026-11-21 12:00:00 UTC
  Trade permission  not tried

Our addresses
  IPv4          203.0.113.7, seen 2026-11-21 12:00:00 UTC
  IPv6          2001:db8::7
"""


def test_the_whole_text() -> None:
    assert bundle_of(RECORDED, LADDER, CONNECTOR) == WHOLE


def test_nothing_of_our_insides_is_in_it() -> None:
    told = bundle_of(replace(RECORDED, note="call me"), LADDER, CONNECTOR)
    for inside in (CONNECTOR.id, CONNECTOR.client_id, CONNECTOR.account, "SHARP-SB", "ip.not_allowed", "call me", "f1"):
        assert inside not in told


def test_a_secret_that_an_exchange_repeats_is_masked() -> None:
    said = replace(EVIDENCE, exchange_text="bad request\napi_key=abcdef123456 secret: 9f0c4cd1")
    told = bundle_of(replace(FINDING, evidence=said), None, CONNECTOR)
    assert "abcdef123456" not in told
    assert "9f0c4cd1" not in told
    assert "bad request api_key=***" in told


def test_without_a_check_and_without_evidence_it_says_what_is_known() -> None:
    bare = replace(FINDING, evidence=None, since=NOW.astimezone(timezone(timedelta(hours=7))))
    elsewhere = replace(CONNECTOR, base_url="http://127.0.0.1:8100/api", key_last4=None)
    assert bundle_of(bare, None, elsewhere) == (
        "Exchange        coinstore\n"
        "Host            http://127.0.0.1:8100/api\n"
        "API key         none stored\n"
        "Since           2026-11-21 12:00:00 UTC\n"
    )


def test_the_failing_call_of_the_check_stands_in_for_missing_evidence() -> None:
    told = bundle_of(replace(FINDING, evidence=None), LADDER, CONNECTOR)
    assert "  Request id    r-77" in told


@pytest.mark.parametrize(("proxy", "told"), [(True, "not known (through a proxy)"), (False, "not known")])
def test_unknown_addresses_are_said_to_be_unknown(proxy: bool, told: str) -> None:
    connector = replace(CONNECTOR, proxy_url="http://bob:hunter2@10.0.0.8:3128" if proxy else None)
    assert bundle_of(FINDING, replace(LADDER, egress=()), connector).endswith(f"Our addresses\n  {told}\n")


def test_a_finding_of_no_single_key_says_where_it_holds() -> None:
    of_market = replace(RECORDED, subject=Subject(kind=SubjectKind.MARKET, id="coinstore SHARP/USDT"))
    assert bundle_of(of_market, None, None).startswith("Exchange        coinstore SHARP/USDT\nFirst seen")
    assert bundle_of(RECORDED, None, None).startswith("First seen")


def test_no_answer_is_said() -> None:
    unheard = Evidence(call="fetch_balance", endpoint="/spot/accountList", method="POST", at=NOW)
    told = bundle_of(replace(FINDING, evidence=unheard), None, CONNECTOR)
    assert "  HTTP status   no answer\n" in told
    assert "Code" not in told


def test_every_rung_has_a_label() -> None:
    assert set(LABELS) == set(Rung)
