"""Rules on the profile itself: a purpose must say on what basis, with which data and until when."""

from collections.abc import Iterator

from profiles.linter.rules import Finding
from profiles.schema import Profile, Purpose


def findings_of_register(profile: Profile) -> Iterator[Finding]:
    for purpose in profile.purposes.values():
        if not purpose.basis:
            yield Finding(line=1, code="purpose_basis", quote=purpose.code)
        if not purpose.categories:
            yield Finding(line=1, code="purpose_categories", quote=purpose.code)
        if endless := sorted(_without_term(profile, purpose)):
            yield Finding(line=1, code="purpose_term", quote=f"{purpose.code} ({', '.join(endless)})")


def _without_term(profile: Profile, purpose: Purpose) -> Iterator[str]:
    """Categories of which nothing says when they go, for one of the kinds of people whose data it is."""
    for category in purpose.categories:
        kept = {kind for rule in profile.retention_of(category) for kind in rule.subject_kinds}
        if not purpose.subject_kinds <= kept:
            yield category


def findings_of_citations(profile: Profile, marks: frozenset[str]) -> Iterator[Finding]:
    """Each purpose says by which clause of the policy it is allowed."""
    cited = {mark for purpose in profile.purposes.values() for mark in purpose.clauses}
    cited |= {mark for row in profile.without_data for mark in row.clauses}
    for mark in sorted(cited - marks):
        yield Finding(line=1, code="clause_cited", quote=mark)


def findings_of_card(profile: Profile, text: str, language: str) -> Iterator[Finding]:
    operator = profile.operator
    needed = {
        "INN": operator.inn,
        "OGRN": operator.ogrn,
        "address": operator.address.in_language(language),
        "contact": operator.email,
    }
    if absent := [what for what, value in needed.items() if value not in text]:
        yield Finding(line=1, code="operator_card", quote=", ".join(absent))
