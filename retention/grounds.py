"""What still allows keeping data when one consent is withdrawn (152-FZ, article 21, part 5)."""

import profiles
from personal_data.models import Subject, SubjectKind
from profiles.schema import Profile, Purpose


def categories_without_ground(
    withdrawn: str, subject: Subject, *, ended: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Categories that were held for this purpose, and that no other ground in force covers. `ended` are purposes that
    are over for this person."""
    profile = profiles.current()
    others = (purpose for purpose in in_force(profile, subject) if purpose.code not in {withdrawn, *ended})
    return categories_of(profile, withdrawn).difference(*(purpose.categories for purpose in others))


def categories_of(profile: Profile, purpose: str) -> frozenset[str]:
    """What a purpose covered that the profile no longer has is not known any more: then it may have been all."""
    return frozenset(profile.purposes[purpose].categories if purpose in profile.purposes else profile.categories)


def in_force(profile: Profile, subject: Subject) -> tuple[Purpose, ...]:
    """The operator's purposes that are open for this person."""
    return tuple(purpose for purpose in own_purposes(profile) if _is_in_force(purpose, subject))


def indispensable(profile: Profile, kind: str) -> frozenset[str]:
    """Categories that go with the whole person only: without an address nobody has an account."""
    if kind == SubjectKind.GUEST:
        return frozenset()
    return frozenset(field.category for field in profile.fields if field.required)


def own_purposes(profile: Profile) -> tuple[Purpose, ...]:
    """The purposes that the operator has chosen. A duty of the law (they name no clause of the policy) says what must
    be done with data that is there; it is no reason to have it."""
    return tuple(purpose for purpose in profile.purposes.values() if purpose.clauses)


def _is_in_force(purpose: Purpose, subject: Subject) -> bool:
    if subject.kind not in purpose.subject_kinds:
        return False
    return not purpose.needs_consent or purpose.code in subject.open_purposes
