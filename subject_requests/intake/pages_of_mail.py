"""The words of an HTML mail. Nothing is fetched, nothing is run; what is not text is dropped."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
_BREAKS: Final = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "pre"}
)
_BLANKS: Final = re.compile(r"[ \t\r\f\v\u00a0\u200b]+")
_LINES: Final = re.compile(r"\n{3,}")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent or "body" in self._silent:
            self.parts.append(data.replace("\n", " "))


def words_of(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    if not (text := _tidy("".join(reader.parts))) and re.search(r"\w", html):
        text = _tidy(re.sub(r"<[^>]*>", " ", html))  # a page so broken that all of it seems to be a head
    return text


def _tidy(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in text.splitlines())
    return _LINES.sub("\n\n", "\n".join(lines)).strip()
