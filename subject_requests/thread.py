"""Writing into a request, and the steps, mails and facts that go with each act."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.wording import reader_language
from notifications.services import send
from personal_data.models import Subject, SubjectKind
from personal_data.scope import Scope
from processing_log.actors import Actor, ActorKind
from profiles.wording import Text
from subject_requests.facts import Fact
from subject_requests.kinds import Author, MessageKind, State
from subject_requests.models import Message, Request, RequestStep

PURPOSE: Final = "rights"
#: Who works at the desk.
DESK_ACTORS: Final = frozenset({ActorKind.STAFF, ActorKind.OFFICER, ActorKind.ADMIN})


def write(
    request: Request,
    text: str,
    *,
    author: Author,
    actor: Actor,
    at: datetime,
    kind: MessageKind = MessageKind.WORDS,
    shown: bool = True,
) -> Message:
    """To be called inside of processing()."""
    return Message.objects.create(
        request=request,
        subject_id=request.subject_id,
        author=author,
        author_id=actor.id if author == Author.STAFF else None,
        kind=kind,
        written_at=at,
        shown_at=at if shown else None,
        text=text,
    )


def step(
    request: Request, before: str, after: State, *, actor: Actor, at: datetime, holder: UUID | str | None = None
) -> None:
    RequestStep.objects.create(
        request=request,
        subject_id=request.subject_id,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        state_before=before,
        state_after=after,
        holder=holder,
    )


def tell(request: Request, template: str, at: datetime, **details: str) -> None:
    """A mail that says where to look, and nothing about the person. What opens a door goes sealed into `details`."""
    send(
        subject_id=request.subject_id,
        template=template,
        context={
            "number": request.number,
            "url": settings.BASE_URL + _page_of(request),
            "due_on": request.due_on.isoformat(),
        },
        details=details,
        language=request.language,
        at=at,
        purpose=PURPOSE,
    )


def record(act: Scope, fact: Fact, request: Request) -> None:
    act.record(fact.value, subject=request.person_id, categories=("request",), reason=request.number)


def _page_of(request: Request) -> str:
    """A guest has no page behind a sign-in; theirs is found by its number."""
    is_guest = Subject.objects.filter(pk=request.subject_id, kind=SubjectKind.GUEST).exists()
    return f"/privacy/requests/{request.number}/" if is_guest else reverse("requests:one", args=[request.pk])


def in_language(text: Text) -> str:
    """A text of the profile in the reader's language."""
    return text.in_language(reader_language())
