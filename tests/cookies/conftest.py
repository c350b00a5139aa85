from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserType

from profiles.loader import load
from tests.cookies import metrica
from tests.cookies.metrica import Metrica
from tests.factories.consent import publish
from tests.factories.profiles import make_counted_profile


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """Limits are counted in the cache, and no test shall pay for another one's choices."""
    cache.clear()


@pytest.fixture
def counted(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The portal of an operator that leaves one group of cookies, analytics, to the visitor."""
    folder = make_counted_profile(tmp_path / "counted")
    settings.OPERATOR_PROFILE = str(folder)
    yield folder
    load.cache_clear()


@pytest.fixture
def serve(transactional_db: None) -> Iterator[Callable[[], str]]:
    """Serves the portal by the settings of this test, in this process: the address."""
    with ExitStack() as stack:

        def start() -> str:
            publish()
            server = LiveServerThread("127.0.0.1", StaticFilesHandler)
            server.daemon = True
            server.start()
            server.is_ready.wait()
            stack.callback(server.terminate)
            assert not server.error
            return f"http://127.0.0.1:{server.port}"

        yield start


@pytest.fixture
def home(counted: Path, serve: Callable[[], str]) -> str:
    """The address of the portal that counts visits."""
    return serve()


@pytest.fixture
def yandex(tmp_path: Path) -> Iterator[Metrica]:
    with metrica.running(tmp_path) as running:
        yield running


@pytest.fixture
def launch(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], yandex: Metrica
) -> Iterator[Callable[..., Browser]]:
    """A browser of this test alone, for which mc.yandex.ru is the machine above."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Browser:
            given = browser_type_launch_args.get("args", [])
            options = {**browser_type_launch_args, "args": [*given, *yandex.launch_arguments, *arguments]}
            browser = browser_type.launch(**options)
            stack.callback(browser.close)
            return browser

        yield start
