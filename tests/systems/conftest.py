import pytest

from systems.meter import meter


@pytest.fixture(autouse=True)
def nothing_asked_yet() -> None:
    meter.forget()
