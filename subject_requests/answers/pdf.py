"""The answer as a PDF (looks/paper.py)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from looks import paper
from looks.templatetags.looks import day_in_words
from subject_requests.answers import heading
from subject_requests.answers.document import Document
from subject_requests.answers.telling import sections

TEMPLATE: Final = Path(__file__).parent / "paper" / "answer.typ"


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Who stands in the window of the envelope, line by line."""

    lines: Sequence[str]


def make_pdf(document: Document, *, addressee: Addressee | None = None) -> bytes:
    """In the language that is active, which is the document's. With an addressee a letter goes before the answer."""
    made_at = datetime.fromisoformat(document["made_at"])
    data = {
        "language": document["language"],
        "title": heading.title(),
        "lead": heading.lead(document),
        "foot": heading.foot(document),
        "operator": {"name": document["operator"]["name"], "card": heading.card(document["operator"])},
        "said": {
            "page": pgettext("page of pages", "Page"),
            "of": pgettext("page of pages", "of"),
            "signature": pgettext("letter", "signature"),
            "name": pgettext("letter", "name"),
        },
        "letter": _letter(document, addressee, made_at) if addressee else None,
        "sections": _sections(document),
    }
    return paper.make_pdf(TEMPLATE, data, made_at=made_at)


def _sections(document: Document) -> list[dict[str, Any]]:
    told, annexes = [], 0
    for section in sections(document):
        title = (
            _("%(item)s. %(title)s") % {"item": section.item, "title": section.title} if section.item else section.title
        )
        annexes += not section.item
        blocks = [asdict(block) for block in section.blocks]
        told.append({"item": section.item, "title": title, "starts_page": annexes == 1, "blocks": blocks})
    return told


def _letter(document: Document, addressee: Addressee, made_at: datetime) -> dict[str, Any]:
    asked, operator = document["request"], document["operator"]
    said = {"day": day_in_words(made_at), "number": asked["number"] if asked else ""}
    received = day_in_words(datetime.fromisoformat(asked["received_at"])) if asked else ""
    return {
        "sender": f"{operator['short_name']}, {operator['address']}",
        "addressee": list(addressee.lines),
        "number": _("No. %(number)s of %(day)s") % said,
        "in_reply": _("In reply to your request of %(day)s") % {"day": received} if asked else "",
        "subject": _("Answer to request %(number)s") % said,
        "words": [
            _(
                "You have asked what we process about you. The answer that article 14, part 7 of the Personal Data Law "
                "prescribes is enclosed. It is free of charge."
            ),
            _(
                "If something in it is incomplete, outdated or inaccurate, write to us: what the law gives you to do "
                "stands in item 7."
            ),
        ],
        "office": operator["responsible"],
        "enclosed": _("Enclosed: information about the processing of personal data, from the next page on."),
    }
