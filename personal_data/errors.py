"""Why personal data was not opened or not written: one exception per reason, none carries a value."""

from typing import ClassVar, Final

from django.core.exceptions import FieldError
from django.db import DatabaseError


class PersonalDataError(Exception):
    """`code` is what the processing log keeps of a refusal."""

    code: ClassVar[str] = "refused"


class Undeclared(PersonalDataError):
    """Sealed data was touched outside of `processing()`."""

    code = "undeclared"


class UnknownPurpose(PersonalDataError):
    """The operator's profile knows no such purpose."""

    code = "unknown_purpose"


class NotCovered(PersonalDataError):
    """The declared purpose does not cover this category, operation or kind of subject."""

    code = "not_covered"


class Blocked(PersonalDataError):
    """Processing of this subject's data is blocked, and the purpose is not one that may go on."""

    code = "blocked"


class NoConsent(PersonalDataError):
    """The purpose rests on consent, and the subject has not given it or has withdrawn it."""

    code = "no_consent"


class Destroyed(PersonalDataError):
    """The subject was destroyed: the key is gone."""

    code = "destroyed"


class WrongKey(PersonalDataError):
    """The subject's key does not unwrap: another key-encryption key, or a key that was swapped or altered."""

    code = "wrong_key"


class Altered(PersonalDataError):
    """A sealed value does not open in its place: altered, or moved from another row, column or person."""

    code = "altered"


class KeyChanged(PersonalDataError):
    """The subject was given another key since this act began, and a value was sealed under the one before: nothing of
    the act was written. Done again, it goes."""

    code = "key_changed"


class HeldElsewhere(PersonalDataError):
    """Somebody is writing about the subject in this moment: all that is held cannot be sealed anew."""

    code = "held_elsewhere"


class UnsupportedLookup(PersonalDataError, FieldError):
    """Sealed columns can be searched only for exact values, and only where they have a blind index."""


class UnsealedWrite(PersonalDataError, TypeError):
    """A plain value was about to reach a sealed column past the model instance that would have sealed it."""


class KeyringMissing(PersonalDataError):
    """There is no readable keyring where KEYRING points."""


class KeyringMismatch(PersonalDataError):
    """The keyring belongs to another database, or lacks the key of an epoch that is in use."""


class KeyringFixed(PersonalDataError):
    """Keys cannot be made or destroyed from here: whoever gave the keyring changes it."""


class EpochIsOver(PersonalDataError):
    """A subject's key was to be wrapped under an epoch that is retired."""


_OF_TRIGGERS: Final[dict[str, type[PersonalDataError]]] = {
    "PDBLK": Blocked,
    "PDGON": Destroyed,
    "PDEPO": EpochIsOver,
    "PDKEY": KeyChanged,
}


def as_refused(error: DatabaseError) -> Exception:
    """The triggers' own refusals under the names that the code above catches; any other error as it is."""
    refusal = _OF_TRIGGERS.get(getattr(error.__cause__, "sqlstate", ""))
    return refusal(str(error).partition("\n")[0]) if refusal else error
