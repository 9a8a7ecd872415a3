from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import explained
from tests.e2e.pages import open_page, running_browser
from tests.e2e.running_demo import RunningDemo, start_demo


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure that is not one of `until` tells as much."""
    report = yield
    story = explained.all_stories() if report.failed else ""
    if story and story not in report.longreprtext:
        report.sections.append(("what was running", story))
    return report


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests of a module that leave it as they found it; it runs no longer than they do."""
    running = start_demo(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.end()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[RunningDemo]:
    """A demo for a test that breaks something."""
    running = start_demo(tmp_path / "data")
    yield running
    running.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with open_page(browser) as page:
        yield page
