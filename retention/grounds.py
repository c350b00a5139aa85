"""What still allows keeping data when one consent is withdrawn (152-FZ, article 21, part 5)."""

import profiles
from personal_data.models import Subject
from profiles.schema import Profile, Purpose


def categories_without_ground(withdrawn: str, subject: Subject) -> frozenset[str]:
    """Categories that were held for this consent, and that no other ground in force covers. What a purpose covered that
    the profile no longer has is not known any more: then it is all that no ground in force covers."""
    profile = profiles.current()
    held_for = profile.purposes[withdrawn].categories if withdrawn in profile.purposes else profile.categories
    others = (purpose for purpose in own_purposes(profile) if purpose.code != withdrawn)
    covered = [purpose.categories for purpose in others if _is_in_force(purpose, subject)]
    return frozenset(held_for).difference(*covered)


def categories_of_consents_alone(profile: Profile) -> frozenset[str]:
    """Categories that the operator holds for no other reason than consents."""
    by_consent = [purpose.categories for purpose in own_purposes(profile) if purpose.needs_consent]
    otherwise = [purpose.categories for purpose in own_purposes(profile) if not purpose.needs_consent]
    return frozenset[str]().union(*by_consent).difference(*otherwise)


def own_purposes(profile: Profile) -> tuple[Purpose, ...]:
    """The purposes that the operator has chosen. A duty of the law (they name no clause of the policy) says what must
    be done with data that is there; it is no reason to have it."""
    return tuple(purpose for purpose in profile.purposes.values() if purpose.clauses)


def _is_in_force(purpose: Purpose, subject: Subject) -> bool:
    if subject.kind not in purpose.subject_kinds:
        return False
    return not purpose.needs_consent or purpose.code in subject.open_purposes
