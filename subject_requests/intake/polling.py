"""Looking into the mailbox. A mail is put aside only after what became of it is committed; whatever breaks in between,
it is there the next time, and is known then."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from law import clock
from subject_requests.intake import mail
from subject_requests.intake.imap import Mailbox, Place, place_of
from subject_requests.intake.mail import Lay
from subject_requests.intake.models import MailPlace

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200


@dataclass(kw_only=True)
class Polled:
    taken: int = 0
    copies: int = 0
    failed: int = 0


def place() -> Place | None:
    """The mailbox of the settings, if there is one. Raises ImproperlyConfigured."""
    return place_of(settings.INTAKE_IMAP_URL, done_folder=settings.INTAKE_IMAP_DONE_FOLDER)


def poll(where: Place) -> Polled:
    """Raises NotReached."""
    polled = Polled()
    with Mailbox(where) as box:
        name = mail.mailbox_digest(where.name)
        lain = MailPlace.objects.filter(mailbox=name, uidvalidity=box.uidvalidity)
        known = dict(lain.values_list("uid", "is_put_aside"))
        new = [uid for uid in box.uids() if not known.get(uid)]
        for uid in new[:AT_ONCE]:
            if uid in known or _take(box, Lay(mailbox=name, uidvalidity=box.uidvalidity, uid=uid), polled):
                box.put_aside(uid)
                lain.filter(uid=uid).update(is_put_aside=True)
    return polled


def _take(box: Mailbox, lay: Lay, polled: Polled) -> bool:
    """False when the mail is to be tried again."""
    fetched = box.fetch(lay.uid, most=settings.INTAKE_MAIL_MOST_MB * 1024 * 1024)
    if fetched is None:
        return False
    at: datetime = clock.now()
    try:
        result = mail.take(fetched.raw, received_at=fetched.received_at or at, at=at, lay=lay, is_cut=fetched.is_cut)
    except Exception as error:  # noqa: BLE001  one mail that cannot be taken in must not keep those behind it waiting
        logger.error("mail %s could not be taken in: %s", lay.uid, type(error).__name__)  # noqa: TRY400
        polled.failed += 1
        return False
    if result.is_new:
        polled.taken += 1
    else:
        polled.copies += 1
    return True
