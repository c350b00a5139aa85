"""What holds for every template of the portal, whoever writes it."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html"))
#: A mail cannot load a stylesheet: its style is written in, and moved into the elements when it is sent.
#: The copy that a person takes away is one file that must look right without the portal.
WITH_OWN_STYLE = (
    TEMPLATES / "mail",
    TEMPLATES / "accounts" / "copy_of_my_data.html",
    TEMPLATES / "subject_requests" / "answers" / "archive.html",
)
WEB_PAGES = [path for path in PAGES if not any(path.is_relative_to(place) for place in WITH_OWN_STYLE)]
CSS = sorted((ROOT / "static" / "css").glob("*.css"))

INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
EVENT_ATTRIBUTE = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>", re.IGNORECASE)
REMOTE = re.compile(r"(?:src|srcset|href|action|data)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
IMPORTED = re.compile(r"url\(\s*[\"']?(?P<target>[^\"')]+)|@import")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def all_templates() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", all_templates())
def test_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("path", WEB_PAGES, ids=name_of)
def test_page_has_no_inline_style(path: Path) -> None:
    assert INLINE_STYLE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_page_has_no_event_attribute(path: Path) -> None:
    assert EVENT_ATTRIBUTE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_page_has_no_inline_script_but_data(path: Path) -> None:
    attributes = [found["attributes"] for found in SCRIPT.finditer(path.read_text())]

    assert [one for one in attributes if "src=" not in one and 'type="application/json"' not in one] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_page_names_no_other_host(path: Path) -> None:
    assert REMOTE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", CSS, ids=name_of)
def test_stylesheet_takes_nothing_from_elsewhere(path: Path) -> None:
    targets = [found["target"] for found in IMPORTED.finditer(path.read_text())]

    assert [target for target in targets if not (path.parent / str(target)).resolve().is_file()] == []


def test_stylesheet_of_dark_tokens_redefines_colours_that_exist_only() -> None:
    defined, redefined = (
        set(re.findall(r"^\s*(--[a-z-]+):", (ROOT / "static/css" / name).read_text(), re.MULTILINE))
        for name in ("tokens.css", "tokens-dark.css")
    )

    assert redefined - defined == set()


@pytest.mark.parametrize("name", ["portal.css", "admin.css"])
def test_stylesheet_chooses_no_colour_of_its_own(name: str) -> None:
    rules = (ROOT / "static/css" / name).read_text().split("@media print")[0]

    assert set(re.findall(r":\s*(#[0-9a-fA-F]{3,8})\b", rules)) <= {"#fff"}  # the ground of a QR code is always white
