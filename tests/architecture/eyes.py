"""Looking at one page in a browser: what a person, a screen reader and a phone would stumble over."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

ROOT: Final = Path(__file__).resolve().parents[2]
SERIOUS: Final = {"serious", "critical"}
CYRILLIC: Final = re.compile(r"[а-яё]", re.IGNORECASE)
#: Two words in a row that are no name and no code: a sentence of ours that nobody has translated.
ENGLISH: Final = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}\b")
#: What is said on the page, in tags and in attributes; what is typed, quoted or a code is not ours to translate.
SEEN: Final = """
() => {
  const quoted = 'code, pre, kbd, samp, .mono, script, style, textarea, [lang]:not(html), svg';
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim().replace(/\\s+/g, ' ');
    if (text && !walker.currentNode.parentElement.closest(quoted)) said.push(text);
  }
  for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
    for (const found of document.querySelectorAll(`[${name}]`)) said.push(found.getAttribute(name).trim());
  for (const found of document.querySelectorAll('input[type=submit], input[type=button]')) said.push(found.value);
  const page = document.documentElement;
  return {
    language: page.lang,
    title: document.title,
    headings: document.querySelectorAll('h1').length,
    tooWide: page.scrollWidth - page.clientWidth,
    said: [document.title, ...said],
    links: [...document.querySelectorAll('a[href]:not([href^="#"])')].map(link => link.href),
  };
}
"""

#: Everything that the contrast of a text depends on, once for each way in which the page writes.
COLOURS: Final = """
() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.textContent.trim()) continue;
    const own = walker.currentNode.parentElement;
    const style = getComputedStyle(own);
    const off = own.matches(':disabled, :disabled *');
    const seen = [off, style.color, style.fontSize, style.fontWeight, style.textShadow];
    for (let at = own, covered = false; at; at = at.parentElement) {
      const {backgroundColor, backgroundImage, opacity, filter} = getComputedStyle(at);
      if (opacity !== '1' || filter !== 'none') seen.push(opacity, filter);
      if (covered) continue;
      if (backgroundImage !== 'none') seen.push(backgroundImage);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') seen.push(backgroundColor);
      covered = /^rgb\\(/.test(backgroundColor);
    }
    found.add(seen.join('|'));
  }
  return [...found];
}
"""
CONTRAST: Final = "color-contrast"


@dataclass(kw_only=True)
class Eyes:
    """One window, and what its browser complained about."""

    page: Page
    home: str
    language: str
    complaints: list[str]
    #: In which colours a text was found to be readable, on whatever page; axe measures for long.
    readable: set[str]

    @classmethod
    def open(cls, context: BrowserContext, home: str, language: str, *, readable: set[str]) -> "Eyes":
        """`readable` is told anew about each page that axe has found clean."""
        context.add_init_script(script=Axe().axe_script)
        eyes = cls(page=context.new_page(), home=home, language=language, complaints=[], readable=readable)
        eyes.page.on("console", eyes._hear)
        eyes.page.on("pageerror", lambda error: eyes.complaints.append(str(error)))
        eyes.page.on("request", eyes._notice)
        return eyes

    def _hear(self, message: ConsoleMessage) -> None:
        """That a page answered with an error is known without the console."""
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def _notice(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def faults_of(self, path: str, *, status: int, tags: Sequence[str], links: set[str]) -> Iterator[str]:
        """`tags` are of axe's rules that hold besides that of contrast. Puts the links of the page into `links`."""
        answer = self.page.goto(self.home + path)
        if answer is None or answer.status != status:
            yield f"status {answer.status if answer else None}, {self.page.url}"
            return
        seen: dict[str, Any] = self.page.evaluate(SEEN)
        links.update(seen["links"])
        yield from self.complaints
        yield from self._faults_of_words(seen)
        if seen["tooWide"] > 0:
            yield f"{seen['tooWide']} pixels wider than the window"
        yield from self._stumbling_blocks(tags)
        self.complaints.clear()  # axe adds styles of its own, which the policy of contents refuses

    def _faults_of_words(self, seen: dict[str, Any]) -> Iterator[str]:
        if seen["language"] != self.language:
            yield f"its language is {seen['language']!r}"
        if not seen["title"] or seen["headings"] != 1:
            yield f"{seen['headings']} headings, title {seen['title']!r}"
        if self.language == "ru":
            yield from (f"not in Russian: {text!r}" for text in seen["said"] if is_left_in_english(text))

    def _stumbling_blocks(self, tags: Sequence[str]) -> Iterator[str]:
        colours = set(self.page.evaluate(COLOURS))
        unseen = not colours <= self.readable
        if tags:
            found = self._axe({"type": "tag", "values": list(tags)}, {CONTRAST: {"enabled": unseen}})
        else:
            found = self._axe({"type": "rule", "values": [CONTRAST]}, {}) if unseen else []
        yield from (f"{each['id']} at {[node['target'] for node in each['nodes']][:3]}" for each in found)
        if unseen and CONTRAST not in {each["id"] for each in found}:
            self.readable |= colours

    def _axe(self, only: dict[str, Any], rules: dict[str, Any]) -> list[dict[str, Any]]:
        options = {"runOnly": only, "rules": rules, "resultTypes": ["violations"]}
        found: list[dict[str, Any]] = self.page.evaluate(
            "options => axe.run(options).then(result => result.violations)", options
        )
        return [each for each in found if each["impact"] in SERIOUS]


def is_left_in_english(text: str) -> bool:
    if CYRILLIC.search(text):
        return False
    return text in untranslated() or ENGLISH.search(text) is not None


@cache
def untranslated() -> frozenset[str]:
    """Everything that the portal says in English and otherwise in Russian."""
    said = set()
    for path in ROOT.glob("*/locale/ru/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="ru"):
                if isinstance(message.id, str) and message.id and message.string != message.id:
                    said.add(message.id)
    return frozenset(said)
