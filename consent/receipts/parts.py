"""Which parts of a receipt are not those of another, in words a person can use."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Part(TextChoices):
    TEXT = "text", _("the text that was agreed to")
    SCREEN = "screen", _("the screen on which it was read")
    SHOWN = "shown", _("when the text was shown")
    MOMENT = "moment", _("when the consent was given or withdrawn")
    METHOD = "method", _("how the consent was given or withdrawn")
    PURPOSE = "purpose", _("the purpose")
    DATA = "data", _("the data and what may be done with it")
    RECIPIENTS = "recipients", _("who gets the data")
    STORAGE = "storage", _("how long the data is kept")
    OPERATOR = "operator", _("the operator")
    PERSON = "person", _("whose consent it is")
    NUMBER = "number", _("the number of the receipt or of the consent")
    LOG = "log", _("where the operator's log tells of it")
    OTHER = "other", _("something else")


_BY_NAME: Final[Mapping[str, Part]] = {
    "ru:textSha256": Part.TEXT,
    "dpv:hasNotice": Part.TEXT,
    "ru:screenSha256": Part.SCREEN,
    "ru:servedAt": Part.SHOWN,
    "dpv:hasConsentStatus": Part.MOMENT,
    "dct:created": Part.MOMENT,
    "dpv:hasIndicationMethod": Part.METHOD,
    "dpv:hasPurpose": Part.PURPOSE,
    "dpv:hasPersonalData": Part.DATA,
    "dpv:hasProcessing": Part.DATA,
    "ru:dissemination": Part.DATA,
    "dpv:hasRecipient": Part.RECIPIENTS,
    "dpv:hasStorageCondition": Part.STORAGE,
    "dct:publisher": Part.OPERATOR,
    "dpv:hasDataController": Part.OPERATOR,
    "schema:recipient": Part.PERSON,
    "dpv:hasDataSubject": Part.PERSON,
    "dpv:isIndicatedBy": Part.PERSON,
    "dct:identifier": Part.NUMBER,
    "ru:evidence": Part.LOG,
}
#: Names inside these say nothing of their own.
_WHOLE: Final = ("dpv:hasStorageCondition", "ru:evidence")
Path = tuple[str | int, ...]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Part]:
    """In the order of `Part`. The signatures are not compared."""
    leaves, others = (_leaves({**each, "ru:evidence": _unsigned(each)}) for each in (one, other))
    before, after = dict(leaves), dict(others)
    paths = [path for path in {**before, **after} if path not in before or before.get(path) != after.get(path, _NONE)]
    found = {_part_of(path) for path in paths}
    return [part for part in Part if part in found]


_NONE: Final = object()


def _unsigned(receipt: Mapping[str, Any]) -> Any:
    evidence = receipt.get("ru:evidence")
    return {k: v for k, v in evidence.items() if k != "signature"} if isinstance(evidence, dict) else evidence


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, number))
    else:
        yield path, (type(value), value)


def _part_of(path: Path) -> Part:
    """The innermost name that says which part it is."""
    names = [name for name in path if isinstance(name, str)]
    for number, name in enumerate(names):
        if name in _WHOLE:
            names = names[: number + 1]
            break
    return next((_BY_NAME[name] for name in reversed(names) if name in _BY_NAME), Part.OTHER)
