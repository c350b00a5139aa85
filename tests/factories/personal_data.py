"""Subjects and specimens. Every helper says who acts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from tests.specimens.models import Specimen

LONG_AGO = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def make_subject(*, kind: SubjectKind = SubjectKind.USER) -> Subject:
    return Subject.objects.create_for(kind=kind, at=LONG_AGO)


def person(subject_id: UUID) -> Actor:
    return Actor(kind=ActorKind.USER, id=f"user of {subject_id}", subject_id=subject_id)


def staff() -> Actor:
    return Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")


def make_specimen(*, subject: Subject | None = None, **values: Any) -> Specimen:
    subject = subject or make_subject()
    with processing("rights", actor=person(subject.id)):
        return Specimen.objects.create(subject=subject, **values)
