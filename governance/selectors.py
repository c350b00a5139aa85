"""The register of processing in the words of one reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from processing_log.operations import Operation
from profiles import current
from profiles.documents import anchor_of
from profiles.schema import Profile, Purpose, Recipient

SUBJECT_KINDS: dict[str, Promise] = {
    "user": _("users of the service"),
    "staff": _("the operator's staff"),
    "guest": _("people who wrote without an account"),
}
ROLES: dict[str, Promise] = {
    "independent": _("Answers for the data by itself, as an operator of its own"),
    "processor": _("Processes data on the operator's instructions"),
    "authority": _("An authority, where the law obliges the operator"),
}


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A clause of the policy and where it stands on the policy's page."""

    mark: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class ShownPurpose:
    code: str
    title: str
    description: str
    basis: str
    basis_note: str
    needs_consent: bool
    consent_slug: str
    consent_takes: Sequence[str]
    subjects: Sequence[str | Promise]
    categories: Sequence[str]
    operations: Sequence[str]
    method: str
    works_on_blocked: bool
    recipients: Sequence[str]
    cited: Sequence[Cited]


@dataclass(frozen=True, kw_only=True)
class ShownCategory:
    code: str
    title: str
    source: str
    seen_by: str
    terms: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ShownWithoutData:
    title: str
    how: str
    cited: Sequence[Cited]


@dataclass(frozen=True, kw_only=True)
class ShownRecipient:
    title: str
    role: str | Promise
    what: str
    why: str
    website: str
    country: str
    categories: Sequence[str]
    purposes: Sequence[str]


def purposes(language: str) -> list[ShownPurpose]:
    profile = current()
    return [_purpose(profile, purpose, language) for purpose in profile.purposes.values()]


def categories(language: str) -> list[ShownCategory]:
    profile = current()
    return [
        ShownCategory(
            code=code,
            title=category.title.in_language(language),
            source=category.source.in_language(language),
            seen_by=category.seen_by.in_language(language),
            terms=[rule.title.in_language(language) for rule in profile.retention_of(code)],
        )
        for code, category in profile.categories.items()
    ]


def without_data(language: str) -> list[ShownWithoutData]:
    return [
        ShownWithoutData(
            title=row.title.in_language(language), how=row.how.in_language(language), cited=_cited(row.clauses)
        )
        for row in current().without_data
    ]


def recipients(language: str) -> list[ShownRecipient]:
    profile = current()
    return [_recipient(profile, recipient, language) for recipient in profile.recipients.values()]


def _purpose(profile: Profile, purpose: Purpose, language: str) -> ShownPurpose:
    consent = profile.consents.get(purpose.code)
    return ShownPurpose(
        code=purpose.code,
        title=purpose.title.in_language(language),
        description=purpose.description.in_language(language),
        basis=purpose.basis.value,
        basis_note=purpose.basis_note.in_language(language),
        needs_consent=purpose.needs_consent,
        consent_slug=consent.slug if consent else "",
        consent_takes=list(_takes(purpose)),
        subjects=[SUBJECT_KINDS[kind] for kind in SUBJECT_KINDS if kind in purpose.subject_kinds],
        categories=_titles(profile, purpose.categories, language),
        operations=[str(operation.label) for operation in Operation if operation in purpose.operations],
        method=str(purpose.method.label),
        works_on_blocked=purpose.works_on_blocked,
        recipients=[profile.recipients[code].title.in_language(language) for code in sorted(purpose.recipients)],
        cited=_cited(purpose.clauses),
    )


def _takes(purpose: Purpose) -> Iterator[str]:
    """What a consent to the purpose takes beside the person's own click."""
    if purpose.confirmation == "email":
        yield gettext("a confirmation by the link of a mail")
    if purpose.form == "written":
        yield gettext("a signature on paper, or one that equals it (article 9, part 4)")
    if purpose.dissemination:
        yield gettext("conditions and bans of the person's own choice, category by category (article 10.1)")


def _recipient(profile: Profile, recipient: Recipient, language: str) -> ShownRecipient:
    named_by = [purpose for purpose in profile.purposes.values() if recipient.code in purpose.recipients]
    return ShownRecipient(
        title=recipient.title.in_language(language),
        role=ROLES[recipient.role],
        what=recipient.what.in_language(language),
        why=recipient.why.in_language(language),
        website=recipient.website,
        country=recipient.country,
        categories=_titles(profile, recipient.categories, language),
        purposes=[purpose.title.in_language(language) for purpose in named_by],
    )


def _titles(profile: Profile, codes: frozenset[str], language: str) -> list[str]:
    return [category.title.in_language(language) for code, category in profile.categories.items() if code in codes]


def _cited(marks: Sequence[str]) -> list[Cited]:
    return [Cited(mark=mark, anchor=anchor_of(mark)) for mark in marks]
