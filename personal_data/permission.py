"""The one place that says whether a purpose may do something with a subject's data.

purpose × kind of subject × category × operation × blocked × consent × destroyed
"""

from personal_data.errors import Blocked, Destroyed, NoConsent, NotCovered, PersonalDataError
from personal_data.subject_state import SubjectState
from profiles.schema import Purpose


def refusal_of_subject(purpose: Purpose, state: SubjectState) -> PersonalDataError | None:
    """Why nothing of this subject may be processed for this purpose, if so."""
    if state.standing.is_destroyed:
        return Destroyed(str(state.id))
    if state.standing.kind not in purpose.subject_kinds:
        return NotCovered(f"purpose {purpose.code} is not for subjects of kind {state.standing.kind}")
    if state.standing.is_blocked and not purpose.works_on_blocked:
        return Blocked(str(state.id))
    if purpose.needs_consent and purpose.code not in state.standing.open_purposes:
        return NoConsent(f"{purpose.code} for {state.id}")
    return None


def refusal_of_category(purpose: Purpose, category: str, operation: str) -> PersonalDataError | None:
    """Why this category may not be processed so for this purpose, whoever the subject is, if so."""
    if category not in purpose.categories:
        return NotCovered(f"purpose {purpose.code} does not cover category {category}")
    if operation not in purpose.operations:
        return NotCovered(f"purpose {purpose.code} does not allow {operation}")
    return None
