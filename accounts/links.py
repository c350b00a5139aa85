"""Links in mails. Their origin is a setting, never what the request claims."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from accounts.models import User


def to(view_name: str, *args: object) -> str:
    return str(settings.BASE_URL) + reverse(view_name, args=args)


def to_confirm(key: str) -> str:
    return to("account_confirm_email", key)


def to_new_password(user: User) -> str:
    """Dead once the password or the address has changed, and after PASSWORD_RESET_TIMEOUT."""
    return to("account_reset_password_from_key", user_pk_to_url_str(user), default_token_generator.make_token(user))
