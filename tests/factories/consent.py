"""Published texts and consents. Every helper says who acts."""

from datetime import UTC, datetime
from uuid import UUID

from consent.models import Acknowledgement, ConsentTextVersion, LedgerEntry, PolicyVersion
from consent.publishing import publish_profile
from consent.services import acknowledge_policy, give_consent, withdraw_consent
from processing_log.actors import Actor
from profiles import current
from tests.factories.personal_data import person

PUBLISHED_AT = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
GIVEN_AT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
WITHDRAWN_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def publish() -> None:
    """What `apply_profile` does."""
    publish_profile(current(), actor=Actor.system("test"), at=PUBLISHED_AT)


def text_of(purpose: str) -> ConsentTextVersion:
    return ConsentTextVersion.objects.filter(purpose=purpose).latest("version")


def make_consent(
    *, subject_id: UUID, purpose: str = "ads", language: str = "ru", at: datetime = GIVEN_AT
) -> LedgerEntry:
    shown = text_of(purpose).hash_in(language)
    return give_consent(subject_id=subject_id, purpose=purpose, shown=shown, actor=person(subject_id), at=at)


def make_withdrawal(*, subject_id: UUID, purpose: str = "ads", at: datetime = WITHDRAWN_AT) -> LedgerEntry:
    return withdraw_consent(subject_id=subject_id, purpose=purpose, actor=person(subject_id), at=at)


def make_acknowledgement(*, subject_id: UUID, at: datetime = GIVEN_AT) -> Acknowledgement:
    shown = PolicyVersion.objects.latest("number").sha256
    return acknowledge_policy(subject_id=subject_id, shown=shown, actor=person(subject_id), at=at)
