from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_demo import RunningDemo, start_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests that leave it as they found it."""
    running = start_demo(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.end()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[RunningDemo]:
    """A demo for a test that breaks something."""
    running = start_demo(tmp_path / "data")
    yield running
    running.end()
