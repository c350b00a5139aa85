"""The forms of a page that send something, filled in by a machine that wants to get through."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

WORDS = "Слова"
#: On each page, and no page's own.
EVERYWHERE = ("/language/", "/looks/theme/", "/accounts/logout/", "/admin/logout/")


@dataclass
class Form:
    action: str
    filled: dict[str, list[str]] = field(default_factory=dict)


def forms_in(page: Any) -> list[Form]:
    """None where the answer is no page."""
    if page.streaming or not page.headers.get("Content-Type", "").startswith("text/html"):
        return []
    reader = _Reader()
    reader.feed(page.content.decode())
    return [form for form in reader.forms if form.action not in EVERYWHERE]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(said.get("action", "")) if said.get("method", "").lower() == "post" else None
            if self._form:
                self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._fill(said)
        elif tag == "textarea":
            self._form.filled[said.get("name", "")] = [WORDS]
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and said.get("value"):
            self._form.filled.setdefault(self._select, [said["value"]])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _fill(self, said: dict[str, str]) -> None:
        assert self._form is not None
        name, value, kind = said.get("name", ""), said.get("value", ""), said.get("type", "text")
        if kind == "checkbox":
            self._form.filled.setdefault(name, []).append(value or "on")
        elif kind == "radio":
            self._form.filled.setdefault(name, [value])
        elif name and kind not in ("file", "button", "reset"):
            self._form.filled[name] = [value or {"date": "2026-11-20", "number": "1"}.get(kind, WORDS)]
