"""What a text of the profile must not contain. A published text cannot be taken back, so it is refused before."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ValidationInfo

from profiles.frozen import Frozen

Language = Literal["ru", "en"]

WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
CYRILLIC = re.compile(r"[\u0400-\u052f]")
PLACEHOLDER = re.compile(
    r"_{2,}|\.{4,}|…{2,}|\[\s*(?:[•.…_xXхХ]+\s*)?\]|\(\s*\)|«\s*»|“\s*”|\"\s*\"|<[^<>]*>|\{[^{}]*\}|\b(?:TODO|TBD|FIXME|XXX)\b"
    r"|lorem ipsum",
    re.IGNORECASE,
)


def faults_of_wording(text: str, language: Language) -> Iterator[str]:
    if not text.strip():
        yield "is empty"
        return
    if placeholder := PLACEHOLDER.search(text):
        yield f"holds a blank to be filled in: {placeholder.group()!r}"
    words = WORD.findall(text)
    for word in words:
        if LATIN.search(word) and CYRILLIC.search(word):
            yield f"mixes Latin and Cyrillic letters in one word: {word!r}"
        elif language == "en" and CYRILLIC.search(word):
            yield f"has a Cyrillic word in the English text: {word!r}"
    if language == "ru" and words and not any(CYRILLIC.search(word) for word in words):
        yield "is not in Russian, and Russian is the master language"


def _well_worded(value: str, info: ValidationInfo) -> str:
    if faults := list(faults_of_wording(value, "en" if info.field_name == "en" else "ru")):
        raise ValueError("; ".join(faults))
    return value


class Text(Frozen):
    """A text in both languages of the portal. Russian is the master, English its translation."""

    ru: Annotated[str, AfterValidator(_well_worded)]
    en: Annotated[str, AfterValidator(_well_worded)]

    def in_language(self, language: str) -> str:
        return self.en if language.startswith("en") else self.ru
