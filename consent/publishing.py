"""From the operator's folder into the database: what is published once stands as it is for ever."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consent import reach
from consent.drafts import Draft
from consent.facts import Fact
from consent.in_force import day_of, policy_on
from consent.models import ConsentTextVersion, PolicyVersion
from consent.reach import Settled
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import documents
from profiles.errors import Fault, InvalidProfile
from profiles.reach import Change, Reach, changes, hash_of, snapshot
from profiles.schema import Profile, Purpose


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was new, whose consents it put on hold, and which purposes wait for a text that says what they do."""

    policies: tuple[int, ...]
    texts: tuple[tuple[str, int], ...]
    settled: tuple[Settled, ...]
    uncovered: tuple[str, ...]


def publish_profile(profile: Profile, *, actor: Actor, at: datetime) -> Published:
    """Publishes the versions that are not published yet. Raises InvalidProfile when one that is has been changed, and
    when the profile reaches further than the policy says."""
    policies = {row.number: row for row in PolicyVersion.objects.all()}
    texts = {(row.purpose, row.version): row for row in ConsentTextVersion.objects.all()}
    faults = [fault for version in profile.policy_versions if (fault := _changed_policy(version, policies))]
    faults += [fault for text in profile.consent_texts if (fault := _changed_text(text, texts))]
    faults += [fault for text in profile.consents.values() if (fault := _changed_kind(profile, text, texts))]
    new_policies = [version for version in profile.policy_versions if version.number not in policies]
    new_texts = [text for text in profile.consent_texts if (text.purpose, text.version) not in texts]
    faults += _unannounced(profile, new_policies, day_of(at))
    if faults:
        raise InvalidProfile(profile.code, faults)
    with processing("rights", actor=actor) as act:
        for version in new_policies:
            publish_policy(version, profile=profile, act=act, at=at)
        for text in new_texts:
            publish_consent_text(text, profile=profile, act=act, at=at)
        settled = reach.settle(act, profile)
    return Published(
        policies=tuple(version.number for version in new_policies),
        texts=tuple((text.purpose, text.version) for text in new_texts),
        settled=settled,
        uncovered=tuple(reach.uncovered_purposes(at, profile)),
    )


def publish_policy(
    version: documents.PolicyVersion, *, profile: Profile, act: Scope, at: datetime, draft: Draft | None = None
) -> PolicyVersion:
    """Inside of an act; the caller settles what follows for consents."""
    data_map = snapshot(profile)
    row = PolicyVersion.objects.create(
        number=version.number,
        effective_on=version.effective_on,
        updated_on=version.updated_on,
        published_at=at,
        sha256=version.ru.hash,
        sha256_en=version.en.hash,
        content=version.model_dump(mode="json"),
        data_map=data_map,
        data_map_sha256=hash_of(data_map),
        draft=draft,
    )
    act.record(Fact.POLICY_PUBLISHED.value, reason=f"policy {version.number}")
    return row


def publish_consent_text(
    text: documents.ConsentText, *, profile: Profile, act: Scope, at: datetime, draft: Draft | None = None
) -> ConsentTextVersion:
    row = ConsentTextVersion.objects.create(
        purpose=text.purpose,
        slug=text.slug,
        version=text.version,
        effective_on=text.in_use_from,
        updated_on=text.updated_on,
        published_at=at,
        sha256=text.ru.hash,
        sha256_en=text.en.hash,
        content=text.model_dump(mode="json"),
        reach=Reach.of(profile.purpose(text.purpose)).as_data(),
        draft=draft,
        **_kind_of(profile.purpose(text.purpose)),
    )
    act.record(Fact.CONSENT_TEXT_PUBLISHED.value, reason=f"{text.purpose} {text.version}")
    return row


def _unannounced(profile: Profile, new: list[documents.PolicyVersion], day: date) -> Iterator[Fault]:
    """What reaches further than the policy in force says, and rests on no consent that could be put on hold."""
    said = policy_on(day)
    if said is None or any(version.effective_on <= day for version in new):
        return
    for change in changes(said.data_map, snapshot(profile)):
        if change.widens and not change.reach.needs_consent:
            reason = (
                f"reaches further than version {said.number} of the policy, which is in force ({_further(change)}); "
                "a version that is in force today has to come with it"
            )
            yield Fault(file="purposes.toml", key=f"purposes.{change.purpose}", reason=reason)


def _further(change: Change) -> str:
    """In codes, for an administrator."""
    added = {
        "categories": change.added("categories"),
        "recipients": change.added("recipients"),
        "operations": change.added("operations"),
    }
    words = [f"{what}: {', '.join(sorted(codes))}" for what, codes in added.items() if codes]
    return "; ".join(words) or "for other people"


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
