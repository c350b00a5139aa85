"""The pytest plugin that brings the services: `-p operator_portal.testing.embedded`.

pytest-django reads the settings before any conftest.py is imported, so the environment is set when the plugin is
registered; the servers themselves start with the session. An xdist worker does the same for a slot of its own.
"""

import os

import pytest
import redis

from operator_portal.testing import browser
from operator_portal.testing.services import SharedServices, Slot

BROWSER_FIXTURES = {"page", "browser", "context", "new_context"}
services = SharedServices()
slot = Slot(services.home)
for stale in [name for name in os.environ if name.removesuffix("_FILE") in slot.environment()]:
    del os.environ[stale]
os.environ.update(slot.environment(), DJANGO_SETTINGS_MODULE="operator_portal.testing.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright runs a loop in the thread of the test; nothing is async here


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    services.start()
    for url in (slot.environment()["CACHE_URL"], services.home.cache_url(2 * slot.number)):
        with redis.Redis.from_url(url) as client:
            client.flushdb()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if BROWSER_FIXTURES.intersection(getattr(item, "fixturenames", ()))]
    if browser_tests and browser.find() is None:
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason=browser.NOT_RUN))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missed = any(browser.NOT_RUN in str(report.longrepr) for report in terminalreporter.getreports("skipped"))
    if missed:
        terminalreporter.write_line(browser.NOT_RUN, red=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    services.stop_unless_used()
    slot.release()
