"""Where allauth meets the portal: it gets tokens for addresses, and our outbox for its mail."""

import time
from typing import Any, Final

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as allauth_context
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.requests import SignedInRequest
from access.roles import DESK_ROLES, Role
from accounts import border, mails, services
from accounts.models import User
from accounts.wording import reader_language
from law import clock

#: What allauth has to say after an act. Its own words name the address or the user; ours don't.
MESSAGES: Final[dict[str, str | Promise]] = {
    "account/messages/email_confirmed.txt": _("The address is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("This address cannot be confirmed for your account."),
    "account/messages/email_confirmation_sent.txt": _("We have sent you a letter with a link."),
    "account/messages/email_deleted.txt": _("The address stays as it was."),
    "account/messages/logged_out.txt": _("You have signed out."),
    "account/messages/password_changed.txt": _("The password is changed. Other browsers are signed out."),
    "account/messages/password_set.txt": _("The password is set."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is switched on."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is switched off."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes are made; the old ones no longer work."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    # --- addresses --------------------------------------------------------------------------------------------------

    def clean_email(self, email: str) -> str:
        """allauth asks this about what was entered, and again about what it has in its own tables. Our forms have
        refused tokens before, see forms.AddressToken."""
        return email if border.digest_of(email) else border.token(email)

    def new_user(self, request: HttpRequest) -> User:
        return User(language=reader_language(), role=Role.USER)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> User:
        user.set_password(form.cleaned_data["password1"])
        return services.open_account(
            user=user,
            address=form.address,
            names=form.names(),
            at=clock.now(),
            policy_shown=form.cleaned_data["policy_shown"],
        )

    # --- mail ------------------------------------------------------------------------------------------------------

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        address = emailconfirmation.email_address
        mails.send_confirmation(user=address.user, token=address.email, key=emailconfirmation.key, at=clock.now())

    def send_account_already_exists_mail(self, email: str) -> None:
        owner = User.objects.filter(email=email, is_active=True).first()
        if owner:
            mails.send_already_here(owner=owner, language=reader_language(), at=clock.now())

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Without the address of the machine and the name of the browser, which allauth would tell."""
        if template_prefix == "account/email/email_changed":
            services.finish_address_change(user=user, old_token=email or "", at=clock.now())
        elif template_prefix in mails.NOTICES:
            mails.send_notice(user=user, what=mails.NOTICES[template_prefix], at=clock.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError(f"allauth has a mail that the portal does not know: {template_prefix}")

    # --- words and ways --------------------------------------------------------------------------------------------

    def add_message(  # noqa: PLR0917  the signature is allauth's
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or MESSAGES.get(message_template or "")
        if words:
            messages.add_message(request, level, str(words), extra_tags=extra_tags)

    def get_login_redirect_url(self, request: SignedInRequest) -> str:
        role = Role(request.user.role)
        if role in DESK_ROLES:
            return reverse("admin:index")
        return "/audit/" if role == Role.AUDITOR else reverse("me:home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """A new person is shown the consents, each of which they may leave alone."""
        return reverse("consents:list")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("account_email") if self.request.user.is_authenticated else reverse("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in need not show again who they are."""
        request = allauth_context.request
        records = get_authentication_records(request, request.user)
        newest = max((record["at"] for record in records), default=0.0)
        return bool(time.time() - newest >= app_settings.REAUTHENTICATION_TIMEOUT)
