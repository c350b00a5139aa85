from subject_requests.models.answers import AnswerFile, AnswerLink, AnswerSet, AnswerState
from subject_requests.models.clocks import RequestClock
from subject_requests.models.corrections import Correction, RecipientNotice
from subject_requests.models.requests import OPEN_FIRST, Request, RequestQuerySet, RequestStep, next_number
from subject_requests.models.staff import Absence, CalendarFeed, Digest
from subject_requests.models.thread import Author, Message, MessageKind

__all__ = [
    "OPEN_FIRST",
    "Absence",
    "AnswerFile",
    "AnswerLink",
    "AnswerSet",
    "AnswerState",
    "Author",
    "CalendarFeed",
    "Correction",
    "Digest",
    "Message",
    "MessageKind",
    "RecipientNotice",
    "Request",
    "RequestClock",
    "RequestQuerySet",
    "RequestStep",
    "next_number",
]
