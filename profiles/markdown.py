"""Reads the texts of a profile: a small part of Markdown, strict enough to cite clauses by number.

# title            ## 3. heading of a section     ## {purpose} heading of a consent's section
3.1. a clause      - an item of its list          > an explanation under it
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from profiles import consent_sections
from profiles.documents import Clause, ConsentDocument, ConsentSection, Part, PolicyText, Section
from profiles.wording import Language, faults_of_wording

SECTION_NUMBER = re.compile(r"(\d+)\.\s+")
CLAUSE_NUMBER = re.compile(r"(\d+\.\d+)\.\s+")
SECTION_CODE = re.compile(r"\{([a-z]+)\}\s+")
PREFIXES: dict[str, Literal["title", "heading", "item", "note"]] = {
    "# ": "title",
    "## ": "heading",
    "- ": "item",
    "> ": "note",
}


@dataclass(frozen=True, kw_only=True)
class Block:
    line: int
    kind: Literal["title", "heading", "item", "note", "text"]
    text: str


@dataclass(kw_only=True)
class Reader:
    """Gathers what is wrong with one file: (where, why). `where` is a clause, a section or a line."""

    language: Language
    faults: list[tuple[str, str]] = field(default_factory=list)

    def blame(self, where: str, reason: str) -> None:
        self.faults.append((where, reason))

    def check_wording(self, where: str, text: str) -> None:
        for reason in faults_of_wording(text, self.language):
            self.blame(where, reason)


def blocks_of(source: str) -> Iterator[Block]:
    block: Block | None = None
    for line, raw in enumerate(source.splitlines(), start=1):
        text = raw.strip()
        prefix = next((prefix for prefix in PREFIXES if text.startswith(prefix)), "")
        if block and (prefix or not text):
            yield block
            block = None
        if block:
            block = Block(line=block.line, kind=block.kind, text=f"{block.text} {text}")
        elif text:
            block = Block(line=line, kind=PREFIXES.get(prefix, "text"), text=text.removeprefix(prefix).strip())
    if block:
        yield block


def read_policy(source: str, reader: Reader) -> PolicyText:
    title, sections = "", list[tuple[str, str, list[Clause]]]()
    for block in blocks_of(source):
        where = f"line {block.line}"
        if block.kind == "title":
            title = block.text
        elif block.kind == "heading":
            number, heading = _numbered(SECTION_NUMBER, block.text)
            sections.append((number, heading, []))
            where = f"section {number}" if number else where
        elif not sections:
            reader.blame(where, "stands before the first section")
        else:
            where = _add_to_clause(block, sections[-1][2], reader)
        reader.check_wording(where, block.text)
    if not title:
        reader.blame("title", "is missing")
    document = PolicyText(
        language=reader.language,
        title=title,
        sections=tuple(Section(number=n, heading=h, clauses=tuple(clauses)) for n, h, clauses in sections),
    )
    _check_numbering(document, reader)
    return document


def _add_to_clause(block: Block, clauses: list[Clause], reader: Reader) -> str:
    """Appends the block to the clause it belongs to, and says by what number it is cited."""
    number, text = _numbered(CLAUSE_NUMBER, block.text) if block.kind == "text" else ("", block.text)
    if number:
        clauses.append(Clause(number=number, parts=(Part(kind="text", text=text),)))
        return f"clause {number}"
    if not clauses:
        reader.blame(f"line {block.line}", "has no clause number")
        return f"line {block.line}"
    clause = clauses[-1]
    items = sum(part.kind == "item" for part in clause.parts)
    mark = f"{clause.number}•{items + 1}" if block.kind == "item" else ""
    kind: Literal["item", "note", "text"] = block.kind if block.kind in ("item", "note") else "text"
    clauses[-1] = Clause(number=clause.number, parts=(*clause.parts, Part(kind=kind, mark=mark, text=text)))
    return f"clause {mark or clause.number}"


def _check_numbering(document: PolicyText, reader: Reader) -> None:
    for position, section in enumerate(document.sections, start=1):
        if section.number != str(position):
            reader.blame(f"section {section.number or repr(section.heading)}", f"should have the number {position}")
        if not section.clauses:
            reader.blame(f"section {position}", "has no clauses")
        for place, clause in enumerate(section.clauses, start=1):
            if clause.number != f"{position}.{place}":
                reader.blame(f"clause {clause.number}", f"should have the number {position}.{place}")


def read_consent(source: str, reader: Reader) -> ConsentDocument:
    title, sections = "", list[tuple[str, str, list[Part]]]()
    for block in blocks_of(source):
        where = f"section {sections[-1][0]}" if sections else f"line {block.line}"
        if block.kind == "title":
            title = block.text
        elif block.kind == "heading":
            code, heading = _numbered(SECTION_CODE, block.text)
            sections.append((code, heading, []))
            reader.check_wording(f"section {code}", heading)
            continue
        elif not sections:
            reader.blame(where, "stands before the first section")
        else:
            kind: Literal["item", "note", "text"] = block.kind
            sections[-1][2].append(Part(kind=kind, text=block.text))
        reader.check_wording(where, block.text)
    if not title:
        reader.blame("title", "is missing")
    _check_sections(sections, reader)
    return ConsentDocument(
        language=reader.language,
        title=title,
        sections=tuple(ConsentSection(code=c, heading=h, parts=tuple(parts)) for c, h, parts in sections),
    )


def _check_sections(sections: list[tuple[str, str, list[Part]]], reader: Reader) -> None:
    codes = tuple(code for code, _, _ in sections)
    for code in consent_sections.ALWAYS:
        if codes.count(code) != 1:
            reader.blame(f"section {code}", "must stand in the text exactly once (152-FZ, 9.4, items 3-8)")
    for code, heading, parts in sections:
        if code not in consent_sections.KNOWN:
            reader.blame(f"section {code or repr(heading)}", f"is not one of {', '.join(consent_sections.KNOWN)}")
        elif codes.count(code) > 1 and code not in consent_sections.ALWAYS:
            reader.blame(f"section {code}", "stands in the text more than once")
        if not parts:
            reader.blame(f"section {code or repr(heading)}", "is empty")


def _numbered(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)
