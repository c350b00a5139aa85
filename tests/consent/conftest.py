import pytest

from tests.factories.consent import publish


@pytest.fixture
def published(db: None) -> None:
    """LOYAL CLUB's texts, as `apply_profile` publishes them."""
    publish()
