"""The way in for somebody without an account: a mail to the address of the request, with a link that works once and a
code to type in. Whoever reads the mailbox is who wrote, or whom the address belongs to."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from accounts.models import MailAddress
from personal_data import keyring
from subject_requests.intake.models import GuestPass
from subject_requests.models import Request

CODE_GOOD_FOR: Final = timedelta(minutes=15)
LINK_GOOD_FOR: Final = timedelta(hours=24)
MOST_FAILURES: Final = 5
PAUSE: Final = timedelta(minutes=1)
MOST_A_DAY: Final = 5
_DAY: Final = timedelta(hours=24)
_DIGITS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What goes into the mail, sealed, and is not kept."""

    code: str
    url: str


def issue(request: Request, *, at: datetime) -> Secret:
    """Ends the pass that was there. To be called inside of processing()."""
    code, link = _new_code(), _new_link()
    GuestPass.objects.filter(request=request, used_at=None, revoked_at=None).update(revoked_at=at)
    GuestPass.objects.create(
        request=request,
        subject_id=request.subject_id,
        link_digest=_digest("link", link),
        code_digest=_digest(f"code {request.pk}", code),
        sent_at=at,
        code_expires_at=at + CODE_GOOD_FOR,
        expires_at=at + LINK_GOOD_FOR,
    )
    return Secret(code=_spelled(code), url=settings.BASE_URL + reverse("guest:open", args=[request.number, link]))


def may_send(request: Request, *, address: str, at: datetime) -> bool:
    """No mailbox is filled by somebody who asks again and again: counted by address, over all requests that name it."""
    holders = MailAddress.objects.filter(address=address).values("subject_id")
    sent = GuestPass.objects.filter(subject_id__in=holders, sent_at__gt=at - _DAY).count()
    just_now = GuestPass.objects.filter(request=request, sent_at__gt=at - PAUSE).exists()
    return sent < MOST_A_DAY and not just_now


def use_link(request: Request, link: str, *, at: datetime) -> bool:
    """True for the first who comes with it."""
    passes = GuestPass.objects.usable(at).filter(request=request, link_digest=_digest("link", link))
    return bool(passes.update(used_at=at))


def is_link_good(request: Request, link: str, *, at: datetime) -> bool:
    """Without using it up: whoever looks at a mail for its reader opens links."""
    return GuestPass.objects.usable(at).filter(request=request, link_digest=_digest("link", link)).exists()


def use_code(request: Request, code: str, *, at: datetime) -> bool:
    """A wrong code is counted before it is told; after a few the pass is dead, and a new one has to be asked for."""
    usable = GuestPass.objects.usable(at).filter(request=request, code_expires_at__gt=at, failures__lt=MOST_FAILURES)
    typed = _digest(f"code {request.pk}", _tidy(code))
    if usable.filter(code_digest=typed).update(used_at=at):
        return True
    usable.update(failures=F("failures") + 1)
    return False


def _new_code() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def _new_link() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _spelled(code: str) -> str:
    return f"{code[:4]} {code[4:]}"


def _tidy(code: str) -> str:
    return "".join(sign for sign in code if sign.isascii() and sign.isdigit())


def _digest(label: str, secret: str) -> bytes:
    return hmac.digest(keyring.derived("ways into a request"), f"{label}|{secret}".encode(), "sha256")
