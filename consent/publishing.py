"""From the operator's folder into the database: what is published once stands as it is for ever."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.facts import Fact
from consent.models import ConsentTextVersion, PolicyVersion
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import documents
from profiles.errors import Fault, InvalidProfile
from profiles.schema import Profile, Purpose


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was new."""

    policies: tuple[int, ...]
    texts: tuple[tuple[str, int], ...]


def publish_profile(profile: Profile, *, actor: Actor, at: datetime) -> Published:
    """Publishes the versions that are not published yet. Raises InvalidProfile when one that is has been changed."""
    policies = {row.number: row for row in PolicyVersion.objects.all()}
    texts = {(row.purpose, row.version): row for row in ConsentTextVersion.objects.all()}
    faults = [fault for version in profile.policy_versions if (fault := _changed_policy(version, policies))]
    faults += [fault for text in profile.consent_texts if (fault := _changed_text(text, texts))]
    faults += [fault for text in profile.consents.values() if (fault := _changed_kind(profile, text, texts))]
    if faults:
        raise InvalidProfile(profile.code, faults)
    new_policies = [version for version in profile.policy_versions if version.number not in policies]
    new_texts = [text for text in profile.consent_texts if (text.purpose, text.version) not in texts]
    if new_policies or new_texts:
        with processing("rights", actor=actor) as act:
            _publish(profile, new_policies, new_texts, act, at)
    return Published(
        policies=tuple(version.number for version in new_policies),
        texts=tuple((text.purpose, text.version) for text in new_texts),
    )


def _publish(
    profile: Profile,
    policies: list[documents.PolicyVersion],
    texts: list[documents.ConsentText],
    act: Scope,
    at: datetime,
) -> None:
    for version in policies:
        PolicyVersion.objects.create(
            number=version.number,
            effective_on=version.effective_on,
            updated_on=version.updated_on,
            published_at=at,
            sha256=version.ru.hash,
            sha256_en=version.en.hash,
            content=version.model_dump(mode="json"),
        )
        act.record(Fact.POLICY_PUBLISHED.value, reason=f"policy {version.number}")
    for text in texts:
        ConsentTextVersion.objects.create(
            purpose=text.purpose,
            slug=text.slug,
            version=text.version,
            updated_on=text.updated_on,
            published_at=at,
            sha256=text.ru.hash,
            sha256_en=text.en.hash,
            content=text.model_dump(mode="json"),
            **_kind_of(profile.purpose(text.purpose)),
        )
        act.record(Fact.CONSENT_TEXT_PUBLISHED.value, reason=f"{text.purpose} {text.version}")


def _changed_policy(version: documents.PolicyVersion, published: dict[int, PolicyVersion]) -> Fault | None:
    row = published.get(version.number)
    if row is None or row.document == version:
        return None
    return Fault(
        file=f"policy/{version.number}.toml",
        key="number",
        reason=f"version {version.number} is published with another text or date; a change needs the next number",
    )


def _changed_text(text: documents.ConsentText, published: dict[tuple[str, int], ConsentTextVersion]) -> Fault | None:
    row = published.get((text.purpose, text.version))
    if row is None or row.document == text:
        return None
    return Fault(
        file=f"consents/{text.purpose}.{text.version}.toml",
        key="version",
        reason=f"version {text.version} is published with another text or slug; a change needs the next number",
    )


def _kind_of(purpose: Purpose) -> dict[str, Any]:
    """What a consent to the purpose needs is published with its text, and stands as firmly."""
    return {"confirmation": purpose.confirmation, "form": purpose.form, "dissemination": purpose.dissemination}


def _changed_kind(
    profile: Profile, text: documents.ConsentText, published: dict[tuple[str, int], ConsentTextVersion]
) -> Fault | None:
    row = published.get((text.purpose, text.version))
    purpose = profile.purposes.get(text.purpose)
    if row is None or purpose is None:
        return None
    for key, value in _kind_of(purpose).items():
        if getattr(row, key) != value:
            reason = f"the text in use was published for {getattr(row, key)!r}; another {key} needs its next version"
            return Fault(file="purposes.toml", key=f"purposes.{text.purpose}.{key}", reason=reason)
    return None
