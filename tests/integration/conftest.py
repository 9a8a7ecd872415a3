import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.world import World, a_world


def pytest_sessionfinish() -> None:
    """Killed servers leave greenlets of database calls; collected while a module is parsed they break the parser."""
    gc.collect()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made
