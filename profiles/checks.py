"""What must hold between the values of a profile, so that each one is reachable and none is promised in vain."""

from collections import Counter
from collections.abc import Iterable, Iterator

from profiles.bases import BASES_THAT_MAY_WORK_ON_BLOCKED
from profiles.consent_sections import required
from profiles.cookie_checks import findings_in_cookies
from profiles.documents import ConsentText
from profiles.law_floor import findings_below_the_floor
from profiles.rule_checks import findings_in_rule
from profiles.schema import Profile, Purpose

Location = tuple[int | str, ...]
Finding = tuple[Location, str]

#: Whatever the operator does: people sign in by an address, are called by a name, ask, and are written to.
HELD_BY_THE_PORTAL = frozenset({"email", "name", "request", "correspondence"})


def check_profile(profile: Profile) -> Iterator[Finding]:
    yield from _categories(profile)
    yield from _fields(profile)
    for code, purpose in profile.purposes.items():
        yield from _purpose(profile, code, purpose)
    yield from _without_data(profile)
    yield from _retention(profile)
    yield from _recipients(profile)
    yield from findings_in_cookies(profile)
    yield from _policy(profile)
    yield from _consents(profile)
    yield from findings_below_the_floor(profile)


def _unknown(location: Location, codes: Iterable[str], known: Iterable[str], what: str) -> Iterator[Finding]:
    for code in sorted(set(codes) - set(known)):
        yield location, f"{code!r} is not a declared {what}"


def _twice(location: Location, codes: Iterable[object]) -> Iterator[Finding]:
    for code, count in Counter(codes).items():
        if count > 1:
            yield location, f"{code!r} stands here {count} times"


def _categories(profile: Profile) -> Iterator[Finding]:
    wanted = {code for purpose in profile.purposes.values() if purpose.clauses for code in purpose.categories}
    for code in sorted(HELD_BY_THE_PORTAL - set(profile.categories)):
        yield ("categories",), f"must declare {code}: the portal itself holds such data"
    kept = {code for rule in profile.retention if "user" in rule.subject_kinds for code in rule.categories}
    for code in profile.categories:
        if code not in wanted | HELD_BY_THE_PORTAL:
            yield ("categories", code), "no purpose of this operator covers it: there is no reason to hold it"
        if code not in kept:
            yield ("categories", code), "has no retention rule: nobody could say until when it is held"
    yield from _unknown(("telemetry",), profile.telemetry, profile.categories, "category")


def _fields(profile: Profile) -> Iterator[Finding]:
    yield from _twice(("fields",), [field.code for field in profile.fields])
    for place, field in enumerate(profile.fields):
        yield from _unknown(("fields", place, "category"), [field.category], profile.categories, "category")
    if not any(field.code == "email" and field.required for field in profile.fields):
        yield ("fields",), "the field email must be there and be required: people sign in and are answered by it"


def _purpose(profile: Profile, code: str, purpose: Purpose) -> Iterator[Finding]:
    at: Location = ("purposes", code)
    yield from _unknown((*at, "categories"), purpose.categories, profile.categories, "category")
    yield from _unknown((*at, "recipients"), purpose.recipients, profile.recipients, "recipient")
    yield from _unknown((*at, "clauses"), purpose.clauses, profile.policy_marks, "clause of the policy")
    for key in ("subject_kinds", "categories", "operations"):
        if not getattr(purpose, key):
            yield (*at, key), "is empty; what touches no data belongs in without_data"
    if purpose.works_on_blocked and purpose.basis not in BASES_THAT_MAY_WORK_ON_BLOCKED:
        reason = f"the basis {purpose.basis} does not go on while data is blocked (152-FZ, article 3)"
        yield (*at, "works_on_blocked"), reason
    if "transfer" in purpose.operations and not purpose.recipients and not purpose.dissemination:
        yield (*at, "operations"), "transfer needs a recipient"


def _without_data(profile: Profile) -> Iterator[Finding]:
    yield from _twice(("without_data",), [row.code for row in profile.without_data])
    for place, row in enumerate(profile.without_data):
        at: Location = ("without_data", place)
        yield from _unknown((*at, "clauses"), row.clauses, profile.policy_marks, "clause of the policy")
        if row.code in profile.purposes:
            yield (*at, "code"), "is also a purpose that touches data"


def _retention(profile: Profile) -> Iterator[Finding]:
    yield from _twice(("retention",), [rule.code for rule in profile.retention])
    yield from _twice(("retention",), [rule.trigger for rule in profile.retention if not rule.purposes])
    ending = {rule.trigger for rule in profile.retention if not rule.purposes}
    for place, rule in enumerate(profile.retention):
        yield from _unknown(("retention", place, "categories"), rule.categories, profile.categories, "category")
        for key, reason in findings_in_rule(profile, rule):
            yield ("retention", place, key), reason
        if rule.purposes and rule.trigger not in ending:
            yield ("retention", place, "purposes"), f"no rule ends the rest after {rule.trigger!r}"


def _recipients(profile: Profile) -> Iterator[Finding]:
    used = {code for purpose in profile.purposes.values() for code in purpose.recipients}
    used |= {code for group in profile.cookie_groups.values() for code in group.recipients}
    for code, recipient in profile.recipients.items():
        at: Location = ("recipients", code)
        yield from _unknown((*at, "categories"), recipient.categories, profile.categories, "category")
        if code not in used:
            yield at, "no purpose names this recipient"


def _policy(profile: Profile) -> Iterator[Finding]:
    operator = profile.operator
    if not profile.policy_versions:
        yield ("policy_versions",), "there is no policy"
    for place, version in enumerate(profile.policy_versions):
        at: Location = ("policy_versions", place)
        if version.number != place + 1:
            yield (*at, "number"), f"should be {place + 1}: versions are numbered without gaps"
        if version.updated_on < version.effective_on and version.number == 1:
            yield (*at, "updated_on"), "is before the first day of force"
    if profile.policy_versions:
        at = ("policy_versions", len(profile.policy_versions) - 1)
        card = (operator.inn, operator.ogrn, operator.email)
        yield from _not_in_text((*at, "ru"), profile.policy.ru.canonical(), (*card, operator.address.ru))
        yield from _not_in_text((*at, "en"), profile.policy.en.canonical(), (*card, operator.address.en))
        clauses = {clause.number for clause in profile.policy.ru.clauses}
        yield from _unknown(("measures",), profile.measures, clauses, "clause of the policy")


def _consents(profile: Profile) -> Iterator[Finding]:
    operator = profile.operator
    based_on_consent = {code for code, purpose in profile.purposes.items() if purpose.needs_consent}
    for code in sorted(based_on_consent - set(profile.consents)):
        yield ("purposes", code, "basis"), "is consent, and consents/ has no text for this purpose"
    versions: dict[str, int] = {}
    slugs: dict[str, str] = {}
    for place, text in enumerate(profile.consent_texts):
        at: Location = ("consent_texts", place)
        if text.purpose not in based_on_consent:
            yield (*at, "purpose"), f"{text.purpose!r} is not a purpose based on consent (6.1.1)"
        versions[text.purpose] = versions.get(text.purpose, 0) + 1
        if text.version != versions[text.purpose]:
            yield (*at, "version"), f"should be {versions[text.purpose]}: one text for a purpose, versions without gaps"
        if slugs.setdefault(text.slug, text.purpose) != text.purpose:
            yield (*at, "slug"), f"is also the slug of {slugs[text.slug]}: one text has one purpose"
        yield from _sections(at, text, profile.purposes.get(text.purpose))
        card = (operator.name, operator.address)
        for language, document in (("ru", text.ru), ("en", text.en)):
            needed = [value.in_language(language) for value in card]
            if "operator" in document.codes:
                yield from _not_in_text((*at, language), document.section("operator").canonical(), needed)


def _sections(at: Location, text: ConsentText, purpose: Purpose | None) -> Iterator[Finding]:
    """A text has what the kind of its consent asks for, and promises nothing of another kind."""
    if purpose is None or not purpose.needs_consent:
        return
    needed = required(form=purpose.form, dissemination=purpose.dissemination)
    for language, document in (("ru", text.ru), ("en", text.en)):
        for code, norm in needed.items():
            if code not in document.codes:
                yield (*at, language), f"has no section {code!r} ({norm})"
        for code in document.codes:
            if code not in needed:
                yield (*at, language), f"has the section {code!r}, which a consent of this kind has not"


def _not_in_text(at: Location, text: str, needed: Iterable[str]) -> Iterator[Finding]:
    for value in needed:
        if value not in text:
            yield at, f"does not say {value!r}, as the operator's card has it"
