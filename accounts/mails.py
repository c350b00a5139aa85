"""Which of our mails stands for which of allauth's. allauth names the reader by a border token."""

from datetime import datetime
from typing import Final

from accounts import links
from accounts.models import User
from notifications import services as notifications

#: allauth's name of a notice → what our notice says has happened
NOTICES: Final = {
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_set",
    "account/email/password_reset": "password_reset",
    "mfa/email/totp_activated": "totp_activated",
    "mfa/email/totp_deactivated": "totp_deactivated",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
}


def send_confirmation(*, user: User, token: str, key: str, at: datetime) -> None:
    """The link by which somebody shows that an address is theirs. If it belongs to another account its owner is told
    instead, and whoever tried sees no difference."""
    owner = User.objects.filter(email=token, is_active=True).exclude(pk=user.pk).first()
    if owner:
        send_already_here(owner=owner, language=owner.language, at=at)
        return
    notifications.send(
        subject_id=user.subject_id,
        template="confirm_address",
        details={"url": links.to_confirm(key)},
        language=user.language,
        to_token=token,
        purpose="security",
        at=at,
    )


def send_already_here(*, owner: User, language: str, at: datetime) -> None:
    """To somebody whose address was entered as a new one: they have an account, and this is how to get in. Weighs what
    the mail to a new address weighs, so that neither can be told from the other by its time."""
    notifications.send(
        subject_id=owner.subject_id,
        template="account_exists",
        details={"url": links.to("account_reset_password")},
        language=language,
        to_token=owner.email,
        purpose="security",
        at=at,
    )


def send_notice(*, user: User, what: str, at: datetime) -> None:
    """That something about the security of the account has changed: if it was not its owner, they should know."""
    notifications.send(
        subject_id=user.subject_id,
        template="security_notice",
        context={"what": what, "happened_at": at},
        language=user.language,
        purpose="security",
        at=at,
    )
