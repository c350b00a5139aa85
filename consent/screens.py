"""The screen on which a consent is given: one value that the page is drawn from and that is hashed."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from consent.dissemination import Condition, Decision
from consent.selectors import ShownConsent
from profiles import current
from profiles.documents import BOLD, ConsentDocument, sha256

FORMAT: Final = "operator-portal/consent-screen/1"
Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is asked about one category before its dissemination. Nothing is chosen beforehand."""

    category: str
    legend: str
    decisions: tuple[tuple[str, str], ...]
    conditions_legend: str
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ConsentScreen:
    """Everything a person sees of the consent itself, in order. The frame of the page around it (navigation, the
    person's own history) is not part of it."""

    purpose: str
    slug: str
    version: int
    language: str
    text_sha256: str
    title: str
    notice: str
    document: ConsentDocument
    choices: tuple[Choice, ...]
    hint: str
    mail_hint: str
    give: str
    decline: str

    @property
    def content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "language": self.language,
            "purpose": self.purpose,
            "text": {"slug": self.slug, "version": self.version, "sha256": self.text_sha256},
            "blocks": list(self._blocks()),
        }

    @property
    def canonical(self) -> str:
        return canonical(self.content)

    @property
    def sha256(self) -> str:
        return sha256(self.canonical)

    def _blocks(self) -> Iterator[Block]:
        yield {"role": "title", "text": self.title}
        if self.notice:
            yield {"role": "notice", "text": self.notice}
        for section in self.document.sections:
            yield {"role": "heading", "text": section.heading}
            for part in section.parts:
                yield {"role": part.kind, "text": part.text.replace(BOLD, "")}
        yield {"role": "hint", "text": self.hint}
        if self.mail_hint:
            yield {"role": "hint", "text": self.mail_hint}
        for choice in self.choices:
            yield {
                "role": "choice",
                "name": choice.category,
                "text": choice.legend,
                "options": [words for _code, words in choice.decisions],
                "chosen": [],
            }
            yield {
                "role": "choice",
                "name": choice.category,
                "text": choice.conditions_legend,
                "options": [words for _code, words in choice.conditions],
                "chosen": [],
            }
        yield {"role": "button", "text": self.give}
        yield {"role": "link", "text": self.decline}


def canonical(content: dict[str, Any]) -> str:
    """JSON with sorted keys and no spaces, Unicode NFC."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", text)


def screen_of(shown: ShownConsent) -> ConsentScreen:
    """In the language of the text, whatever the reader's own is."""
    with translation.override(shown.language):
        return ConsentScreen(
            purpose=shown.row.purpose,
            slug=shown.row.slug,
            version=shown.row.version,
            language=shown.language,
            text_sha256=shown.sha256,
            title=shown.text.title,
            notice=_("The Russian text is the master. This is its translation.") if shown.language == "en" else "",
            document=shown.text,
            choices=tuple(_choices(shown)) if shown.row.dissemination else (),
            hint=_("If you do nothing, nothing changes: without your consent your data is not used for this."),
            mail_hint=_(
                "After you press the button we send you a mail. The consent counts only when you follow the link in it."
            )
            if shown.row.confirmation == "email"
            else "",
            give=_("I give this consent"),
            decline=pgettext("give consent", "I do not"),
        )


def _choices(shown: ShownConsent) -> Iterator[Choice]:
    categories = current().categories
    for code in sorted(current().purpose(shown.row.purpose).categories):
        yield Choice(
            category=code,
            legend=categories[code].title.in_language(shown.language),
            decisions=tuple((value, str(label)) for value, label in Decision.choices),
            conditions_legend=_("On which conditions"),
            conditions=tuple((value, str(label)) for value, label in Condition.choices),
        )
