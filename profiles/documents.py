"""Texts that people read and agree to: their shape, and the exact bytes that are hashed."""

import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal

from profiles.frozen import Frozen
from profiles.wording import Language

BOLD = "**"


class Part(Frozen):
    """A paragraph, an item of a list, or an explanation that stands under a clause."""

    kind: Literal["text", "item", "note"]
    mark: str = ""
    text: str

    @property
    def anchor(self) -> str:
        return anchor_of(self.mark) if self.mark else ""

    def canonical(self) -> str:
        return {"text": "", "item": "• ", "note": "> "}[self.kind] + self.text.replace(BOLD, "")


class Clause(Frozen):
    number: str
    parts: tuple[Part, ...]

    @property
    def anchor(self) -> str:
        return anchor_of(self.number)

    @property
    def marks(self) -> tuple[str, ...]:
        """The numbers by which this clause and the items of its list are cited: "5.3", "5.3•1", "5.3•2"…"""
        return (self.number, *(part.mark for part in self.parts if part.mark))

    def canonical(self) -> str:
        return "\n".join([f"{self.number}. {self.parts[0].canonical()}", *(p.canonical() for p in self.parts[1:])])


class Section(Frozen):
    number: str
    heading: str
    clauses: tuple[Clause, ...]

    @property
    def anchor(self) -> str:
        return "section-" + self.number

    def canonical(self) -> str:
        return "\n\n".join([f"{self.number}. {self.heading}", *(clause.canonical() for clause in self.clauses)])


class PolicyText(Frozen):
    """The policy in one language."""

    language: Language
    title: str
    sections: tuple[Section, ...]

    @property
    def clauses(self) -> Iterator[Clause]:
        return (clause for section in self.sections for clause in section.clauses)

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for clause in self.clauses for mark in clause.marks)

    def canonical(self) -> str:
        return canonical_text([self.title, *(section.canonical() for section in self.sections)])

    @property
    def hash(self) -> str:
        return sha256(self.canonical())


class ConsentSection(Frozen):
    code: str
    heading: str
    parts: tuple[Part, ...]

    def canonical(self) -> str:
        return "\n".join([self.heading, *(part.canonical() for part in self.parts)])


class ConsentDocument(Frozen):
    """The text of one consent in one language."""

    language: Language
    title: str
    sections: tuple[ConsentSection, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(section.code for section in self.sections)

    def section(self, code: str) -> ConsentSection:
        return next(section for section in self.sections if section.code == code)

    def canonical(self) -> str:
        return canonical_text([self.title, *(section.canonical() for section in self.sections)])

    @property
    def hash(self) -> str:
        return sha256(self.canonical())


class PolicyVersion(Frozen):
    """One version of the policy. `effective_on` is its first day of force, `updated_on` the day of this wording."""

    number: int
    effective_on: date
    updated_on: date
    ru: PolicyText
    en: PolicyText

    def in_language(self, language: str) -> PolicyText:
        return self.en if language.startswith("en") else self.ru

    @property
    def hash(self) -> str:
        """The hash of the Russian master."""
        return self.ru.hash


class ConsentText(Frozen):
    """One version of the text by which a person agrees to one purpose. In use from the day of its wording, where no
    other day is said."""

    purpose: str
    slug: str
    version: int
    updated_on: date
    effective_on: date | None = None
    ru: ConsentDocument
    en: ConsentDocument

    @property
    def in_use_from(self) -> date:
        return self.effective_on or self.updated_on

    def in_language(self, language: str) -> ConsentDocument:
        return self.en if language.startswith("en") else self.ru

    @property
    def hash(self) -> str:
        """The hash of the Russian master."""
        return self.ru.hash


def anchor_of(mark: str) -> str:
    """Where on the policy's page "3.6•2" stands."""
    return "clause-" + mark.replace(".", "-").replace("•", "-")


def canonical_text(blocks: list[str]) -> str:
    """What is hashed: blocks apart by an empty line, Unicode NFC, line feeds, one at the end."""
    return unicodedata.normalize("NFC", "\n\n".join(blocks)) + "\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
