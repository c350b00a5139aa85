"""Accounts of invented people, and signing them in. Every helper says who acts."""

import time
from datetime import UTC, datetime

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from access.roles import ROLES_WITH_SECOND_FACTOR, Role
from accounts.models import User
from accounts.services import create_user
from processing_log.actors import Actor
from tests.factories.mandates import make_mandate

JOINED_AT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
PASSWORD = "meadow-lantern-otter-41"


def make_user(
    *,
    address: str = "anna@example.org",
    role: Role = Role.USER,
    last_name: str = "",
    first_name: str = "",
    patronymic: str = "",
    password: str = PASSWORD,
    language: str = "ru",
    at: datetime = JOINED_AT,
) -> User:
    """An account with a confirmed address. An auditor may see the whole log."""
    user = create_user(
        address=address,
        role=role,
        language=language,
        at=at,
        by=Actor.system("test"),
        names={"last_name": last_name, "first_name": first_name, "patronymic": patronymic},
        password=password,
    )
    if role is Role.AUDITOR:
        make_mandate(auditor=user.pk)
    return user


def sign_in(client: Client, user: User, *, second_factor: bool | None = None) -> Client:
    """As if through the front door just now; with a second factor where the role needs one. Leaves no event."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    methods = ["password"]
    if second_factor if second_factor is not None else user.role in ROLES_WITH_SECOND_FACTOR:
        methods.append("mfa")
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time()} for method in methods]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
