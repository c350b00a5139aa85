import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """Limits are counted in the cache, and no test shall pay for another one's questions."""
    cache.clear()
