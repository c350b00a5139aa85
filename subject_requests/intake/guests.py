"""Requests of people without an account. Nothing here asks whether an address is known before its owner has shown that
the mailbox is theirs: so there is nothing from which somebody else could learn it, neither words nor time."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from accounts.models import MailAddress
from accounts.selectors import find_subject_by_email
from consent.papers import Authority
from personal_data.models import SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import services, thread
from subject_requests.intake import passes
from subject_requests.intake.attaching import Taken, add_with_files, attach
from subject_requests.intake.models import Attachment, Correspondent, ForCustomer, Representation, What
from subject_requests.kinds import Channel, Identity, RequestKind
from subject_requests.models import Message, Request

GUEST: Final = Actor.stranger()


@dataclass(frozen=True, kw_only=True)
class Authorised:
    """A representative: by which document, for whom. `address` is that person's, if the representative knows it."""

    authority: Authority
    represented: str
    address: str = ""
    valid_until: date | None = None
    documents: Sequence[Taken] = ()


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What somebody typed. `company` names the Customer whose client they are."""

    kinds: Sequence[RequestKind]
    text: str
    address: str
    language: str
    name: str = ""
    company: str = ""
    files: Sequence[Taken] = ()
    representing: Authorised | None = None


def file(asking: Asking, *, at: datetime) -> Request:
    """The clock runs from now; who it is, is asked by mail."""
    with processing(services.PURPOSE, actor=GUEST):
        subject = services.subject_for_stranger(at=at, actor=GUEST, address=asking.address)
        filed = services.file_request(
            subject_id=subject.pk,
            kinds=asking.kinds,
            text=asking.text,
            language=asking.language,
            actor=GUEST,
            at=at,
            channel=Channel.GUEST,
            identity=Identity.NONE,
            by_representative=asking.representing is not None,
            acknowledged_by="",
        )
        if asking.name:
            Correspondent.objects.create(subject=subject, name=asking.name)
        if asking.company:
            ForCustomer.objects.create(subject=subject, request=filed, company=asking.company)
        attach(filed, asking.files, at=at, message=filed.messages.first())
        if asking.representing:
            enter_representation(filed, asking.representing, at=at)
        _mail_a_pass(filed, asking.address, at=at)
    return filed


def enter_representation(filed: Request, claimed: Authorised, *, at: datetime) -> None:
    """To be called inside of processing()."""
    Representation.objects.create(
        subject_id=filed.subject_id,
        request=filed,
        authority=claimed.authority,
        valid_until=claimed.valid_until,
        represented=claimed.represented,
        represented_address=claimed.address or None,
    )
    attach(filed, claimed.documents, at=at, what=What.AUTHORITY)


def of_number(number: str) -> Request | None:
    """Of those that came without an account."""
    guests = Request.objects.filter(subject__kind=SubjectKind.GUEST, subject__destroyed_at=None)
    return guests.filter(number=number).first()


def send_again(*, number: str, address: str, at: datetime) -> None:
    """A new mail, if the address is that of the request, and not too often. Nothing tells whether it was."""
    request = of_number(number)
    with processing(services.PURPOSE, actor=GUEST):
        if request and MailAddress.objects.filter(subject_id=request.subject_id, address=address).exists():
            _mail_a_pass(request, address, at=at, template="guest_pass")


def enter_by_link(*, number: str, link: str, at: datetime) -> Request | None:
    request = of_number(number)
    with processing(services.PURPOSE, actor=GUEST):
        if request is None or not passes.use_link(request, link, at=at):
            return None
        _recognise(request, at=at)
    return request


def enter_by_code(*, number: str, code: str, at: datetime) -> Request | None:
    request = of_number(number)
    with processing(services.PURPOSE, actor=GUEST):
        if request is None or not passes.use_code(request, code, at=at):
            return None
        _recognise(request, at=at)
    return request


def disown(*, number: str, link: str, at: datetime) -> bool:
    """The owner of the mailbox says that somebody else has used the address."""
    request = of_number(number)
    with processing(services.PURPOSE, actor=GUEST):
        if request is None or not passes.use_link(request, link, at=at):
            return False
        with suppress(services.NotOpen):
            services.withdraw(request_id=request.pk, actor=GUEST, at=at)
    return True


def add(*, request: Request, text: str, files: Sequence[Taken], at: datetime) -> Message:
    """Raises services.NotOpen, services.NothingWritten."""
    return add_with_files(request, text=text, files=files, actor=GUEST, at=at)


def files_of(request_id: UUID) -> list[Attachment]:
    return list(Attachment.objects.filter(request_id=request_id))


def customer_of(request: Request) -> ForCustomer | None:
    return ForCustomer.objects.filter(request=request).first()


def _recognise(request: Request, *, at: datetime) -> None:
    """The mailbox is theirs: so is what is held under that address. Of a representative it proves who they are, and
    nothing about the person they speak for."""
    if request.is_identified or not request.is_open:
        return
    held = MailAddress.objects.get(subject_id=request.subject_id).address
    about = None if request.by_representative else find_subject_by_email(held)
    if not request.by_representative:
        services.identify(request_id=request.pk, identity=Identity.CODE, actor=GUEST, at=at, about_id=about)
    request.refresh_from_db()


def _mail_a_pass(request: Request, address: str, *, at: datetime, template: str = "guest_request_received") -> None:
    if not passes.may_send(request, address=address, at=at):
        return
    secret = passes.issue(request, at=at)
    thread.tell(request, template, at, code=secret.code, pass_url=secret.url)
