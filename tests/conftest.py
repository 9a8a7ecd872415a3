"""How the tests are shared among workers: what takes long comes first, so that all of them end at about one time."""

import gc
import logging
import sys
from collections.abc import Generator, Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

#: beginnings of test ids: longest first, those that wait for real time between those that compute; all others follow
FIRST = (
    "tests/e2e/test_two_servers.py::test_fault_T3",
    "tests/integration/test_session.py::test_I16_the_books",
    "tests/e2e/test_browser_control.py",
    "tests/e2e/test_two_servers.py::test_fault_D1",
    "tests/integration/test_session.py",
    "tests/e2e/test_kill_nine.py",
    "tests/e2e/test_two_servers.py::test_fault_D3",
    "tests/integration/test_nothing_forgotten.py",
    "tests/e2e/test_browser.py",
    "tests/integration/test_trading.py",
    "tests/e2e/test_demo.py",
    "tests/e2e/test_transport_causes.py",
    "tests/e2e/test_stop.py",
    "tests/integration/test_limits.py",
    "tests/e2e/test_demo_in_trouble.py",
    "tests/integration/test_faults.py",
    "tests/e2e/test_seed_walk.py",
    "tests/e2e/test_browser_trouble.py",
    "tests/integration/test_money_moves.py",
    "tests/e2e/test_doctor_command.py",
    "tests/e2e",
    "tests/integration",
)
#: files whose tests share nothing that is dear to make: each test goes to whichever worker is free
APART = frozenset(
    f"tests/{path}"
    for path in (
        "e2e/test_demo_in_trouble.py",
        "e2e/test_stop.py",
        "e2e/test_two_servers.py",
        "integration/test_nothing_forgotten.py",
        "integration/test_session.py",
        "integration/test_trading.py",
    )
)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Commands set up the logs of their process, which is the next test's process too."""
    root = logging.getLogger()
    before, known = (root.handlers, sys.excepthook), structlog.get_config()
    yield
    root.handlers, sys.excepthook = before
    structlog.configure(**known)


class LongestFirst(LoadFileScheduling):
    """A file is one piece of work, unless its tests are apart."""

    def _split_scope(self, nodeid: str) -> str:
        path = super()._split_scope(nodeid)
        return nodeid if path in APART else path


def place(nodeid: str) -> int:
    return next((place for place, beginning in enumerate(FIRST) if nodeid.startswith(beginning)), len(FIRST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and their modules stay to the end: no collection of garbage looks at them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst | None:
    return LongestFirst(config, log) if config.option.dist == "loadfile" else None
