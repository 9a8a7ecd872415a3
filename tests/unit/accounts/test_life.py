"""What the life of an exchange means for a connector to it."""

from datetime import UTC, datetime

import pytest

from trading_bridge.accounts.life import bars_bots, life_finding
from trading_bridge.core.finding import Severity

SANDBOX = "http://127.0.0.1:8100/bitmart"


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "code", "severity"),
    [
        ("2026-11-22", "exchange.closing", Severity.WARNING),
        ("2027-01-01", "exchange.closing", Severity.WARNING),
        ("2027-01-02", "exchange.closing", Severity.CRITICAL),  # the last 30 days
        ("2027-01-31T23:59:59", "exchange.closing", Severity.CRITICAL),
        ("2027-02-01", "exchange.closed", Severity.CRITICAL),
        ("2030-01-01", "exchange.closed", Severity.CRITICAL),
    ],
)
@pytest.mark.parametrize("base_url", [None, "https://api-cloud.bitmart.news", "http://192.168.0.9:8100/bitmart"])
def test_a_closing_exchange(now: str, code: str, severity: Severity, base_url: str | None) -> None:
    """Another host may be another of the exchange's own: only what pages call the sandbox is it."""
    finding = life_finding("bitmart", base_url, on(now))
    assert finding is not None
    assert (finding.code, finding.severity) == (code, severity)
    assert finding.parameters["withdraw_by"] == "2027-01-31"
    assert finding.parameters["exchange"] == "BitMart"
    assert finding.since == on("2026-07-26" if code == "exchange.closing" else "2027-02-01")
    barred = bars_bots("bitmart", base_url, on(now))
    assert barred is not None
    assert barred.code == code


@pytest.mark.parametrize(("now", "code"), [("2027-01-20", "exchange.closing"), ("2027-02-01", "exchange.closed")])
def test_its_sandbox(now: str, code: str) -> None:
    finding = life_finding("bitmart", SANDBOX, on(now))
    assert finding is not None
    assert (finding.code, finding.severity, finding.parameters["stage"]) == (code, Severity.WARNING, "sandbox")
    assert bars_bots("bitmart", SANDBOX, on(now)) is None


@pytest.mark.parametrize("exchange", ["coinstore", "nosuch"])
def test_others(exchange: str) -> None:
    assert life_finding(exchange, None, on("2030-01-01")) is None
    assert bars_bots(exchange, None, on("2030-01-01")) is None


def test_where_nothing_is_proved_no_bot_starts_except_in_the_sandbox() -> None:
    barred = bars_bots("kraken", None, on("2026-11-22"))
    assert barred is not None
    assert (barred.code, barred.parameters) == ("exchange.uncertified", {"exchange": "Kraken"})
    assert bars_bots("kraken", SANDBOX, on("2026-11-22")) is None
    assert bars_bots("mexc", None, on("2026-11-22")) is None  # recorded answers are enough
