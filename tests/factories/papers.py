"""Consents on paper and by telephone. Every helper says who acts."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile

from consent.models import LedgerEntry, PaperConsent
from consent.paper_services import Entering, confirm, enter
from consent.papers import Authority, GivenBy, Way
from processing_log.actors import Actor, ActorKind
from tests.factories.consent import GIVEN_AT, text_of

ONE = Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")
ANOTHER = Actor(kind=ActorKind.OFFICER, id="22222222-2222-4222-8222-222222222222")
AN_HOUR = timedelta(hours=1)


def scan(words: str = "подпись") -> ContentFile[bytes]:
    return ContentFile(f"скан: {words}".encode(), name="скан.pdf")


def entering(*, subject_id: UUID, purpose: str = "surveys", at: datetime = GIVEN_AT, **changes: Any) -> Entering:
    values: dict[str, Any] = {
        "subject_id": subject_id,
        "text_id": text_of(purpose).pk,
        "language": "ru",
        "way": Way.PAPER,
        "received_at": at,
        "document": scan(),
    }
    return Entering(**(values | changes))


def by_guardian(*, until: date = date(2030, 1, 1)) -> dict[str, Any]:
    return {
        "given_by": GivenBy.GUARDIAN,
        "representative": "Белова Мария",
        "authority": Authority.BIRTH_CERTIFICATE,
        "authority_until": until,
        "authority_document": scan("свидетельство о рождении"),
    }


def make_paper(*, subject_id: UUID, purpose: str = "surveys", at: datetime = GIVEN_AT, **changes: Any) -> PaperConsent:
    """Waits for a second person."""
    return enter(entering(subject_id=subject_id, purpose=purpose, at=at, **changes), actor=ONE, at=at)


def make_paper_consent(
    *, subject_id: UUID, purpose: str = "surveys", at: datetime = GIVEN_AT, **changes: Any
) -> LedgerEntry:
    """Confirmed by another member of staff, and in force."""
    paper = make_paper(subject_id=subject_id, purpose=purpose, at=at, **changes)
    return confirm(paper_id=paper.pk, actor=ANOTHER, at=at)
