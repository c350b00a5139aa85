"""Taking a mail in: once, whole, sealed; as a request, as more words to one, or as what a machine sent."""

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from re import compile as pattern
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.db.models import F

from accounts.models import MailAddress
from accounts.selectors import find_subject_by_email
from notifications.models import OutgoingMail
from personal_data import keyring
from personal_data.blind_index import normalise_email
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.services import cancel_clock
from subject_requests import services, strangers, thread
from subject_requests.intake import attaching, letters, passes
from subject_requests.intake.attaching import Checked, Offered
from subject_requests.intake.automatic import Verdict, domain_of, judge, own_domain
from subject_requests.intake.guessing import guess, language_of
from subject_requests.intake.letters import Letter
from subject_requests.intake.models import IncomingMail, MailPlace, MailSeen
from subject_requests.kinds import Channel, Identity, RequestKind
from subject_requests.models import Request

logger = logging.getLogger(__name__)

TAKER: Final = Actor.system("take_mail")
MOST_ANSWERS_A_DAY: Final = 3
_DAY: Final = timedelta(hours=24)
_NUMBER: Final = pattern(r"(?<!\d)(20\d\d-\d{6,9})(?!\d)")
LONGEST_WORDS: Final = 100_000
#: Of a letter whose wish is not clear the shortest of the common terms counts until staff have read it.
UNCLEAR: Final = RequestKind.ACCESS


class FiledAlready(Exception):
    """The mail is with a request."""


@dataclass(frozen=True, kw_only=True)
class Lay:
    """Where a mail lay."""

    mailbox: bytes
    uidvalidity: int
    uid: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """`is_new` is False for a copy of what was taken in before."""

    seen: MailSeen
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class _Arrived:
    """A mail, read and looked at."""

    letter: Letter
    files: Checked
    received_at: datetime
    at: datetime
    lay: Lay | None
    is_cut: bool


def take(raw: bytes, *, received_at: datetime, at: datetime, lay: Lay | None = None, is_cut: bool = False) -> Result:
    """Commits before it returns: only then may the mail be put aside where it came from. Whatever the mail is like, it
    is taken in; what raises is trouble of ours."""
    letter = letters.read(raw)
    digest = _digest_of(letter)
    files = attaching.check([_offered(one) for one in letter.enclosed], can_be_asked=False)
    arrived = _Arrived(letter=letter, files=files, received_at=min(received_at, at), at=at, lay=lay, is_cut=is_cut)
    try:
        with processing(services.PURPOSE, actor=TAKER):
            if copied := _note_copy(digest, lay):
                return Result(seen=copied, is_new=False)
            return Result(seen=_take_new(arrived, digest), is_new=True)
    except IntegrityError as error:
        if "subject_requests_mailseen_digest" not in str(error):
            raise
    with processing(services.PURPOSE, actor=TAKER):  # a copy that came at the same moment was quicker
        copied = _note_copy(digest, lay)
        assert copied is not None
        return Result(seen=copied, is_new=False)


def mailbox_digest(name: str) -> bytes:
    return hmac.digest(keyring.derived("mailboxes"), name.encode(), "sha256")


def _note_copy(digest: bytes, lay: Lay | None) -> MailSeen | None:
    seen = MailSeen.objects.filter(digest=digest).first()
    if seen is None:
        return None
    is_new_place = _note_place(seen, lay) if lay else True
    if is_new_place:
        MailSeen.objects.filter(pk=seen.pk).update(copies=F("copies") + 1)
    return seen


def _note_place(seen: MailSeen, lay: Lay) -> bool:
    _place, is_new = MailPlace.objects.get_or_create(
        mailbox=lay.mailbox, uidvalidity=lay.uidvalidity, uid=lay.uid, defaults={"seen": seen}
    )
    return is_new


def _take_new(arrived: _Arrived, digest: bytes) -> MailSeen:
    letter = arrived.letter
    verdict = judge(letter)
    seen = MailSeen.objects.create(digest=digest, verdict=verdict, received_at=arrived.received_at, taken_at=arrived.at)
    if arrived.lay:
        _note_place(seen, arrived.lay)
    mail = IncomingMail(seen=seen, received_at=arrived.received_at, is_cut=arrived.is_cut, sender=letter.sender or None)
    mail.original = ContentFile(letter.original, name="letter.eml")
    named = None if verdict == Verdict.MACHINE else _named_in(letter)
    if verdict == Verdict.MACHINE:
        _keep(mail, arrived.at)
    elif named and named.is_open and _is_from_its_writer(named, letter.sender):
        _join(mail, named, arrived)
    else:
        mail.mentions = named
        _file(mail, arrived, may_be_answered=verdict == Verdict.PERSON)
    return seen


def _join(mail: IncomingMail, request: Request, arrived: _Arrived) -> None:
    """More words to a request that is there. Nothing is answered: the number is known."""
    mail.subject_id, mail.request = request.subject_id, request
    mail.save()
    text = _words(arrived.letter) or arrived.letter.subject or "—"
    written = services.add_words(request_id=request.pk, text=text, actor=TAKER, at=arrived.received_at)
    attaching.attach(request, arrived.files.taken, at=arrived.received_at, message=written)


def _keep(mail: IncomingMail, at: datetime) -> None:
    """What a machine sent is kept for staff to look through for as long as an answered request of a stranger."""
    subject = services.subject_for_stranger(at=at, actor=TAKER)
    mail.subject_id = subject.pk
    mail.save()
    strangers.forget_in_time(subject.pk, at=at, actor=TAKER)


def _file(mail: IncomingMail, arrived: _Arrived, *, may_be_answered: bool) -> None:
    letter, at = arrived.letter, arrived.at
    subject = services.subject_for_stranger(at=at, actor=TAKER, address=letter.sender)
    text = "\n\n".join(part for part in (letter.subject, _words(letter)) if part)
    is_answered = may_be_answered and bool(letter.sender) and _may_answer(letter.sender, at)
    filed = services.file_request(
        subject_id=subject.pk,
        kinds=_kinds_of(letter),
        text=text,
        language=language_of(text),
        actor=TAKER,
        at=arrived.received_at,
        entered_at=at,
        channel=Channel.MAIL,
        identity=Identity.NONE,
        acknowledged_by="",
        is_guessed=True,
    )
    mail.subject_id, mail.request = subject.pk, filed
    mail.acknowledged_at = at if is_answered else None
    mail.save()
    attaching.attach(filed, arrived.files.taken, at=arrived.received_at, message=filed.messages.first())
    if is_answered:
        _acknowledge(filed, arrived.files, is_cut=mail.is_cut, at=at)


def _kinds_of(letter: Letter) -> list[RequestKind]:
    """What is done at once leaves no clock; before somebody has read the letter, that is not taken for all of it."""
    found = guess(letter.subject, letter.text)
    return found if set(found) - {RequestKind.STOP_ADS} else [UNCLEAR, *found]


def _acknowledge(filed: Request, checked: Checked, *, is_cut: bool, at: datetime) -> None:
    """Number, due date, a link to its page; and which files could not be opened, by their place in the mail."""
    secret = passes.issue(filed, at=at)
    places = ", ".join(str(refused.place) for refused in checked.refused)
    thread.tell(
        filed,
        "mail_request_received",
        at,
        code=secret.code,
        pass_url=secret.url,
        not_taken=places,
        is_cut="1" if is_cut else "",
    )


def _may_answer(sender: str, at: datetime) -> bool:
    """Whatever comes in, an address gets only so many letters of the portal's own accord a day."""
    answered = IncomingMail.objects.filter(sender=sender, acknowledged_at__gt=at - _DAY)
    return answered.count() < MOST_ANSWERS_A_DAY


def file_after_all(*, mail_id: UUID, kinds: Sequence[RequestKind], actor: Actor, at: datetime) -> Request:
    """What seemed to come from a machine is a request: its clocks run from the day it came. Raises FiledAlready."""
    with processing(services.PURPOSE, actor=actor):
        mail = IncomingMail.objects.select_for_update().get(pk=mail_id)
        if mail.request_id:
            raise FiledAlready
        cancel_clock(subject_id=mail.subject_id, trigger=strangers.GUEST_ANSWERED, actor=actor)
        letter = letters.read(mail.original.read())
        if letter.sender:
            MailAddress.objects.create(subject_id=mail.subject_id, address=letter.sender)
        filed = services.file_request(
            subject_id=mail.subject_id,
            kinds=kinds,
            text="\n\n".join(part for part in (letter.subject, _words(letter)) if part),
            language=language_of(letter.text),
            actor=actor,
            at=mail.received_at,
            entered_at=at,
            channel=Channel.MAIL,
            identity=Identity.NONE,
            acknowledged_by="",
            is_guessed=True,
        )
        mail.request = filed
        mail.save()
    return filed


# --- which request a letter is about --------------------------------------------------------------------------------


def _named_in(letter: Letter) -> Request | None:
    number = _NUMBER.search(letter.subject)
    if number and (found := Request.objects.filter(number=number.group(1)).first()):
        return found
    for message_id in letter.ids:
        if found := _answered(message_id):
            return found
    return None


def _answered(message_id: str) -> Request | None:
    """Of a letter that we have sent about a request; the Message-ID of ours names its row."""
    if domain_of(message_id) != own_domain():
        return None
    try:
        mail_id = UUID(message_id.strip("<>").partition("@")[0])
    except ValueError:
        return None
    sent = OutgoingMail.objects.filter(pk=mail_id).first()
    number = str(sent.context.get("number", "")) if sent else ""
    return Request.objects.filter(number=number).first() if number else None


def _is_from_its_writer(request: Request, sender: str) -> bool:
    """A number is known to whoever has seen it; only a letter from the request's own address joins it."""
    if not sender:
        return False
    holds_it = MailAddress.objects.filter(subject_id=request.subject_id, address=sender).exists()
    return holds_it or find_subject_by_email(sender) == request.subject_id


# --- small things ---------------------------------------------------------------------------------------------------


def _digest_of(letter: Letter) -> bytes:
    """Copies of one mail differ in the headers of their ways. A program that gives two mails one Message-ID must not
    lose the second: so what is said counts too."""
    parts = (
        letter.message_id.encode(),
        normalise_email(letter.sender).encode() if letter.sender else b"",
        letter.subject.encode(),
        letter.text.encode("utf-8", "replace"),
        *(hmac.digest(b"enclosed", one.content, "sha256") for one in letter.enclosed),
        b"" if letter.message_id else letter.headers.get("date", "").encode("utf-8", "replace"),
    )
    return hmac.digest(keyring.derived("mails that came"), b"\0".join(parts), "sha256")


def _words(letter: Letter) -> str:
    text = letter.text.strip()
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}\n[…]"


def _offered(enclosed: letters.Enclosed) -> Offered:
    return Offered(name=enclosed.name, content=enclosed.content, size=len(enclosed.content))
