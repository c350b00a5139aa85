"""The codes of events in words. The log knows no room above it: they teach it the words for their own codes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from processing_log.facts import OVERSIGHT, Fact
from processing_log.models import Event
from processing_log.operations import Operation

REFUSED: Final = "refused_"  # the choke point names the kind of its refusal behind it

Words = str | Promise
Naming = Callable[[str], str]


def _as_it_is(code: str) -> str:
    return code


class _Vocabulary:
    def __init__(self) -> None:
        self.facts: dict[str, Words] = {fact.value: fact.label for fact in Fact}
        self.purposes: Callable[[], Iterable[str]] = tuple
        self.name_purpose: Naming = _as_it_is
        self.name_category: Naming = _as_it_is


_vocabulary: Final = _Vocabulary()


def teach(
    *,
    facts: Mapping[str, Words] | None = None,
    purposes: Callable[[], Iterable[str]] | None = None,
    purpose: Naming | None = None,
    category: Naming | None = None,
) -> None:
    """`purposes` lists the codes there are; `purpose` and `category` give the reader's words for one, or the code."""
    _vocabulary.facts.update(facts or {})
    _vocabulary.purposes = purposes or _vocabulary.purposes
    _vocabulary.name_purpose = purpose or _vocabulary.name_purpose
    _vocabulary.name_category = category or _vocabulary.name_category


def known_facts() -> list[tuple[str, str]]:
    return sorted((code, str(words)) for code, words in _vocabulary.facts.items())


def known_purposes() -> list[tuple[str, str]]:
    return [(code, of_purpose(code)) for code in (*_vocabulary.purposes(), OVERSIGHT)]


def of_fact(code: str) -> str:
    if code.startswith(REFUSED):
        return _("Refused (%(why)s)") % {"why": code.removeprefix(REFUSED)}
    return str(_vocabulary.facts.get(code, code))


def of_operation(code: str) -> str:
    return str(Operation(code).label) if code in Operation.values else code


def what(operation: str, fact: str) -> str:
    """Both where an event has both: a fact says more than the verb."""
    return " · ".join(filter(None, (of_fact(fact), of_operation(operation))))


def what_happened(event: Event) -> str:
    return what(event.operation, event.fact)


def of_purpose(code: str) -> str:
    return _("Oversight of the log") if code == OVERSIGHT else _vocabulary.name_purpose(code)


def of_category(code: str) -> str:
    return _vocabulary.name_category(code)
