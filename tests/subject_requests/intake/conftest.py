from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    """Limits are counted in the cache, and no test shall pay for another one's attempts."""
    cache.clear()
    yield
    cache.clear()
