from subject_requests.models.answers import AnswerFile, AnswerLink, AnswerSet, AnswerState
from subject_requests.models.clocks import RequestClock
from subject_requests.models.corrections import Correction, RecipientNotice
from subject_requests.models.drops import DroppedKind
from subject_requests.models.parts import ContestedPart
from subject_requests.models.requests import OPEN_FIRST, Request, RequestQuerySet, RequestStep, next_number
from subject_requests.models.staff import Absence, CalendarFeed, Digest
from subject_requests.models.thread import Author, Message, MessageKind

# Last: they point at the models above.
from subject_requests.intake.models import (  # isort: skip
    Attachment,
    Correspondent,
    ForCustomer,
    FromSystem,
    GuestPass,
    IncomingMail,
    MailPlace,
    MailSeen,
    Representation,
)

__all__ = [
    "OPEN_FIRST",
    "Absence",
    "AnswerFile",
    "AnswerLink",
    "AnswerSet",
    "AnswerState",
    "Attachment",
    "Author",
    "CalendarFeed",
    "ContestedPart",
    "Correction",
    "Correspondent",
    "Digest",
    "DroppedKind",
    "ForCustomer",
    "FromSystem",
    "GuestPass",
    "IncomingMail",
    "MailPlace",
    "MailSeen",
    "Message",
    "MessageKind",
    "RecipientNotice",
    "Representation",
    "Request",
    "RequestClock",
    "RequestQuerySet",
    "RequestStep",
    "next_number",
]
