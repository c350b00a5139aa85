"""Every word the portal says in English has its Russian: over all templates, all Python and all catalogues."""

import re
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
NOT_OURS = {"tests", "benchmarks", "static", "templates", "docs", "node_modules"}
#: Not translated, and why: the style guide is a tool for those who build pages.
UNTRANSLATED_FILES = {TEMPLATES / "demo" / "components.html", ROOT / "looks" / "samples.py"}
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[a-z]|%[sd]|\{[a-z_]+\}")

Key = tuple[str, str]  # context, message


def catalogue_files() -> list[Path]:
    return sorted(path for path in ROOT.glob("*/locale/ru/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ru")


def entries(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def key_of(message: Message) -> Key:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return str(message.context or ""), first


def strings_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def source_files() -> Iterator[Path]:
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and folder.name not in NOT_OURS and not folder.name.startswith("."):
            yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)
    yield from (path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in {".html", ".txt"})


def messages_said(path: Path) -> Iterator[Key]:
    text = path.read_text()
    code = _flat(templatize(text)) if path.is_relative_to(TEMPLATES) else text
    for _line, found, _comments, context in extract("python", BytesIO(code.encode()), keywords=KEYWORDS):
        first = found if isinstance(found, str) else found[0]
        if first:
            yield str(context or ""), first


def _flat(code: str) -> str:
    """Django turns a template into something like Python, for a tool that does not mind its indentation; Babel does."""
    return "\n".join(line.lstrip() for line in code.splitlines())


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parts[-5])
def test_catalogue_translates_every_entry_it_holds(path: Path) -> None:
    lacking = [
        key_of(message)
        for message in entries(read(path))
        if message.fuzzy or not strings_of(message) or not all(strings_of(message))
    ]

    assert lacking == []


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parts[-5])
def test_catalogue_keeps_every_placeholder_and_gives_every_plural(path: Path) -> None:
    catalogue = read(path)
    wrong = []
    for message in entries(catalogue):
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        expected = set(PLACEHOLDER.findall(originals[-1]))
        kept = all(
            set(PLACEHOLDER.findall(string)) in (expected, *_without_number(expected)) for string in strings_of(message)
        )
        if not kept or (message.pluralizable and len(strings_of(message)) != catalogue.num_plurals):
            wrong.append(key_of(message))

    assert wrong == []


def _without_number(placeholders: set[str]) -> tuple[set[str], ...]:
    """A plural form may leave its number out: "one day" instead of "1 day"."""
    return tuple(placeholders - {one} for one in placeholders)


def test_everything_said_has_a_translation() -> None:
    translated = {key_of(message) for path in catalogue_files() for message in entries(read(path))}

    missing = {
        f"{path.relative_to(ROOT)}: {key}"
        for path in source_files()
        if path not in UNTRANSLATED_FILES
        for key in messages_said(path)
        if key not in translated
    }

    assert sorted(missing) == []


def test_one_message_has_one_translation_in_all_catalogues() -> None:
    translations: dict[Key, set[tuple[str, ...]]] = defaultdict(set)
    for path in catalogue_files():
        for message in entries(read(path)):
            translations[key_of(message)].add(strings_of(message))

    assert {key: found for key, found in translations.items() if len(found) > 1} == {}


def test_every_room_that_speaks_is_installed() -> None:
    rooms = {path.parts[-5] for path in catalogue_files()}

    assert rooms - {name.split(".")[0] for name in settings.INSTALLED_APPS} == set()
