"""From a text to its findings, with what the profile knows beside it or alone."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from django.utils import translation

from profiles import markdown
from profiles.documents import ConsentDocument, PolicyText
from profiles.errors import Fault
from profiles.linter.documents import findings_of_duties, findings_of_language, findings_of_numbers
from profiles.linter.register import findings_of_card, findings_of_citations, findings_of_register
from profiles.linter.rules import Finding
from profiles.linter.source import Source
from profiles.linter.wording import findings_of_wording
from profiles.schema import Profile
from profiles.wording import Language

D = TypeVar("D", bound=PolicyText | ConsentDocument)
LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")
#: What the reader of Markdown says of numbers is said by the rule on numbers, with the line.
ABOUT_NUMBERS: Final = "should have the number"
ADVERTISING: Final = re.compile(r"(?:реклам|маркетинг|advertis|marketing)\w*", re.IGNORECASE)
NO_ADVERTISING: Final = re.compile(r"\b(?:no|not|nor|without|не|нет|без|ни)\b", re.IGNORECASE)


class _Shape(markdown.Reader):
    """Gathers faults of the shape alone: the wording has rules of its own here."""

    def check_wording(self, where: str, text: str) -> None:
        return


@dataclass(frozen=True, kw_only=True)
class LintedDocument(Generic[D]):
    """A text as it was understood, and what is wrong with it."""

    document: D
    findings: tuple[Finding, ...]


def lint_alone(text: str, *, is_master: bool = True) -> list[Finding]:
    """A policy of which nothing is known but its words."""
    source = Source(text=text, is_master=is_master)
    return _sorted([*_common(source), *findings_of_duties(source)])


def lint_policy(text: str, language: Language, profile: Profile) -> LintedDocument[PolicyText]:
    """A policy in the portal's Markdown; terms, recipients and operations stand in the profile's register."""
    read = _read(text, language, markdown.read_policy)
    findings = [*read.findings, *findings_of_card(profile, read.document.canonical(), language)]
    if language == "ru":
        findings += findings_of_citations(profile, frozenset(read.document.marks))
    return LintedDocument(document=read.document, findings=tuple(_sorted(findings)))


def lint_consent(text: str, language: Language, purpose: str, profile: Profile) -> LintedDocument[ConsentDocument]:
    """The text of one consent: for one purpose, to this operator."""
    read = _read(text, language, markdown.read_consent)
    findings = [*read.findings, *_of_consent(read.document, text, purpose, profile)]
    return LintedDocument(document=read.document, findings=tuple(_sorted(findings)))


def lint_profile(profile: Profile) -> list[Finding]:
    return _sorted(findings_of_register(profile))


def lint_folder(folder: Path, profile: Profile) -> list[Fault]:
    """The newest version of each text in an operator's folder; older ones are published and stay as they are."""
    found: list[Fault] = []
    for language in LANGUAGES:
        name = f"policy/{profile.policy.number}.{language}.md"
        found += _faults(name, lint_policy(_file(folder, name), language, profile).findings)
        for code, text in profile.consents.items():
            name = f"consents/{code}.{text.version}.{language}.md"
            found += _faults(name, lint_consent(_file(folder, name), language, code, profile).findings)
    return [*found, *_faults("purposes.toml", lint_profile(profile))]


def _file(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def _faults(file: str, findings: Iterable[Finding]) -> Iterator[Fault]:
    """In English, as all that is said to administrators in a terminal."""
    with translation.override("en"):
        for finding in findings:
            if finding.refuses:
                yield Fault(file=file, key=f"line {finding.line}", reason=f"{finding.code}: {finding.reason}")


def marks_differ(russian: tuple[str, ...], english: tuple[str, ...]) -> list[Finding]:
    """Both languages have the same clauses, in the same order."""
    if russian == english:
        return []
    apart = sorted(set(russian) ^ set(english))
    return [Finding(line=1, code="languages_differ", quote=", ".join(apart[:8]))]


def _read(text: str, language: Language, read: Callable[[str, markdown.Reader], D]) -> LintedDocument[D]:
    source = Source(text=text, is_master=language == "ru")
    reader = _Shape(language=language)
    document = read(text, reader)
    findings: list[Finding] = [*_common(source), *_shape(source, reader.faults)]
    return LintedDocument(document=document, findings=tuple(findings))


def _common(source: Source) -> Iterator[Finding]:
    yield from findings_of_wording(source)
    yield from findings_of_numbers(source)
    yield from findings_of_language(source)


def _shape(source: Source, faults: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """By the sign of the part, which reads the same in every language: {term}, 3.6, #."""
    for where, why in faults:
        if ABOUT_NUMBERS in why:
            continue
        kind, _, what = where.partition(" ")
        sign = {"section": f"{{{what}}}", "clause": what, "title": "#"}.get(kind, "")
        yield Finding(line=int(what) if kind == "line" else 1, code="shape", quote=sign)


def _of_consent(document: ConsentDocument, text: str, purpose: str, profile: Profile) -> Iterator[Finding]:
    operator = profile.operator
    if "operator" in document.codes:
        said = document.section("operator").canonical()
        card = {"name": operator.name, "address": operator.address}
        if absent := [what for what, value in card.items() if value.in_language(document.language) not in said]:
            yield Finding(line=1, code="operator_card", quote=", ".join(absent))
    declared = profile.purposes.get(purpose)
    if declared is None or declared.advertising:
        return
    for sentence in Source(text=text).sentences:
        found = ADVERTISING.search(sentence.text)
        if found and not NO_ADVERTISING.search(sentence.text):
            yield Finding(line=sentence.line, code="bundled_consent", quote=found.group())


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(set(findings))
