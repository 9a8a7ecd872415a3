"""P6: a crash is told without the values that were at hand."""

import io

import pytest
import structlog

from trading_bridge.logs import configure_logs, get_logger


@pytest.mark.parametrize("json", [True, False])
def test_a_crash_shows_no_local_value(json: bool) -> None:
    out = io.StringIO()
    configure_logs(json=json, stream=out)
    try:
        secret = "cs-" + "very-secret-value"
        try:
            raise ValueError(len(secret))
        except ValueError as bug:
            get_logger("test").error("task failed", exc_info=bug)
    finally:
        structlog.reset_defaults()
    assert "ValueError" in out.getvalue()
    assert "very-secret-value" not in out.getvalue()
