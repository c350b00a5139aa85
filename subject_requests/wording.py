"""What looks like personal data in words that are about to leave: a letter may be read by others, and an answer to one
person must not tell of another. Finds shapes, not meaning; a person decides."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

import profiles
from profiles.registry_numbers import valid_inn


class Shape(TextChoices):
    MAIL_ADDRESS = "mail_address", pgettext_lazy("shape of personal data", "an e-mail address")
    TELEPHONE = "telephone", pgettext_lazy("shape of personal data", "a telephone number")
    PASSPORT = "passport", pgettext_lazy("shape of personal data", "the number of a passport")
    SNILS = "snils", pgettext_lazy("shape of personal data", "a SNILS")
    INN = "inn", pgettext_lazy("shape of personal data", "an INN")
    CARD = "card", pgettext_lazy("shape of personal data", "the number of a card")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`line` counts from 1. What was found is not repeated."""

    shape: Shape
    line: int


_SHORTEST_CARD: Final = 13
_SNILS_DIGITS: Final = 11
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TELEPHONE: Final = re.compile(r"(?<![\d-])(?:\+\d|8)[\s-]?\(?\d{3}\)?[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)")
_PASSPORT: Final = re.compile(r"(?<!\d)\d{2}\s?\d{2}\s*(?:№|N|n)?\s*\d{6}(?!\d)")
_SNILS: Final = re.compile(r"(?<!\d)\d{3}-\d{3}-\d{3}[\s-]\d{2}(?!\d)|(?<!\d)\d{11}(?!\d)")
_INN: Final = re.compile(r"(?<!\d)(?:\d{12}|\d{10})(?!\d)")
_CARD: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def findings(text: str) -> list[Finding]:
    """In the order of the lines. The operator's own address and numbers are nobody's secret."""
    return [
        Finding(shape=shape, line=number)
        for number, line in enumerate(text.splitlines(), 1)
        for shape in Shape
        if any(_CHECKS[shape](found) for found in _matches(shape, line))
    ]


def _matches(shape: Shape, line: str) -> Iterator[str]:
    own = _own()
    yield from (match.group() for match in _PATTERNS[shape].finditer(line) if match.group().casefold() not in own)


def _own() -> set[str]:
    operator = profiles.current().operator
    return {operator.email.casefold(), operator.responsible.email.casefold(), operator.inn, operator.ogrn}


def _is_snils(text: str) -> bool:
    digits = _digits(text)
    if len(digits) != _SNILS_DIGITS:
        return False
    control = sum(weight * int(digit) for weight, digit in zip(range(9, 0, -1), digits, strict=False)) % 101 % 100
    return "-" in text or control == int(digits[9:])


def _is_inn(text: str) -> bool:
    try:
        valid_inn(text)
    except ValueError:
        return False
    return True


def _is_card(text: str) -> bool:
    """By its control digit (Luhn)."""
    digits = [int(digit) for digit in _digits(text)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(digits) >= _SHORTEST_CARD and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _always(text: str) -> bool:
    return True


_PATTERNS: Final = {
    Shape.MAIL_ADDRESS: _MAIL,
    Shape.TELEPHONE: _TELEPHONE,
    Shape.PASSPORT: _PASSPORT,
    Shape.SNILS: _SNILS,
    Shape.INN: _INN,
    Shape.CARD: _CARD,
}
_CHECKS: Final[dict[Shape, Callable[[str], bool]]] = {
    Shape.MAIL_ADDRESS: _always,
    Shape.TELEPHONE: _always,
    Shape.PASSPORT: _always,
    Shape.SNILS: _is_snils,
    Shape.INN: _is_inn,
    Shape.CARD: _is_card,
}
