"""A mail's words: subject line, plain text and HTML, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

import profiles


@dataclass(frozen=True, kw_only=True)
class Words:
    subject: str
    text: str
    html: str


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False, keep_at_rules=True)


def render(template: str, context: Mapping[str, Any], *, language: str) -> Words:
    with translation.override(language):
        values = {**_frame(language), **{key: _revived(key, value) for key, value in context.items()}}
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", values).split())
        return Words(
            subject=subject,
            text=render_to_string(f"mail/{template}.txt", values).strip() + "\n",
            html=_inliner().inline(render_to_string(f"mail/{template}.html", {**values, "subject": subject})),
        )


def _frame(language: str) -> dict[str, Any]:
    """What every mail knows: whose portal it is from, and where that stands."""
    operator = profiles.current().operator
    return {
        "language": language,
        "base_url": settings.BASE_URL,
        "operator": {
            "name": operator.name.in_language(language),
            "short_name": operator.short_name.in_language(language),
            "address": operator.address.in_language(language),
            "email": operator.email,
        },
    }


def _revived(key: str, value: Any) -> Any:
    """JSON knows no dates; the names of the keys do."""
    if isinstance(value, str) and key.endswith("_on"):
        return date.fromisoformat(value)
    if isinstance(value, str) and key.endswith("_at"):
        return datetime.fromisoformat(value)
    return value
