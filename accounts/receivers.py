"""What the frameworks tell us: signed in, password changed, second factor set up. Nothing else is done by signals."""

import time
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django.dispatch import receiver
from django.http import HttpRequest

from access.roles import ROLES_WITH_SECOND_FACTOR
from accounts import services
from accounts.facts import Fact
from accounts.guessing import counter_of
from accounts.models import User
from accounts.sessions import IDLE_MINUTES, end_sessions
from accounts.wording import reader_language
from personal_data.scope import processing

STAFF_IDLE_MINUTES = 15


@receiver(account_signals.user_logged_in)
def write_in_the_language_of_the_last_visit(*, user: User, **_: Any) -> None:
    if user.language != reader_language():
        user.language = reader_language()
        user.save(update_fields=["language"])


@receiver(account_signals.user_logged_in)
def note_sign_in_of_staff(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Of the staff it is written down; a person's comings and goings are their own."""
    if user.role not in ROLES_WITH_SECOND_FACTOR:
        return
    request.session[IDLE_MINUTES] = STAFF_IDLE_MINUTES
    with processing("security", actor=user.actor) as act:
        act.record(Fact.SIGNED_IN.value)


@receiver([account_signals.password_changed, account_signals.password_set])
def sign_out_other_browsers(*, request: HttpRequest, user: User, **_: Any) -> None:
    end_sessions(user, but_key=request.session.session_key)


@receiver(account_signals.password_reset)
def settle_after_reset(*, user: User, **_: Any) -> None:
    """A pause after too many wrong passwords ends too: its owner has come another way."""
    services.settle_after_reset(user=user)
    AxesProxyHandler.reset_attempts(username=counter_of(user.email))


@receiver(account_signals.email_confirmed)
def keep_account_that_is_confirmed(*, email_address: EmailAddress, **_: Any) -> None:
    services.note_confirmation(user=email_address.user)


@receiver(account_signals.email_removed)
def forget_address_not_wanted(*, user: User, **_: Any) -> None:
    services.give_up_address_change(user=user)


@receiver(mfa_signals.authenticator_added)
def count_new_factor_as_used(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Setting one up has shown that its owner holds it: no need to sign in again to reach the desk."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    record = {"method": "mfa", "at": time.time(), "id": authenticator.pk, "type": authenticator.type}
    records = get_authentication_records(request, user)
    if records:
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [*records, record]
