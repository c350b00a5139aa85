"""Giving a made answer: chosen for a request, handed over with its answer, and taken by a link that works once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests.answers.facts import Fact
from subject_requests.course import NotInYourHands
from subject_requests.kinds import OPEN_STATES
from subject_requests.models import AnswerFile, AnswerLink, AnswerSet, AnswerState, Request
from subject_requests.thread import PURPOSE

LINK_GOOD_FOR: Final = timedelta(days=7)


class NotReady(Exception):
    """Nothing is made, or its archive is destroyed already."""


class LinkDead(Exception):
    """Used, ended by a newer one, too old, or somebody else's."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    name: str
    content: bytes


def attach(*, answer_id: UUID, actor: Actor, at: datetime) -> None:
    """It goes out with the answer to its request; another one that was chosen does not. Raises NotReady,
    NotInYourHands."""
    answer = AnswerSet.objects.select_related("request").get(pk=answer_id)
    with processing(PURPOSE, actor=actor, reason=answer.request.number) as act:
        _ensure_mine(answer.request_id, actor)
        AnswerSet.objects.filter(request=answer.request_id, given_at=None).update(attached_at=None)
        there = AnswerFile.objects.filter(answer=answer_id, expires_at__gt=at).values("answer")
        if not AnswerSet.objects.filter(pk__in=there, state=AnswerState.READY, given_at=None).update(attached_at=at):
            raise NotReady
        act.record(Fact.ATTACHED.value, subject=answer.subject_id, reason=answer.request.number)


def detach(*, answer_id: UUID, actor: Actor) -> None:
    """Raises NotInYourHands."""
    answer = AnswerSet.objects.get(pk=answer_id)
    _ensure_mine(answer.request_id, actor)
    AnswerSet.objects.filter(pk=answer_id, given_at=None).update(attached_at=None)


def give(request: Request, *, at: datetime) -> dict[str, str]:
    """With the answer to the request, inside of its act. What the mail must carry sealed: the link, if there is
    something to take."""
    answer = AnswerSet.objects.filter(request=request, attached_at__isnull=False, given_at=None).first()
    if answer is None:
        return {}
    AnswerSet.objects.filter(pk=answer.pk).update(given_at=at)
    return {"answer_url": issue_link(answer, to=request.subject_id, at=at)}


def issue_link(answer: AnswerSet, *, to: UUID, at: datetime) -> str:
    """The older ones end. The code is in the address and nowhere else."""
    code = secrets.token_urlsafe(32)
    AnswerLink.objects.filter(answer=answer, used_at=None, ended_at=None).update(ended_at=at)
    AnswerLink.objects.create(
        answer=answer, subject_id=to, digest=_digest(code), made_at=at, expires_at=at + LINK_GOOD_FOR
    )
    return settings.BASE_URL + reverse("requests:answer_taking", args=[code])


def link_of(code: str, user: User, *, at: datetime) -> AnswerLink | None:
    """The link in any state, for the one it is for; looking uses nothing up."""
    links = AnswerLink.objects.filter(digest=_digest(code), subject_id=user.subject_id)
    return links.select_related("answer__request").first()


def take(code: str, *, user: User, at: datetime) -> Archive:
    """The first who comes with it gets the archive. Raises LinkDead, NotReady."""
    link = link_of(code, user, at=at)
    if link is None:
        raise LinkDead
    with processing(PURPOSE, actor=user.actor, reason=link.answer.request.number) as act:
        if not AnswerLink.objects.usable(at).filter(pk=link.pk).update(used_at=at):
            raise LinkDead
        archive = read(link.answer)
        act.record(
            Fact.TAKEN.value,
            subject=link.answer.subject_id,
            categories=sorted(link.answer.counts),
            reason=link.answer.request.number,
        )
        return archive


def read(answer: AnswerSet) -> Archive:
    """Inside of processing(). Raises NotReady."""
    file = AnswerFile.objects.filter(answer=answer).first()
    if file is None:
        raise NotReady
    return Archive(name=file.archive.name, content=file.archive.read())


def _ensure_mine(request_id: UUID, actor: Actor) -> None:
    if not Request.objects.filter(pk=request_id, state__in=OPEN_STATES, taken_by=actor.id).exists():
        raise NotInYourHands


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
