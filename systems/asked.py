"""What was asked, read out of the body of a request."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOST: Final = 1_000  # people in one request

Fault = tuple[str, str | Promise]  # JSON pointer, what is wrong there


class Unreadable(Exception):
    """The body is JSON and no question."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("no question")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Asked:
    purpose: str
    subjects: tuple[UUID, ...]
    is_one: bool


_KEYS: Final = frozenset({"purpose", "subject", "subjects"})
_WHO: Final = _("Name either one `subject` or up to 1,000 `subjects`.")


def read(body: Any) -> Asked:
    """Raises Unreadable."""
    if not isinstance(body, dict):
        raise Unreadable(("", _("An object is expected.")))
    faults: list[Fault] = [(f"/{_escaped(key)}", _("There is no such key.")) for key in body if key not in _KEYS]
    purpose, subjects = body.get("purpose"), body.get("subjects")
    if not isinstance(purpose, str):
        faults.append(("/purpose", _("The code of a purpose is expected.")))
    if ("subject" in body) == ("subjects" in body):
        faults.append(("/subject", _WHO))
    elif "subject" in body:
        return _made(purpose, {"/subject": body["subject"]}, faults, is_one=True)
    elif not isinstance(subjects, list) or not 0 < len(subjects) <= MOST:
        faults.append(("/subjects", _WHO))
    else:
        named = {f"/subjects/{place}": subject for place, subject in enumerate(subjects)}
        return _made(purpose, named, faults, is_one=False)
    raise Unreadable(*faults)


def _made(purpose: Any, named: dict[str, Any], faults: list[Fault], *, is_one: bool) -> Asked:
    subjects = {pointer: reference(value) for pointer, value in named.items()}
    faults += [(pointer, _("A reference is expected.")) for pointer, found in subjects.items() if found is None]
    if faults:
        raise Unreadable(*faults)
    return Asked(purpose, tuple(dict.fromkeys(found for found in subjects.values() if found)), is_one)


def reference(value: Any) -> UUID | None:
    """Only as it is written everywhere: 36 characters with four hyphens."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        found = UUID(value)
    except ValueError:
        return None
    return found if str(found) == value.lower() else None


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def read_plain(body: Any) -> tuple[str, UUID] | None:
    """The commonest question, without a word about what is wrong with others: one purpose, one person."""
    if type(body) is not dict or len(body) != 2:
        return None
    purpose, subject = body.get("purpose"), reference(body.get("subject"))
    return (purpose, subject) if type(purpose) is str and subject else None
