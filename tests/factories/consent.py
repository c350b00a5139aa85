"""Published texts and consents. Every helper says who acts."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from consent import mailbox, reach, showing, tokens
from consent.in_force import text_on
from consent.models import Acknowledgement, Awaited, ConsentTextVersion, LedgerEntry, PolicyVersion
from consent.publishing import publish_profile
from consent.selectors import show_consent
from consent.services import acknowledge_policy, give_consent, withdraw_consent
from consent.showing import Showing
from processing_log.actors import Actor
from profiles import current, documents
from tests.factories.personal_data import person

PUBLISHED_AT = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
GIVEN_AT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
WITHDRAWN_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def publish() -> None:
    """What `apply_profile` does."""
    publish_profile(current(), actor=Actor.system("test"), at=PUBLISHED_AT)


def text_of(purpose: str) -> ConsentTextVersion:
    return ConsentTextVersion.objects.filter(purpose=purpose).latest("version")


def publish_next(purpose: str, *, at: datetime = GIVEN_AT, covers: bool = True) -> ConsentTextVersion:
    """The next version of a text, as a changed profile would publish it; it covers what is done, or some of it."""
    row, today = text_of(purpose), reach.today(purpose)
    assert today
    version = row.version + 1
    content = json.loads(json.dumps(row.content))
    content["version"] = version
    for language in ("ru", "en"):
        content[language]["sections"][0]["parts"][0]["text"] += f" {version}"
    document = documents.ConsentText.model_validate_json(json.dumps(content))
    return ConsentTextVersion.objects.create(
        purpose=purpose,
        slug=row.slug,
        version=version,
        effective_on=row.effective_on,
        updated_on=row.updated_on,
        published_at=at,
        sha256=document.ru.hash,
        sha256_en=document.en.hash,
        content=content,
        confirmation=row.confirmation,
        form=row.form,
        dissemination=row.dissemination,
        reach=today.as_data() if covers else today.as_data() | {"categories": []},
    )


def show(*, subject_id: UUID, purpose: str = "ads", language: str = "ru", at: datetime = GIVEN_AT) -> Showing:
    """The page of the consent, as it is shown to the person."""
    shown = show_consent(text_on(purpose, at) or text_of(purpose), language)
    return showing.show(subject_id=subject_id, shown=shown, actor=person(subject_id), at=at)


def press(*, subject_id: UUID, purpose: str = "ads", language: str = "ru", at: datetime = GIVEN_AT) -> Any:
    """The page is shown and its button pressed: an entry of the ledger, or what waits for a mail to be answered."""
    nonce = show(subject_id=subject_id, purpose=purpose, language=language, at=at).nonce
    return give_consent(subject_id=subject_id, purpose=purpose, nonce=nonce, actor=person(subject_id), at=at)


def make_consent(
    *, subject_id: UUID, purpose: str = "ads", language: str = "ru", at: datetime = GIVEN_AT
) -> LedgerEntry:
    """All the way to a consent in force, over the mail where the purpose wants one."""
    given = press(subject_id=subject_id, purpose=purpose, language=language, at=at)
    if isinstance(given, Awaited):
        code = tokens.link_code_of(given.pk)
        return mailbox.confirm(code=code, actor=Actor.stranger(), at=at)
    assert isinstance(given, LedgerEntry)
    return given


def make_withdrawal(*, subject_id: UUID, purpose: str = "ads", at: datetime = WITHDRAWN_AT) -> LedgerEntry:
    return withdraw_consent(subject_id=subject_id, purpose=purpose, actor=person(subject_id), at=at)


def make_acknowledgement(*, subject_id: UUID, at: datetime = GIVEN_AT) -> Acknowledgement:
    shown = PolicyVersion.objects.latest("number").sha256
    return acknowledge_policy(subject_id=subject_id, shown=shown, actor=person(subject_id), at=at)
