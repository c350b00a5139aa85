from collections.abc import Iterator
from typing import Any

import pytest

from law import clock, clock_installation
from operator_portal.database import as_owner


@pytest.fixture
def demo_clock(transactional_db: None, settings: Any) -> Iterator[None]:
    """A database that was migrated for a demo: there, and only there, the application may move the clock."""
    for settings.DEMO in (True, False):
        with as_owner():
            clock_installation.settle(using="default")
        clock.forget()
        if settings.DEMO:
            yield
