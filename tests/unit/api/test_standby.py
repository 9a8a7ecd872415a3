"""A server that waits for its turn says so, and does nothing else."""

from datetime import UTC, datetime

import pytest
from starlette.responses import PlainTextResponse

from tests.unit.api.asgi import Client
from trading_bridge.api.standby import Front
from trading_bridge.storage.lease import Occupied

HELD = Occupied(epoch=7, holder="host:42", build="2.1", expires_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


class Undescribed(Client):
    """What stands by has no description."""

    def _hold_against_description(self, *given: object) -> None:
        pass


@pytest.fixture
def front() -> Front:
    return Front()


async def asked(front: Front, method: str, path: str) -> tuple[int, dict[str, object]]:
    answer = await Undescribed(front).ask(method, path)  # type: ignore[arg-type]
    return answer.status, answer.json


@pytest.mark.parametrize("path", ["/health", "/api/health"])
async def test_it_says_that_it_lives(front: Front, path: str) -> None:
    assert await asked(front, "GET", path) == (200, {"status": "starting"})
    front.waits_for(HELD)
    assert await asked(front, "GET", path) == (200, {"status": "standby"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/ready"), ("GET", "/api/bots"), ("POST", "/api/auth/login")])
async def test_everything_else_names_the_holder_and_its_expiry(front: Front, method: str, path: str) -> None:
    status, body = await asked(front, method, path)
    assert (status, body["code"]) == (503, "not.ready")
    front.waits_for(HELD)
    status, body = await asked(front, method, path)
    assert (status, body["code"]) == (503, "lease.held")
    assert "host:42" in str(body["detail"])
    assert "2026-01-02T03:04:05+00:00" in str(body["detail"])


async def test_once_it_is_open_the_application_answers(front: Front) -> None:
    front.waits_for(HELD)
    front.open(PlainTextResponse('"here"'))
    assert await asked(front, "GET", "/ready") == (200, "here")  # type: ignore[comparison-overlap]
