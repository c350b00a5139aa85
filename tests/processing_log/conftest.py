from uuid import uuid4

import pytest

from access.roles import Role
from law import clock
from processing_log import mandates
from processing_log.models import Mandate
from tests.factories.accounts import make_user, sign_in
from tests.factories.mandates import make_mandate


@pytest.fixture
def user():
    return make_user(address="auditor@example.org", role=Role.AUDITOR, language="en")


@pytest.fixture
def seat(client, user):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return sign_in(client, user)


@pytest.fixture
def limited(user):
    """A narrower mandate in place of the usual one."""
    mandates.end(mandate_id=Mandate.objects.get().pk, how="early", by=uuid4(), at=clock.now())
    return lambda **limits: mandates.scope_of(make_mandate(auditor=user.pk, **limits))
