"""What a view behind a sign-in is given."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.models import User


class SignedInRequest(HttpRequest):
    """For annotations: the access rule above the view has made sure that somebody is signed in."""

    user: "User"
